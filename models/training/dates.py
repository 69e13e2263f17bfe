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
from . import pairs, seasons, sites
from .framing import SIDE
from .labels import UNKNOWN, Source
from .scenes import Painter, Scene, watered
from .sets import LabelledImage
from .sites import HOUSE

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
                sites.pave(after, rng)
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
                sites.pave(scene, rng)
        change = pairs.changed(one.known, other.known)
        dates = [seasons.another_day(scene.rgb, rng) for scene in (one, other)]
        return self._turned(dates, [one.known, other.known], change)

    def _bare(self) -> Scene:
        """Ground without a building: of what labels leave open, only where hardly any stands."""
        rng = self.rng
        if not OTHERS.keys() & self.painter.sources:
            return sites.razed(self._built(), rng)
        name = list(RURAL)[rng.choice(len(RURAL), p=list(RURAL.values()))]
        if name not in self.painter.sources:
            return self._elsewhere()
        scene = watered(self.painter.piece(self.painter.sources[name]), rng)
        houses = scene.known[..., HOUSE]
        if name in EMPTY:
            houses[houses == UNKNOWN] = 0
        return sites.graded(scene, rng) if rng.random() < 0.5 else scene

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
        before.ids = after.ids = sites.rectangles(ids, np.flatnonzero(fitting[1:]) + 1)
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
        numbers = np.setdiff1d(pairs.objects_of(donor), sites.cut(donor.ids))
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
                sites.build(after, donor, mask, free, common if bare else None, rng)

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
