"""One step of training the change head: who learns, and from what."""

from __future__ import annotations

import numpy as np
import pytest
import torch

pytest.importorskip("cv2", reason="OpenCV belongs to the training extra")

from models.nets.net import Net  # noqa: E402
from models.training.change import STRANGERS, Seen, batch_of, parted, step_loss  # noqa: E402
from models.training.labels import Source  # noqa: E402
from models.training.sets import LabelledImage  # noqa: E402
from rasterscribe.tests.models.training.test_dates import dates  # noqa: E402

PAIRS = 3


def test_a_step_teaches_the_change_head_alone():
    torch.manual_seed(0)
    net = Net().eval().requires_grad_(False)
    net.change.requires_grad_(True)
    made = dates(2)
    batch = batch_of([made.draw() for _ in range(PAIRS)], made.rng)
    assert batch.images.shape == (2 * PAIRS, 3, 256, 256) and len(batch.changes) == len(batch.old_maps) == PAIRS + STRANGERS
    loss, _ = step_loss(net, Seen(net), batch)
    loss.backward()
    assert torch.isfinite(loss)
    assert {name.split(".")[0] for name, parameter in net.named_parameters() if parameter.grad is not None} == {"change"}


def test_held_out_places_are_left_out_or_alone():
    def image(name: str) -> LabelledImage:
        return LabelledImage(name, np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4), np.uint16), (), np.zeros((4, 4), np.uint8), 0.6)

    def source(*names: str) -> Source:
        return Source([image(name) for name in names], np.zeros((256, 11), np.uint8), (1, 1))

    found = {"streets": source("claremont_2018_1", "chico_2018_1"), "fields": source("f")}
    kept, held = parted(found), parted(found, held=True)
    assert [one.name for one in kept["streets"].images] == ["chico_2018_1"] and len(kept["fields"].images) == 1
    assert [one.name for one in held["streets"].images] == ["claremont_2018_1"] and "fields" not in held
