"""Objects end up in a GeoPackage, whole or not at all."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import CRS
from shapely.geometry import MultiPolygon, box

from rasterscribe.models import results
from rasterscribe.models.errors import DiskFull, OutputUnwritable
from rasterscribe.models.results import Object, write_objects

METRES = CRS("EPSG:32645")
HOUSE = Object(box(0, 0, 10, 10), score=0.9, area=100.0, model="click", prompt="+ 5 5", class_name="building")
SHEDS = Object(MultiPolygon([box(20, 0, 22, 2), box(24, 0, 26, 2)]), score=0.5, area=8.0, model="click", prompt="+ 21 1")


def rows(path: Path) -> list[tuple]:
    with sqlite3.connect(path) as database:
        return database.execute('select class, score, area_m2, model, prompt, made_at from "objects"').fetchall()


def test_every_object_is_a_row_with_its_attributes(tmp_path: Path) -> None:
    write_objects(tmp_path / "a.gpkg", [HOUSE, SHEDS], METRES, {})
    assert [row[:5] for row in rows(tmp_path / "a.gpkg")] == [
        ("building", 0.9, 100.0, "click", "+ 5 5"),
        ("", 0.5, 8.0, "click", "+ 21 1"),
    ]


def test_outlines_are_multipolygons_in_the_rasters_crs(tmp_path: Path) -> None:
    write_objects(tmp_path / "a.gpkg", [HOUSE, SHEDS], METRES, {})
    info, _, geometry, _ = pyogrio.raw.read(tmp_path / "a.gpkg")
    assert info["crs"] == "EPSG:32645"
    assert info["geometry_type"] == "MultiPolygon"
    assert np.allclose(shapely.area(shapely.from_wkb(geometry)), [100, 8])


def test_the_time_is_utc_and_says_so(tmp_path: Path) -> None:
    write_objects(tmp_path / "a.gpkg", [HOUSE], METRES, {})
    made_at = rows(tmp_path / "a.gpkg")[0][5]
    assert made_at.endswith("Z")
    assert datetime.now(timezone.utc) - datetime.fromisoformat(made_at.replace("Z", "+00:00")) < timedelta(minutes=1)


def test_provenance_is_in_the_tables_metadata(tmp_path: Path) -> None:
    write_objects(tmp_path / "a.gpkg", [HOUSE], METRES, {"raster": "grün.tif", "options": {"smooth": True}})
    metadata = pyogrio.read_info(tmp_path / "a.gpkg")["layer_metadata"]
    assert metadata["raster"] == "grün.tif"
    assert json.loads(metadata["options"]) == {"smooth": True}


def test_no_objects_give_an_empty_table(tmp_path: Path) -> None:
    write_objects(tmp_path / "a.gpkg", [], METRES, {})
    assert rows(tmp_path / "a.gpkg") == []


def test_without_a_crs_the_area_in_square_metres_is_unknown(tmp_path: Path) -> None:
    write_objects(tmp_path / "a.gpkg", [Object(box(0, 0, 1, 1), 0.9, None, "click", "")], None, {})
    assert rows(tmp_path / "a.gpkg")[0][2] is None


def test_a_path_may_have_spaces_and_umlauts(tmp_path: Path) -> None:
    folder = tmp_path / "meine Häuser"
    folder.mkdir()
    write_objects(folder / "alle Häuser.gpkg", [HOUSE], METRES, {})
    assert [file.name for file in folder.iterdir()] == ["alle Häuser.gpkg"]


def test_a_former_file_is_replaced(tmp_path: Path) -> None:
    for objects in ([HOUSE, SHEDS], [HOUSE]):
        write_objects(tmp_path / "a.gpkg", objects, METRES, {})
    assert len(rows(tmp_path / "a.gpkg")) == 1


@pytest.mark.parametrize(
    ("said", "problem"),
    [("sqlite3_step() failed: database or disk is full", DiskFull), ("attempt to write a readonly database", OutputUnwritable)],
)
def test_a_write_that_fails_leaves_the_former_file_and_nothing_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, problem: type[Exception]
) -> None:
    write_objects(tmp_path / "a.gpkg", [HOUSE], METRES, {})

    def fail(path: Path, **_: object) -> None:
        path.write_bytes(b"half")
        path.with_name(path.name + "-journal").write_bytes(b"half")
        raise pyogrio.errors.DataSourceError(said)

    monkeypatch.setattr(results.pyogrio.raw, "write", fail)
    with pytest.raises(problem):
        write_objects(tmp_path / "a.gpkg", [HOUSE, SHEDS], METRES, {})
    assert [file.name for file in tmp_path.iterdir()] == ["a.gpkg"]
    assert len(rows(tmp_path / "a.gpkg")) == 1


def test_a_table_that_lacks_rows_after_writing_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = pyogrio.raw.write
    monkeypatch.setattr(results.pyogrio.raw, "write", lambda path, **rest: write(path, **{**rest, **NOTHING}))
    with pytest.raises(OutputUnwritable):
        write_objects(tmp_path / "a.gpkg", [HOUSE], METRES, {})
    assert list(tmp_path.iterdir()) == []


NOTHING = {"geometry": np.array([], object), "field_data": [np.array([], object)] * 6, "gdal_tz_offsets": {}}


@pytest.mark.parametrize("target", ["nowhere/a.gpkg", "."])
def test_a_path_that_cannot_be_a_file_is_a_problem(tmp_path: Path, target: str) -> None:
    with pytest.raises(OutputUnwritable):
        write_objects(tmp_path / target, [HOUSE], METRES, {})
