"""What changed, of which class into which, in images of any size."""

from __future__ import annotations

import numpy as np
import pytest

from models.classes import CLASSES
from models.comparing.logits import LEGEND, change_logits, changed, from_to
from models.errors import RequestInvalid

K = len(CLASSES)
BUILDING, TREE, WATER = (CLASSES.index(name) for name in ("building", "tree", "water"))


class Difference:
    """The first class changed where red did; the second where the old map has it."""

    id, digest, side = "difference", "", 32

    def encode(self, images):
        assert images.shape[1:] == (self.side, self.side, 3)
        return list(images.astype(np.float32))

    def compare(self, before, after, old_map=None):
        logits = np.full((K, self.side, self.side), -5, np.float32)
        logits[0] = np.abs(before[..., 0] - after[..., 0]) / 25.5 - 5
        if old_map is not None:
            logits[1] = old_map[1]
        return logits


@pytest.mark.parametrize("shape", [(1, 1), (20, 50), (70, 33)])
def test_every_pixel_is_compared_where_it_is(shape):
    before, after = np.random.default_rng(0).integers(0, 256, (2, *shape, 3), np.uint8)
    old = np.random.default_rng(1).normal(size=(K, *shape)).astype(np.float32)
    logits = change_logits(before, after, Difference(), old, overlap=8)
    assert logits.shape == (K, *shape)
    assert np.allclose(logits[0], np.abs(before[..., 0].astype(float) - after[..., 0]) / 25.5 - 5, atol=1e-4)
    assert np.allclose(logits[1], old[1], atol=1e-4)


def test_pictures_and_maps_of_different_sizes_are_refused():
    small, large = np.zeros((4, 4, 3), np.uint8), np.zeros((5, 4, 3), np.uint8)
    with pytest.raises(RequestInvalid):
        change_logits(small, large, Difference())
    with pytest.raises(RequestInvalid):
        change_logits(small, small, Difference(), np.zeros((K, 5, 4), np.float32))


def scores(**named: float) -> np.ndarray:
    """Logits of one pixel, -6 for every class that is not named."""
    found = np.full((K, 1, 1), -6, np.float32)
    for name, value in named.items():
        found[CLASSES.index(name)] = value
    return found


def story(before: np.ndarray, after: np.ndarray, change: np.ndarray) -> tuple[str, str]:
    was, became = from_to(before, after, change)
    assert was.dtype == became.dtype == np.uint8
    return LEGEND[was[0, 0]], LEGEND[became[0, 0]]


def test_a_house_on_bare_ground_is_background_to_building():
    assert story(scores(), scores(building=4), scores(building=4)) == ("background", "building")


def test_a_house_that_went_is_building_to_background():
    assert story(scores(building=4), scores(), scores(building=4)) == ("building", "background")


def test_a_house_in_place_of_a_tree_is_tree_to_building():
    assert story(scores(tree=3), scores(building=3), scores(tree=2, building=3)) == ("tree", "building")


def test_what_did_not_change_stays_out_of_it():
    """Trees stand on the vegetation that was there and is there still: only the class that changed is named."""
    assert story(scores(vegetation=3), scores(vegetation=3, tree=3), scores(tree=3, vegetation=-4))[1] == "tree"


def test_nothing_changed_where_no_class_did():
    assert story(scores(tree=3), scores(building=3), scores(tree=-1, building=-0.1)) == ("unchanged", "unchanged")


def test_the_two_sides_always_differ():
    rng = np.random.default_rng(0)
    before, after, change = rng.normal(0, 3, (3, K, 20, 20)).astype(np.float32)
    was, became = from_to(before, after, change)
    here = changed(change)
    assert np.all(was[here] != became[here]) and np.all(was[~here] == 0) and np.all(became[~here] == 0)
    assert was[here].min() >= 1 and became.max() <= K + 1


def test_where_both_sides_look_alike_the_surer_one_is_kept():
    """Both dates look most like water, the first by far: then it was water, and the second is what it looks like next."""
    assert story(scores(water=6, tree=-5), scores(water=1, tree=0.5), scores(water=2, tree=2)) == ("water", "tree")
