"""`change` on the command line."""

from __future__ import annotations

import numpy as np
import pyogrio
import pytest
import shapely

from rasterscribe.models import __main__ as command_line
from rasterscribe.models import comparers
from rasterscribe.models.commands.change import _told
from rasterscribe.models.engine import Engine
from rasterscribe.models.protocol import ChangeReply, Shift
from rasterscribe.tests.models.colour_comparer import colour_comparer
from rasterscribe.tests.models.colour_model import ColourModel


@pytest.fixture
def dates(write_raster, monkeypatch):
    """100 x 100 pixels of half a metre: a field, and in its middle a pond of 225 m2 at the second date."""
    monkeypatch.setattr(comparers, "compared_by", colour_comparer)
    monkeypatch.setattr(Engine, "click_model", lambda self, id: ColourModel())
    one = np.zeros((3, 100, 100), "uint8")
    one[1] = 250
    one[1, ::10, ::10] = one[0, ::10, 5::10] = 40  # something to stretch
    other = one.copy()
    other[:, 40:70, 40:70] = np.array([0, 0, 250])[:, None, None]
    return write_raster(one, "y2012.tif"), write_raster(other, "y2020.tif")


def test_it_compares_and_tells_what_changed(dates, tmp_path, capsys):
    files = [tmp_path / name for name in ("c.gpkg", "p.tif", "s.csv")]
    arguments = ["change", *dates, "--classes", "ponds, fields", "--dates", "2012-07", "2020"]
    outputs = ["--out", str(files[0]), "--probability", str(files[1]), "--summary", str(files[2])]
    assert command_line.main([*arguments, *outputs, "--area", "350000,3059960,350040,3060000"]) == 0
    said = capsys.readouterr().out
    assert "100 % is looked at." in said and "1 changes are in" in said.splitlines()[-1] and "(combined)" in said
    assert all(file.is_file() for file in files)
    header, row = files[2].read_text().splitlines()
    assert header == "from_class,to_class,count,area_m2" and row.startswith("field,water,1,22")


def test_it_says_what_is_wrong(dates, tmp_path, capsys):
    out = ["--out", str(tmp_path / "c.gpkg")]
    wrong = [
        (["change", *dates, "--out", str(tmp_path / "c.shp")], "Let it end with .gpkg."),
        (["change", *dates, *out, "--summary", str(tmp_path / "c.txt")], "Let it end with .csv."),
        (["change", *dates, *out, "--field", "kind"], "Give the map with --map FILE."),
        (["change", *dates, *out, "--map", "", "--field", "kind"], "Give the map with --map FILE."),
        (["change", "-", dates[1], *out], "Choose a before raster, or the old map"),
        (["change", *dates[::-1], *out], "is newer than the after raster"),
        (["change", dates[0], dates[0], *out], "are one file"),
        (["change", *dates, *out, "--dates", "2012", "soon"], "is no date"),
        (["change", *dates, *out, "--area", dates[1]], "The area"),
    ]
    for arguments, sentence in wrong:
        assert command_line.main(arguments) == 1, arguments
        assert sentence in capsys.readouterr().err, arguments
    assert not list(tmp_path.glob("*.gpkg"))


def test_it_names_the_options_that_help(dates, tmp_path, capsys):
    maps = tmp_path / "maps.gpkg"
    for table in ("old", "older"):
        square = shapely.to_wkb(np.array([shapely.box(350010, 3059960, 350040, 3059990)], object))
        kinds = [np.array(["pond"], object)]
        pyogrio.raw.write(maps, square, kinds, ["kind"], layer=table, append=maps.exists(), geometry_type="Polygon", crs="EPSG:32645")
    out = ["--out", str(tmp_path / "c.gpkg")]
    for arguments, option in (
        (["change", *dates[::-1], *out], "--any-order"),
        (["change", *dates, *out, "--map", str(maps), "--field", "kind"], "--map-table"),
        (["change", *dates, *out, "--map", str(maps), "--map-table", "old", "--field", "sort"], "--field"),
        (["change", *dates, *out, "--map", str(maps), "--map-table", "old"], "--map-class"),
    ):
        assert command_line.main(arguments) == 1
        assert option in capsys.readouterr().err


def test_it_tells_a_shift_that_was_corrected():
    reply = ChangeReply("c.gpkg", 0, (), (), Shift(3, 4, 2.5, 0.5, True), 1.0, 0.0, "combined", "", "", "", (), "", "", 1.0)
    assert next(_told(reply, "m2")) == "The after raster lies 5.0 pixels (2.5 m) beside the before raster; that is corrected."
