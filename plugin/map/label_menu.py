"""Two short lists by keys: what was there, and what is there now."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Callable, Optional

from qgis.PyQt.QtCore import QCoreApplication, QPoint
from qgis.PyQt.QtWidgets import QMenu, QWidget

KEYS = "0123456789abcdefghijklmnopqrstuvwxyz"


class LabelMenu:
    """Asks over a widget, without stopping anything. One list at a time is open."""

    def __init__(self, over: QWidget) -> None:
        self._over = over
        self._menu: Optional[QMenu] = None

    @property
    def menu(self) -> Optional[QMenu]:
        """The list that is open."""
        return self._menu

    def ask(self, names: Sequence[str], was: str, now: str, chosen: Callable[[str, str], None]) -> None:
        """`chosen` is called with the class before and after, once both are picked; `was` and `now` are those to begin with."""
        self._list(_tr("It was"), names, was, lambda before: self._list(_tr("It is now"), names, now, partial(chosen, before)))

    def close(self) -> None:
        menu, self._menu = self._menu, None
        if menu is not None:
            menu.close()
            menu.deleteLater()

    def _list(self, title: str, names: Sequence[str], present: str, chosen: Callable[[str], None]) -> None:
        self.close()
        menu = self._menu = QMenu(self._over)
        menu.addAction(title).setEnabled(False)  # not a section: style sheets, as QGIS's dark themes are, leave its words out
        menu.addSeparator()
        for key, name in zip(KEYS, names):
            action = menu.addAction(f"&{key}  {name}")
            action.setCheckable(True)
            action.setChecked(name == present)
            action.triggered.connect(lambda _on, name=name: chosen(name))
            if name == present:
                menu.setActiveAction(action)
        menu.aboutToHide.connect(self._back)
        menu.popup(self._over.mapToGlobal(QPoint(3 * self._over.width() // 4, self._over.height() // 4)))  # what it is about stays in view

    def _back(self) -> None:
        """The next key is for what is beneath again."""
        self._over.activateWindow()
        self._over.setFocus()


def _tr(text: str) -> str:
    return QCoreApplication.translate("Review", text)
