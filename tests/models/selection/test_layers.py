"""Vector layers that a phrase names come as geometries on the raster, whatever their file, table and CRS."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import CRS, Transformer
from shapely.geometry import LineString, MultiPoint, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from rasterscribe.models.errors import LayerMissing, LayerUnplaced, LayerUnreadable
from rasterscribe.models.selection.layers import Source, named_layers

METRES, DEGREES = CRS("EPSG:32645"), CRS("EPSG:4326")
AREA = (500_000.0, 3_060_000.0, 501_000.0, 3_061_000.0)  # a square kilometre
MIDDLE = Point(500_500, 3_060_500)


def in_degrees(geometry: BaseGeometry) -> BaseGeometry:
    onto = Transformer.from_crs(METRES, DEGREES, always_xy=True)
    return shapely.transform(geometry, onto.transform, interleaved=False)


def write(path: Path, geometries: Sequence[BaseGeometry | None], crs: CRS | None, table: str = "main", **rest: object) -> str:
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.array(geometries, object)),
        field_data=[np.arange(len(geometries))],
        fields=["width"],
        layer=table,
        geometry_type="Unknown",
        crs=crs.to_wkt() if crs else None,
        **rest,
    )
    return str(path)


def read(source: str, crs: CRS | None = METRES, reach: float = 0.0) -> list[BaseGeometry]:
    return list(named_layers({"it": source}, crs, AREA, reach)["it"])


def test_points_lines_and_polygons_come_in_the_rasters_crs(tmp_path: Path) -> None:
    there = [
        MIDDLE,
        LineString([(500_000, 3_060_000), (501_000, 3_061_000)]),
        MIDDLE.buffer(10),
        MultiPoint([MIDDLE, (500_600, 3_060_600)]),
    ]
    for name, crs, geometries in (("a.gpkg", METRES, there), ("b.geojson", DEGREES, [in_degrees(one) for one in there])):
        found = read(write(tmp_path / name, geometries, crs))
        assert [one.geom_type for one in found] == ["Point", "LineString", "Polygon", "MultiPoint"]
        assert all(one.hausdorff_distance(truth) < 0.01 for one, truth in zip(found, there, strict=True))


def test_a_source_is_read_as_qgis_writes_it(tmp_path: Path) -> None:
    path = write(tmp_path / "straßen und wege.gpkg", [MIDDLE], METRES)
    write(Path(path), [MIDDLE.buffer(1), MIDDLE.buffer(2), MIDDLE.buffer(3)], METRES, table="areas", append=True)
    assert [one.geom_type for one in read(f"{path}|layername=areas")] == ["Polygon"] * 3
    assert len(read(f"{path}|layername=areas|subset=width > 0 or 'a|b' = ''")) == 2
    assert [one.geom_type for one in read(f"{path}|layerid=0")] == ["Point"]
    assert Source.of("a.shp") == ("a.shp", None, None)


def test_only_what_is_near_the_area_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gpkg", [MIDDLE, Point(501_900, 3_060_500), Point(510_000, 3_060_500)], METRES)
    assert len(read(path)) == 2
    assert len(read(path, reach=10_000)) == 3


def test_a_layer_of_the_whole_world_is_cut_before_it_is_projected(tmp_path: Path) -> None:
    world = box(-180, -90, 180, 90)
    (found,) = read(write(tmp_path / "a.gpkg", [world], DEGREES))
    assert found.covers(box(*AREA))
    assert found.area < 1e8


def test_what_is_null_empty_or_crosses_itself_is_no_harm(tmp_path: Path) -> None:
    bow_tie = Polygon([(500_000, 3_060_000), (500_010, 3_060_010), (500_010, 3_060_000), (500_000, 3_060_010)])
    (found,) = read(write(tmp_path / "a.gpkg", [None, Point(), bow_tie], METRES))
    assert found.is_valid
    assert found.area == pytest.approx(50)


def test_heights_are_left_out(tmp_path: Path) -> None:
    (found,) = read(write(tmp_path / "a.gpkg", [Point(500_500, 3_060_500, 12)], METRES))
    assert not found.has_z


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_without_a_crs_on_either_side_coordinates_are_those_of_the_raster(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gpkg", [MIDDLE], None)
    assert read(path, crs=None) == [MIDDLE]


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
@pytest.mark.parametrize(("own", "raster"), [(None, METRES), (METRES, None)])
def test_a_crs_on_one_side_only_is_a_problem(tmp_path: Path, own: CRS | None, raster: CRS | None) -> None:
    with pytest.raises(LayerUnplaced):
        read(write(tmp_path / "a.gpkg", [MIDDLE], own), crs=raster)


def test_a_file_or_a_table_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gpkg", [MIDDLE], METRES)
    for source in (str(tmp_path / "b.gpkg"), "", f"{path}|layername=other"):
        with pytest.raises(LayerMissing) as problem:
            read(source)
        assert problem.value.data["layer"] == "it"


def test_a_file_that_is_no_vector_layer_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.gpkg").write_bytes(b"no database")
    (tmp_path / "a.csv").write_text("name,height\nhouse,3\n")
    for name in ("a.gpkg", "a.csv"):
        with pytest.raises(LayerUnreadable):
            read(str(tmp_path / name))


def test_a_subset_that_is_no_sql_is_a_problem(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gpkg", [MIDDLE], METRES)
    with pytest.raises(LayerUnreadable):
        read(f"{path}|subset=no such thing")
