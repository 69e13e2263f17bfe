"""Has the engine explain what somebody types, once the keys rest."""

from __future__ import annotations

from typing import Any, Callable, Optional

from qgis.PyQt.QtCore import QObject, QTimer

from ..models.protocol import Explain, ExplainReply
from .jobs import Newest
from .state import Engine, State

TYPING = 200  # ms without a key before it is explained


class Explaining(QObject):
    """`request` is what to ask now, None for nothing; `explained` is given the answer, unless something newer was asked meanwhile.

    Explaining is for free: where it fails, the run will say why.
    """

    def __init__(
        self,
        client: Any,
        state: Callable[[], State],
        request: Callable[[], Optional[Explain]],
        explained: Callable[[ExplainReply], None],
        parent: Optional[QObject] = None,
    ):
        super().__init__(parent)
        self._state, self._request, self._explained = state, request, explained
        self._newest = Newest(client)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(TYPING)
        self._rest.timeout.connect(self._ask)

    def soon(self) -> None:
        """What was typed has changed."""
        self._newest.drop()
        if self._request() is not None:
            self._rest.start()
        else:
            self._rest.stop()

    def engine_changed(self) -> None:
        if self._state().engine is Engine.READY:
            self.soon()
        else:
            self._newest.drop()

    def _ask(self) -> None:
        request = self._request()
        if self._state().engine is Engine.READY and request is not None:
            self._newest.send(request, self._explained, lambda _problem: None)
