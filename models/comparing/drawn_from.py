"""A `Source` that is drawn from other sources: what all of those have in common."""

from __future__ import annotations

from ..pixel_grid import PixelGrid
from ..stretch import Range
from ..surveying.source import Source


class DrawnFrom(PixelGrid):
    """The grid, and all that a `Source` says of its files. `identity`, `another` and `read` are for those who derive from it.

    It is called what the first source is called, and closes all of them.
    """

    def __init__(self, grid: PixelGrid | Source, *sources: Source) -> None:
        super().__init__(grid.width, grid.height, grid.transform, grid.crs)
        self._sources = sources

    @property
    def path(self) -> str:
        return self._sources[0].path

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(file for source in self._sources for file in source.files))

    @property
    def stamp(self) -> tuple[int, ...] | None:
        stamps = [source.stamp for source in self._sources]
        return None if None in stamps else tuple(number for stamp in stamps for number in stamp or ())

    @property
    def bands(self) -> tuple[int, ...]:
        return tuple(band for source in self._sources for band in source.bands)

    @property
    def stretch(self) -> tuple[Range, ...]:
        return tuple(values for source in self._sources for values in source.stretch)

    @property
    def in_whole_rows(self) -> bool:
        return any(source.in_whole_rows for source in self._sources)

    def check_file(self) -> None:
        for source in self._sources:
            source.check_file()

    def close(self) -> None:
        for source in self._sources:
            source.close()
