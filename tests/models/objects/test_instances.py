"""Strips of probability become the objects that a person would count."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from scipy import ndimage
from shapely.geometry import Point, box

from rasterscribe.models.objects import instances, shares
from rasterscribe.models.objects.components import LARGEST
from rasterscribe.models.objects.instances import Gatherer, Instance
from rasterscribe.models.protocol import OutlineOptions
from rasterscribe.models.raster import open_raster
from rasterscribe.models.surveying.frame import Frame

SIDE = 160


@pytest.fixture(scope="module")
def frame(tmp_path_factory: pytest.TempPathFactory) -> Frame:
    """A square of half-metre pixels in UTM."""
    path = tmp_path_factory.mktemp("instances") / "raster.tif"
    profile = {"driver": "GTiff", "width": SIDE, "height": SIDE, "count": 3, "dtype": "uint8", "crs": "EPSG:32651"}
    with rasterio.open(path, "w", **profile, transform=Affine(0.5, 0, 500_000, 0, -0.5, 1_500_000)) as file:
        file.write(np.full((3, SIDE, SIDE), 90, np.uint8))
    return Frame(open_raster(path), 0, 0, 0, SIDE, SIDE)


def plane_of(*shapes: tuple[shapely.Polygon, float], blur: float = 0.7) -> np.ndarray:
    """uint8 (SIDE, SIDE): shapes in pixels, each with its probability, a little blurred."""
    fine = (np.arange(SIDE * 2) + 0.5) / 2
    x, y = np.meshgrid(fine, fine)
    probability = np.zeros((SIDE * 2, SIDE * 2))
    for shape, height in shapes:
        shapely.prepare(shape)
        probability = np.maximum(probability, height * shapely.contains_xy(shape, x, y))
    coarse = probability.reshape(SIDE, 2, SIDE, 2).mean(axis=(1, 3))
    return np.rint(1 + 254 * ndimage.gaussian_filter(coarse, blur)).astype(np.uint8)


def gathered(
    frame: Frame, plane: np.ndarray, high: int = SIDE, class_name: str = "building", largest: int = LARGEST, **options: object
) -> list[Instance]:
    gatherer = Gatherer(frame, class_name, OutlineOptions(**options), floor=0.25, largest=largest)
    found = [one for row in range(0, SIDE, high) for one in gatherer.take(row, plane[row : row + high])]
    return found + gatherer.finish()


def on_map(shape: shapely.Polygon, frame: Frame) -> shapely.Polygon:
    return shapely.transform(shape, lambda x, y: frame.to_map @ (x, y), interleaved=False)


def agreement(one: shapely.Polygon, other: shapely.Polygon) -> float:
    return one.intersection(other).area / one.union(other).area


def rough(seed: int) -> np.ndarray:
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).standard_normal((SIDE, SIDE)), 3)
    return (noise / noise.std() * 50 + 110).clip(1, 255).astype(np.uint8)


HOUSE, POND = box(20, 30, 60, 50), Point(100, 90).buffer(15)


def test_an_object_has_the_outline_class_score_and_area_of_what_is_there(frame: Frame) -> None:
    [house] = gathered(frame, plane_of((HOUSE, 0.9)))
    assert agreement(house.outline, on_map(HOUSE, frame)) > 0.95
    assert house.class_name == "building"
    assert house.area == pytest.approx(40 * 20 * 0.25, rel=0.03)
    assert 0.8 < house.score < 0.9


@pytest.mark.parametrize("high", [1, 7, 32, 100])
@pytest.mark.parametrize("class_name", ["building", "water"])
def test_objects_are_the_same_to_the_vertex_whatever_the_strips(frame: Frame, high: int, class_name: str) -> None:
    for seed in range(3):
        whole, strips = gathered(frame, rough(seed), class_name=class_name), gathered(frame, rough(seed), high, class_name)
        assert len(whole) > 5
        assert [one.outline.wkb for one in strips] == [one.outline.wkb for one in whole]
        assert [one.score for one in strips] == [one.score for one in whole]


@pytest.mark.parametrize("high", [3, 40])
def test_objects_too_large_to_hold_are_the_same_too(frame: Frame, high: int) -> None:
    for seed in range(3):
        whole, strips = (gathered(frame, rough(seed), one, "water", largest=500) for one in (SIDE, high))
        assert [one.outline.wkb for one in strips] == [one.outline.wkb for one in whole]
        assert all(one.outline.is_valid for one in whole)


def test_an_object_too_large_to_hold_looks_like_any_other(frame: Frame) -> None:
    [held] = gathered(frame, plane_of((POND, 0.9)), 10, "water")
    [large] = gathered(frame, plane_of((POND, 0.9)), 10, "water", largest=50)
    assert agreement(large.outline, held.outline) > 0.97
    assert large.score == pytest.approx(held.score)
    assert large.area == pytest.approx(held.area, rel=0.02)


def test_objects_are_there_before_the_last_strip(frame: Frame) -> None:
    gatherer = Gatherer(frame, "building", OutlineOptions())
    plane = plane_of((HOUSE, 0.9), (POND, 0.9))
    assert len(gatherer.take(0, plane[:70])) == 1
    assert len(gatherer.take(70, plane[70:])) == 1
    assert gatherer.finish() == []


def test_there_are_pauses_while_objects_are_drawn(frame: Frame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "PAUSE", 0.0)
    told = list(Gatherer(frame, "building", OutlineOptions()).taking(0, plane_of((HOUSE, 0.9), (POND, 0.9))))
    assert told == sorted(told)
    assert told[0] == 0
    assert told[-1] == 1


def test_an_object_as_large_as_a_town_can_be_given_up(frame: Frame, monkeypatch: pytest.MonkeyPatch) -> None:
    waited = threading.Event()
    monkeypatch.setattr(instances, "told_apart", lambda inside: waited.wait(10) and inside.astype(int))
    taking = Gatherer(frame, "building", OutlineOptions()).taking(0, plane_of((HOUSE, 0.9)))
    assert next(taking) == 0
    taking.close()
    assert not waited.is_set()
    waited.set()


def test_what_the_last_row_cuts_is_an_object_as_well(frame: Frame) -> None:
    assert len(gathered(frame, plane_of((box(20, 140, 60, SIDE), 0.9)))) == 1


TWO_HOUSES = box(20, 30, 45, 55).union(box(43, 40, 47, 45)).union(box(45, 30, 70, 55).difference(box(44, 20, 47, 60))), 0.9


def test_houses_that_touch_are_two_and_a_lake_with_a_waist_is_one(frame: Frame) -> None:
    plane = plane_of(TWO_HOUSES, blur=0.5)
    houses = gathered(frame, plane)
    assert len(houses) == 2
    assert shapely.intersection(*(house.outline for house in houses)).area < 0.01 * houses[0].outline.area
    assert len(gathered(frame, plane, class_name="water")) == 1


def test_weak_objects_come_below_a_half_and_only_apart_from_strong_ones(frame: Frame) -> None:
    halo = box(15, 25, 65, 55)
    [house, pond] = gathered(frame, plane_of((halo, 0.35), (HOUSE, 0.9), (POND, 0.4)))
    assert house.score > 0.5 > pond.score
    assert agreement(house.outline, on_map(HOUSE, frame)) > 0.9
    assert agreement(pond.outline, on_map(POND, frame)) > 0.85


def test_what_is_fainter_than_the_floor_or_a_fleck_is_no_object(frame: Frame) -> None:
    assert gathered(frame, plane_of((POND, 0.2), (box(20, 20, 22, 23), 0.95))) == []


def test_holes_are_kept_above_a_size_and_corners_squared_where_asked(frame: Frame) -> None:
    court = HOUSE.difference(box(35, 36, 45, 44)), 0.95
    [open_court] = gathered(frame, plane_of(court), class_name="water", min_hole=10.0)
    [filled] = gathered(frame, plane_of(court), class_name="water", min_hole=30.0)
    assert [len(one.outline.interiors) for one in (open_court, filled)] == [1, 0]
    [square] = gathered(frame, plane_of((HOUSE, 0.95)), right_angles=True)
    assert len(square.outline.exterior.coords) == 5


def test_ground_of_which_nothing_is_known_ends_an_object(frame: Frame) -> None:
    plane = plane_of((HOUSE, 0.95))
    plane[:, 40:] = 0
    [house] = gathered(frame, plane)
    assert agreement(house.outline, on_map(box(20, 30, 40, 50), frame)) > 0.93


@pytest.mark.parametrize("high", [3, 40, SIDE])
def test_a_town_too_large_to_hold_is_told_apart_all_the_same(frame: Frame, high: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instances, "BLOCK", 64)
    monkeypatch.setattr(instances, "AROUND", 32)
    houses = [box(x, y, x + 22, y + 22) for y in range(10, 130, 20) for x in range(10, 130, 20)]
    lanes = [box(x - 1, y - 1, x + 4, y + 4) for y in range(30, 130, 20) for x in range(30, 130, 20)]
    town = plane_of((shapely.union_all(houses).difference(shapely.union_all(lanes)), 0.9), blur=0.5)
    held, large = gathered(frame, town), gathered(frame, town, high, largest=500)
    assert len(held) == len(large) == 36
    best = [max(agreement(one.outline, other.outline) for other in held) for one in large]
    assert min(best) > 0.8
    assert [one.outline.wkb for one in large] == [one.outline.wkb for one in gathered(frame, town, 17, largest=500)]
