"""Tiny sets of pure colours, and networks and a vocabulary that know colours."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
import rasterio
from rasterio.errors import NotGeoreferencedWarning

from models.training.evaluate import methods, phrases
from rasterscribe.tests.models.training.colour_nets import ColourChange, ColourText, Words

RED, GREEN, BLUE, YELLOW, GREY = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (120, 120, 120)


@pytest.fixture
def networks(monkeypatch):
    """The command line asks the colour models."""
    monkeypatch.setattr(methods, "load_text_model", lambda *_: ColourText())
    monkeypatch.setattr(methods, "load_change_model", lambda *_: ColourChange())
    monkeypatch.setattr(phrases, "vocabulary", Words)


def painted(ground, *patches, size=(40, 48)):
    """uint8 (h, w, 3) of one colour, with patches ((rows, columns), colour)."""
    rgb = np.zeros((*size, 3), np.uint8)
    rgb[:] = ground
    for place, colour in patches:
        rgb[place] = colour
    return rgb


@pytest.fixture
def write(tmp_path):
    """write("images/a.png", uint8 (h, w, 3) or (h, w)), or an object for a .json, or text."""

    def save(name, values):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        if isinstance(values, str):
            path.write_text(values, encoding="utf-8")
        elif not isinstance(values, np.ndarray):
            path.write_text(json.dumps(values), encoding="utf-8")
        else:
            bands = np.atleast_3d(values).transpose(2, 0, 1).astype(np.uint8)
            profile = {"driver": "PNG", "width": bands.shape[2], "height": bands.shape[1], "count": len(bands), "dtype": "uint8"}
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", NotGeoreferencedWarning)
                with rasterio.open(path, "w", **profile) as file:
                    file.write(bands)

    return save


@pytest.fixture
def measure(networks, tmp_path, capsys):
    """measure("text", "--word", "building") -> what --json prints of the set in tmp_path."""
    from models.training.evaluate import main

    def run(task, *arguments):
        assert main([task, "--data", str(tmp_path), "--json", *map(str, arguments)]) == 0
        return json.loads(capsys.readouterr().out)

    return run
