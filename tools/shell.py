"""Running programs and saying what happens, for every command of build.py."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Optional

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"  # everything that can be made again: environments, the engine, staged packages, reports
LOG_TAIL = 25

# Variables that would make a child load another Python's modules or another program's libraries.
FOREIGN = ("PYTHONHOME", "PYTHONPATH", "PYTHONEXECUTABLE", "VIRTUAL_ENV", "CONDA_PREFIX",
           "LD_LIBRARY_PATH", "LD_PRELOAD", "GDAL_DATA", "PROJ_LIB", "PROJ_DATA")  # fmt: skip


class Trouble(Exception):
    """A command cannot go on; its text is a sentence that says why and what to do."""


def say(text: str = "") -> None:
    print(text, flush=True)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Says what is being done, and how long it took."""
    say(f"{what} ...")
    began = time.monotonic()
    yield
    say(f"  done in {duration(time.monotonic() - began)}")


def duration(seconds: float) -> str:
    """A length of time as a person says it: "0.4 s", "3 min 5 s"."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


def clean_environment(**changes: str) -> dict[str, str]:
    """This process's environment without what belongs to another Python, and with `changes`."""
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    return {**kept, "PYTHONUTF8": "1", **changes}


def run(command: Sequence[object], environment: Optional[Mapping[str, str]] = None, folder: Path = ROOT) -> int:
    """Run a program on this terminal, and give its exit code."""
    try:
        return subprocess.call([str(part) for part in command], env=dict(environment or clean_environment()), cwd=folder)
    except OSError as error:
        raise Trouble(f"{command[0]} could not be started: {error.strerror}.") from error


def run_quietly(command: Sequence[object], log: Path, environment: Optional[Mapping[str, str]] = None, remedy: str = "") -> None:
    """Run a program with its words going to a file. Raises Trouble with the last of them where it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    words = [str(part) for part in command]
    with log.open("ab") as file:
        try:
            kept = dict(environment or clean_environment())
            code = subprocess.call(words, env=kept, cwd=ROOT, stdout=file, stderr=file, stdin=subprocess.DEVNULL)
        except OSError as error:
            raise Trouble(f"{words[0]} could not be started: {error.strerror}.") from error
    if code:
        tail = "\n".join(log.read_text("utf-8", "replace").splitlines()[-LOG_TAIL:])
        raise Trouble(f"{tail}\n\n{' '.join(words[:4])} ... ended with exit code {code}. The whole log is {log}. {remedy}".rstrip())


def answer_of(command: Sequence[object], timeout: float = 60) -> Optional[str]:
    """What a program prints, stripped; None where it is missing, fails, or takes too long."""
    try:
        words = [str(part) for part in command]
        ended = subprocess.run(words, env=clean_environment(), capture_output=True, text=True, timeout=timeout)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return ended.stdout.strip() if ended.returncode == 0 else None
