"""Data sets of images with labelled objects, as the project's data folder lays them out: `images/` and `instances/` of the same stems."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from rasterio.errors import NotGeoreferencedWarning
from scipy import ndimage

from ..errors import RequestInvalid

UNKNOWN = 255  # the kind of a pixel of which nothing is known
SMALLEST = 3  # pixels: a fleck of one or two carries no outline


@dataclass(frozen=True)
class LabelledObject:
    id: int
    area: int  # pixels
    box: tuple[int, int, int, int]  # x0, y0, x1, y1 in pixels, the far sides excluded

    @property
    def side(self) -> int:
        """The longer side of the box, pixels."""
        return max(self.box[2] - self.box[0], self.box[3] - self.box[1])

    @property
    def centre(self) -> tuple[float, float]:
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2


@dataclass(frozen=True)
class LabelledImage:
    name: str
    rgb: np.ndarray  # uint8 (h, w, 3)
    ids: np.ndarray  # uint16 (h, w): the object each pixel belongs to, 0 = none
    objects: tuple[LabelledObject, ...]
    kinds: np.ndarray | None = None  # uint8 (h, w): the set's own label of each pixel, see `labels.py`
    gsd: float = 0.0  # metres a pixel; 0 = not known


def read_set(folder: Path, smallest: int = SMALLEST) -> list[LabelledImage]:
    """Every image of a set that has objects of at least `smallest` pixels, in the order of the names.

    Raises `RequestInvalid` where the folder holds no set.
    """
    images = sorted((folder / "images").glob("*"))
    if not images or not (folder / "instances").is_dir():
        raise RequestInvalid(f"{folder} is not a data set: it needs the folders images/ and instances/.", "Give the folder of one set.")
    return [image for image in (_read_image(path, folder / "instances", smallest) for path in images) if image.objects]


def _read_image(path: Path, instances: Path, smallest: int) -> LabelledImage:
    rgb = np.ascontiguousarray(read_bands(path)[:3].transpose(1, 2, 0))
    ids = read_bands(instances / f"{path.stem}.png")[0].astype(np.uint16)
    return LabelledImage(path.stem, rgb, ids, tuple(objects_of(ids, smallest)))


def objects_from_mask(path: Path, smallest: int, largest: int) -> np.ndarray:
    """uint16 (h, w) ids of the connected parts of a 0/255 mask that have between `smallest` and `largest` pixels."""
    ids, count = ndimage.label(read_bands(path)[0] > 0)
    areas = np.bincount(ids.ravel(), minlength=count + 1)
    ids[(areas < smallest)[ids] | (areas > largest)[ids]] = 0
    return ids.astype(np.uint16)


def read_bands(path: Path) -> np.ndarray:
    """(bands, h, w) of an image or mask."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(path) as file:
            return file.read()


def objects_of(ids: np.ndarray, smallest: int = SMALLEST) -> list[LabelledObject]:
    areas = np.bincount(ids.ravel())
    found = []
    for index, place in enumerate(ndimage.find_objects(ids), start=1):
        if place is not None and areas[index] >= smallest:
            rows, columns = place
            found.append(LabelledObject(index, int(areas[index]), (columns.start, rows.start, columns.stop, rows.stop)))
    return found
