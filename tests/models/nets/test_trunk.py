"""The trunk: shapes, and the start weights' convention."""

from __future__ import annotations

import torch

from models.nets.trunk import SameConv, Trunk, start_weights


def test_a_view_becomes_features_at_strides_four_and_two():
    features = Trunk().eval()(torch.rand(2, 3, 64, 96))
    assert features.coarse.shape == (2, 64, 16, 24)
    assert features.fine.shape == (2, 16, 32, 48)
    assert features.colour.shape == (2, 3, 16, 24)


def test_a_strided_convolution_pads_right_and_below_as_tensorflow_does():
    conv = SameConv(1, 1, 3, 2)
    conv.weight.data = torch.zeros(1, 1, 3, 3)
    conv.weight.data[0, 0, 0, 0] = 1  # looks at its window's first pixel: without padding on the left that is pixel 0, 2, ...
    image = torch.arange(16.0).reshape(1, 1, 4, 4)
    assert torch.equal(conv(image)[0, 0], torch.tensor([[0.0, 2.0], [8.0, 10.0]]))


def test_start_weights_fill_every_parameter_of_the_backbone():
    trunk, imagenet = Trunk(), {}
    reference = Trunk()
    for module, conv, norm in _names(reference):
        imagenet[f"{conv}.weight"] = torch.full_like(module[0].weight, 0.5)
        for name in ("weight", "bias", "running_mean", "running_var"):
            imagenet[f"{norm}.{name}"] = torch.full_like(getattr(module[1], name), 0.25)
    start_weights(trunk, imagenet)
    backbone = [*trunk.stem.parameters(), *trunk.blocks.parameters()]
    assert all(torch.all((p == 0.5) | (p == 0.25)) for p in backbone)


def _names(trunk):
    yield trunk.stem, "_conv_stem", "_bn0"
    for index, block in enumerate(trunk.blocks):
        if index > 0:
            yield block.expand, f"_blocks.{index}._expand_conv", f"_blocks.{index}._bn0"
        yield block.filter, f"_blocks.{index}._depthwise_conv", f"_blocks.{index}._bn1"
        yield block.project, f"_blocks.{index}._project_conv", f"_blocks.{index}._bn2"
