"""Prototypes: where the centres lie, and what resemblance to them is worth."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("cv2", reason="training needs OpenCV")

from models.classes import CLASSES  # noqa: E402
from models.nets.net import PROTOTYPES, Net  # noqa: E402
from models.nets.text_model import OurTextModel  # noqa: E402
from models.training.labels import UNKNOWN  # noqa: E402
from models.training.prototypes import FAIR, FEWEST, OFTEN, SILENT, Pixels, centres, look, prototypes, worth  # noqa: E402
from models.training.scenes import Scene  # noqa: E402


def about(direction: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    found = direction + rng.normal(0, 0.05, (count, len(direction)))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def test_the_centres_lie_in_the_clusters():
    rng = np.random.default_rng(0)
    truth = np.eye(6)[:PROTOTYPES]
    found = centres(np.concatenate([about(line, FEWEST, rng) for line in truth]), rng)
    assert np.allclose(np.linalg.norm(found, axis=1), 1) and np.all((found @ truth.T).max(1) > 0.95)
    assert sorted((found @ truth.T).argmax(1)) == list(range(PROTOTYPES))


def test_too_few_pixels_have_no_centres():
    assert centres(np.ones((3, 6), np.float32), np.random.default_rng(0)) is None


def test_resemblance_is_worth_what_it_tells():
    rng = np.random.default_rng(0)
    cosines = rng.uniform(-1, 1, 4000)
    truth = rng.random(4000) < 1 / (1 + np.exp(-(6 * cosines - 2)))
    slope, offset = worth(cosines, truth)
    assert slope == pytest.approx(6, abs=0.8) and offset == pytest.approx(-2, abs=0.4)


def test_a_class_that_was_never_labelled_stays_silent():
    rng = np.random.default_rng(0)
    units = np.concatenate([about(np.eye(6)[0], 300, rng), about(np.eye(6)[1], 300, rng)])
    known = np.full((600, len(CLASSES)), UNKNOWN, np.uint8)
    known[:300, 0], known[300:, 0] = 1, 0
    table = prototypes(Pixels(units, known, np.full(known.shape, 0.9, np.float32), np.ones(600, bool)), rng)
    logits = (units @ table[0, :, :-1].T + table[0, :, -1]).max(1)
    assert np.all(logits[:300] > 0) and np.all(logits[300:] < 0)
    assert np.all(table[1:, :, -1] == SILENT) and not table[1:, :, :-1].any()


def test_a_rare_class_is_looked_at_too_and_counted_apart(tmp_path):
    Net().eval().save(tmp_path / "net.safetensors")
    rng = np.random.default_rng(0)
    known = np.full((256, 256, len(CLASSES)), UNKNOWN, np.uint8)
    known[..., 2] = 0
    known[:20, :20, 2] = 1  # 100 pixels of the features' size
    seen = look(OurTextModel(tmp_path / "net.safetensors", "net"), Scene(rng.integers(0, 255, (256, 256, 3), np.uint8), known), rng)
    assert np.allclose(np.linalg.norm(seen.units, axis=1), 1, atol=1e-3)
    assert seen.fair.sum() == FAIR and np.all(seen.known[~seen.fair, 2] == 1) and np.sum(~seen.fair) == OFTEN
    assert seen.scores.min() >= 0 and seen.scores.max() <= 1
