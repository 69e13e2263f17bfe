"""Objects as polygons: `evaluate objects --data SCENE.tif --footprints FILE` or `--data SET`, a set of XYZ tiles named site_x_y_zoom.

Tiles of a site and zoom are put together first. An outline is right where it shares more than half with a footprint (IoU > 0.5), one
outline a footprint; a scene is looked at where its footprints lie, within their convex hull. Small things count neither as right nor wrong.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyogrio
import shapely
from pyproj import CRS, Transformer
from shapely.geometry import MultiPolygon, Polygon

from ...errors import RequestInvalid
from ...objects.instances import Gatherer, Instance, Refiner
from ...objects.refine import ClickRefiner
from ...protocol import OutlineOptions
from ...raster import Raster, open_raster
from ...surveying.scale import level_for
from ...surveying.scratch import Scratch
from ...surveying.survey import Frame, Looker, Strip, frame_of, probability, survey, text_looker
from .bootstrap import interval
from .methods import Choice
from .metrics import detection
from .mosaics import mosaics
from .phrases import weights_of

OVERLAP = 0.5  # intersection over union above which an outline is right
SMALLEST = 4.0  # m2
CELL = 300  # native pixels a side: the ground is drawn in such cells to see how far the figures wander


@dataclass(frozen=True)
class Site:
    raster: Raster
    truth: np.ndarray  # (n,) polygons in map coordinates
    area: Polygon | MultiPolygon | None  # where the truth is complete; None = everywhere


@dataclass(frozen=True)
class Method:
    """How objects are looked for."""

    class_name: str
    looker: Looker
    level: Callable[[Raster], int]
    refiner: Callable[[Frame], Refiner | None]
    parted: bool = True  # whether those that touch are told apart


def method(choice: Choice, phrase: str, level: int | None, parted: bool, refine: bool) -> Method:
    """Look for a phrase with a network; `level` of the survey, without it the one for the class."""
    looker = text_looker(choice.text(), weights_of([phrase]))

    def refiner(frame: Frame) -> Refiner | None:
        return ClickRefiner(choice.click(), frame) if refine else None

    return Method(phrase, looker, lambda raster: level_for(phrase, raster.gsd) if level is None else level, refiner, parted)


def scene(path: Path, footprints: Path) -> Iterator[Site]:
    """A raster and the polygons of a vector file in any CRS. Raises RequestInvalid where the file has no polygons in the raster."""
    raster = open_raster(path)
    meta, _, wkb, _ = pyogrio.raw.read(footprints)
    truth = shapely.make_valid(shapely.from_wkb(wkb))
    if meta["crs"] and raster.crs:
        to_raster = Transformer.from_crs(CRS.from_user_input(meta["crs"]), raster.crs, always_xy=True)
        truth = shapely.transform(truth, to_raster.transform, interleaved=False)
    corners = [raster.to_map(*corner) for corner in ((0, 0), (raster.width, 0), (raster.width, raster.height), (0, raster.height))]
    truth = truth[(shapely.area(truth) > 0) & shapely.within(truth, Polygon(corners))]
    if not len(truth):
        raise RequestInvalid(f"No footprint of {footprints} lies in {path}.", "Give polygons of the same place.")
    yield Site(raster, truth, shapely.convex_hull(shapely.union_all(truth)))


def tiles(folder: Path, only: tuple[str, ...]) -> Iterator[Site]:
    """The sites of a set at each zoom, those first whose names have one of the parts in `only`. Raises RequestInvalid."""
    with tempfile.TemporaryDirectory() as scratch:
        for path, truth in mosaics(folder, Path(scratch), only):
            yield Site(open_raster(path), truth, None)


def found_in(site: Site, method: Method) -> list[Instance]:
    """The objects of a site, as `find` finds them, at 0.5 and above."""
    frame = frame_of(site.raster, method.level(site.raster), site.area)
    gatherer = Gatherer(frame, method.class_name, OutlineOptions(), 0.5, method.refiner(frame), parted=method.parted)
    found: list[Instance] = []
    with tempfile.TemporaryDirectory() as folder:
        for news in survey(frame, site.area, method.looker, Scratch(Path(folder) / "objects", {}), probability):
            if isinstance(news, Strip):
                found += gatherer.take(news.row, news.values[0])
    return found + gatherer.finish()


def evaluate(sites: Iterator[Site], method: Method) -> dict:
    """{"n": footprints, "found", "count" (found to footprints), "precision", "recall", "f1", "interval"}."""
    tables = []
    for site in sites:
        least = SMALLEST / site.raster.pixel_area * site.raster.pixel_size**2
        found = np.array([one.outline for one in found_in(site, method)], object)
        if site.area is not None:
            found = found[shapely.within(shapely.centroid(found), site.area)]
        found, truth = (some[shapely.area(some) >= least] for some in (found, site.truth))
        tables.append(_counts(found, truth, CELL * site.raster.pixel_size))
        site.raster.close()
    if not tables:
        raise RequestInvalid("There is no site of that name.", "Choose another one.")
    return figures(np.concatenate(tables))


def figures(table: np.ndarray) -> dict:
    """table: (cells, 3), right, wrong and missed."""

    def of(drawn: np.ndarray, name: str) -> float:
        return detection(*(int(value) for value in table[drawn].sum(0)))[name]

    right, wrong, missed = (int(value) for value in table.sum(0))
    everything, names = np.arange(len(table)), ("precision", "recall", "f1")
    return {
        "n": right + missed,
        "found": right + wrong,
        "count": round((right + wrong) / max(right + missed, 1), 4),
        **{name: round(of(everything, name), 4) for name in names},
        "interval": {name: interval(partial(of, name=name), len(table)) for name in names},
    }


def matches(found: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """(n, 2) indices of outlines and the footprints that they are right about, each at most once, the best agreement first."""
    pairs = shapely.STRtree(truth).query(found, predicate="intersects").T
    both = shapely.area(shapely.intersection(found[pairs[:, 0]], truth[pairs[:, 1]]))
    either = shapely.area(found[pairs[:, 0]]) + shapely.area(truth[pairs[:, 1]]) - both
    overlap = both / np.maximum(either, 1e-12)
    kept: list[tuple[int, int]] = []
    for index in np.argsort(-overlap, kind="stable"):
        one, other = pairs[index].tolist()
        if overlap[index] > OVERLAP and all(one != first and other != second for first, second in kept):
            kept.append((one, other))
    return np.array(kept, int).reshape(-1, 2)


def _counts(found: np.ndarray, truth: np.ndarray, cell: float) -> np.ndarray:
    """(cells, 3): right, wrong and missed, where they lie."""
    pairs = matches(found, truth)
    right = np.isin(np.arange(len(truth)), pairs[:, 1])
    wrong = ~np.isin(np.arange(len(found)), pairs[:, 0])
    places = shapely.get_coordinates(shapely.centroid(np.concatenate([truth, found[wrong]]))) // cell
    kinds = np.concatenate([np.where(right, 0, 2), np.ones(int(wrong.sum()), int)])
    cells, owners = np.unique(places, axis=0, return_inverse=True)
    return np.bincount(owners.ravel() * 3 + kinds, minlength=3 * len(cells)).reshape(-1, 3)
