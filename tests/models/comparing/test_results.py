"""Changes in a GeoPackage, with what was not compared beside them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, datetime, timezone

import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import CRS
from shapely.geometry import box

from rasterscribe.models.classes import KIND_COLOURS
from rasterscribe.models.comparing.objects import Changed
from rasterscribe.models.comparing.results import Gap, Said, write_changes
from rasterscribe.models.errors import OutputUnwritable

UTM = CRS.from_epsg(32645)
WHEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=timezone.utc)
SAID = Said(date(2012, 7, 31), None, "ours", "building, water", WHEN)
HOUSE = Changed(box(0, 0, 10, 10), "appeared", "field", "building", "building", 0.875, 100.0)
POND = Changed(box(20, 0, 30, 10), "changed", "field", "water", "water", 0.25, 99.0)


@pytest.fixture
def write(tmp_path):
    """write(changes, gaps, ...) -> path"""

    def write(changes, gaps=(), crs=UTM, name="changes ü.gpkg", provenance=None):
        path = tmp_path / name
        list(write_changes(path, changes, gaps, crs, SAID, provenance or {}, tmp_path))
        return path

    return write


def table(path, layer):
    info, _, geometry, fields = pyogrio.raw.read(path, layer=layer)
    return info, shapely.from_wkb(geometry), dict(zip(info["fields"], fields, strict=True))


def test_a_change_says_what_happened_when_and_where(write):
    path = write([HOUSE, POND], provenance={"classes": ["building", "water"]})
    info, outlines, fields = table(path, "changes")
    assert info["geometry_type"] == "MultiPolygon" and CRS(info["crs"]) == UTM
    assert [shape.bounds for shape in outlines] == [(0, 0, 10, 10), (20, 0, 30, 10)]
    assert [fields[name].tolist() for name in ("kind", "class", "from_class", "to_class", "score", "area_m2")] == [
        ["appeared", "changed"], ["building", "water"], ["field", "field"], ["building", "water"], [0.875, 0.25], [100.0, 99.0],
    ]  # fmt: skip
    assert info["dtypes"][list(info["fields"]).index("date_before")] == "datetime64[D]"
    assert fields["date_before"].tolist() == [date(2012, 7, 31)] * 2 and np.isnat(fields["date_after"]).all()
    assert set(fields["review"]) == {""} and set(fields["prompt"]) == {"building, water"} and set(fields["model"]) == {"ours"}
    assert pyogrio.read_info(path, layer="changes")["layer_metadata"]["classes"] == '["building", "water"]'


def test_what_was_not_compared_is_there_with_its_reason(write):
    path = write([], [Gap(box(0, 0, 5, 5), "no data"), Gap(box(5, 0, 6, 5), "clouds or their shadows")])
    assert [name for name, _ in pyogrio.list_layers(path)] == ["changes", "not_compared", "layer_styles"]
    assert table(path, "not_compared")[2]["reason"].tolist() == ["no data", "clouds or their shadows"]
    assert len(table(path, "changes")[1]) == 0


def test_both_tables_bring_their_style(write):
    with closing(sqlite3.connect(write([HOUSE], [Gap(box(0, 0, 5, 5), "no data")]))) as database:
        styles = dict(database.execute("select f_table_name, styleQML from layer_styles where useAsDefault"))
    assert 'attr="kind"' in styles["changes"] and all(f'label="{kind}"' in styles["changes"] for kind in KIND_COLOURS)
    assert 'attr="reason"' in styles["not_compared"] and 'value="b_diagonal"' in styles["not_compared"]


def test_without_a_crs_nobody_knows_square_metres(write):
    info, _, fields = table(write([HOUSE], crs=None), "changes")
    assert info["crs"] is None or "Undefined" in info["crs"]
    assert np.isnan(fields["area_m2"]).all()


def test_the_same_changes_give_the_same_bytes(write):
    assert write([HOUSE, POND], name="a.gpkg").read_bytes() == write([HOUSE, POND], name="b.gpkg").read_bytes()


def test_what_ends_early_leaves_the_former_file_and_nothing_else(write, tmp_path):
    path = write([HOUSE])
    former = path.read_bytes()
    writing = write_changes(path, [POND], [], UTM, SAID, {}, tmp_path)
    next(writing)
    writing.close()
    assert path.read_bytes() == former and list(tmp_path.iterdir()) == [path]


def test_a_folder_is_no_place(tmp_path):
    with pytest.raises(OutputUnwritable):
        list(write_changes(tmp_path, [HOUSE], [], UTM, SAID, {}, tmp_path))
