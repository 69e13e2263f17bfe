"""An engine that says what a test tells it to, when the test tells it to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Optional

from qgis.PyQt.QtCore import QObject, pyqtSignal

from rasterscribe.models.protocol import (
    ChangeReply,
    ClassArea,
    ClassFound,
    ClickReply,
    CoverReply,
    ExplainReply,
    FindReply,
    FromTo,
    HelloReply,
    KindFound,
    LookReply,
    ModelInfo,
    ModelsReply,
    OpenReply,
    PairReply,
    PartialObject,
    RankedTile,
    Shift,
    TilesReply,
)
from rasterscribe.plugin.problems import Problem, problem_of

SQUARE = "POLYGON((0 0, 10 0, 10 10, 0 10, 0 0))"
SQUARE_WKB = (  # the same as little-endian hexadecimal
    "010300000001000000050000000000000000000000000000000000000000000000000024400000000000000000000000000000244000000000000024400000000000000000"
    "000000000000244000000000000000000000000000000000"
)
SHIFT = Shift(0.8, -0.3, 0.85, 0.6, True)
NET = ModelInfo("click", "Click network", "click", "GPL-2.0-or-later", "Rasterscribe", 4_000_000, "d1", "ready")


def outline_reply(wkb: str = SQUARE_WKB, score: float = 0.93, area: Optional[float] = 100.0) -> ClickReply:
    return ClickReply(wkb, score, area, (0.0, 0.0, 64.0, 64.0), "click", "d1", 0.02, True)


@dataclass
class Sent:
    number: int
    request: Any
    on_reply: Callable[[Any], None]
    on_problem: Callable[[Problem], None]
    open: bool = True


class FakeClient(QObject):
    """The client's interface. `answer` and `refuse` end the oldest open request of a kind; with `prompt_answers` every request is
    answered at once by its default."""

    progressed = pyqtSignal(int, float, float, str)
    outlined = pyqtSignal(int, object)
    stateChanged = pyqtSignal(object)

    def __init__(self, prompt_answers: bool = False) -> None:
        super().__init__()
        self.prompt_answers = prompt_answers
        self.sent: list[Sent] = []
        self.cancelled: list[int] = []
        self.calls: list[str] = []  # start, restart, stop
        self.replies: dict[str, Any] = {
            "hello": HelloReply(1, "0.1.0", "cpu", "No NVIDIA driver was found.", "2.9", ("click",)),
            "models": ModelsReply((NET,), "cpu", ""),
            "open": OpenReply("r1", 64, 64, "EPSG:32645", (1.0, 0.0, 0.0, 0.0, -1.0, 64.0), "uint8", None, (1, 2, 3), 1.0),
            "look": LookReply(1, 0.04),
            "click": outline_reply(),
            "explain": ExplainReply({"queries": [{"class": "building"}], "not_understood": []}, "building", True),
            "find": FindReply("found.gpkg", 2, (ClassFound("building", 2, 200.0),), (), (), "building", "text", "d2", 3.0),
            "cover": CoverReply(
                "cover.tif", "", (ClassArea("water", 50, 50.0, 0.5), ClassArea("forest", 50, 50.0, 0.5)), "text", "d2", 3.0
            ),
            "pair": PairReply("2012-07-31", "2020", 1.0, 1.0, 1.0, SHIFT),
            "change": ChangeReply(
                path="changes.gpkg",
                count=2,
                kinds=(KindFound("appeared", 1, 100.0), KindFound("disappeared", 0, 0.0), KindFound("changed", 1, 60.0)),
                matrix=(FromTo("other", "building", 1, 100.0), FromTo("field", "water", 1, 60.0)),
                shift=SHIFT,
                compared=4000.0,
                not_compared=96.0,
                method="combined",
                before_date="2012-07-31",
                after_date="2020",
                probability="",
                notes=(),
                model="change",
                digest="d3",
                seconds=3.0,
            ),
            "tiles": TilesReply("tiles.tif", (RankedTile((0.0, 0.0, 32.0, 32.0), 0.9),), "text", "d2", 3.0),
        }

    # -- the client's interface

    def send(
        self, request: Any, on_reply: Callable[[Any], None], on_problem: Callable[[Problem], None], timeout_s: Optional[float] = None
    ) -> int:
        sent = Sent(len(self.sent) + 1, request, on_reply, on_problem)
        self.sent.append(sent)
        if self.prompt_answers:
            self._end(sent, self.replies[request.METHOD])
        return sent.number

    def cancel(self, number: int) -> None:
        self.cancelled.append(number)

    def start(self) -> None:
        self.calls.append("start")

    def restart(self) -> None:
        self.calls.append("restart")

    def stop(self) -> None:
        self.calls.append("stop")

    # -- the test's side

    def requests(self, method: str) -> list[Any]:
        """Every request of this kind so far, oldest first."""
        return [sent.request for sent in self.sent if sent.request.METHOD == method]

    def open(self, method: str) -> list[Sent]:
        """Requests that still wait, oldest first; a cancelled one too, as its late reply may yet come."""
        return [sent for sent in self.sent if sent.open and sent.request.METHOD == method]

    def answer(self, method: str, reply: Any = None) -> None:
        self._end(self.open(method)[0], reply or self.replies[method])

    def answer_newest(self, method: str, reply: Any = None) -> None:
        self._end(self.open(method)[-1], reply or self.replies[method])

    def tell_progress(self, method: str, done: float, total: float, what: str = "") -> None:
        """The oldest open request of a kind is so far."""
        self.progressed.emit(self.open(method)[0].number, done, total, what)

    def tell_outlines(self, method: str, *objects: PartialObject) -> None:
        """The oldest open request of a kind has come upon these."""
        self.outlined.emit(self.open(method)[0].number, objects)

    def refuse(self, method: str, code: str) -> None:
        sent = self.open(method)[0]
        sent.open = False
        sent.on_problem(problem_of(code))

    def _end(self, sent: Sent, reply: Any) -> None:
        sent.open = False
        sent.on_reply(reply)
