from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("cv2", reason="OpenCV belongs to the training extra")

from models.training.temperatures import likeliest  # noqa: E402


def answers(true_temperature: float) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are too sure by a factor, and truths drawn as often as they should be."""
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 2, 20000)
    return honest * true_temperature, (rng.random(20000) < 1 / (1 + np.exp(-honest))).astype(float)


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_the_temperature_takes_back_by_how_much_the_scores_are_too_sure(factor):
    assert likeliest(*answers(factor)) == pytest.approx(factor, rel=0.08)
