"""Two dates of one ground for the change head, from labels of single dates and from real years in which nothing was built.

Edits follow `pairs`; here they come in numbers, as estates do, on real pairs of years too, and both dates get a light, a season, shadows
and an angle of view of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from ..classes import CLASSES
from . import pairs, seasons
from .augment import RNG
from .framing import SIDE
from .labels import BUILDING, UNKNOWN, Source
from .scenes import Painter, Scene, watered
from .sets import LabelledImage

HOUSE = CLASSES.index("building")
SEASONAL = [CLASSES.index(name) for name in ("tree", "vegetation", "car")]  # what streets show more or less of at every date
GSD = (0.22, 0.9)  # metres a view pixel of what is built
BUILT = {"fair_sites": 0.62, "fair_buildings_banepa": 0.38}
OTHERS = {
    "agoro_fields_us": 0.24, "usgs_monterey_coast": 0.18, "gsi_solar_jp": 0.2, "gsi_road_jp": 0.12, "amazon_forest_s2": 0.1,
    "flood_water_oblique": 0.04, "naip_prairie_potholes": 0.04, "cars_kit_ais": 0.08,
}  # fmt: skip
RURAL = {"agoro_fields_us": 0.5, "usgs_monterey_coast": 0.35, "amazon_forest_s2": 0.15}
EMPTY = ("agoro_fields_us", "amazon_forest_s2")  # hardly a building stands there
STREETS = "urbantree_naip"
STRANGE = 0.45  # of the pairs are two places
NO_HOUSE, A_HOUSE = 0.2, 0.55  # of what is guessed of the streets
Guess = Callable[[LabelledImage], np.ndarray]  # float (h, w): how likely a building is where nobody drew them


@dataclass(frozen=True)
class Pair:
    """rgb: uint8 (2, 256, 256, 3); known: uint8 (2, 256, 256, K), see `Scene`; change: uint8 (256, 256, K), 1, 0 or UNKNOWN."""

    rgb: np.ndarray
    known: np.ndarray
    change: np.ndarray


class Dates:
    def __init__(self, painter: Painter, years: list[tuple[Source, LabelledImage, LabelledImage]], guess: Guess):
        """years: pairs of images of one ground in two years; guess: for the streets, where houses may be."""
        self.painter, self.rng, self.guess = painter, painter.rng, guess
        self.streets = [one for one in years if one[0] is painter.sources.get(STREETS)]
        self.ponds = [one for one in years if one[0] is not painter.sources.get(STREETS)]

    def draw(self) -> Pair:
        rng = self.rng
        chance = rng.random()
        if chance < STRANGE:
            return self._strangers()
        chance = (chance - STRANGE) / (1 - STRANGE)
        if chance < 0.45 or not self.streets:
            before = self._built()
            after = Scene(before.rgb.copy(), before.known.copy(), ids=before.ids)
            unsure: list[int] = []
        elif chance < 0.8:
            before, after = self._years(*self.streets[rng.integers(len(self.streets))])
            unsure = SEASONAL
        elif chance < 0.84 and self.ponds:
            return self._ponds(*self.ponds[rng.integers(len(self.ponds))])
        else:
            before = watered(self.painter.piece(self.painter.source(OTHERS)), rng)
            after = Scene(before.rgb.copy(), before.known.copy(), ids=before.ids)
            unsure = []
        return self._pair(before, after, unsure)

    def _pair(self, before: Scene, after: Scene, unsure: list[int]) -> Pair:
        rng = self.rng
        replaced = np.zeros((SIDE, SIDE), bool)
        quiet = rng.random() < 0.22  # nothing changed but the day
        if not quiet:
            if rng.random() < 0.35:
                replaced = self._replace(after)
            kind = pairs.kind_of(after)
            for _ in range(rng.integers(1, 8) if rng.random() < 0.5 else 0):
                pairs.remove(after, kind, rng)
            for _ in range(rng.integers(1, 5) if rng.random() < 0.5 else 0):
                pairs.cover_ground(after, kind, rng)
            if rng.random() < 0.5:
                _pave(after, rng)
            if rng.random() < 0.7:
                self._settle(after)
        for _ in range(rng.integers(0, 4)):
            pairs.recolour(after, rng)
        high = (after.known[..., HOUSE] == 1) & (before.known[..., HOUSE] == 1)
        if high.any():
            if rng.random() < 0.4:
                after.rgb = seasons.leaning(after.rgb, high, rng)
            if rng.random() < 0.4:
                after.rgb = seasons.shaded(after.rgb, after.known[..., HOUSE] == 1, rng)
        change = pairs.untouched(before, after)
        change[replaced] = pairs.changed(before.known[replaced], after.known[replaced])
        for index in unsure:
            change[..., index] = UNKNOWN
        if rng.random() < 0.75:
            after.rgb = seasons.beside(after.rgb, rng)
        dates = [seasons.another_day(scene.rgb, rng) for scene in (before, after)]
        return self._turned(dates, [before.known, after.known], change)

    def _strangers(self) -> Pair:
        """Two places as one: where houses were built, all the ground around them changes as well. Labels alone say what differs."""
        rng = self.rng
        one = self._bare() if rng.random() < 0.65 else self._elsewhere()
        other = self._built() if rng.random() < 0.75 else self._elsewhere()
        for scene in (one, other):
            if rng.random() < 0.5:
                _pave(scene, rng)
        change = pairs.changed(one.known, other.known)
        dates = [seasons.another_day(scene.rgb, rng) for scene in (one, other)]
        return self._turned(dates, [one.known, other.known], change)

    def _bare(self) -> Scene:
        """Ground without a building: of what labels leave open, only where hardly any stands."""
        rng = self.rng
        if not OTHERS.keys() & self.painter.sources:
            return _razed(self._built(), rng)
        name = list(RURAL)[rng.choice(len(RURAL), p=list(RURAL.values()))]
        if name not in self.painter.sources:
            return self._elsewhere()
        scene = watered(self.painter.piece(self.painter.sources[name]), rng)
        houses = scene.known[..., HOUSE]
        if name in EMPTY:
            houses[houses == UNKNOWN] = 0
        return _graded(scene, rng) if rng.random() < 0.5 else scene

    def _turned(self, dates: list[np.ndarray], known: list[np.ndarray], change: np.ndarray) -> Pair:
        order = (0, 1) if self.rng.random() < 0.5 else (1, 0)
        return Pair(np.stack([dates[i] for i in order]), np.stack([known[i] for i in order]), change)

    def _built(self) -> Scene:
        """Labelled buildings at the sizes that they have from 0.2 to 0.9 m a pixel."""
        rng, painter = self.rng, self.painter
        while True:
            source = painter.source(BUILT)
            image = source.images[rng.integers(len(source.images))]
            scale = image.gsd / float(np.exp(rng.uniform(*np.log(GSD))))
            height, width = image.rgb.shape[:2]
            if min(height, width) * scale < 0.5 * SIDE or scale > 2:
                continue
            reach = np.maximum(np.array([width, height]) - 0.8 * SIDE / scale, 0) / 2
            middle = np.array([width, height]) / 2 + rng.uniform(-1, 1, 2) * reach
            return painter.scene(source, image, painter.matrix(middle, scale, jitter=0.0), scale)[0]

    def _years(self, source: Source, one: LabelledImage, other: LabelledImage) -> tuple[Scene, Scene]:
        """Two real years of a street, seen alike; the guess from both says where houses are, and where it hesitates nothing is known."""
        rng, painter = self.rng, self.painter
        scale = 0.6 / float(np.exp(rng.uniform(np.log(0.3), np.log(0.75))))
        middle = 128 + rng.uniform(-1, 1, 2) * max(0.0, 128 - 0.35 * SIDE / scale)
        matrix = painter.matrix(middle, scale, jitter=0.0)
        state = rng.bit_generator.state
        before = painter.scene(source, one, matrix, scale)[0]
        rng.bit_generator.state = state
        after = painter.scene(source, other, matrix, scale)[0]
        guesses = [cv2.warpAffine(self.guess(image), matrix, (SIDE, SIDE), borderValue=0.5) for image in (one, other)]
        likely = (guesses[0] + guesses[1]) / 2
        before.known[..., HOUSE] = np.where(likely < NO_HOUSE, 0, np.where(likely > A_HOUSE, 1, UNKNOWN))
        after.known = before.known.copy()
        houses = cv2.morphologyEx((likely > A_HOUSE).astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
        _, ids, stats, _ = cv2.connectedComponentsWithStats(houses)
        fitting = (stats[:, 4] > 100) & (stats[:, 4] < 6000)
        before.ids = after.ids = _rectangles(ids, np.flatnonzero(fitting[1:]) + 1)
        return before, after

    def _ponds(self, source: Source, one: LabelledImage, other: LabelledImage) -> Pair:
        state = self.rng.bit_generator.state
        before = self.painter.piece(source, one)
        self.rng.bit_generator.state = state
        after = self.painter.piece(source, other)
        change = pairs.changed(before.known, after.known)
        valid = (before.known != UNKNOWN).any(2) & (after.known != UNKNOWN).any(2)
        for name in ("building", "road", "solar panel", "forest"):
            change[valid, CLASSES.index(name)] = 0
        dates = [seasons.another_day(scene.rgb, self.rng) for scene in (before, after)]
        return self._turned(dates, [before.known, after.known], change)

    def _settle(self, after: Scene) -> None:
        """An estate: houses of another place, some with a lot around them, where no house is."""
        rng = self.rng
        donor = self._years(*self.streets[rng.integers(len(self.streets))])[0] if self.streets and rng.random() < 0.25 else self._built()
        numbers = np.setdiff1d(pairs.objects_of(donor), _cut(donor.ids))
        if donor.ids is None or not len(numbers):
            return
        houses = after.known[..., HOUSE]
        free = (houses == 0 if (houses != UNKNOWN).any() else np.ones_like(houses)).astype(np.uint8)
        bare = rng.random() < 0.5
        colours = seasons.SOILS if rng.random() < 0.6 else seasons.GREENS
        common = colours[rng.integers(len(colours))]
        for number in rng.permutation(np.repeat(numbers, 3))[: rng.integers(1, 26)]:
            mask = donor.ids == number
            if 20 < mask.sum() < 0.25 * SIDE**2 and (donor.known[mask][:, HOUSE] == 1).mean() > 0.8:
                _build(after, donor, mask, free, common if bare else None, rng)

    def _replace(self, after: Scene) -> np.ndarray:
        """Part of the view becomes another place: bool (256, 256)."""
        rng = self.rng
        other = self._built() if rng.random() < 0.5 else self._elsewhere()
        corners = rng.uniform(0.1, 0.9, 2) * SIDE + rng.normal(0, 0.3 * SIDE, (rng.integers(3, 7), 2))
        part = np.zeros((SIDE, SIDE), np.uint8)
        cv2.fillPoly(part, [cv2.convexHull(corners.astype(np.int32))], 1)
        soft = cv2.GaussianBlur(part.astype(np.float32), (0, 0), rng.uniform(0.6, 2.5))[..., None]
        after.rgb = (after.rgb * (1 - soft) + seasons.lit(other.rgb, rng) * soft).astype(np.uint8)
        inside = part > 0
        after.known[inside] = other.known[inside]
        seam = cv2.morphologyEx(part, cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8)) > 0
        after.known[seam] = UNKNOWN
        ids = np.zeros((SIDE, SIDE), int) if after.ids is None else after.ids.astype(int)
        cut = np.unique(ids[inside | seam])
        ids = np.where(np.isin(ids, cut), 0, ids)
        if other.ids is not None:
            whole = other.ids.astype(int) * ~np.isin(other.ids, np.unique(other.ids[~inside | seam]))
            ids = np.where(whole > 0, whole + ids.max() + 1, ids)
        after.ids = ids
        return inside | seam

    def _elsewhere(self) -> Scene:
        rng = self.rng
        if self.streets and rng.random() < 0.4:
            source, one, other = self.streets[rng.integers(len(self.streets))]
            return self._years(source, one, other)[0]
        return self.painter.piece(self.painter.source(OTHERS)) if OTHERS.keys() & self.painter.sources else self._built()


def _graded(scene: Scene, rng: RNG) -> Scene:
    """The scene with bare soil in a part of it, smooth, striped or spotted, as building sites and ploughed fields are."""
    rows, columns = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    soil = np.zeros((SIDE, SIDE), np.float32)
    for cells in (4, 16, 64):
        grain = rng.normal(0, rng.uniform(1, 11), (cells, cells)).astype(np.float32)
        soil += cv2.resize(grain, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    if rng.random() < 0.5:
        angle, period = rng.uniform(0, np.pi), rng.uniform(4, 40)
        soil += np.float32(rng.uniform(3, 25)) * np.sin((columns * np.cos(angle) + rows * np.sin(angle)) * (2 * np.pi / period))
    part = np.zeros((SIDE, SIDE), np.uint8)
    corners = rng.uniform(0.1, 0.9, 2) * SIDE + rng.normal(0, 0.4 * SIDE, (rng.integers(3, 8), 2))
    cv2.fillPoly(part, [cv2.convexHull(corners.astype(np.int32))], 1)
    part[scene.known[..., HOUSE] == 1] = 0
    soft = cv2.GaussianBlur(part.astype(np.float32), (0, 0), rng.uniform(0.6, 4))[..., None] * np.float32(rng.uniform(0.6, 1))
    colour = seasons.SOILS[rng.integers(len(seasons.SOILS))] * np.float32(np.exp(rng.normal(0.1, 0.25)))
    scene.rgb = np.clip(scene.rgb * (1 - soft) + (colour + soil[..., None]) * soft, 0, 255).astype(np.uint8)
    scene.known[part > 0] = UNKNOWN
    scene.known[part > 0, HOUSE] = 0
    return scene


def _razed(scene: Scene, rng: RNG) -> Scene:
    """The scene with ground in place of its buildings, as far as it has ground enough."""
    for _ in range(3 * len(pairs.objects_of(scene))):
        pairs.remove(scene, HOUSE, rng)
    return scene


def _rectangles(ids: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Of the objects with these numbers those that are about rectangles, as such: guesses have round corners, and roofs have none."""
    found = np.zeros(ids.shape, np.int32)
    for number in numbers:
        points = cv2.findNonZero((ids == number).astype(np.uint8))
        box = cv2.minAreaRect(points)
        if len(points) > 0.7 * box[1][0] * box[1][1]:
            cv2.fillPoly(found, [cv2.boxPoints((box[0], (0.95 * box[1][0], 0.95 * box[1][1]), box[2])).astype(np.int32)], int(number))
    return found


def _pave(after: Scene, rng: RNG) -> None:
    """New streets, drives and yards, smooth and bright or dark as roofs are, where no house is: they are no buildings."""
    for _ in range(rng.integers(1, 7)):
        form = np.zeros((SIDE, SIDE), np.uint8)
        x, y = rng.uniform(0, SIDE, 2)
        angle, length = rng.uniform(0, 2 * np.pi), np.exp(rng.uniform(np.log(12), np.log(400)))
        width = int(np.exp(rng.uniform(np.log(3), np.log(26))))
        if rng.random() < 0.7:
            end = x + length * np.cos(angle), y + length * np.sin(angle)
            cv2.line(form, (int(x), int(y)), (int(end[0]), int(end[1])), 1, width)
        else:
            box = cv2.boxPoints(((x, y), (min(length, 90), 2 * width), float(np.degrees(angle))))
            cv2.fillPoly(form, [box.astype(np.int32)], 1)
        form[after.known[..., HOUSE] != 0] = 0
        soft = cv2.GaussianBlur(form.astype(np.float32), (0, 0), rng.uniform(0.5, 1.2))[..., None] * np.float32(rng.uniform(0.7, 1))
        colour = rng.uniform(50, 235) + rng.normal(0, 8, 3) + (np.array([14, 0, -18]) if rng.random() < 0.4 else 0)
        grain = rng.normal(0, rng.uniform(1, 7), (SIDE, SIDE, 1))
        after.rgb = np.clip(after.rgb * (1 - soft) + (colour + grain) * soft, 0, 255).astype(np.uint8)
        paved = form > 0
        after.known[paved] = UNKNOWN
        after.known[paved, HOUSE] = 0


def _cut(ids: np.ndarray | None) -> np.ndarray:
    """The objects that the view cuts."""
    return np.zeros(0, int) if ids is None else np.unique(np.concatenate([ids[0], ids[-1], ids[:, 0], ids[:, -1]]))


def _build(after: Scene, donor: Scene, mask: np.ndarray, free: np.ndarray, lot: np.ndarray | None, rng: RNG) -> None:
    """An object of the donor, turned, at a free place: `free` (256, 256) is 1 where there is room, and loses that of the object."""
    rows, columns = np.nonzero(mask)
    part = np.s_[max(rows.min() - 1, 0) : rows.max() + 2, max(columns.min() - 1, 0) : columns.max() + 2]
    turns, mirrored = int(rng.integers(4)), rng.random() < 0.5
    stamp, shape = np.rot90(donor.rgb[part], turns), np.rot90(mask[part], turns)
    if mirrored:
        stamp, shape = stamp[:, ::-1], shape[:, ::-1]
    h, w = shape.shape
    if max(h, w) > 0.7 * SIDE:
        return
    for _ in range(6):
        top, left = int(rng.integers(-h // 3, SIDE - 2 * h // 3)), int(rng.integers(-w // 3, SIDE - 2 * w // 3))
        y0, x0, y1, x1 = max(top, 0), max(left, 0), min(top + h, SIDE), min(left + w, SIDE)
        inner = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
        if free[y0:y1, x0:x1][shape[inner]].mean() > 0.97:
            break
    else:
        return
    full = np.zeros((SIDE, SIDE), np.float32)
    full[y0:y1, x0:x1] = shape[inner]
    near = full > 0
    colours = after.rgb.astype(np.float32)
    if lot is not None:
        around = np.zeros((SIDE, SIDE), np.float32)
        border = int(max(h, w) * rng.uniform(0.1, 0.6)) + 2
        around[max(y0 - border, 0) : y1 + border, max(x0 - border, 0) : x1 + border] = 1
        around = cv2.GaussianBlur(around * ((free > 0) | near), (0, 0), 1.2)[..., None] * np.float32(rng.uniform(0.4, 0.95))
        texture = (colours.mean(2, keepdims=True) / max(float(colours.mean()), 1.0)).clip(0.6, 1.5)
        colours = colours * (1 - around) + lot * np.float32(np.exp(rng.normal(0, 0.1))) * texture * around
    if rng.random() < 0.75:
        reach, angle = max(1.5, 0.12 * max(h, w)) * rng.uniform(0.4, 1.4), rng.uniform(0, 2 * np.pi)
        move = np.array([[1, 0, reach * np.cos(angle)], [0, 1, reach * np.sin(angle)]])
        shade = cv2.warpAffine(full, move, (SIDE, SIDE))
        colours *= 1 - cv2.GaussianBlur(shade, (0, 0), 0.8)[..., None] * np.float32(rng.uniform(0.2, 0.6))
    stamp = np.clip(stamp * np.exp(rng.normal(0, 0.18)) + rng.normal(0, 10, 3), 0, 255).astype(np.float32)
    if rng.random() < 0.4:  # roofs of other colours: less of their own, as grey shingle is
        stamp = stamp.mean(2, keepdims=True) * (1 + rng.normal(0, 0.05, 3)) * rng.uniform(0.6, 1.1) + 0 * stamp
    lit = np.zeros_like(colours)
    lit[y0:y1, x0:x1] = stamp[inner]
    soft = cv2.GaussianBlur(full, (0, 0), rng.uniform(0.4, 0.9))[..., None]
    fill = cv2.dilate(lit * near[..., None], np.ones((3, 3))) * ~near[..., None] + lit * near[..., None]  # no dark rim
    after.rgb = np.clip(colours * (1 - soft) + fill * soft, 0, 255).astype(np.uint8)
    after.known[near] = BUILDING
    if after.ids is not None:
        after.ids = np.where(near, 0, after.ids)
    free[cv2.dilate(near.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0] = 0
