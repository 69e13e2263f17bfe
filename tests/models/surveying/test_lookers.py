"""A survey with a text model: the shipped one, or any other."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from shapely.geometry import box

from rasterscribe.models.classes import CLASSES
from rasterscribe.models.nets import load_text_model
from rasterscribe.models.raster import open_raster
from rasterscribe.models.surveying.lookers import text_looker
from rasterscribe.models.surveying.survey import Scratch, Strip, frame_of, probability, survey

BUILDING = np.eye(1, len(CLASSES), CLASSES.index("building"), dtype=np.float32)


class Bluish:
    """A text model of another kind: the first class is where blue is."""

    id, digest, side = "bluish", "b1", 32

    def encode(self, images):
        return list(images)

    def ask(self, image, weights):
        return weights[:, :1, None] * image[None, ..., 2].astype(np.float32) / 32


def strips(raster, looker, output, area=None):
    scratch = Scratch(output, {})
    frame = frame_of(raster, 0, area)
    found = [event.values for event in survey(frame, area, looker, scratch, probability) if isinstance(event, Strip)]
    scratch.close()
    return np.concatenate(found, axis=1), frame


@pytest.fixture(scope="module")
def building():
    return text_looker(load_text_model(), BUILDING, side=128)


@pytest.fixture
def town(write_raster):
    """300 x 260 pixels of ground with bright roofs."""
    values = np.random.default_rng(0).integers(60, 90, (3, 260, 300), np.uint8)
    for top in range(20, 220, 60):
        for left in range(20, 260, 70):
            values[:, top : top + 28, left : left + 40] += np.array([120, 60, 40], np.uint8)[:, None, None]
    return open_raster(write_raster(values), stretch=((0, 255),) * 3)


def test_another_text_model_is_asked_view_by_view():
    looker = text_looker(Bluish(), np.array([[1, 0], [0.5, 0]]))
    views = np.full((2, 32, 32, 3), 64, np.uint8)
    found = looker.look(views)
    assert (looker.side, looker.channels, looker.batch) == (32, 2, 1)
    assert found.shape == (2, 2, 32, 32) and (found[:, 0] == 2).all() and (found[:, 1] == 1).all()


def test_what_is_asked_is_part_of_the_key():
    assert text_looker(Bluish(), np.array([[1, 0]])).key != text_looker(Bluish(), np.array([[0, 1]])).key


def test_the_shipped_network_gives_an_area_the_very_bytes_of_the_whole(building, town, tmp_path):
    whole, _ = strips(town, building, tmp_path / "whole.gpkg")
    area = box(*town.to_map(90, 210), *town.to_map(250, 40))
    part, frame = strips(town, building, tmp_path / "part.gpkg", area)
    assert (part == whole[:, frame.row : frame.row + frame.height, frame.col : frame.col + frame.width]).all()
    assert whole.min() > 0 and np.ptp(whole) > 100, "there are roofs and there is ground"


def test_the_shipped_network_goes_on_to_the_byte(building, town, tmp_path):
    whole, _ = strips(town, building, tmp_path / "whole.gpkg")
    scratch = Scratch(tmp_path / "cut.gpkg", {})
    events = survey(frame_of(town), None, building, scratch, probability)
    while not isinstance(next(events), Strip):
        pass
    events.close()
    scratch.close()
    again, _ = strips(town, building, tmp_path / "cut.gpkg")
    assert (again == whole).all()


def test_a_survey_leaves_the_threads_of_torch_as_they_were(building, town, tmp_path):
    before = torch.get_num_threads()
    strips(town, building, tmp_path / "a.gpkg")
    assert torch.get_num_threads() == before
