"""Proposes the file that the next run of a job writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Callable, Optional

from .map.found import free_path
from .result_link import result_folder
from .run_state import Run
from .state import Raster


class Proposal:
    """The next run never writes over what is there, unless the user chooses so: `choose` is given the first file of this stem that is
    free, with all of the endings, beside the raster or the project. A file that the user chose stays."""

    def __init__(self, stem: str, endings: Sequence[str], choose: Callable[[str], None]):
        self._stem, self._endings, self._choose = stem, endings, choose
        self._raster, self._path = "", ""  # the layer that it was proposed for, and what

    def follow(self, raster: Optional[Raster], path: str, run: Optional[Run]) -> None:
        """The state is this: another raster gets another proposal."""
        if raster is not None and run is None and path in ("", self._path) and raster.layer_id != self._raster:
            self.renew(raster)

    def renew(self, raster: Optional[Raster]) -> None:
        """The former one has been written."""
        if raster is not None:
            self._raster = raster.layer_id
            self._path = str(free_path(result_folder(raster.layer_id), self._stem, self._endings))
            self._choose(self._path)
