"""Evaluate click models as the field does: `python -m models evaluate click --data DIR [--json]`.

Protocol (RITM; Sofiiuk et al., 2021, https://arxiv.org/abs/2102.06583): the first click at the centre of the object's largest
inscribed disc, each next one at the centre of the largest error region, at most 20. IoU@k is the mean IoU after k clicks; NoC@t the
mean number of clicks to an IoU of t %, 20 where it is never reached. Two settings of the 256-pixel view, each with the object's box in
the middle: *framed*, the longer side of the box at 35 % of the view's side, enlarged at most 4 times; *native*, one view pixel a native
pixel (what a view cuts off is not counted). Objects with fewer than 40 pixels in the view are left out. Masks are compared in the view.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import ndimage

from ..nets import ClickModel, Prompt, load_click_model
from ..raster import Raster, open_raster
from .clicks import next_click
from .framing import FRAMED_SHARE, LARGEST_SCALE, SIDE, SMALLEST_TARGET
from .sets import LabelledImage, LabelledObject, read_set

MOST_CLICKS = 20
SETTINGS = ("framed", "native")

# A segmenter of one view: clicks so far as points (n, 2) and labels (n,), to a bool mask (256, 256).
Segmenter = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Sample:
    rgb: np.ndarray  # uint8 (256, 256, 3)
    target: np.ndarray  # bool (256, 256)


def samples(images: list[LabelledImage], folder: Path, setting: str, limit: int = 0, smallest_side: int = 0) -> Iterator[Sample]:
    """A view of every object, read as the engine reads it; with a limit, that many spread evenly over the set."""
    pairs = [(image, item) for image in images for item in image.objects if item.side >= smallest_side]
    if limit and limit < len(pairs):
        pairs = [pairs[index] for index in np.linspace(0, len(pairs) - 1, limit).astype(int)]
    rasters: dict[str, Raster] = {}
    for image, item in pairs:
        if image.name not in rasters:
            rasters = {image.name: open_raster(next((folder / "images").glob(f"{image.name}.*")))}
        sample = _sample(image, item, rasters[image.name], setting)
        if sample.target.sum() >= SMALLEST_TARGET:
            yield sample


def _sample(image: LabelledImage, item: LabelledObject, raster: Raster, setting: str) -> Sample:
    scale = min(LARGEST_SCALE, FRAMED_SHARE * SIDE / item.side) if setting == "framed" else 1.0
    extent = SIDE / scale
    left, top = (middle - extent / 2 for middle in item.centre)
    if setting == "native":
        left, top = round(left), round(top)
    pixels = raster.read(left, top, extent, extent, SIDE, SIDE)
    return Sample(pixels.rgb, view_of_mask(image.ids == item.id, left, top, scale))


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


def model_segmenter(model: ClickModel) -> Callable[[np.ndarray], Segmenter]:
    """A segmenter a view: encoded once; each decode sees the mask of the one before."""

    def start(rgb: np.ndarray) -> Segmenter:
        embedding = model.encode(rgb[None])[0]
        previous: list[np.ndarray] = []

        def segment(points: np.ndarray, labels: np.ndarray) -> np.ndarray:
            decoded = model.decode(embedding, Prompt(points, labels, None, previous[-1] if previous else None))
            previous.append(decoded.logits)
            return decoded.logits > 0

        return segment

    return start


def evaluate(
    folder: Path,
    start: Callable[[np.ndarray], Segmenter],
    limit: int = 0,
    smallest_side: int = 0,
    settings: tuple[str, ...] = SETTINGS,
) -> dict:
    """The figures of a set; the top level is *framed*, and *native* has a level of its own where it is wanted."""
    images = read_set(folder)
    found = {}
    for setting in settings:
        views = samples(images, folder, setting, limit, smallest_side)
        found[setting] = figures([clicks_to_iou(view.target, start(view.rgb)) for view in views])
    framed = found.pop("framed")
    return {"task": "click", "data": folder.name, **framed, **found}


def _method(args: argparse.Namespace) -> Callable[[np.ndarray], Segmenter]:
    if args.method != "model":
        from . import baselines

        return baselines.METHODS[args.method]
    if args.weights:
        from ..nets.click_model import OurClickModel

        return model_segmenter(OurClickModel(args.weights, args.weights.stem, ""))
    return model_segmenter(load_click_model(args.model))


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m models evaluate", description=__doc__)
    parser.add_argument("task", choices=["click"])
    parser.add_argument("--data", type=Path, required=True, help="a set: images/ and instances/")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--limit", type=int, default=0, help="at most so many objects, spread over the set")
    parser.add_argument("--smallest-side", type=int, default=0, help="leave out objects whose box is shorter, in pixels of the image")
    parser.add_argument("--framed-only", action="store_true", help="leave the native setting out")
    parser.add_argument("--model", default="", help="id in the catalogue; the shipped network otherwise")
    parser.add_argument("--weights", type=Path, help="a safetensors file in place of a catalogue entry")
    parser.add_argument("--method", choices=["model", "magic-wand", "grabcut", "random-walker"], default="model", help="a baseline instead")
    args = parser.parse_args(argv)
    settings = SETTINGS[:1] if args.framed_only else SETTINGS
    result = evaluate(args.data, _method(args), args.limit, args.smallest_side, settings)
    if args.json:
        print(json.dumps(result))
        return 0
    print(f"{'':8} {'objects':>8} {'IoU@1':>7} {'IoU@3':>7} {'IoU@5':>7} {'NoC@85':>7} {'NoC@90':>7}   {result['data']}, {args.method}")
    for name, row in (("framed", result), ("native", result.get("native", {"n": 0}))):
        if row["n"]:
            print(f"{name:8} {row['n']:8} " + " ".join(f"{row[key]:7.3f}" for key in ("iou1", "iou3", "iou5", "noc85", "noc90")))
    return 0
