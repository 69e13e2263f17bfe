"""An image against an old map: what was lost, what is new, and how the two lie to each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import shapely
from affine import Affine

from rasterscribe.models.classes import BACKGROUND, CLASSES
from rasterscribe.models.comparing.map_alone import LostAndNew, MapAlone, lost_and_new
from rasterscribe.models.comparing.map_shift import map_shift
from rasterscribe.models.comparing.old_map import NOTHING, MapPolygons
from rasterscribe.models.raster import Raster, open_raster
from rasterscribe.models.surveying.lanes import Looker
from rasterscribe.models.surveying.scratch import Scratch

SIDE, PIXEL = 320, 0.5
LEFT, TOP = 350_000.0, 3_060_000.0
PLACES = [(20 + 50 * row, 20 + 50 * col) for row in range(6) for col in range(6)]  # rows and columns of houses
HOUSE, POND = (220, 30, 30), (30, 30, 220)


def house(row: float, col: float, size: int = 18) -> shapely.Polygon:
    """In map coordinates, of a place in pixels."""
    return shapely.box(LEFT + col * PIXEL, TOP - (row + size) * PIXEL, LEFT + (col + size) * PIXEL, TOP - row * PIXEL)


@pytest.fixture
def raster(write_raster):
    """raster(places of red squares): an open raster with them; also without data where asked."""

    def make(places: Sequence[tuple[int, int]], blank: slice | None = None) -> Raster:
        rgb = np.full((3, SIDE, SIDE), 90, np.uint8)
        for row, col in places:
            rgb[:, row : row + 18, col : col + 18] = np.reshape(HOUSE, (3, 1, 1))
        rgb[:, 302:318, 2:60] = np.reshape(POND, (3, 1, 1))
        if blank is not None:
            rgb[:, :, blank] = 0
        path = write_raster(rgb, transform=Affine(PIXEL, 0, LEFT, 0, -PIXEL, TOP), nodata=0)
        return open_raster(path, stretch=((0, 255),) * 3)

    return make


def colour_looker(names: Sequence[str]) -> Looker:
    """Red is a building, blue is water; sure, and blurred as networks are."""

    def look(views: np.ndarray) -> np.ndarray:
        seen = {"building": views[..., 0] > 150, "water": views[..., 2] > 150}
        return np.stack([np.where(seen[name], 3.0, -3.0) for name in names], axis=1).astype(np.float32)

    return Looker(128, len(names), f"colours {names}", look)


def the_map(outlines: Sequence[shapely.Polygon], codes: Sequence[int] | None = None) -> MapPolygons:
    count = len(outlines)
    codes = [CLASSES.index("building")] * count if codes is None else codes
    return MapPolygons(np.array(outlines, object), np.array(codes), np.arange(count), ("",) * count, "map.gpkg")


def carried_out(raster: Raster, polygons: MapPolygons, folder: Path, **options) -> LostAndNew:
    scratch = Scratch(folder / "out.gpkg", {"job": "map"})
    steps = lost_and_new(MapAlone(raster, polygons, options.pop("classes", ("building",)), colour_looker, **options), scratch)
    told = 0.0
    try:
        while True:
            done, _, _ = next(steps)
            assert told <= done <= 1
            told = done
    except StopIteration as end:
        return end.value
    finally:
        scratch.clear()


def overlap(one: shapely.Polygon, other: shapely.Polygon) -> float:
    return one.intersection(other).area / one.union(other).area


def test_a_house_that_is_gone_and_one_that_is_new_are_found_and_nothing_else(raster, tmp_path):
    standing, gone, new = PLACES[:30], PLACES[30:32], PLACES[33:34]
    found = carried_out(raster([*standing, *new]), the_map([house(*place) for place in [*standing, *gone]]), tmp_path)
    lost = [one for one in found.changes if one.kind == "disappeared"]
    [appeared] = [one for one in found.changes if one.kind == "appeared"]
    assert {shapely.to_wkt(one.outline) for one in lost} == {shapely.to_wkt(house(*place)) for place in gone}
    assert all(one.score > 0.9 and (one.from_class, one.to_class) == ("building", BACKGROUND) for one in lost)
    assert overlap(appeared.outline, house(*new[0])) > 0.9 and appeared.score > 0.9
    assert (appeared.from_class, appeared.to_class, appeared.class_name) == (BACKGROUND, "building", "building")
    assert appeared.area == pytest.approx(81, rel=0.1)


def test_a_map_that_lies_beside_the_image_is_brought_onto_it_first(raster, tmp_path):
    moved = [house(row + 3, col - 4) for row, col in PLACES]
    found = carried_out(raster(PLACES), the_map(moved), tmp_path)
    assert found.shift is not None and found.shift.corrected
    assert (found.shift.x, found.shift.y) == (pytest.approx(4, abs=0.3), pytest.approx(-3, abs=0.3))
    assert found.shift.metres == pytest.approx(2.5, abs=0.2) and not found.changes


def test_where_nothing_of_the_map_is_to_be_seen_that_is_said(raster, tmp_path):
    found = carried_out(raster([]), the_map([house(*place) for place in PLACES]), tmp_path)
    assert found.shift is None and "Too little of the old map" in found.notes[0]
    assert len(found.changes) == len(PLACES)


def test_ground_without_data_is_not_compared_and_nothing_is_lost_there(raster, tmp_path):
    found = carried_out(raster(PLACES, blank=slice(160, None)), the_map([house(*place) for place in PLACES]), tmp_path)
    assert not found.changes
    area = 250 * PIXEL
    assert found.compared + found.not_compared == pytest.approx((268 * PIXEL) ** 2, rel=0.05) and found.not_compared > area
    assert sum(gap.area for gap in found.gaps) == pytest.approx(found.not_compared, rel=0.02)


def test_the_rim_of_a_roof_that_is_drawn_too_small_is_no_new_house(raster, tmp_path):
    narrow = [house(row + 3, col + 3, 12) for row, col in PLACES]
    assert not carried_out(raster(PLACES), the_map(narrow), tmp_path).changes


def test_what_nobody_knows_may_be_the_thing_that_is_seen_there(raster, tmp_path):
    codes = [CLASSES.index("building")] * 30 + [NOTHING] * 6
    found = carried_out(raster(PLACES), the_map([house(*place) for place in PLACES], codes), tmp_path)
    assert not found.changes


def test_a_class_that_the_map_lacks_is_all_new_and_that_is_said(raster, tmp_path):
    area = shapely.box(LEFT, TOP - SIDE * PIXEL, LEFT + SIDE * PIXEL, TOP)
    options = {"classes": ("building", "water"), "area": area}
    found = carried_out(raster(PLACES), the_map([house(*place) for place in PLACES]), tmp_path, **options)
    [pond] = found.changes
    assert pond.class_name == "water" and pond.kind == "appeared"
    assert found.notes == ("The old map has no water: all that is there counts as new.",)


def test_what_is_smaller_than_all_that_the_map_has_is_not_lacking(raster, tmp_path):
    mapped = [house(row, col, 32) for row, col in PLACES[:6:2]]
    found = carried_out(raster(PLACES[:4]), the_map(mapped), tmp_path)
    assert not [one for one in found.changes if one.kind == "appeared"]
    found = carried_out(raster(PLACES[:4]), the_map([house(*place) for place in (*PLACES[:2], PLACES[3])]), tmp_path)
    assert [one.kind for one in found.changes if one.kind == "appeared"] == ["appeared"]


def test_small_changes_can_be_left_out(raster, tmp_path):
    found = carried_out(raster(PLACES[:30]), the_map([house(*place) for place in PLACES]), tmp_path, min_area=100)
    assert not found.changes


def test_the_shift_is_told_to_parts_of_a_pixel_and_its_doubt_by_how_blocks_agree():
    outlines = [shapely.box(col, row, col + 18, row + 18) for row, col in PLACES]
    plane = np.ones((SIDE, SIDE), np.uint8)
    for row, col in PLACES:
        plane[row + 2 : row + 20, col - 1 : col + 17] = 255

    def read(col: int, row: int, width: int, height: int) -> np.ndarray:
        return np.pad(plane, 20)[row + 20 : row + 20 + height, col + 20 : col + 20 + width]

    lies = map_shift(outlines, read)
    assert lies is not None and (lies.x, lies.y) == (pytest.approx(-1, abs=0.1), pytest.approx(2, abs=0.1))
    assert lies.uncertainty == 0.5
    assert map_shift(outlines[:5], read) is None
