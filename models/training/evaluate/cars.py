"""Objects that people marked with boxes: `evaluate text --boxes --word car`.

The set has `labels/` as YOLO writes them: a line a box, class, centre x and y, width and height as shares of the image. The mask of the
phrase is split where it is narrow, so that cars in a row are single ones. A box is found when the centre of an outline lies inside it and
their areas are of one size: `FITTING` times the box, which is wide since boxes of turned cars are much larger than cars. One outline a box.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import ndimage
from skimage.morphology import h_maxima
from skimage.segmentation import watershed

from ...errors import RequestInvalid
from . import degrade
from .bootstrap import interval
from .methods import Predict
from .metrics import detection
from .truth import Selection, paths_of, read_rgb

FITTING = (0.3, 3.0)
NARROWING = 0.75  # pixels by which a waist must be narrower than what it joins to part it
FLECK = 0.2  # of the usual part's area: what is smaller is no object


@dataclass(frozen=True)
class Boxed:
    rgb: np.ndarray  # uint8 (h, w, 3), stretched
    boxes: np.ndarray  # float (n, 4): x0, y0, x1, y1 in pixels


def read(folder: Path, selection: Selection) -> Iterator[Boxed]:
    """Raises RequestInvalid where the set has no boxes. Boxes whose centre a degradation moves out of the image are left out."""
    for path in selection.of(paths_of(folder, "images", "labels")):
        rgb, _ = read_rgb(path)
        height, width = rgb.shape[:2]
        shares = _boxes(folder / "labels" / f"{path.stem}.txt")
        to_shown = degrade.placed(selection.degrade, rgb.shape)
        shown = degrade.degraded(rgb, selection.degrade, path.stem)
        centres = np.array([to_shown @ (x * width, y * height) for x, y in shares[:, :2]]).reshape(-1, 2)
        half = shares[:, 2:] * (width, height) * np.sqrt(abs(to_shown.determinant)) / 2
        inside = ((centres >= 0) & (centres < shown.shape[1::-1])).all(1)
        yield Boxed(shown, np.hstack([centres - half, centres + half])[inside])


def evaluate(folder: Path, selection: Selection, predict: Predict) -> dict:
    """{"n", "boxes", "precision", "recall", "f1", "interval"}; `predict` answers one phrase."""
    counts = []
    for image in read(folder, selection):
        centres, areas = parts(predict(image.rgb)[0] > 0)
        right = matched(image.boxes, centres, areas)
        counts.append((right, len(centres) - right, len(image.boxes) - right))
    table = np.array(counts)

    def figures(drawn: np.ndarray) -> dict[str, float]:
        return detection(*(int(value) for value in table[drawn].sum(0)))

    whole = figures(np.arange(len(table)))
    return {
        "n": len(table),
        "boxes": int(table[:, [0, 2]].sum()),
        **{name: round(whole[name], 4) for name in ("precision", "recall", "f1")},
        "interval": {"f1": interval(lambda drawn: figures(drawn)["f1"], len(table))},
    }


def parts(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centres (n, 2) as x, y and areas (n,), in pixels, of the single objects of a bool (h, w) mask, parted at its waists."""
    depth = ndimage.gaussian_filter(ndimage.distance_transform_edt(mask), 1.0)
    seeds, _ = ndimage.label(h_maxima(depth, NARROWING) & mask, np.ones((3, 3)))
    labels = watershed(-depth, seeds, mask=mask)
    areas = np.bincount(labels.ravel(), minlength=1)[1:]
    kept = np.flatnonzero(areas >= FLECK * _usual(areas))
    centres = np.array(ndimage.center_of_mass(mask, labels, kept + 1)).reshape(-1, 2)[:, ::-1] + 0.5
    return centres, areas[kept]


def _usual(areas: np.ndarray) -> float:
    """The area of the part to which the middle pixel of all belongs, ordered by area: many flecks do not make it smaller."""
    ordered = np.sort(areas)
    return float(ordered[np.searchsorted(ordered.cumsum(), ordered.sum() / 2)]) if len(areas) else 0.0


def matched(boxes: np.ndarray, centres: np.ndarray, areas: np.ndarray) -> int:
    """How many boxes (n, 4) are found, one outline each; the outlines nearest to the middle of a box come first."""
    if not len(boxes) or not len(centres):
        return 0
    x, y = centres.T[:, None]
    inside = (boxes[:, :1] <= x) & (x < boxes[:, 2:3]) & (boxes[:, 1:2] <= y) & (y < boxes[:, 3:])
    ratio = areas / np.maximum((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]), 1e-9)[:, None]
    fits = inside & (ratio >= FITTING[0]) & (ratio <= FITTING[1])
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    away = np.linalg.norm(middles[:, None] - centres, axis=2)
    found: dict[int, int] = {}
    for box, outline in sorted(np.argwhere(fits).tolist(), key=lambda pair: away[pair[0], pair[1]]):
        if box not in found and outline not in found.values():
            found[box] = outline
    return len(found)


def _boxes(path: Path) -> np.ndarray:
    """float (n, 4): x, y, w, h as shares of the image."""
    try:
        lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        return np.array([[float(value) for value in line[1:5]] for line in lines]).reshape(-1, 4)
    except (OSError, ValueError) as error:
        raise RequestInvalid(f"{path} does not list boxes.", "Write a line a box: class x y width height.", reason=str(error)) from error
