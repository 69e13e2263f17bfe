"""The requests under way: one step of one job at a time, of the most urgent one first.

A job is a generator that pauses between its steps, so that a click overtakes a long look and a cancelled job ends within a step,
without a second thread: GDAL's datasets are for one thread, and two networks at once are slower than one after the other.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Optional, Union

from .errors import Cancelled
from .protocol import Change, Click, Cover, Explain, Fetch, Find, Hello, Import, Look, Outlines, Request, Tiles

Progress = Union[tuple[float, float], tuple[float, float, str]]  # done, total, and of what
Steps = Generator[Optional[Union[Progress, Outlines]], None, Any]  # returns the reply; the server puts the request's id into Outlines

LONG = (Find, Cover, Change, Tiles, Fetch, Import)  # minutes, maybe: everything else goes first


@dataclass(frozen=True, eq=False)
class Job:
    id: int
    request: Request
    steps: Steps

    @property
    def urgency(self) -> int:
        """Lower goes first. A hover click may be late, a look is only for later."""
        if isinstance(self.request, (Hello, Explain)):
            return 0
        if isinstance(self.request, LONG):
            return 5
        if isinstance(self.request, Click):
            return 3 if self.request.hover else 1
        return 4 if isinstance(self.request, Look) else 2

    def replaces(self, other: Job) -> bool:
        """Nobody waits for a hover outline or a look at a raster any more where a newer click or look there has come."""
        mine, theirs = self.request, other.request
        if isinstance(theirs, Click) and theirs.hover:
            return isinstance(mine, Click) and mine.raster == theirs.raster
        return isinstance(mine, Look) and isinstance(theirs, Look) and mine.raster == theirs.raster


class Jobs:
    """In the order in which they came."""

    def __init__(self) -> None:
        self._jobs: dict[int, Job] = {}

    def __bool__(self) -> bool:
        return bool(self._jobs)

    def __contains__(self, id: int) -> bool:
        return id in self._jobs

    def add(self, job: Job) -> list[Job]:
        """Take a job in; returns those that it replaces, which are out."""
        replaced = [other for other in self._jobs.values() if job.replaces(other)]
        self._jobs[job.id] = job
        return [other for other in replaced if self.remove(other.id)]

    def remove(self, id: int) -> Job | None:
        """Take a job out and let go of what it holds; None where there is no such job."""
        job = self._jobs.pop(id, None)
        if job is not None:
            job.steps.close()
        return job

    def cancel(self, id: int) -> Job | None:
        """As `remove`, and tell the job that nobody wants it any more: it leaves nothing behind, where one that dies can go on later."""
        job = self._jobs.pop(id, None)
        if job is not None:
            with suppress(Cancelled, StopIteration):
                job.steps.throw(Cancelled("The request was cancelled."))
        return job

    def next(self) -> Job:
        return min(self._jobs.values(), key=lambda job: job.urgency)
