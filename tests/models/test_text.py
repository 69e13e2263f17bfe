"""Classes of images of any size, with a model whose answer is the colour of a pixel."""

from __future__ import annotations

import numpy as np
import pytest

from models.classes import CLASSES
from models.errors import RequestInvalid
from models.text import TRUST, class_logits, confidence, fused

K = len(CLASSES)


class Reddish:
    """The first class is where red is; the second opinion of every class is `second`, or none."""

    id, digest, side = "reddish", "", 32

    def __init__(self, second: float | None = None):
        self.second = second
        self.largest = 0  # views encoded together

    def encode(self, images):
        assert images.dtype == np.uint8 and images.shape[1:] == (self.side, self.side, 3)
        self.largest = max(self.largest, len(images))
        return list(images)

    def classify(self, image):
        logits = np.full((K, self.side, self.side), -5, np.float32)
        logits[0] = image[..., 0] / 25.5 - 5
        return logits

    def ask(self, image, weights):
        return np.tensordot(weights, self.classify(image), 1)

    def likeness(self, image):
        return None if self.second is None else np.full((K, self.side, self.side), self.second, np.float32)


class Leftish(Reddish):
    """The first class is on the left of the view, whatever is there."""

    def classify(self, image):
        logits = super().classify(image)
        logits[0] = np.linspace(5, -5, self.side)
        return logits


def picture(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize("shape", [(1, 1), (5, 70), (32, 32), (33, 31), (100, 140)])
def test_every_pixel_is_answered_where_it_is(shape):
    rgb = picture(*shape)
    logits = class_logits(rgb, Reddish(), overlap=8)
    assert logits.shape == (K, *shape) and logits.dtype == np.float32
    assert np.allclose(logits[0], rgb[..., 0] / 25.5 - 5, atol=1e-4) and np.allclose(logits[1:], -5, atol=1e-4)


def test_few_views_are_in_memory_at_once():
    model = Reddish()
    class_logits(picture(40, 1000), model, overlap=8)
    assert 1 < model.largest <= 8


def test_mirroring_answers_in_the_images_own_frame():
    rgb = picture(40, 50)
    assert np.allclose(class_logits(rgb, Reddish(), overlap=8, flips=True), class_logits(rgb, Reddish(), overlap=8), atol=1e-4)


def test_mirroring_takes_out_what_depends_on_the_side():
    assert np.allclose(class_logits(picture(32, 32), Leftish(), overlap=8, flips=True)[0], 0, atol=1e-4)


def test_other_scales_answer_at_the_images_own_size():
    rgb = np.zeros((40, 60, 3), np.uint8)
    rgb[:, 30:] = 255
    logits = class_logits(rgb, Reddish(), overlap=8, scales=(0.5, 1.0, 2.0))[0]
    assert logits.shape == (40, 60) and np.all(logits[:, :28] < -4.5) and np.all(logits[:, 32:] > 4.5)


@pytest.mark.parametrize("rgb", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32), np.zeros((0, 4, 3), np.uint8)])
def test_what_is_no_picture_is_refused(rgb):
    with pytest.raises(RequestInvalid):
        class_logits(rgb, Reddish())


def test_a_class_is_as_sure_as_where_it_is_surest():
    logits = np.full((2, 20, 20), -9, np.float32)
    logits[0, :2, :2] = 9
    found, lost = confidence(logits)
    assert found > 0.99 and lost < 0.01


def test_a_lost_class_is_brought_back_by_the_second_opinion():
    assert fused(np.full((1, 4, 4), -2, np.float32), np.full((1, 4, 4), 4, np.float32)).min() > 0


def test_a_found_class_hears_no_second_opinion():
    logits = np.full((1, 10, 10), -9, np.float32)
    logits[0, 0, 0] = 12
    assert np.allclose(fused(logits, np.full((1, 10, 10), 9, np.float32)), logits, atol=0.01)


def test_the_second_opinion_never_takes_a_class_away():
    logits = picture(8, 8).transpose(2, 0, 1).astype(np.float32) / 25 - 5
    assert np.array_equal(fused(logits, logits - 3), logits)


def test_fusion_is_asked_for_and_needs_prototypes():
    rgb = np.zeros((40, 40, 3), np.uint8)
    plain = class_logits(rgb, Reddish(3.0), overlap=8)
    assert np.allclose(class_logits(rgb, Reddish(), overlap=8, fuse=True), plain)
    together = class_logits(rgb, Reddish(3.0), overlap=8, fuse=True)
    assert np.allclose(together, -5 + TRUST * 8, atol=0.1) and plain.max() < -4
