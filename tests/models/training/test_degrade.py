"""What degrades an image leaves its truth beneath it."""

from __future__ import annotations

import numpy as np
import pytest

from models.training.evaluate.degrade import KINDS, degraded, followed, placed

INSIDE = np.zeros((64, 80), np.uint8)
INSIDE[20:44, 30:62] = 1
IMAGE = np.repeat(np.where(INSIDE, 200, 50).astype(np.uint8)[..., None], 3, -1)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "band"])
def test_an_object_stays_on_its_label(kind):
    shown, labels = degraded(IMAGE, kind, "a"), followed(INSIDE, kind, 255)
    assert shown.shape[:2] == labels.shape and shown.dtype == np.uint8
    seen = shown.mean(-1) > 125
    known = labels != 255
    assert (seen == (labels == 1))[known].mean() > 0.98


@pytest.mark.parametrize("kind", KINDS)
def test_a_point_moves_with_what_it_marks(kind):
    x, y = placed(kind, INSIDE.shape) @ (61.5, 20.5)  # the last pixel of the object's first row
    labels = followed(INSIDE, kind, 255)
    around = labels[max(int(y) - 1, 0) : int(y) + 2, max(int(x) - 1, 0) : int(x) + 2]
    assert set(np.unique(around)) == {0, 1}


def test_the_same_name_gives_the_same_noise_and_another_name_another():
    assert (degraded(IMAGE, "noise", "a") == degraded(IMAGE, "noise", "a")).all()
    assert (degraded(IMAGE, "noise", "a") != degraded(IMAGE, "noise", "b")).any()


def test_a_missing_band_says_nothing_and_the_others_are_untouched():
    shown = degraded(IMAGE, "band", "a")
    still = [band for band in range(3) if (shown[..., band] == IMAGE[..., band]).all()]
    assert len(still) == 2 and np.ptp(shown[..., ({0, 1, 2} - set(still)).pop()]) == 0


def test_corners_that_a_turn_brings_in_are_not_known():
    labels = followed(INSIDE, "rotate", 255)
    assert labels[0, 0] == 255 and labels[32, 40] == 1 and 0.01 < (labels == 255).mean() < 0.2


def test_a_coarse_pixel_has_the_label_of_most_of_its_four():
    fine = np.array([[1, 1, 0, 0], [1, 0, 0, 7]], np.uint8)
    assert followed(fine, "double", 255).tolist() == [[1, 0]]


def test_without_a_degradation_nothing_happens():
    assert degraded(IMAGE, "", "a") is IMAGE and followed(INSIDE, "", 255) is INSIDE
