"""Images with what people labelled in them: `images/` and `masks/` of the same stems, read as the engine reads a raster."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...classes import BACKGROUND
from ...errors import RequestInvalid
from ...raster import open_raster
from ..sets import read_bands
from . import degrade
from .phrases import word_of

IGNORE = 255  # in truth: nothing is known of this pixel
CLASSES_FILE = "classes.json"


@dataclass(frozen=True)
class Legend:
    """What the values of a set's masks mean.

    names: what is asked, in the order of the channels of an answer. table: uint8 (256,), from a mask's value to the truth. Of masks with
    class ids the truth is an index of `names`, len(names) for labelled background, or IGNORE. Of a yes-or-no mask it is 1 or 0, and each
    name is another phrase for the same thing.
    """

    names: tuple[str, ...]
    table: np.ndarray
    yes_or_no: bool = False
    left_out: tuple[str, ...] = ()  # names of classes.json that no class of ours covers

    @property
    def background(self) -> int:
        """The truth of labelled background, which has no channel."""
        return len(self.names)

    @property
    def has_background(self) -> bool:
        return not self.yes_or_no and bool((self.table == self.background).any())

    def words(self) -> tuple[str, ...]:
        """The phrases as a person writes them: `road_paved` is "road paved"."""
        return tuple(name.replace("_", " ") for name in self.names)


@dataclass(frozen=True)
class Labelled:
    name: str
    rgb: np.ndarray  # uint8 (h, w, 3), stretched
    truth: np.ndarray  # uint8 (h, w), see Legend


@dataclass(frozen=True)
class Selection:
    """Which images of a set, and what happens to them first."""

    limit: int = 0  # at most so many, spread evenly; 0 = all
    only: tuple[str, ...] = ()  # parts of names; none = every image
    degrade: str = ""  # see `degrade.KINDS`

    def of(self, paths: list[Path]) -> list[Path]:
        kept = [path for path in paths if not self.only or any(part in path.stem for part in self.only)]
        if not self.limit or self.limit >= len(kept):
            return kept
        return [kept[index] for index in np.linspace(0, len(kept) - 1, self.limit).astype(int)]


ALL = Selection()


def legend_of(folder: Path, words: list[str], merge: dict[str, list[int]]) -> Legend:
    """What a set's masks mean: by `words` for yes-or-no masks, by `merge` (name -> ids) or the set's classes.json for class ids.

    Names of classes.json that mean the same class of ours become one. Raises RequestInvalid where neither says what the masks show.
    """
    if merge:
        return _legend(merge)
    if words:
        table = np.ones(256, np.uint8)
        table[0] = 0
        return Legend(tuple(words), table, yes_or_no=True)
    if not (folder / CLASSES_FILE).is_file():
        raise RequestInvalid(
            f"Nothing says what the masks of {folder} show.", f'Give --word "building", or put a {CLASSES_FILE} (id -> name) beside them.'
        )
    named, left_out = read_classes(folder), []
    groups: dict[str, dict[str, int]] = {}
    for number, name in named.items():
        word = word_of(name)
        if word is None:
            left_out.append(name)
        else:
            groups.setdefault(word, {})[name] = number
    merged = {next(iter(group)) if len(group) == 1 else word: list(group.values()) for word, group in groups.items()}
    return _legend(merged, tuple(left_out))


def read_classes(folder: Path) -> dict[int, str]:
    """id -> name of a set's classes.json, without id 0, which is ignored. Raises RequestInvalid."""
    path = folder / CLASSES_FILE
    try:
        named = {int(number): str(name) for number, name in json.loads(path.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, AttributeError) as error:
        raise RequestInvalid(f"{path} does not say which id is which class.", 'Write {"1": "building", "2": "road"}.') from error
    if not all(0 <= number <= 255 for number in named):
        raise RequestInvalid(f"{path} has ids beyond 255.", "Number the classes 1 to 255.")
    return {number: name for number, name in sorted(named.items()) if number}


def _legend(merge: dict[str, list[int]], left_out: tuple[str, ...] = ()) -> Legend:
    names = tuple(name for name in merge if name != BACKGROUND)
    if not names:
        raise RequestInvalid("None of the set's classes is one that can be asked for.", "Say what its ids mean: --merge water=1 sand=4,8")
    table = np.full(256, IGNORE, np.uint8)
    for index, name in enumerate((*names, BACKGROUND)):
        table[[number for number in merge.get(name, ()) if number]] = index
    return Legend(names, table, left_out=left_out)


def labelled(folder: Path, legend: Legend, selection: Selection, masks: str = "masks") -> Iterator[Labelled]:
    """A set's images, one at a time, in the order of their names. Raises RequestInvalid where it is no set or a mask does not fit."""
    for path in selection.of(paths_of(folder, "images", masks)):
        rgb, valid = read_rgb(path)
        truth = np.where(valid, legend.table[read_labels(folder / masks, path.stem, rgb.shape)], IGNORE).astype(np.uint8)
        yield Labelled(path.stem, degrade.degraded(rgb, selection.degrade, path.stem), degrade.followed(truth, selection.degrade, IGNORE))


def paths_of(folder: Path, first: str, *others: str) -> list[Path]:
    """The files of a set's first folder by name, once all of its folders are known to be there. Raises RequestInvalid."""
    paths = sorted(path for path in (folder / first).glob("*") if path.is_file() and path.suffix != ".xml")  # GDAL's notes lie beside
    if not paths or not all((folder / other).is_dir() for other in others):
        needs = ", ".join(f"{name}/" for name in (first, *others))
        raise RequestInvalid(f"{folder} is not a data set for this: it needs {needs} with files of the same names.", "Give another folder.")
    return paths


def read_rgb(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """uint8 (h, w, 3), stretched as the engine does, and bool (h, w), where the image is valid."""
    raster = open_raster(path)
    try:
        pixels = raster.read(0, 0, raster.width, raster.height, raster.width, raster.height)
    finally:
        raster.close()
    return pixels.rgb, pixels.valid


def read_labels(folder: Path, stem: str, shape: tuple[int, ...]) -> np.ndarray:
    """uint8 (h, w) of the one file with this stem. Raises RequestInvalid where there is none, or none of the image's size."""
    path = next((path for path in sorted(folder.iterdir()) if path.stem == stem), None)
    if path is None:
        raise RequestInvalid(f"There are no labels of {stem} in {folder}.", "Give a set that has labels for every image.")
    labels = read_bands(path)[0]
    if labels.shape != tuple(shape[:2]) or labels.max(initial=0) > 255:
        raise RequestInvalid(f"{path} does not fit its image.", "Labels are 8 bit and have the image's width and height.")
    return labels.astype(np.uint8)
