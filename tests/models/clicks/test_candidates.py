"""A click can mean a part, an object or a group; whichever is asked for comes whole, and the reply says which others there are."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from shapely.geometry import box

from rasterscribe.models import click
from rasterscribe.models.clicks.candidates import Mask, overlap
from rasterscribe.models.clicks.views import View, ViewCache
from rasterscribe.models.errors import RequestInvalid
from rasterscribe.models.nets.prompt import Decoded
from rasterscribe.models.protocol import SIZES, Click, OutlineOptions
from rasterscribe.models.raster import open_raster
from rasterscribe.tests.models.colour_model import ColourModel, NestedModel

PLANE, HOUSE, ROW = (500, 600, 540, 660), (500, 600, 580, 660), (500, 600, 900, 660)
COLOURS = {HOUSE: (170, 60, 50), PLANE: (200, 60, 50), ROW: (200, 60, 140)}  # less and less like the plane's
EXACT = OutlineOptions(smooth=False)


@pytest.fixture
def desk(write_raster):
    """desk.click(*points, size=...) on a row of houses, five times as long as the house with the two roof planes at its left end."""
    values = np.full((3, 1200, 1400), 70, "uint8")
    for left, top, right, bottom in (ROW, HOUSE, PLANE):
        values[:, top:bottom, left:right] = np.array(COLOURS[(left, top, right, bottom)])[:, None, None]
    raster = open_raster(write_raster(values, crs=None, transform=None), stretch=((0.0, 255.0),) * 3)
    model, cache = NestedModel(), ViewCache()

    def answer(*points, size="", **more):
        points = [(*point, 1)[:3] for point in points]
        places, labels = tuple((x, -y) for x, y, _ in points), tuple(label for *_, label in points)
        request = Click("r", places, labels, pixel=1.0, options=EXACT, size=size, **more)
        return click.finish(click.steps(raster, model, cache, request))

    return SimpleNamespace(click=answer, model=model)


def outline(reply):
    return shapely.transform(shapely.from_wkb(bytes.fromhex(reply.outline)), lambda xy: xy * (1, -1))


def iou(one, other):
    return one.intersection(other).area / one.union(other).area


def test_a_click_gives_the_likely_one_and_says_that_there_are_others(desk):
    reply = desk.click((520, 630))
    assert iou(outline(reply), box(*HOUSE)) > 0.98
    assert (reply.size, reply.others, reply.score) == ("object", ("part", "group"), pytest.approx(0.9))


@pytest.mark.parametrize(("size", "truth", "score"), [("part", PLANE, 0.6), ("object", HOUSE, 0.9), ("group", ROW, 0.7)])
def test_the_size_asked_for_comes_whole(desk, size, truth, score):
    """The row runs over the border of the view that shows the house."""
    reply = desk.click((520, 630), size=size)
    assert iou(outline(reply), box(*truth)) > 0.97
    assert (reply.size, reply.score) == (size, pytest.approx(score))
    assert reply.others == tuple(other for other in SIZES if other != size)


def test_a_part_is_seen_in_the_view_of_its_object(desk):
    """In a view of its own it would have parts, too."""
    assert desk.click((520, 630), size="part").view == desk.click((520, 630)).view


def test_asking_for_another_size_in_the_same_view_costs_no_decoding(desk):
    desk.click((520, 630))
    decoded = len(desk.model.prompts)
    desk.click((520, 630), size="part")
    assert len(desk.model.prompts) == decoded


def test_further_clicks_refine_the_size_that_was_asked_for(desk):
    """The former mask that the model is told of is the whole row's, which the second click lies in."""
    reply = desk.click((800, 630), (520, 630, 0), size="group")
    assert iou(outline(reply), box(580, *ROW[1:])) > 0.95
    last = desk.model.prompts[-1]
    x, y = last.points[1].astype(int)
    assert last.previous[y, x] > 0


def test_others_that_look_the_same_are_not_offered(desk):
    reply = desk.click((800, 630))  # in the middle of the row everything like it is the row
    assert "part" not in reply.others and "object" not in reply.others


def test_hovering_with_a_size_uses_encoded_views_only(desk):
    desk.click((520, 630))
    encoded = desk.model.encoded
    assert desk.click((520, 630), size="group", hover=True).outline
    assert desk.model.encoded == encoded


def test_a_size_that_is_none_is_refused(desk):
    with pytest.raises(RequestInvalid, match="huge"):
        desk.click((520, 630), size="huge")


def test_a_model_that_sees_but_one_shows_that_one_and_offers_nothing(desk, monkeypatch):
    monkeypatch.setattr(NestedModel, "decode", ColourModel.decode)
    reply = desk.click((520, 630), size="group")
    assert iou(outline(reply), box(*HOUSE)) > 0.98
    assert (reply.size, reply.others) == ("", ())


def test_in_a_wider_view_the_candidate_counts_that_looks_the_same_whatever_it_is_called_there():
    """What was the group of a view of 8 x 8 pixels is the part of a view twice as wide."""

    def mask(view, *widths):
        candidates = np.full((len(widths), 8, 8), -1.0, np.float32)
        for candidate, width in zip(candidates, widths, strict=True):
            candidate[2:4, :width] = 1
        return Mask(view, Decoded(candidates, np.array([0.2, 0.9, 0.1])), 1)

    group = mask(View(0, 0, 0, 8), 1, 3, 6).of_size("group")
    wider = mask(View(1, 0, 0, 8), 3, 5, 8)
    wider.decoded.candidates[:, 1:3] = wider.decoded.candidates[:, 2:4].copy()
    wider.decoded.candidates[:, 3:] = -1
    assert wider.like(group).size == "part"


def test_two_empty_masks_look_the_same():
    nothing, all_of_it = np.zeros((2, 2), bool), np.ones((2, 2), bool)
    assert (overlap(nothing, nothing), overlap(nothing, all_of_it), overlap(all_of_it, all_of_it)) == (1.0, 0.0, 1.0)
