"""What an analyst should know about how two rasters lie to each other, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from ..protocol import Shift
from ..raster import Raster
from .overlap import Shared

WHOLE = 0.995  # of the before raster: less is said
COARSER = 1.5  # times: more is said


def notes_of(before: Raster, after: Raster, both: Shared, shift: Shift | None) -> Iterator[str]:
    """What deserves a thought. A shift that is corrected does not: the reply has it."""
    if both.pixel_on_pixel:
        yield "The rasters have no CRS: they are compared pixel on pixel, from the upper left corner."
    if both.share < WHOLE:
        yield f"The after raster covers {percent(both.share)} of the before raster; only that is compared."
    sizes = (before.gsd, after.gsd) if before.gsd and after.gsd else (before.pixel_size, after.pixel_size)
    times = max(sizes) / min(sizes)
    if times > COARSER and not both.pixel_on_pixel:
        coarser = "after" if sizes[1] > sizes[0] else "before"
        yield f"The pixels of the {coarser} raster are {times:.1f} times as large: what is smaller than they are cannot be compared."
    if shift is None:
        yield "How well the rasters lie on each other could not be measured: they show too little in common."
    elif not shift.corrected and (shift.x**2 + shift.y**2) ** 0.5 > 1:
        yield (
            f"The after raster lies {length_of(shift)} beside the before raster, too far to be corrected: much that did not change will be "
            "called changed. Georeference one of them anew."
        )


def percent(share: float) -> str:
    """0..1, in words that do not make nothing of a little."""
    return "less than 0.1%" if share < 0.0005 else f"{share:.1%}" if share < 0.1 else f"{share:.0%}"


def length_of(shift: Shift) -> str:
    pixels = f"{(shift.x**2 + shift.y**2) ** 0.5:.1f} pixels"
    return pixels if shift.metres is None else f"{pixels} ({shift.metres:.2g} m)"
