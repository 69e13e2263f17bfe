"""A click finds the object it means, and the same one wherever the analyst looks from."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine
from shapely.geometry import Point, box

from rasterscribe.models import click
from rasterscribe.models.clicks.views import View, ViewCache
from rasterscribe.models.errors import ClickOutside, RequestInvalid, ViewEmpty
from rasterscribe.models.protocol import Click, Look, OutlineOptions
from rasterscribe.models.raster import open_raster
from rasterscribe.tests.models.colour_model import ColourModel

GROUND, ROOF, FIELD = (70, 80, 60), (200, 60, 50), (220, 210, 90)
PIXELS = Affine.identity()
EXACT = OutlineOptions(smooth=False)
NATIVE_RANGE = ((0.0, 255.0),) * 3


def scene(width=2000, height=2000, **objects):
    """uint8 (3, height, width): ground, and boxes (left, top, right, bottom) by name in the colour of their name's start."""
    values = np.empty((3, height, width), "uint8")
    values[:] = np.array(GROUND)[:, None, None]
    for name, (left, top, right, bottom) in objects.items():
        values[:, top:bottom, left:right] = np.array(ROOF if name.startswith("roof") else FIELD)[:, None, None]
    return values


class Bench:
    """A raster whose map coordinates are pixels with y upwards, a colour model, and memory."""

    def __init__(self, path, side=256):
        self.raster = open_raster(path, stretch=NATIVE_RANGE)
        self.model, self.cache = ColourModel(side), ViewCache()

    def click(self, *points, pixel=1.0, **more):
        points = [(*point, 1)[:3] for point in points]
        on_map, labels = tuple((x, -y) for x, y, _ in points), tuple(label for *_, label in points)
        request = Click("r", on_map, labels, pixel=pixel, **{"options": EXACT, **more})
        return click.finish(click.steps(self.raster, self.model, self.cache, request))

    def outline(self, *points, **more):
        """In pixels, y downwards."""
        found = self.click(*points, **more).outline
        return shapely.transform(shapely.from_wkb(bytes.fromhex(found)), lambda xy: xy * (1, -1)) if found else None


@pytest.fixture
def bench(write_raster):
    return lambda values, side=256, **more: Bench(write_raster(values, crs=None, transform=None, **more), side)


def iou(one, other):
    return one.intersection(other).area / one.union(other).area


def test_a_click_on_a_roof_gives_the_roof(bench):
    found = bench(scene(roof=(500, 600, 580, 660))).outline((540, 630))
    assert iou(found, box(500, 600, 580, 660)) > 0.98


def test_the_reply_says_what_was_found_and_with_what(bench):
    reply = bench(scene(roof=(500, 600, 580, 660))).click((540, 630))
    assert reply.area == pytest.approx(80 * 60, rel=0.02)
    assert (reply.score, reply.model, reply.digest) == (pytest.approx(0.9), "colour", "c0" * 32)
    xmin, ymin, xmax, ymax = reply.view
    assert xmin < 500 and xmax > 580 and ymin < -660 and ymax > -600
    assert reply.seconds > 0


@pytest.mark.parametrize("size", [12, 80, 300])
def test_the_outline_is_the_same_from_every_zoom(bench, size):
    values = scene(roof=(700, 600, 700 + size, 600 + size))
    outlines = [bench(values).click((706, 606), pixel=pixel).outline for pixel in (0.25, 0.5, 1.0, 2.0)]
    assert len(set(outlines)) == 1 and outlines[0]


@pytest.mark.parametrize("size", [40, 130])
def test_the_outline_is_the_same_wherever_the_object_is_clicked(bench, size):
    values = scene(roof=(700, 600, 700 + size, 600 + size))
    outlines = {bench(values).click((700 + x * size, 600 + y * size)).outline for x in (0.1, 0.5, 0.9) for y in (0.1, 0.9)}
    assert len(outlines) == 1


def test_the_object_is_framed_at_a_quarter_to_half_of_the_view(bench):
    for size in (20, 70, 150, 400):
        xmin, _, xmax, _ = bench(scene(roof=(600, 600, 600 + size, 600 + size))).click((610, 610)).view
        assert 0.24 <= size / (xmax - xmin) <= 0.51


def test_an_object_larger_than_the_first_view_makes_the_engine_look_wider(bench):
    field = (200, 300, 1500, 1300)
    found = bench(scene(field=field)).outline((500, 600), pixel=0.5)
    assert iou(found, box(*field)) > 0.99


def test_an_object_at_the_rasters_edge_ends_there(bench):
    found = bench(scene(field=(1400, 1500, 2000, 2000))).outline((1700, 1800))
    assert iou(found, box(1400, 1500, 2000, 2000)) > 0.99
    assert found.bounds[2] <= 2000.5 and found.bounds[3] <= 2000.5


def test_an_object_without_end_stops_after_a_few_wider_looks(bench):
    desk = bench(scene(8000, 8000))
    assert desk.click((4000, 4000), pixel=0.25).outline
    assert desk.model.encoded <= 8


def test_the_border_of_a_large_object_is_as_exact_as_the_pixels(bench):
    """In a view that shows a third of it a pixel of the mask is 8 native pixels wide."""
    field = (403, 405, 1006, 1001)
    found = bench(scene(field=field)).outline((500, 500))
    assert found.boundary.hausdorff_distance(box(*field).boundary) < 1.5


def test_removing_clicks_take_their_colour_out(bench):
    values = scene(roof=(500, 500, 600, 600), roof2=(600, 500, 640, 600))
    values[0, 500:600, 600:640] = 180  # hardly another red
    one = bench(values)
    both = one.outline((550, 550))
    assert iou(both, box(500, 500, 640, 600)) > 0.97
    assert iou(one.outline((550, 550), (620, 550, 0)), box(500, 500, 600, 600)) > 0.97


def test_clicks_on_two_roofs_give_both(bench):
    one = bench(scene(roof=(500, 500, 560, 560), roof2=(700, 500, 760, 560)))
    found = one.outline((530, 530), (730, 530))
    assert found.geom_type == "MultiPolygon"
    assert iou(found, box(500, 500, 560, 560).union(box(700, 500, 760, 560))) > 0.97


def test_a_box_gives_what_is_in_its_middle(bench):
    reply = bench(scene(roof=(500, 500, 560, 560))).outline(box=(480.0, -580.0, 580.0, -480.0))
    assert iou(reply, box(500, 500, 560, 560)) > 0.97


def test_each_click_is_decoded_with_the_mask_before_it(bench):
    desk = bench(scene(roof=(500, 500, 560, 560), roof2=(580, 500, 640, 560)))
    desk.click((530, 530), (610, 530))
    first, second = desk.model.prompts[-2:]
    assert (len(first.points), first.previous) == (1, None)
    assert len(second.points) == 2 and (second.previous > 0).any()


def test_what_was_decoded_once_is_remembered(bench):
    desk = bench(scene(roof=(500, 500, 560, 560)))
    cold, warm = desk.click((530, 530)), desk.click((530, 530))
    decoded = len(desk.model.prompts)
    desk.click((530, 530))
    assert len(desk.model.prompts) == decoded
    assert (cold.warm, warm.warm) == (False, True)
    assert warm.outline == cold.outline


def test_hovering_over_what_was_never_seen_shows_nothing_and_encodes_nothing(bench):
    desk = bench(scene(roof=(500, 500, 560, 560)))
    reply = desk.click((530, 530), hover=True)
    assert (reply.outline, reply.view, reply.warm, desk.model.encoded) == ("", (), False, 0)


def test_hovering_over_an_encoded_view_shows_the_outline_and_encodes_nothing(bench):
    desk = bench(scene(roof=(500, 500, 560, 560)))
    looked = click.finish(click.look(desk.raster, desk.model, desk.cache, Look("r", (300.0, -700.0, 800.0, -300.0), 1.0)))
    encoded = desk.model.encoded
    assert looked.views == encoded > 0
    assert desk.outline((530, 530), hover=True).area > 0
    assert desk.model.encoded == encoded


def test_a_click_after_a_look_starts_warm_wherever_it_lands_on_the_screen(bench):
    desk = bench(scene())
    click.finish(click.look(desk.raster, desk.model, desk.cache, Look("r", (310.0, -820.0, 905.0, -333.0), 1.0)))
    for x in (310, 600, 905):
        for y in (333, 500, 820):
            level = click.screen_level(1.0, desk.raster, 256)
            assert desk.cache.known(desk.raster, desk.model, View.around((x, y), level, 256))


def test_a_look_begins_in_the_middle_and_goes_no_further_than_anyone_waits():
    views = click.views_of_screen((0, 0, 1e7, 1e7), 0, 256)
    assert len(views) == click.LOOKED_AHEAD
    assert View.around((5e6, 5e6), 0, 256) in views[:4]


def test_a_look_beside_the_raster_encodes_nothing(bench):
    desk = bench(scene())
    assert click.finish(click.look(desk.raster, desk.model, desk.cache, Look("r", (-900.0, 10.0, -800.0, 20.0), 1.0))).views == 0


def test_a_larger_view_works_as_well(bench):
    found = bench(scene(roof=(500, 600, 580, 660)), side=512).outline((540, 630))
    assert iou(found, box(500, 600, 580, 660)) > 0.98


def test_a_tiny_raster_works(bench):
    found = bench(scene(20, 20, roof=(5, 5, 15, 12))).outline((10, 8))
    assert iou(found, box(5, 5, 15, 12)) > 0.9


def test_a_rotated_raster_gives_the_outline_on_the_map(write_raster):
    transform = Affine.translation(5000, 9000) @ Affine.rotation(30) @ Affine.scale(0.5, -0.5)
    raster = open_raster(write_raster(scene(600, 600, roof=(300, 300, 360, 340)), transform=transform), stretch=NATIVE_RANGE)
    request = Click("r", (raster.to_map(330, 320),), (1,), pixel=0.5, options=EXACT)
    reply = click.finish(click.steps(raster, ColourModel(), ViewCache(), request))
    truth = shapely.transform(box(300, 300, 360, 340), lambda x, y: transform @ (x, y), interleaved=False)
    assert iou(shapely.from_wkb(bytes.fromhex(reply.outline)), truth) > 0.96
    assert reply.area == pytest.approx(truth.area, rel=0.03)


def test_no_outline_reaches_into_nodata(bench):
    values = scene(field=(500, 500, 900, 900))
    values[:, 700:, :] = 0
    found = bench(values, nodata=0).outline((600, 600))
    assert iou(found, box(500, 500, 900, 700)) > 0.98


def test_holes_smaller_than_asked_for_are_filled(bench):
    values = scene(field=(400, 400, 500, 500))
    values[:, 440:450, 440:450] = np.array(GROUND)[:, None, None]
    desk = bench(values)
    assert not desk.outline((410, 410), options=OutlineOptions(smooth=False, min_hole=150.0)).interiors
    assert desk.outline((410, 410), options=OutlineOptions(smooth=False, min_hole=50.0)).contains(Point(410, 410))
    assert len(desk.outline((410, 410), options=OutlineOptions(smooth=False, min_hole=50.0)).interiors) == 1


@pytest.mark.parametrize("point", [(-1, 5), (5, 2001), (2000.5, 5)])
def test_a_click_outside_of_the_raster_is_named(bench, point):
    with pytest.raises(ClickOutside):
        bench(scene()).click(point)


def test_a_box_outside_of_the_raster_is_named(bench):
    with pytest.raises(ClickOutside):
        bench(scene()).click(box=(-50.0, 10.0, -10.0, 40.0))


def test_a_click_where_there_is_no_data_is_named(bench):
    values = scene()
    values[:, :, 1000:] = 0
    with pytest.raises(ViewEmpty):
        bench(values, nodata=0).click((1800, 1000), pixel=0.5)


@pytest.mark.parametrize(
    "more",
    [
        {"points": ((5.0, -5.0),), "labels": ()},
        {"points": ((5.0, -5.0),), "labels": (2,)},
        {"points": ((5.0, -5.0),), "labels": (0,)},
        {"points": ((float("nan"), -5.0),), "labels": (1,)},
        {"points": ((5.0, -5.0),), "labels": (1,), "pixel": float("inf")},
        {"box": (1.0, 2.0, 3.0)},
        {},
    ],
)
def test_a_click_that_makes_no_sense_is_refused(bench, more):
    desk = bench(scene())
    with pytest.raises(RequestInvalid):
        click.finish(click.steps(desk.raster, desk.model, desk.cache, Click("r", **more)))
