"""The change head: what it must keep, whatever it has learnt."""

from __future__ import annotations

import pytest
import torch

from models.nets.change_head import ChangeHead, K
from models.nets.trunk import FINE, WIDTH, Features


@pytest.fixture
def head() -> ChangeHead:
    torch.manual_seed(0)
    return ChangeHead().eval()


def date(seed: int) -> tuple[Features, torch.Tensor]:
    """Features of two views of 64 pixels, and class logits."""
    generator = torch.Generator().manual_seed(seed)

    def drawn(channels: int, side: int) -> torch.Tensor:
        return torch.randn(2, channels, side, side, generator=generator)

    return Features(drawn(WIDTH, 16), drawn(FINE, 32), drawn(3, 16)), 3 * drawn(K, 32)


NOTHING = torch.zeros(2, K, 16, 16)


@torch.inference_mode()
def test_it_does_not_know_which_date_came_first(head):
    (one, p), (two, q) = date(1), date(2)
    there = head(one, two, p, q, NOTHING)
    assert there.shape == (2, K, 32, 32)
    assert torch.equal(there, head(two, one, q, p, NOTHING))


@torch.inference_mode()
def test_a_map_belongs_to_the_first_date(head):
    (one, p), (two, q) = date(1), date(2)
    said = torch.ones_like(NOTHING)
    assert not torch.equal(head(one, two, p, q, said), head(two, one, q, p, said))
    assert not torch.equal(head(one, two, p, q, said), head(one, two, p, q, NOTHING))


@torch.inference_mode()
def test_where_the_map_says_nothing_it_is_as_if_there_were_none(head):
    """What is known far away reaches a pixel through the coarse blocks only; the first sums know of it where it is."""
    (one, p), (two, q) = date(1), date(2)
    seen = []
    head.blocks.register_forward_pre_hook(lambda _, given: seen.append(given[0].clone()))
    partly = NOTHING.clone()
    partly[:, 0, :4] = 1
    head(one, two, p, q, NOTHING)
    head(one, two, p, q, partly)
    assert torch.equal(seen[0][:, :, 4:], seen[1][:, :, 4:]) and not torch.equal(seen[0][:, :, :4], seen[1][:, :, :4])
