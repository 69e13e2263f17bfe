"""How many clicks an object takes: `evaluate click`.

Protocol (RITM; Sofiiuk et al., 2021, https://arxiv.org/abs/2102.06583): the first click at the centre of the object's largest
inscribed disc, each next one at the centre of the largest error region, at most 20. IoU@k is the mean IoU after k clicks; NoC@t the
mean number of clicks to an IoU of t %, 20 where it is never reached. A network's mask is the candidate that it scores best; `oracle1` is
IoU@1 for who always knew which candidate was meant. Two settings of the 256-pixel view, each with the object's box in the middle: *framed*,
the longer side of the box at 35 % of the view's side, enlarged at most 4 times; *native*, one view pixel a native pixel (what a view cuts
off is not counted). Objects with fewer than 40 pixels in the view are left out. Masks are compared in the view.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile
from scipy import ndimage

from ...nets import ClickModel, Decoded, Prompt
from ...raster import Raster, open_raster
from ..clicks import next_click
from ..framing import FRAMED_SHARE, LARGEST_SCALE, SIDE, SMALLEST_TARGET
from ..sets import LabelledImage, LabelledObject, objects_of, read_set
from . import degrade
from .bootstrap import interval
from .calibration import Reliability
from .metrics import mask_iou
from .truth import ALL, Selection, read_rgb

MOST_CLICKS = 20
SCORED_CLICKS = 3  # a mask's score is compared with its IoU after each of so many
SETTINGS = ("framed", "native")
AS_IT_IS = ((0.0, 255.0),) * 3  # the stretch of what is stretched already

# A segmenter of one view: clicks so far as points (n, 2) and labels (n,), to a bool mask (256, 256).
Segmenter = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Sample:
    image: str  # name
    rgb: np.ndarray  # uint8 (256, 256, 3)
    target: np.ndarray  # bool (256, 256)


@dataclass(frozen=True)
class Outcome:
    """What clicking one object came to."""

    image: str
    ious: list[float]  # after each click
    oracle: float | None = None  # IoU of the candidate that fits best at the first click; None where there are no candidates


class Conversation:
    """A segmenter: a network about one view, encoded once; each decode sees the mask of the one before."""

    def __init__(self, model: ClickModel, rgb: np.ndarray) -> None:
        self.model = model
        self.embedding = model.encode(rgb[None])[0]
        self.said: list[Decoded] = []

    def __call__(self, points: np.ndarray, labels: np.ndarray) -> np.ndarray:
        previous = self.said[-1].logits if self.said else None
        self.said.append(self.model.decode(self.embedding, Prompt(points, labels, None, previous)))
        return self.said[-1].logits > 0


def samples(
    images: list[LabelledImage], folder: Path, setting: str, limit: int = 0, smallest_side: int = 0, degradation: str = ""
) -> Iterator[Sample]:
    """A view of every object, read as the engine reads it; with a limit, that many spread evenly over the set."""
    pairs = [(image, item) for image in images for item in image.objects if item.side >= smallest_side]
    if limit and limit < len(pairs):
        pairs = [pairs[index] for index in np.linspace(0, len(pairs) - 1, limit).astype(int)]
    for _, group in groupby(pairs, key=lambda pair: pair[0].name):
        of_image = list(group)
        image, wanted = of_image[0][0], {item.id for _, item in of_image}
        path = next(path for path in (folder / "images").iterdir() if path.stem == image.name)
        with _shown(path, image, degradation) as (raster, shown):
            for item in shown.objects:
                if item.id in wanted:
                    sample = _sample(shown, item, raster, setting)
                    if sample.target.sum() >= SMALLEST_TARGET:
                        yield sample


@contextmanager
def _shown(path: Path, image: LabelledImage, degradation: str) -> Iterator[tuple[Raster, LabelledImage]]:
    """The raster of an image, and its labels; both degraded where that is asked."""
    if not degradation:
        raster = open_raster(path)
        try:
            yield raster, image
        finally:
            raster.close()
        return
    rgb = degrade.degraded(read_rgb(path)[0], degradation, image.name)
    ids = degrade.followed(image.ids, degradation, outside=0)
    size = {"width": rgb.shape[1], "height": rgb.shape[0], "count": 3, "dtype": "uint8"}
    with MemoryFile(ext=".tif") as memory:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with memory.open(driver="GTiff", **size) as file:
                file.write(rgb.transpose(2, 0, 1))
        raster = open_raster(memory.name, stretch=AS_IT_IS)
        try:
            yield raster, replace(image, ids=ids, objects=tuple(objects_of(ids)))
        finally:
            raster.close()


def _sample(image: LabelledImage, item: LabelledObject, raster: Raster, setting: str) -> Sample:
    scale = min(LARGEST_SCALE, FRAMED_SHARE * SIDE / item.side) if setting == "framed" else 1.0
    extent = SIDE / scale
    left, top = (middle - extent / 2 for middle in item.centre)
    if setting == "native":
        left, top = round(left), round(top)
    pixels = raster.read(left, top, extent, extent, SIDE, SIDE)
    return Sample(image.name, pixels.rgb, view_of_mask(image.ids == item.id, left, top, scale))


def view_of_mask(mask: np.ndarray, left: float, top: float, scale: float) -> np.ndarray:
    """bool (256, 256): a mask seen in the view that starts at (left, top) native pixels, with smooth borders where it is enlarged."""
    places = (np.arange(SIDE) + 0.5) / scale - 0.5
    grid = np.meshgrid(places + top, places + left, indexing="ij")
    return ndimage.map_coordinates(mask.astype(np.float32), grid, order=1, mode="constant") > 0.5


def clicks_to_iou(target: np.ndarray, segment: Segmenter, enough: float = 0.9, at_least: int = 5) -> list[float]:
    """IoU after each click, until `enough` is reached after `at_least` clicks."""
    mask = np.zeros_like(target)
    points: list[tuple[float, float]] = []
    labels: list[int] = []
    reached: list[float] = []
    while len(reached) < MOST_CLICKS and not (len(reached) >= at_least and max(reached) >= enough):
        if (mask == target).all():  # nothing left to correct
            reached.append(1.0)
            continue
        x, y, label = next_click(target, mask)
        points.append((x, y))
        labels.append(label)
        mask = segment(np.array(points, np.float32), np.array(labels))
        reached.append(float((mask & target).sum() / max((mask | target).sum(), 1)))
    return reached


def figures(curves: list[list[float]]) -> dict[str, float]:
    """IoU@1/3/5 and NoC@85/90 of the IoU curves of n objects."""
    if not curves:
        return {"n": 0}
    result: dict[str, float] = {"n": len(curves)}
    for k in (1, 3, 5):
        result[f"iou{k}"] = round(float(np.mean([curve[k - 1] for curve in curves])), 4)
    for threshold in (85, 90):
        counts = [next((k for k, value in enumerate(curve, 1) if value >= threshold / 100), MOST_CLICKS) for curve in curves]
        result[f"noc{threshold}"] = round(float(np.mean(counts)), 3)
    return result


def clicked(sample: Sample, segment: Segmenter, reliability: Reliability | None = None) -> Outcome:
    """Click one object; the scores of a network's first masks, and what they were worth, go to `reliability`."""
    ious = clicks_to_iou(sample.target, segment)
    if not isinstance(segment, Conversation):
        return Outcome(sample.image, ious)
    if reliability is not None:
        scored = segment.said[:SCORED_CLICKS]
        reliability.add(np.array([decoded.score for decoded in scored]), np.array(ious[: len(scored)]))
    masks = segment.said[0].candidates > 0
    fits = mask_iou((masks & sample.target).sum((1, 2)), (masks | sample.target).sum((1, 2)))
    return Outcome(sample.image, ious, float(fits.max()))


def summary(outcomes: list[Outcome]) -> dict:
    """The figures of n objects; the interval of IoU@1 is over images, with all objects of each."""
    found: dict = dict(figures([outcome.ious for outcome in outcomes]))
    if not outcomes:
        return found
    firsts = [np.array([outcome.ious[0] for outcome in group]) for _, group in groupby(outcomes, key=lambda outcome: outcome.image)]
    sums, counts = np.array([group.sum() for group in firsts]), np.array([len(group) for group in firsts])
    oracles = [outcome.oracle for outcome in outcomes if outcome.oracle is not None]
    if oracles:
        found["oracle1"] = round(float(np.mean(oracles)), 4)
    return {**found, "interval": {"iou1": interval(lambda drawn: float(sums[drawn].sum() / counts[drawn].sum()), len(firsts))}}


def evaluate(
    folder: Path,
    start: Callable[[np.ndarray], Segmenter],
    selection: Selection = ALL,
    smallest_side: int = 0,
    settings: tuple[str, ...] = SETTINGS,
    reliability: Reliability | None = None,
) -> dict:
    """The figures of a set; the top level is *framed*, and *native* has a level of its own where it is wanted. The selection's limit is
    of objects."""
    images = [image for image in read_set(folder) if not selection.only or any(part in image.name for part in selection.only)]
    found = {}
    for setting in settings:
        views = samples(images, folder, setting, selection.limit, smallest_side, selection.degrade)
        found[setting] = summary([clicked(view, start(view.rgb), reliability) for view in views])
    framed = found.pop("framed")
    return {**framed, **found}
