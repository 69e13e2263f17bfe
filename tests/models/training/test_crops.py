"""Training crops: what is cut, turned and enlarged stays on its object."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("cv2", reason="OpenCV belongs to the training extra")

from models.training.crops import Cropper  # noqa: E402
from models.training.framing import SMALLEST_TARGET  # noqa: E402
from models.training.sets import LabelledImage, LabelledObject  # noqa: E402


def white_square_on_black(low: int, high: int) -> LabelledImage:
    ids = np.zeros((300, 300), np.uint16)
    ids[low:high, low:high] = 1
    rgb = np.repeat((ids * 255).astype(np.uint8)[..., None], 3, 2)
    return LabelledImage("a", rgb, ids, (LabelledObject(1, (high - low) ** 2, (low, low, high, high)),))


@pytest.mark.parametrize("size", [8, 60, 250])
def test_a_target_lies_on_its_object_at_every_scale_and_turn(size):
    image = white_square_on_black(20, 20 + size)
    cropper = Cropper({"a": [image]}, {"a": 1.0}, np.random.default_rng(0))
    for _ in range(20):
        crop = cropper.draw()
        light = crop.rgb.astype(float).mean(2)
        for target in crop.targets:
            assert target.sum() >= SMALLEST_TARGET
            if not target.all():
                assert light[target].mean() > light[~target].mean() + 40


def test_the_same_seed_draws_the_same_crops():
    draw = lambda: Cropper({"a": [white_square_on_black(50, 120)]}, {"a": 1.0}, np.random.default_rng(3)).draw()  # noqa: E731
    assert np.array_equal(draw().rgb, draw().rgb)
