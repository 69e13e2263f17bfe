"""What --area may name: four numbers, or any file with polygons."""

from __future__ import annotations

import json

import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import Transformer
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from rasterscribe.models.errors import AreaOutside, AreaUnreadable
from rasterscribe.models.raster import open_raster
from rasterscribe.models.surveying.area import area_of

UTM = "EPSG:32645"
LEFT, TOP = 350000, 3060000


@pytest.fixture
def raster(write_raster):
    """100 x 60 m in UTM."""
    return open_raster(write_raster(np.zeros((1, 120, 200), np.uint8)))


@pytest.fixture
def write_area(tmp_path):
    def write(geometries, name="area.gpkg", crs=UTM, **options):
        path = tmp_path / name
        geometry = shapely.to_wkb(np.array(geometries, object))
        pyogrio.raw.write(path, geometry, [], [], geometry_type="Unknown", crs=crs, **options)
        return str(path)

    return write


HOUSE = box(LEFT + 10, TOP - 30, LEFT + 20, TOP - 20)
SHED = box(LEFT + 15, TOP - 40, LEFT + 40, TOP - 25)


@pytest.mark.parametrize("spec", ["350010,3059970,350020,3059980", " 350020, 3059980 ,350010,3059970", "3.5001e5,3059970,350020,3.05998e6"])
def test_four_numbers_are_a_rectangle_whichever_corners_they_are(raster, spec):
    assert area_of(spec, raster).equals(HOUSE)


def test_all_polygons_of_a_file_are_united(raster, write_area):
    assert area_of(write_area([HOUSE, SHED]), raster).equals(HOUSE.union(SHED))
    apart = MultiPolygon([HOUSE, box(LEFT + 50, TOP - 9, LEFT + 60, TOP - 1)])
    assert area_of(write_area([apart], "apart.gpkg"), raster).equals(apart)


def test_every_layer_counts(raster, write_area):
    write_area([HOUSE], layer="houses")
    path = write_area([SHED], layer="sheds", append=True)
    assert area_of(path, raster).equals(HOUSE.union(SHED))


def test_points_and_lines_beside_the_polygons_are_left_out(raster, write_area):
    assert area_of(write_area([HOUSE, Point(LEFT, TOP), LineString([(LEFT, TOP), (LEFT + 9, TOP)])]), raster).equals(HOUSE)


def test_a_polygon_that_crosses_itself_is_mended(raster, write_area):
    bow = Polygon([(LEFT, TOP), (LEFT + 10, TOP - 10), (LEFT + 10, TOP), (LEFT, TOP - 10)])
    assert area_of(write_area([bow]), raster).area == pytest.approx(50)


def test_a_file_in_another_crs_is_brought_to_the_rasters(raster, write_area):
    to_degrees = Transformer.from_crs(UTM, "EPSG:4326", always_xy=True)
    degrees = shapely.transform(HOUSE, to_degrees.transform, interleaved=False)
    for name in ("area.geojson", "area.gpkg"):
        found = area_of(write_area([degrees], name, "EPSG:4326"), raster)
        assert found.symmetric_difference(HOUSE).area < 0.01


def test_a_file_without_a_crs_is_in_the_rasters(raster, write_area):
    with pytest.warns(UserWarning, match="crs"):
        path = write_area([HOUSE], crs=None)
    assert area_of(path, raster).equals(HOUSE)


def test_a_raster_without_a_crs_takes_numbers_and_files_without_one(write_raster, write_area):
    raster = open_raster(write_raster(np.zeros((1, 60, 100), np.uint8), crs=None, transform=None))
    assert area_of("0,0,10,-10", raster).equals(box(0, -10, 10, 0))
    with pytest.raises(AreaUnreadable, match="the raster has none") as caught:
        area_of(write_area([HOUSE]), raster)
    assert "x0,y0,x1,y1" in caught.value.remedy


@pytest.mark.parametrize("spec", ["0,0,10,10", "349000,3059900,350000,3060000"])
def test_a_rectangle_beside_the_raster_is_refused(raster, spec):
    with pytest.raises(AreaOutside):
        area_of(spec, raster)


def test_a_file_beside_the_raster_is_refused(raster, write_area):
    with pytest.raises(AreaOutside):
        area_of(write_area([shapely.affinity.translate(HOUSE, 5000)]), raster)


@pytest.mark.parametrize("spec", ["1,1,1,5", "0,0,nan,1", "0,0,inf,1"])
def test_a_rectangle_without_extent_is_refused(raster, spec):
    with pytest.raises(AreaUnreadable, match="no extent"):
        area_of(spec, raster)


@pytest.mark.parametrize("spec", ["nowhere.gpkg", "1,2,3", "", "a,b,c,d"])
def test_a_file_that_is_not_there_is_said(raster, spec):
    with pytest.raises(AreaUnreadable, match="There is no"):
        area_of(spec, raster)


def test_what_is_no_vector_file_is_said(raster, tmp_path):
    (tmp_path / "area.gpkg").write_text("no")
    with pytest.raises(AreaUnreadable, match="cannot be read"):
        area_of(str(tmp_path / "area.gpkg"), raster)
    with pytest.raises(AreaUnreadable):
        area_of(str(tmp_path), raster)


def test_a_file_without_polygons_is_said(raster, write_area, tmp_path):
    with pytest.raises(AreaUnreadable, match="no polygon"):
        area_of(write_area([Point(LEFT, TOP)]), raster)
    empty = tmp_path / "empty.geojson"
    empty.write_text(json.dumps({"type": "FeatureCollection", "features": []}))
    with pytest.raises(AreaUnreadable, match="no polygon"):
        area_of(str(empty), raster)
