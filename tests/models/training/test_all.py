"""One step of training: who learns from what."""

from __future__ import annotations

import argparse

import numpy as np
import pytest
import torch

pytest.importorskip("cv2", reason="OpenCV belongs to the training extra")

from models.classes import CLASSES  # noqa: E402
from models.nets.net import Net  # noqa: E402
from models.training.all import for_training, freeze_for_clicks, halved, plain, rate_at, step_loss, train  # noqa: E402
from models.training.batches import CLASS_VIEWS, OBJECT_VIEWS, Batch  # noqa: E402
from models.training.labels import UNKNOWN  # noqa: E402
from models.training.scenes import TARGETS  # noqa: E402

K, VIEWS = len(CLASSES), OBJECT_VIEWS + CLASS_VIEWS + 2


def batch() -> Batch:
    """A light square on dark ground in every view: a building, of which nothing else is known."""
    square = torch.zeros(256, 256, dtype=torch.bool)
    square[80:170, 90:180] = True
    known = torch.full((VIEWS, K, 256, 256), UNKNOWN, dtype=torch.uint8)
    known[:, 0] = square.byte()
    changes = torch.full((1, K, 256, 256), UNKNOWN, dtype=torch.uint8)
    changes[:, 0] = 0
    images = (0.2 + 0.6 * square.float()).expand(VIEWS, 3, -1, -1).contiguous()
    targets = np.repeat(square.numpy()[None], OBJECT_VIEWS * TARGETS, 0)
    return Batch(images, known, torch.ones(VIEWS), targets, torch.tensor([[0, VIEWS - 1]]), changes, torch.zeros(1, K, 64, 64))


def learnt(net: Net) -> set[str]:
    """The parts that got a gradient."""
    return {name.split(".")[0] for name, parameter in net.named_parameters() if parameter.grad is not None and parameter.grad.any()}


@pytest.fixture
def net() -> Net:
    torch.manual_seed(0)
    return for_training(Net())


def test_one_step_teaches_the_trunk_and_all_heads_and_leaves_the_first_blocks(net):
    loss, report = step_loss(net, batch(), np.random.default_rng(0))
    loss.backward()
    assert torch.isfinite(loss) and learnt(net) == {"trunk", "click", "text", "change"}
    assert {"iou1", "click", "text", "change"} <= set(report)
    assert net.trunk.stem[0].weight.grad is None and net.trunk.blocks[0].filter[0].weight.grad is None


def test_adapting_leaves_alone_what_clicks_are_answered_with(net):
    freeze_for_clicks(net)
    step_loss(net, batch(), np.random.default_rng(0))[0].backward()
    assert learnt(net) == {"text", "change"}


def test_a_run_that_was_cut_off_goes_on_where_it_was(tmp_path, net):
    """The same weights come out of two steps in one run and in two runs."""

    class Same:
        rng = np.random.default_rng(0)

        def draw(self) -> Batch:
            return batch()

    def run(folder, steps: int) -> dict[str, torch.Tensor]:
        torch.manual_seed(0)
        out = folder / "net.safetensors"
        options = argparse.Namespace(rate=1e-3, steps=steps, seed=1, checkpoint=folder / "run.checkpoint", out=out)
        fresh = for_training(Net())
        freeze_for_clicks(fresh)
        return plain(train(fresh, Same(), options)).state_dict()

    for name in ("once", "twice"):
        (tmp_path / name).mkdir()
    run(tmp_path / "twice", 1)
    again, once = run(tmp_path / "twice", 2), run(tmp_path / "once", 2)
    moved = [name for name in once if name.startswith("text") and not torch.equal(once[name], Net().state_dict()[name])]
    assert moved and all(torch.allclose(once[name], again[name], atol=2e-3) for name in once)


def test_the_rate_warms_up_stays_and_falls_to_nothing():
    rates = [rate_at(step, 3000, 1.0) for step in (0, 50, 1500, 2500, 2999)]
    assert rates[0] < rates[1] < rates[2] == 1.0 > rates[3] > rates[4] > 0


def test_four_pixels_become_a_share_and_are_known_together():
    known = torch.tensor([[[[1, 1, 0, 0], [0, 0, 0, UNKNOWN]]]], dtype=torch.uint8)
    share, sure = halved(known)
    assert share[0, 0, 0].tolist() == [0.5, 0.0] and sure[0, 0, 0].tolist() == [True, False]
