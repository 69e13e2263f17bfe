"""What a run has finished, kept beside its output until all is done, so that a run that died goes on where it was.

A piece is written beside and then renamed: it is there whole or not at all, whenever the process is killed.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import sys
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import IO, Any

from ..errors import DiskFull, OutputBusy, OutputUnwritable

LOCK, KEY = "lock", "key.json"
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
GO_ON = "Free some disk space and run it again: it goes on where it stopped."


class Scratch:
    """The folder `.{name}.unfinished` beside an output file, for one engine at a time.

    `key`: JSON values that say what is computed; what was stored under another key is thrown away. `started`: UTC, when the run was first
    begun, so that one that goes on can stamp what it makes as if it had never stopped. Raises OutputBusy where another engine holds it,
    OutputUnwritable and DiskFull.
    """

    def __init__(self, beside: Path, key: Mapping[str, Any]) -> None:
        self.output = Path(beside)
        self.folder = self.output.with_name(f".{self.output.name}.unfinished")
        wanted = json.loads(json.dumps(key))
        try:
            self._lock = self._locked()
        except OSError as error:
            raise self._problem(error) from error
        try:
            found = json.loads(self.get(KEY) or b"{}")
        except ValueError:
            found = {}
        self.resumes = found.get("key") == wanted and "started" in found
        if not self.resumes:
            self._empty()
            found = {"key": wanted, "started": datetime.now(timezone.utc).isoformat()}
            self.put(KEY, json.dumps(found).encode())
        self.started = datetime.fromisoformat(found["started"])

    def put(self, name: str, content: bytes) -> None:
        """Keep a piece, in the place of a former one of that name. Raises DiskFull and OutputUnwritable."""
        part = self.folder / f"{name}.part"
        try:
            part.write_bytes(content)
            os.replace(part, self.folder / name)
        except OSError as error:
            with contextlib.suppress(OSError):
                part.unlink()
            raise self._problem(error) from error

    def get(self, name: str) -> bytes | None:
        """A piece, or None where there is none."""
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._problem(error) from error

    def clear(self) -> None:
        """Throw everything away: the run is done, or nobody wants it to go on. Nothing can be put after it."""
        self._empty()
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def close(self) -> None:
        """Let go of the folder and leave it for a run that goes on."""
        self._lock.close()

    def _empty(self) -> None:
        for entry in self.folder.iterdir():
            if entry.name != LOCK:
                entry.unlink(missing_ok=True)

    def _locked(self) -> IO[bytes]:
        """The open lock file. The system lets go of it when the process ends, however it ends."""
        if not self.output.parent.is_dir():
            raise NotADirectoryError(f"{self.output.parent} is not a folder")
        while True:
            self.folder.mkdir(exist_ok=True)
            file = (self.folder / LOCK).open("ab")
            try:
                _take(file)
            except OSError as error:
                file.close()
                raise OutputBusy(f"Another run is writing {self.output} already.", path=str(self.output)) from error
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(file.fileno()), (self.folder / LOCK).stat()):
                    return file
            file.close()  # the engine that held it has just thrown the folder away

    def _problem(self, error: OSError) -> DiskFull | OutputUnwritable:
        if error.errno in NO_ROOM:
            return DiskFull(f"The disk is full: there is no room for what {self.output} needs.", GO_ON, path=str(self.output))
        return OutputUnwritable(f"Nothing can be written beside {self.output}.", path=str(self.output), reason=str(error))


def _take(file: IO[bytes]) -> None:
    """Lock a file for this process, or raise OSError where another has it."""
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
