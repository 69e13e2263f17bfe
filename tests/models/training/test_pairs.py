"""Pairs of dates made from one."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("cv2", reason="OpenCV belongs to the training extra")

from models.classes import CLASSES  # noqa: E402
from models.training.framing import SIDE  # noqa: E402
from models.training.labels import BUILDING as BUILDING_RULE  # noqa: E402
from models.training.labels import UNKNOWN, rule  # noqa: E402
from models.training.pairs import changed, edited, untouched  # noqa: E402
from models.training.scenes import Scene  # noqa: E402

BUILDING = CLASSES.index("building")


def houses(*places: tuple[int, int], light: int = 200) -> Scene:
    """White houses of 40 pixels on dark ground."""
    ids = np.zeros((SIDE, SIDE), np.uint16)
    for number, (row, column) in enumerate(places, 1):
        ids[row : row + 40, column : column + 40] = number
    known = np.where(ids[..., None] > 0, BUILDING_RULE, rule(no="building")).astype(np.uint8)
    rgb = np.full((SIDE, SIDE, 3), 40, np.uint8)
    rgb[ids > 0] = light
    return Scene(rgb, known, ids=ids)


def test_changed_is_what_came_or_went_where_both_dates_know():
    before, after = np.array([0, 1, 0, 1, UNKNOWN, 1]), np.array([0, 1, 1, 0, 1, UNKNOWN])
    assert changed(before, after).tolist() == [0, 0, 1, 1, UNKNOWN, UNKNOWN]


def test_what_no_edit_reached_has_not_changed_whatever_it_is():
    scene = houses((20, 20))
    assert (untouched(scene, Scene(scene.rgb, scene.known.copy())) == 0).all()


def test_edits_come_and_go_and_the_picture_follows():
    """Over many draws: where a house came it is lighter, where one went it is darker, and the first date stays as it was."""
    came = gone = 0
    for seed in range(40):
        scene = houses((20, 20), (150, 140))
        kept = scene.rgb.copy()
        after = edited(scene, houses((60, 60)), np.random.default_rng(seed))
        assert np.array_equal(scene.rgb, kept)
        change = untouched(scene, after)[..., BUILDING] == 1
        light = after.rgb.mean(2)
        new, lost = change & (scene.known[..., BUILDING] == 0), change & (scene.known[..., BUILDING] == 1)
        came, gone = came + bool(new.any()), gone + bool(lost.any())
        if new.sum() > 400:
            assert light[new].mean() > 110
        if lost.sum() > 400:
            assert light[lost].mean() < 90
    assert came > 10 and gone > 8


def test_other_ground_in_place_of_ground_is_no_change_of_the_class():
    """Where neither a house was nor is, `building` has not changed, whatever else was laid there."""
    for seed in range(10):
        scene = houses((20, 20))
        after = edited(scene, houses((60, 60)), np.random.default_rng(seed))
        stays_away = (scene.known[..., BUILDING] == 0) & (after.known[..., BUILDING] == 0)
        assert (untouched(scene, after)[stays_away][:, BUILDING] == 0).all()
