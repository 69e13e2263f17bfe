"""Sentences about what an analyst should know of a comparison."""

from __future__ import annotations

from collections.abc import Sequence

from ..protocol import Shift
from .pair import RasterPair

WHOLE = 0.995  # of a raster: what covers more of it covers it
TELLING = 0.5  # pixels: a smaller shift is none
LEAST_SHARE = 0.0005  # of the ground under clouds, to be told


def pair_notes(pair: RasterPair) -> tuple[str, ...]:
    """What there is to say before anything is compared: how the rasters lie to each other, and when they were taken."""
    notes = []
    if pair.overlap < WHOLE:
        notes.append(f"The rasters share {_percent(pair.overlap)} of the before raster; nothing can be said about the rest.")
    notes += _shift_notes(pair.shift)
    for name, date in zip(("before", "after"), pair.dates, strict=True):
        if not date:
            notes.append(f"When the {name} raster was taken is not known.")
    return (*notes, *pair.notes)


def cloud_notes(shares: tuple[float, float]) -> tuple[str, ...]:
    """shares: 0..1, of the ground under clouds or their shadows in the before and in the after raster."""
    said = [
        f"{_percent(share)} of the {name} raster" for name, share in zip(("before", "after"), shares, strict=True) if share > LEAST_SHARE
    ]
    return (f"Clouds and their shadows were left out: {' and '.join(said)}.",) if said else ()


def class_notes(not_understood: Sequence[str]) -> tuple[str, ...]:
    return (f"Not understood, and left out: {', '.join(not_understood)}.",) if not_understood else ()


def _shift_notes(shift: Shift | None) -> list[str]:
    if shift is None:
        return ["How the rasters lie to each other could not be measured: there is too little to see."]
    length = (shift.x**2 + shift.y**2) ** 0.5
    if length < TELLING:
        return []
    size = f"{length:.1f} pixels" if shift.metres is None else f"{length:.1f} pixels ({shift.metres:.3g} m)"
    where = f"The after raster lies {size} beside the before raster"
    if shift.corrected:
        return [f"{where}; that was corrected."]
    return [f"{where}, which is too much to be corrected: borders that lie beside each other may be told as changes."]


def _percent(share: float) -> str:
    return f"{share:.1%}" if share < 0.1 else f"{share:.0%}"
