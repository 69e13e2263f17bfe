"""Painted water."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("cv2", reason="OpenCV belongs to the training extra")

from models.training.ponds import tinted, with_pond  # noqa: E402

GREY = np.full((256, 256, 3), 128, np.uint8)


def test_a_pond_lies_where_it_may_and_nothing_else_is_painted():
    free = np.zeros((256, 256), bool)
    free[:, 100:] = True
    for seed in range(10):
        painted, pond = with_pond(GREY, free, np.random.default_rng(seed))
        assert not pond[:, :100].any() and (painted[:, :90] == 128).all()


def test_ponds_are_there_and_of_many_colours():
    colours = []
    for seed in range(20):
        painted, pond = with_pond(GREY, np.ones((256, 256), bool), np.random.default_rng(seed))
        if pond.sum() > 200:
            colours.append(painted[pond].mean(0))
    assert len(colours) > 10 and np.ptp([colour[2] - colour[0] for colour in colours]) > 40


def test_tinted_water_keeps_its_shore_and_its_ripples():
    rgb = GREY.copy()
    rgb[::2] = 118
    water = np.zeros((256, 256), bool)
    water[:, 128:] = True
    found = tinted(rgb, water, np.random.default_rng(1)).astype(int)
    assert (found[:, :120] == rgb[:, :120]).all() and np.ptp(found[100:104, 200, 0]) > 2
