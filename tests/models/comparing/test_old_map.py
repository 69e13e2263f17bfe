"""The old map: what its words mean, where it lies, and what is wrong with some."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from affine import Affine
from pyproj import CRS, Transformer

from rasterscribe.models.classes import CLASSES
from rasterscribe.models.comparing.mapped_pair import NONE, UNMAPPED, MappedPair
from rasterscribe.models.comparing.old_map import map_notes, read_map
from rasterscribe.models.errors import ClassesUnknown, LayerMissing, LayerUnplaced, LayerUnreadable, MapEmpty, MapField
from rasterscribe.models.protocol import OldMap
from rasterscribe.models.raster import open_raster

UTM = CRS(32645)
LEFT, TOP = 350_000.0, 3_060_000.0
BOUNDS = (LEFT, TOP - 50, LEFT + 50, TOP)
BUILDING, WATER, FIELD = (1 + CLASSES.index(name) for name in ("building", "water", "field"))


@pytest.fixture
def write_map(tmp_path: Path):
    """write_map([(box in metres from the upper left corner, value)], field=...) -> path."""

    def write(rows, field="class", crs="EPSG:32645", name="map.gpkg") -> str:
        outlines = [one if isinstance(one, shapely.Geometry) else square(*one) for one, _ in rows]
        values = np.array([value for _, value in rows], object)
        wkb = np.array(shapely.to_wkb(outlines), object)
        path = tmp_path / name
        pyogrio.raw.write(path, wkb, [values], [field], crs=crs, geometry_type="Unknown", layer="map")
        return str(path)

    return write


def square(left: float, top: float, side: float = 10) -> shapely.Polygon:
    return shapely.box(LEFT + left, TOP - top - side, LEFT + left + side, TOP - top)


def test_words_in_any_spelling_are_classes(write_map, vocabulary):
    path = write_map([((0, 0), "House"), ((20, 0), "residential building"), ((0, 20), "Water_Body")])
    found = read_map(OldMap(path, field="class"), UTM, BOUNDS, vocabulary)
    assert dict(zip(found.names, (CLASSES[code] for code in found.codes), strict=True)) == {
        "House": "building", "residential building": "building", "Water_Body": "water"
    }  # fmt: skip
    assert found.classes == ("building", "water") and not map_notes(found)


def test_yes_means_the_class_that_the_field_is_named_after(write_map, vocabulary):
    path = write_map([((0, 0), "yes"), ((20, 0), "industrial"), ((30, 30), "no")], field="building")
    found = read_map(OldMap(path, field="building"), UTM, BOUNDS, vocabulary)
    assert dict(zip(found.names, found.codes >= 0, strict=True)) == {"yes": True, "industrial": True, "no": False}


def test_words_that_are_not_known_are_said(write_map, vocabulary):
    path = write_map([((0, 0), "house"), ((20, 0), "Wasser"), ((30, 30), 7), ((0, 30), None)])
    found = read_map(OldMap(path, field="class"), UTM, BOUNDS, vocabulary)
    assert found.not_understood == ("7", "Wasser")
    assert map_notes(found) == ("Of the old map, 3 of 4 polygons are of no class that the networks know: '7', 'Wasser'.",)


def test_all_polygons_may_be_of_one_class(write_map, vocabulary):
    path = write_map([((0, 0), "a"), ((20, 0), "b")])
    assert read_map(OldMap(path, class_name="Houses"), UTM, BOUNDS, vocabulary).classes == ("building",)
    with pytest.raises(ClassesUnknown, match="Wasser"):
        read_map(OldMap(path, class_name="Wasser"), UTM, BOUNDS, vocabulary)


def test_polygons_come_in_the_crs_of_the_grid_and_only_where_it_is(write_map, vocabulary):
    away = Transformer.from_crs(UTM, 4326, always_xy=True)
    there = shapely.transform(np.array([square(10, 10), square(500, 10)]), away.transform, interleaved=False)
    path = write_map([(one, "house") for one in there], crs="EPSG:4326")
    [outline] = read_map(OldMap(path, field="class"), UTM, BOUNDS, vocabulary).outlines
    assert shapely.hausdorff_distance(outline, square(10, 10)) < 0.01


def test_crossed_polygons_are_mended_and_lines_are_none(write_map, vocabulary):
    bow = shapely.Polygon([(LEFT, TOP), (LEFT + 10, TOP - 10), (LEFT + 10, TOP), (LEFT, TOP - 10)])
    path = write_map([(bow, "house"), (shapely.LineString([(LEFT, TOP), (LEFT + 9, TOP - 9)]), "road")])
    found = read_map(OldMap(path, field="class"), UTM, BOUNDS, vocabulary)
    assert shapely.is_valid(found.outlines).all() and found.outlines[0].area == pytest.approx(50) and len(found.outlines) == 1


def test_a_field_that_is_missing_is_said_with_those_that_there_are(write_map, vocabulary):
    path = write_map([((0, 0), "house")])
    with pytest.raises(MapField, match="it has class") as problem:
        read_map(OldMap(path, field="kind"), UTM, BOUNDS, vocabulary)
    assert problem.value.data["fields"] == ["class"]
    with pytest.raises(MapField, match="of which class"):
        read_map(OldMap(path), UTM, BOUNDS, vocabulary)


def test_a_field_of_codes_is_not_guessed_at(write_map, vocabulary):
    path = write_map([((0, 0), 1), ((20, 0), 2)])
    with pytest.raises(MapField, match="'1', '2'|'2', '1'") as problem:
        read_map(OldMap(path, field="class"), UTM, BOUNDS, vocabulary)
    assert sorted(problem.value.data["values"]) == ["1", "2"]


def test_what_is_wrong_with_a_map_is_said_in_a_sentence(write_map, vocabulary, tmp_path):
    path = write_map([((500, 0), "house")])
    with pytest.raises(MapEmpty, match="map.gpkg"):
        read_map(OldMap(path, field="class"), UTM, BOUNDS, vocabulary)
    with pytest.raises(LayerMissing):
        read_map(OldMap(str(tmp_path / "gone.gpkg"), class_name="house"), UTM, BOUNDS, vocabulary)
    with pytest.raises(LayerMissing, match="has no table 'other'"):
        read_map(OldMap(path, table="other", class_name="house"), UTM, BOUNDS, vocabulary)
    pyogrio.raw.write(
        path, np.array([shapely.to_wkb(square(0, 0))]), [], [], crs="EPSG:32645", geometry_type="Polygon", layer="other", append=True
    )
    with pytest.raises(LayerMissing, match="has several tables: map, other"):
        read_map(OldMap(path, class_name="house"), UTM, BOUNDS, vocabulary)
    assert len(read_map(OldMap(path, table="other", class_name="house"), UTM, BOUNDS, vocabulary).outlines) == 1
    path = write_map([((500, 0), "house")], name="one.gpkg")
    with pytest.raises(LayerUnplaced):
        read_map(OldMap(path, field="class"), None, BOUNDS, vocabulary)
    (tmp_path / "text.gpkg").write_text("nothing")
    (tmp_path / "broken.gpkg").write_bytes(b"SQLite format 3\0" + b"x" * 5000)  # of which GDAL says more than an analyst wants to hear
    for name in ("text.gpkg", "broken.gpkg"):
        with pytest.raises(LayerUnreadable), warnings.catch_warnings():
            warnings.simplefilter("error")
            read_map(OldMap(str(tmp_path / name), class_name="house"), UTM, BOUNDS, vocabulary)


@pytest.fixture
def mapped(write_map, write_raster, vocabulary):
    """mapped(rows, asked): a raster of 100 x 100 pixels of half a metre with the map as its last channel."""

    def make(rows, asked) -> MappedPair:
        raster = open_raster(write_raster(np.full((3, 100, 100), 90, np.uint8), transform=Affine(0.5, 0, LEFT, 0, -0.5, TOP)))
        polygons = read_map(OldMap(write_map(rows), field="class"), UTM, BOUNDS, vocabulary)
        return MappedPair(raster, polygons, asked)

    return make


def test_the_map_is_drawn_beside_the_pixels_small_things_on_large_ones(mapped):
    pair = mapped([(square(10, 10, 30), "field"), (square(20, 20, 5), "house"), (square(30, 10, 4), "Wasser")], ["building", "water"])
    seen = pair.read(0, 0, 100, 100, 100, 100)
    assert seen.rgb.shape == (100, 100, 4) and (seen.rgb[..., :3] == seen.rgb[0, 0, 0]).all() and seen.valid.all()
    drawn = seen.rgb[..., 3]
    assert (drawn[40:50, 40:50] == BUILDING).all() and drawn[25, 25] == FIELD and drawn[22, 62] == UNMAPPED
    assert drawn[5, 5] == UNMAPPED  # a map without water does not say where there is none


def test_a_window_shows_what_the_whole_does(mapped):
    pair = mapped([(square(10, 10, 30), "field"), (square(20, 20, 5), "house")], ["building"])
    whole = pair.read(0, 0, 100, 100, 100, 100).rgb
    assert np.array_equal(pair.read(30, 35, 20, 30, 20, 30).rgb, whole[35:65, 30:50])
    assert pair.read(30, 35, 20, 30, 40, 60).rgb[12, 22, 3] == BUILDING
    assert (pair.read(-50, 0, 40, 40, 40, 40).rgb[..., 3] == UNMAPPED).all()


def test_ground_between_polygons_is_none_of_the_classes_that_the_map_has(mapped):
    pair = mapped([((10, 10), "house"), ((30, 10), "house")], ["building"])
    drawn = pair.read(0, 0, 100, 100, 100, 100).rgb[..., 3]
    assert drawn[30, 50] == NONE and drawn[30, 30] == BUILDING and drawn[5, 5] == UNMAPPED


def test_another_map_makes_another_source(mapped):
    one, same, other = (mapped([((left, 10), "house")], ["building"]) for left in (10, 10, 11))
    assert one.polygons.digest == same.polygons.digest != other.polygons.digest
    assert one.identity[1:] == same.identity[1:] != other.identity[1:]
    assert np.array_equal(other.another().read(0, 0, 9, 9, 9, 9).rgb, other.read(0, 0, 9, 9, 9, 9).rgb)
