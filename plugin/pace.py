"""How long a job will take yet, from how it has gone so far."""

from __future__ import annotations

from collections import deque
from typing import Optional

WINDOW = 30.0  # seconds that the pace is measured over: it changes as a job comes from empty ground to a town
FIRST = 2.0  # seconds before anything is promised
CALM = 0.25  # share of what the newest measurement says in what is shown


class Pace:
    """Fed with every report; the first one only says where the job begins, which for a resumed job is not at nothing."""

    def __init__(self) -> None:
        self._reports: deque[tuple[float, float]] = deque()  # time in seconds, done
        self._total = 0.0
        self._shown: Optional[tuple[float, float]] = None  # time of the last answer, and the answer

    def left(self, done: float, total: float, now: float) -> Optional[float]:
        """Seconds left at the time `now` (seconds of a clock that never goes back); None while nobody can know."""
        if self._reports and (done < self._reports[-1][1] or total != self._total):  # another step of the job
            self._reports.clear()
            self._shown = None
        self._total = total
        self._reports.append((now, done))
        while len(self._reports) > 2 and now - self._reports[1][0] >= WINDOW:
            self._reports.popleft()
        began, begun = self._reports[0]
        if total <= 0 or now - began < FIRST or done <= begun:
            return None
        measured = (total - done) * (now - began) / (done - begun)
        if self._shown is not None:
            then, former = self._shown
            measured = CALM * measured + (1 - CALM) * max(former - (now - then), 0.0)
        self._shown = (now, measured)
        return measured
