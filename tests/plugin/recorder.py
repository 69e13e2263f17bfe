"""Records how the plugin uses QGIS's thread: every stay in its code, from the call that enters it to the return that leaves it, and
every call within a stay that waits for something."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

PLUGIN = Path(__file__).resolve().parents[2] / "plugin"
# Functions of Python, the system and Qt that return when something else has happened; Qt's waitFor... as well.
WAITING = {"sleep", "acquire", "waitpid", "select", "poll", "recv", "fsync", "wait", "exec", "exec_", "processEvents"}


@dataclass(frozen=True, order=True)
class Stay:
    """One visit of QGIS's thread to the plugin: a slot, an event handler, a paint, with all that it calls."""

    cpu: float  # seconds of this thread alone: other programs do not count
    wall: float  # seconds by the clock: waiting for the disk counts, and so does the machine's other work
    name: str
    file: str  # below plugin/

    def __str__(self) -> str:
        return f"{self.name} in {self.file}: {self.cpu * 1000:.1f} ms of computing, {self.wall * 1000:.1f} ms by the clock"


@dataclass
class Record:
    stays: list[Stay] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)  # what was waited for, and where

    @property
    def slowest(self) -> Stay:
        return max(self.stays)

    @property
    def names(self) -> set[str]:
        return {stay.name for stay in self.stays}


def name_of(frame: FrameType) -> str:
    """Class and function; Python 3.11 knows it, an older one is asked for the object that it was called on."""
    code = frame.f_code
    owner = frame.f_locals.get("self")
    plain = code.co_name if owner is None else f"{type(owner).__name__}.{code.co_name}"
    return str(getattr(code, "co_qualname", plain))


def waits(function: Any) -> bool:
    """Whether a function that is not written in Python waits."""
    name = function.__name__
    return name.startswith("waitFor") or (name in WAITING and function.__module__ != "builtins")


@contextmanager
def recorded() -> Iterator[Record]:
    """Record what the plugin does within the block, on this thread. Python's garbage is collected before and after, not meanwhile."""
    record, inside, began = Record(), 0, (0.0, 0.0)
    ours: dict[Any, bool] = {}  # by code object: whether it is the plugin's

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal inside, began
        if event == "c_call" and inside and waits(argument):
            record.waits.append(f"{argument.__name__} in {name_of(frame)}")
        if event not in ("call", "return"):
            return
        code = frame.f_code
        if code not in ours:
            ours[code] = PLUGIN in Path(code.co_filename).parents
        if not ours[code]:
            return
        if event == "call":
            if not inside:
                began = (time.thread_time(), time.perf_counter())
            inside += 1
        elif inside:
            inside -= 1
            if not inside:
                spent = (time.thread_time() - began[0], time.perf_counter() - began[1])
                file = Path(code.co_filename).relative_to(PLUGIN).as_posix()
                record.stays.append(Stay(*spent, name_of(frame), file))

    gc.collect()
    gc.disable()
    sys.setprofile(profile)
    try:
        yield record
    finally:
        sys.setprofile(None)
        gc.enable()
