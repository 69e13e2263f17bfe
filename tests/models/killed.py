"""Jobs in processes of their own that are killed on the way: what comes in the end must not tell."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def check_same_bytes(module: str, arguments: Sequence[str], folder: Path, *beside: str) -> None:
    """A job that is killed twice writes what it writes in peace, byte by byte, and leaves nothing else.

    module: under `tests.models`; its `main` prints "told" each time that objects were told, and "done"; its last argument is the GeoPackage
    to write. beside: what is appended to that name for other files that it writes.
    """
    killed, quiet = folder / "killed.gpkg", folder / "quiet.gpkg"
    code = f"import conftest; from rasterscribe.tests.models.{module} import main; main()"

    def command(out: Path) -> list[str]:
        return [sys.executable, "-c", code, *arguments, str(out)]

    for told in (1, 2):
        process = subprocess.Popen(command(killed), cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert [process.stdout.readline() for _ in range(told)] == ["told\n"] * told
        process.send_signal(signal.SIGKILL)
        process.wait(20)
        assert not killed.exists()
    (folder / ".quiet.gpkg.unfinished").mkdir()  # as if begun at the same time
    shutil.copy(folder / ".killed.gpkg.unfinished" / "key.json", folder / ".quiet.gpkg.unfinished")
    for out in (killed, quiet):
        assert "done" in subprocess.run(command(out), cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    for ending in ("", *beside):
        assert Path(f"{killed}{ending}").read_bytes() == Path(f"{quiet}{ending}").read_bytes()
    assert not list(folder.glob(".*"))
