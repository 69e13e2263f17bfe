"""Objects end up in a GeoPackage, whole or not at all."""

from __future__ import annotations

import json
import resource
import shutil
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import CRS
from shapely.geometry import MultiPolygon, box

from rasterscribe.models.errors import DiskFull, OutputUnwritable
from rasterscribe.models.objects import results
from rasterscribe.models.objects.results import Object, write_objects

METRES = CRS("EPSG:32645")
HOUSE = Object(box(0, 0, 10, 10), score=0.9, area=100.0, model="click", prompt="+ 5 5", class_name="building")
SHEDS = Object(MultiPolygon([box(20, 0, 22, 2), box(24, 0, 26, 2)]), score=0.5, area=8.0, model="click", prompt="+ 21 1")

THEN = datetime(2026, 1, 2, 3, 4, 5, 678_900, timezone.utc)


def row_of_houses(count: int) -> list[Object]:
    return [replace(HOUSE, outline=box(20 * number, 0, 20 * number + 10, 10), area=float(number)) for number in range(count)]


def opened_as_qgis_does(path: Path) -> sqlite3.Connection:
    """A connection in write-ahead mode whose last edit has not been merged into the file."""
    database = sqlite3.connect(path)
    database.execute("pragma journal_mode = wal")
    for (trigger,) in database.execute("select name from sqlite_master where type = 'trigger'").fetchall():
        database.execute(f'drop trigger "{trigger}"')  # they call functions that GDAL brings
    database.execute("update objects set class = 'edited'")
    database.commit()
    return database


def rows(path: Path) -> list[tuple]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute('select class, score, area_m2, model, prompt, made_at from "objects"').fetchall()


def test_every_object_is_a_row_with_its_attributes(tmp_path: Path) -> None:
    write_objects(tmp_path / "a.gpkg", [HOUSE, SHEDS], METRES, {})
    assert [row[:5] for row in rows(tmp_path / "a.gpkg")] == [
        ("building", 0.9, 100.0, "click", "+ 5 5"),
        ("", 0.5, 8.0, "click", "+ 21 1"),
    ]


def test_outlines_are_multipolygons_in_the_rasters_crs(tmp_path: Path) -> None:
    write_objects(tmp_path / "a.gpkg", [HOUSE, SHEDS], METRES, {})
    info, _, geometry, _ = pyogrio.raw.read(tmp_path / "a.gpkg", layer="objects")
    assert info["crs"] == "EPSG:32645"
    assert info["geometry_type"] == "MultiPolygon"
    assert np.allclose(shapely.area(shapely.from_wkb(geometry)), [100, 8])


def test_the_time_is_utc_and_says_so(tmp_path: Path) -> None:
    write_objects(tmp_path / "a.gpkg", [HOUSE], METRES, {})
    made_at = rows(tmp_path / "a.gpkg")[0][5]
    assert made_at.endswith("Z")
    assert datetime.now(timezone.utc) - datetime.fromisoformat(made_at.replace("Z", "+00:00")) < timedelta(minutes=1)


def test_a_time_that_is_given_is_that_of_the_objects(tmp_path: Path) -> None:
    write_objects(tmp_path / "a.gpkg", [HOUSE], METRES, {}, THEN)
    assert rows(tmp_path / "a.gpkg")[0][5] == "2026-01-02T03:04:05.678Z"


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 50])
def test_the_same_objects_and_time_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(results, "BATCH", 8)
    for name in ("a.gpkg", "b.gpkg"):
        write_objects(tmp_path / name, row_of_houses(count), METRES, {"raster": "a.tif"}, THEN)
        time.sleep(0.01)  # GDAL's clock has milliseconds
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()
    assert [row[2] for row in rows(tmp_path / "a.gpkg")] == [float(number) for number in range(count)]


def test_gdals_clock_goes_on_afterwards(tmp_path: Path) -> None:
    write_objects(tmp_path / "a.gpkg", [HOUSE], METRES, {}, THEN)
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_the_file_brings_a_style_by_class_that_qgis_finds(tmp_path: Path) -> None:
    write_objects(tmp_path / "a.gpkg", [HOUSE, replace(HOUSE, class_name='<odd> & "new"')], METRES, {})
    asked = "select styleQML from layer_styles where f_table_schema = '' and f_table_name = 'objects' and f_geometry_column = 'geom'"
    with sqlite3.connect(tmp_path / "a.gpkg") as database:
        ((document,),) = database.execute(f"{asked} and useAsDefault = 1")
        assert database.execute("select column_name from gpkg_geometry_columns").fetchall() == [("geom",)]
    renderer = ElementTree.fromstring(document).find("renderer-v2")
    assert renderer is not None and renderer.get("attr") == "class"
    assert [category.get("value") for category in renderer.iter("category")] == ["building", '<odd> & "new"']
    fills = [option.get("value") for option in renderer.iter("Option") if option.get("name") == "color"]
    assert fills[0] == "228,87,46,90"
    assert len(fills) == 2


def test_provenance_is_in_the_tables_metadata(tmp_path: Path) -> None:
    write_objects(tmp_path / "a.gpkg", [HOUSE], METRES, {"raster": "grün.tif", "options": {"smooth": True}})
    metadata = pyogrio.read_info(tmp_path / "a.gpkg", layer="objects")["layer_metadata"]
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


def test_what_is_unfinished_lies_in_the_folder_that_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, replaced = tmp_path / "scratch", []
    folder.mkdir()
    monkeypatch.setattr(results.os, "replace", lambda source, target: replaced.append((source.parent, target)))
    write_objects(tmp_path / "a.gpkg", [HOUSE], METRES, {}, folder=folder)
    assert replaced == [(folder, tmp_path / "a.gpkg")]


def test_a_table_that_lacks_rows_after_writing_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = pyogrio.raw.write

    def write_nothing(path: Path, **rest: Any) -> None:
        write(path, **{**rest, **(NOTHING if rest["layer"] == "objects" else {})})

    monkeypatch.setattr(results.pyogrio.raw, "write", write_nothing)
    with pytest.raises(OutputUnwritable):
        write_objects(tmp_path / "a.gpkg", [HOUSE], METRES, {})
    assert list(tmp_path.iterdir()) == []


NOTHING = {"geometry": np.array([], object), "field_data": [np.array([], object)] * 6, "gdal_tz_offsets": {}}


def test_a_disk_that_fills_up_in_the_middle_leaves_the_former_file(tmp_path: Path) -> None:
    write_objects(tmp_path / "a.gpkg", [HOUSE], METRES, {})
    before = (tmp_path / "a.gpkg").read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 200_000, limits[1]))
    try:
        with pytest.raises((DiskFull, OutputUnwritable)):
            write_objects(tmp_path / "a.gpkg", row_of_houses(20_000), METRES, {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [file.name for file in tmp_path.iterdir()] == ["a.gpkg"]
    assert (tmp_path / "a.gpkg").read_bytes() == before


def test_a_file_that_another_program_keeps_open_is_a_problem_at_once(tmp_path: Path) -> None:
    write_objects(tmp_path / "a.gpkg", [HOUSE], METRES, {})
    with closing(opened_as_qgis_does(tmp_path / "a.gpkg")):
        with pytest.raises(OutputUnwritable, match="open in another program"):
            results.check_place(tmp_path / "a.gpkg")
        with pytest.raises(OutputUnwritable):
            write_objects(tmp_path / "a.gpkg", [HOUSE, SHEDS], METRES, {})
        assert rows(tmp_path / "a.gpkg")[0][0] == "edited"
    write_objects(tmp_path / "a.gpkg", [HOUSE, SHEDS], METRES, {})
    assert len(rows(tmp_path / "a.gpkg")) == 2


def test_what_a_program_that_died_left_beside_the_former_file_does_no_harm(tmp_path: Path) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    there.mkdir()
    write_objects(there / "a.gpkg", [HOUSE], METRES, {})
    with closing(opened_as_qgis_does(there / "a.gpkg")):
        shutil.copytree(there, here)
    assert (here / "a.gpkg-wal").stat().st_size > 0
    write_objects(here / "a.gpkg", [SHEDS], METRES, {})
    assert [file.name for file in here.iterdir()] == ["a.gpkg"]
    assert [row[2] for row in rows(here / "a.gpkg")] == [8.0]


@pytest.mark.parametrize("content", [b"", b"a text", b"SQLite format 3\0 and then nonsense"])
def test_a_former_file_of_any_kind_is_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.gpkg").write_bytes(content)
    write_objects(tmp_path / "a.gpkg", [HOUSE], METRES, {})
    assert len(rows(tmp_path / "a.gpkg")) == 1


def test_a_file_that_cannot_be_replaced_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_objects(tmp_path / "a[1].gpkg", [HOUSE], METRES, {})

    def refuse(*_: object) -> None:
        raise PermissionError("used by another process")  # as Windows does

    monkeypatch.setattr(results.os, "replace", refuse)
    with pytest.raises(OutputUnwritable):
        write_objects(tmp_path / "a[1].gpkg", [HOUSE, SHEDS], METRES, {})
    assert [file.name for file in tmp_path.iterdir()] == ["a[1].gpkg"]
    assert len(rows(tmp_path / "a[1].gpkg")) == 1


def test_a_folder_that_may_not_be_written_to_is_a_problem_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results.os, "access", lambda *_: False)
    with pytest.raises(OutputUnwritable):
        results.check_place(tmp_path / "a.gpkg")


@pytest.mark.parametrize("target", ["nowhere/a.gpkg", "."])
def test_a_path_that_cannot_be_a_file_is_a_problem(tmp_path: Path, target: str) -> None:
    with pytest.raises(OutputUnwritable):
        write_objects(tmp_path / target, [HOUSE], METRES, {})
