"""More like these: pixels like those of the examples are found, what is around them is not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.geometry import MultiPolygon, box, shape

from rasterscribe.models import searchers
from rasterscribe.models.errors import AreaOutside, ExamplesUnusable
from rasterscribe.models.language.words import Vocabulary
from rasterscribe.models.nets import load_click_model, load_text_model
from rasterscribe.models.protocol import Find
from rasterscribe.models.raster import open_raster
from rasterscribe.models.surveying.examples import LARGEST, examples_looker, examples_of, samples
from rasterscribe.models.surveying.resemblance import Samples, centres, fitted

SAMPLE = Path(__file__).resolve().parents[3] / "resources" / "sample"


def wkb(*outlines):
    return MultiPolygon([part for outline in outlines for part in shapely.get_parts([outline])]).wkb_hex


def on_map(left, top, right, bottom):
    """A rectangle in pixels of half a metre, on the map."""
    return box(350000 + left / 2, 3060000 - bottom / 2, 350000 + right / 2, 3060000 - top / 2)


def near(axis, count, seed=0):
    """Unit vectors close to an axis of four."""
    found = np.eye(4, dtype=np.float32)[axis] + np.random.default_rng(seed).normal(0, 0.05, (count, 4)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def logits(prototypes, pixels):
    lead = (pixels @ prototypes.like.T).max(1) - (pixels @ prototypes.unlike.T).max(1)
    return prototypes.slope * lead + prototypes.offset


@pytest.fixture
def raster(write_raster):
    """Red squares on green, of which the one at (40, 40) and the one at (200, 40) are 30 pixels wide; nothing right of column 280."""
    values = np.full((3, 300, 320), 40, "uint8")
    values[1] = 120
    for left, top in ((40, 40), (200, 40), (40, 200)):
        values[:, top : top + 30, left : left + 30] = np.array([220, 40, 30])[:, None, None]
    values[:, :, 280:] = 0
    return open_raster(write_raster(values, nodata=0), stretch=((0.0, 255.0),) * 3)


@pytest.fixture(scope="module")
def model():
    return load_text_model()


def test_pixels_like_the_examples_are_found_and_those_around_and_elsewhere_are_not():
    prototypes = fitted(Samples(near(0, 300), near(1, 300), np.concatenate([near(2, 300), near(3, 300)])))
    assert (logits(prototypes, near(0, 99, 1)) > 0).mean() > 0.8
    assert all((logits(prototypes, near(axis, 99, 1)) < 0).all() for axis in (1, 2, 3))


def test_more_of_the_same_elsewhere_does_not_count_against_the_examples():
    prototypes = fitted(Samples(near(0, 300), near(1, 300), np.concatenate([near(0, 300, 2), near(2, 300)])))
    assert (logits(prototypes, near(0, 99, 1)) > 0).mean() > 0.8 and (logits(prototypes, near(2, 99, 1)) < 0).all()


def test_examples_of_two_kinds_are_both_found():
    prototypes = fitted(Samples(np.concatenate([near(0, 200), near(3, 200)]), near(1, 300), near(2, 300)))
    assert all((logits(prototypes, near(axis, 99, 1)) > 0).mean() > 0.7 for axis in (0, 3))


def test_the_same_samples_give_the_same_prototypes():
    one, other = (fitted(Samples(near(0, 300), near(1, 300), near(2, 300))) for _ in range(2))
    assert np.array_equal(one.like, other.like) and (one.slope, one.offset) == (other.slope, other.offset)


def test_few_pixels_have_one_prototype_and_none_have_none():
    assert centres(near(0, 12), 4).shape == (1, 4) and centres(near(0, 0), 4).shape == (0, 4)
    assert len(centres(near(0, 300), 2)) == 2


@pytest.mark.parametrize(
    "given",
    [
        Samples(near(0, 300), near(0, 0), near(0, 0)),  # nothing else there
        Samples(near(0, 300), near(0, 300), near(0, 300)),  # all the same
    ],
)
def test_examples_that_nothing_differs_from_are_a_problem(given):
    with pytest.raises(ExamplesUnusable):
        fitted(given)


def test_the_survey_is_as_coarse_as_the_examples_are_large(write_raster):
    raster = open_raster(write_raster(np.zeros((1, 1200, 1200), "uint8")))
    assert [examples_of(raster, wkb(on_map(0, 0, side, side))).level for side in (10, LARGEST, 2 * LARGEST, 1000)] == [0, 0, 1, 3]
    several = [on_map(0, 0, 100, 100), on_map(200, 0, 300, 100), on_map(0, 200, 1000, 1200)]
    assert examples_of(raster, wkb(*several)).level == 0, "by most of them"


def test_compact_examples_are_told_apart_and_long_ones_not(raster):
    assert examples_of(raster, wkb(on_map(40, 40, 70, 70))).compact
    assert not examples_of(raster, wkb(on_map(0, 40, 250, 50))).compact


def test_what_is_found_has_a_tenth_of_the_smallest_example_at_least(raster):
    assert examples_of(raster, wkb(on_map(40, 40, 70, 70), on_map(0, 0, 20, 20))).least == pytest.approx(10, rel=0.01)


def test_examples_of_which_nothing_can_be_learnt_are_a_problem(raster, model):
    for given in ("", "0102", wkb(), wkb(on_map(40, 40, 42, 43))):
        with pytest.raises(ExamplesUnusable):
            examples_of(raster, given)
    with pytest.raises(AreaOutside):
        examples_of(raster, wkb(box(0, 0, 50, 50)))
    with pytest.raises(ExamplesUnusable):
        samples(model, examples_of(raster, wkb(on_map(290, 40, 310, 70))))  # without data


def test_a_square_among_the_examples_finds_the_others(raster, model):
    examples = examples_of(raster, wkb(on_map(40, 40, 70, 70)))
    looker, again = examples_looker(model, examples), examples_looker(model, examples)
    seen = raster.read(0, 0, looker.side, looker.side, looker.side, looker.side)
    (found,) = looker.look(seen.rgb[None])
    assert found.shape == (1, looker.side, looker.side) and looker.key == again.key
    assert (found[0, 45:65, 205:225] > 0).mean() > 0.9 and (found[0, 205:225, 45:65] > 0).mean() > 0.9
    assert (found[0, 100:180, 80:260] > 0).mean() < 0.01


def test_one_pond_of_the_sample_finds_another(tmp_path):
    truth = json.loads((SAMPLE / "truth.geojson").read_text())["features"]
    ponds = [shape(feature["geometry"]) for feature in truth if feature["properties"]["class"] == "pond"]
    raster = open_raster(SAMPLE / "scene.tif")
    request = Find("", "", str(tmp_path / "like.gpkg"), examples=wkb(ponds[0]))
    job, found = searchers.find(raster, request, Vocabulary.read(), load_click_model()), []
    try:
        while True:
            news = next(job)
            found += [shapely.from_wkb(one.outline) for one in getattr(news, "objects", ())]
    except StopIteration as stop:
        assert stop.value.classes[0].name == searchers.SIMILAR and stop.value.count == len(found)
    assert all(raster.square_metres(one) > 0.09 * raster.square_metres(ponds[0]) for one in found)
    covered = [sum(pond.intersection(one).area for one in found) / pond.area for pond in ponds[1:]]
    assert max(covered) > 0.5
