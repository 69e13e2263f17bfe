"""Tiny ground truth of two dates: rectangles of classes, and the planes that a perfect comparison would keep of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from affine import Affine

from rasterscribe.models.comparing.draft import Draft
from rasterscribe.models.comparing.objects import Changed, Gathering, Refiners
from rasterscribe.models.objects.shares import without_pauses
from rasterscribe.models.protocol import OutlineOptions
from rasterscribe.models.raster import open_raster
from rasterscribe.models.surveying.frame import Frame

SIDE = 96
CLASSES = ("building", "field", "water")
OTHER, BUILDING, FIELD, WATER = range(4)
SURE, UNSURE = 240, 100  # values of a changed pixel: a probability of 0.94, and of 0.39

Rectangle = tuple[int, int, int, int, int]  # left, top, right, bottom, code


def frame_in(folder: Path, side: int = SIDE, pixel: float = 0.5) -> Frame:
    """A square in UTM; pixel: its side in metres."""
    path = folder / "grid.tif"
    profile = {"driver": "GTiff", "width": side, "height": side, "count": 3, "dtype": "uint8", "crs": "EPSG:32651"}
    with rasterio.open(path, "w", **profile, transform=Affine(pixel, 0, 500_000, 0, -pixel, 1_500_000)) as file:
        file.write(np.full((3, side, side), 90, np.uint8))
    return Frame(open_raster(path), 0, 0, 0, side, side)


def ground(*rectangles: Rectangle, side: int = SIDE) -> np.ndarray:
    """uint8 (side, side): the codes of one date, OTHER where there is no rectangle; later ones lie on earlier ones."""
    codes = np.full((side, side), OTHER, np.uint8)
    for left, top, right, bottom, code in rectangles:
        codes[top:bottom, left:right] = code
    return codes


def planes_of(was: np.ndarray, now: np.ndarray, value: int = SURE) -> np.ndarray:
    """uint8 (3, h, w)"""
    return np.stack([np.where(was != now, np.uint8(value), np.uint8(5)), was, now])


def turned(planes: np.ndarray) -> np.ndarray:
    """The same with the dates exchanged."""
    return planes[[0, 2, 1]]


def draft_of(folder: Path, frame: Frame, planes: np.ndarray, high: int = SIDE) -> Draft:
    draft = Draft(folder / "draft.tif", frame)
    for row in range(0, frame.height, high):
        draft.write(row, planes[:, row : row + high])
    return draft


def gathered(folder: Path, frame: Frame, planes: np.ndarray, classes: tuple[str, ...] = CLASSES, min_area: float = 0.0) -> list[Changed]:
    with draft_of(folder, frame, planes) as draft:
        return gather(draft, classes, min_area=min_area)


def gather(draft: Draft, classes: tuple[str, ...] = CLASSES, refiners: Refiners = (None, None), min_area: float = 0.0) -> list[Changed]:
    """All objects of a draft that is complete."""
    gathering = Gathering(draft, classes, OutlineOptions(smooth=False), 0.25, refiners, min_area)
    found = [one for row, planes in draft.strips() for one in without_pauses(gathering.taking(row, planes))]
    return found + without_pauses(gathering.finishing())
