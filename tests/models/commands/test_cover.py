"""`cover` on the command line."""

from __future__ import annotations

import numpy as np
import pytest

from rasterscribe.models import __main__ as command_line
from rasterscribe.models import cover
from rasterscribe.tests.models.colour_text import ColourText


@pytest.fixture
def path(write_raster, monkeypatch):
    """100 x 100 pixels of half a metre, the left half water, the right half plants, houses below both."""
    monkeypatch.setattr(cover, "load_text_model", lambda *_: ColourText())
    values = np.zeros((3, 100, 100), "uint8")
    values[2, :, :50] = values[1, :, 50:] = 250
    values[:, 70:] = np.array([250, 0, 0])[:, None, None]
    return write_raster(values)


def test_it_maps_and_tells_how_much_there_is(path, tmp_path, capsys):
    out = tmp_path / "c.tif"
    arguments = ["cover", path, "--classes", "house, water, other", "--out", str(out), "--polygons", str(tmp_path / "c.gpkg")]
    assert command_line.main([*arguments, "--area", "350000,3059975,350050,3060000"]) == 0
    said = capsys.readouterr().out
    assert "100 % is looked at." in said
    lines = {line.split()[0]: line.split()[1:] for line in said.splitlines()}
    assert lines["house"] == ["0.0", "m2", "0.00%"] and lines["water"][2] == "50.00%"
    assert out.is_file() and (tmp_path / "c.gpkg").is_file()


def test_it_says_what_is_wrong(path, tmp_path, capsys):
    assert command_line.main(["cover", path, "--classes", "house,building", "--out", str(tmp_path / "c.tif")]) == 1
    assert "mean the same class" in capsys.readouterr().err
    assert command_line.main(["cover", path, "--preset", "urban", "--out", str(tmp_path / "c.png")]) == 1
    arguments = ["cover", path, "--preset", "urban", "--out", str(tmp_path / "c.tif"), "--polygons"]
    assert command_line.main([*arguments, str(tmp_path / "c.shp")]) == 1
    area = tmp_path / "area.gpkg"
    area.write_text("what the analyst drew")
    assert command_line.main([*arguments, str(area), "--area", str(area)]) == 1
    assert "Let it end with .gpkg." in (said := capsys.readouterr().err) and "would be lost" in said
    assert area.read_text() == "what the analyst drew"
