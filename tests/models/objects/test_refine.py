"""Clicks draw objects anew: a click model of colours stands in for the network."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from shapely.geometry import box

from rasterscribe.models.nets.prompt import Decoded, Prompt
from rasterscribe.models.objects.instances import Gatherer, Instance
from rasterscribe.models.objects.refine import ClickRefiner
from rasterscribe.models.protocol import OutlineOptions
from rasterscribe.models.raster import open_raster
from rasterscribe.models.surveying.frame import Frame

SIDE = 300
RED, BLUE = (20, 20, 70, 60), (70, 20, 110, 60)  # two houses wall to wall: left, top, right, bottom


class Colours:
    """A click means all that is of the colour clicked."""

    id, digest, side = "colours", "0" * 64, 256

    def __init__(self) -> None:
        self.encoded = 0

    def encode(self, images: np.ndarray) -> list[Any]:
        self.encoded += len(images)
        return list(images.astype(int))

    def decode(self, embedding: Any, prompt: Prompt) -> Decoded:
        [[x, y]] = prompt.points.tolist()
        alike = np.abs(embedding - embedding[int(y), int(x)]).sum(axis=2) < 30
        return Decoded(np.where(alike, 4.0, -4.0).astype(np.float32)[None], np.array([0.9], np.float32))


@pytest.fixture(scope="module", params=[None, "EPSG:32651"], ids=["scale unknown", "a metre a pixel, enlarged"])
def frame(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Frame:
    rgb = np.full((3, SIDE, SIDE), 90, np.uint8)
    for (left, top, right, bottom), colour in ((RED, (200, 40, 40)), (BLUE, (40, 40, 200))):
        rgb[:, top:bottom, left:right] = np.array(colour)[:, None, None]
    path = tmp_path_factory.mktemp("refine") / "raster.tif"
    profile = {"driver": "GTiff", "width": SIDE, "height": SIDE, "count": 3, "dtype": "uint8", "crs": request.param}
    with rasterio.open(path, "w", **profile, transform=Affine(1, 0, 0, 0, -1, SIDE)) as file:
        file.write(rgb)
    return Frame(open_raster(path, stretch=[(0, 255)] * 3), 0, 0, 0, SIDE, SIDE)


def plane() -> np.ndarray:
    """Both houses as one part, a pixel too large all around: so the text head sees them."""
    values = np.full((SIDE, SIDE), 1, np.uint8)
    values[RED[1] - 1 : RED[3] + 1, RED[0] - 1 : BLUE[2] + 1] = 230
    return values


def gathered(frame: Frame, high: int, model: object | None, lanes: int | None = None) -> list[Instance]:
    refiner = ClickRefiner(model, frame, lanes) if model else None
    gatherer = Gatherer(frame, "building", OutlineOptions(smooth=False), refiner=refiner)
    found = [one for row in range(0, SIDE, high) for one in gatherer.take(row, plane()[row : row + high])]
    return found + gatherer.finish()


def test_houses_wall_to_wall_are_told_apart_by_what_is_clicked(frame: Frame) -> None:
    assert len(gathered(frame, SIDE, None)) == 1
    found = gathered(frame, SIDE, Colours())
    assert len(found) == 2
    houses = sorted((one.outline for one in found), key=lambda outline: outline.bounds)
    for house, (left, top, right, bottom) in zip(houses, (RED, BLUE), strict=True):
        true = box(left, SIDE - bottom, right, SIDE - top)
        assert house.intersection(true).area / house.union(true).area > 0.9
    assert found[0].score == pytest.approx(229 / 254, abs=1e-6)


@pytest.mark.parametrize("high", [1, 37, 128])
def test_the_answer_does_not_depend_on_the_strips(frame: Frame, high: int) -> None:
    whole, strips = gathered(frame, SIDE, Colours()), gathered(frame, high, Colours())
    assert [one.outline.wkb for one in strips] == [one.outline.wkb for one in whole]


def test_a_view_is_encoded_once_for_all_clicks_in_it(frame: Frame) -> None:
    model = Colours()
    gathered(frame, SIDE, model)
    assert model.encoded <= 4


@pytest.mark.parametrize("lanes", [1, 2, 3])
def test_the_answer_does_not_depend_on_how_many_draw(frame: Frame, lanes: int) -> None:
    alone, together = gathered(frame, SIDE, Colours()), gathered(frame, SIDE, Colours(), lanes)
    assert [one.outline.wkb for one in together] == [one.outline.wkb for one in alone]


def test_whoever_waits_for_clicks_can_do_something_else(frame: Frame) -> None:
    class Slow(Colours):
        def decode(self, embedding: Any, prompt: Prompt) -> Decoded:
            go_on.wait(10)
            return super().decode(embedding, prompt)

    go_on = threading.Event()
    taking = Gatherer(frame, "building", OutlineOptions(), refiner=ClickRefiner(Slow(), frame)).taking(0, plane())
    told = list(itertools.islice(taking, 5))
    assert told == sorted(told)
    go_on.set()
    with pytest.raises(StopIteration) as end:
        while True:
            next(taking)
    assert len(end.value.value) == 2


def test_a_search_that_ends_early_leaves_no_thread_at_work(frame: Frame) -> None:
    clicked = []

    class Counting(Colours):
        def decode(self, embedding: Any, prompt: Prompt) -> Decoded:
            clicked.append(prompt)
            go_on.wait(10)
            return super().decode(embedding, prompt)

    go_on = threading.Event()
    taking = Gatherer(frame, "building", OutlineOptions(), refiner=ClickRefiner(Counting(), frame)).taking(0, plane())
    while not clicked:
        next(taking)
    taking.close()
    go_on.set()
    for thread in [one for one in threading.enumerate() if one.name.startswith("hand")]:
        thread.join(10)
    assert len(clicked) == 1
