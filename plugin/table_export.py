"""A table on its way to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Optional

from qgis.PyQt.QtCore import QCoreApplication

from .cover_table import write_table
from .map.background import Background
from .problems import Problem


class TableExport:
    """`failed` is told what came between."""

    def __init__(self, failed: Callable[[Problem], None]) -> None:
        self._failed = failed
        self._writing: Optional[Background] = None

    def write(self, path: Path, text: str) -> None:
        """In the background."""

        def failed(problem: Problem) -> None:
            self._writing = None
            self._failed(problem)

        def written(_nothing: object) -> None:
            self._writing = None

        words = QCoreApplication.translate("TableExport", "Rasterscribe: writing {file}").format(file=path.name)
        self._writing = Background(words, lambda: write_table(path, text), written, failed)
        self._writing.start()

    def forget(self) -> None:
        """Nobody wants to hear of it any more; a table that is being written is finished."""
        if self._writing is not None:
            self._writing.forget()
