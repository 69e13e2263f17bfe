"""The way from the bytes of two dates to what changed, on a processor as two graphs: the trunk's, and one of the heads'.

A class has three opinions at a pixel, all logits: a and b, that it is there at the first and at the second date (the text head), and c,
that it became or ceased to be there (the change head). Since it changed just where one date has it and the other has not, each two of them
say something about the third: `either`. So a date's classes hear what the change head says, and the change hears the dates.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ..errors import RequestInvalid
from .blocks import enlarged
from .forms import FROZEN, GRAPHS, WARM_UP, Frozen, example_view
from .net import Net
from .trunk import Features

Look = Callable[[np.ndarray], np.ndarray]
METHODS = ("direct", "classes", "map", "combined")
ABSENT = 255  # of the map's channel: mapped, but none of the classes is here; 0 says nothing, 1 + index in CLASSES names the class
TRUST = 2.2  # the logit of 0.9: how sure a map is of what it says about its own date
SUREST = 1 - 2e-6
SEMANTICS = 0.25  # how much of what the dates' classes say about change is heard beside the change head, which has seen them as well
# Pairs that temperatures are set on change on 7 % of their area; ground that people compare, on less: the logits of 7 and of 4 % differ so.
# (It takes more wrong changes than right ones: see docs/accuracy.md for what F1 gains and loses by it.)
RARER = 0.5
NEVER = -14.0  # a logit


def comparing(net: Net, classes: Sequence[int], method: str, side: int, alone: Sequence[int] = ()) -> Look:
    """A function for several threads, of uint8 (n, side, side, 6) views, RGB before and RGB after, or (n, side, side, 7) with the old map.

    It gives float32 (n, 1 + 2 m, side, side), m = len(classes), indices in CLASSES: the calibrated logit that the pixel became or ceased to
    be of one of the classes, then m logits of the classes at the first date and m at the second. The seventh channel is what the map of the
    first date says: 0 nothing, ABSENT none of the classes, 1 + index in CLASSES that class. With c, a, b and `either` as above:

    | method | change, of which the highest counts | first date | second date |
    |---|---|---|---|
    | classes | either(a, b) | a | b |
    | direct | c, without the map | a + either(b, c) | b + either(a, c) |
    | map | c, with the map | a + TRUST where the map has it (- where not) + either(b, c) | b + either(a, c), that a |
    | combined | c, with the map if there is one, + SEMANTICS * either(a, b), the latter with that a, - RARER | as map | as map |

    Of the classes with background at 0, the highest is what the pixel was, and what it became. Both may be the same where opinions
    contradict each other. Of classes that are `alone`, indices in CLASSES too, a and b are all that is said, and not whether they changed.
    The trunk is used in the form that the network has now, and the heads with it. Exchanging the dates exchanges the last two groups of
    channels to the bit, where there is no map. Raises RequestInvalid for a method that there is not.
    """
    if method not in METHODS:
        raise RequestInvalid(f"There is no way to compare called {method!r}.", f"Choose one of {', '.join(METHODS)}.")
    device = net.text_temperature.device
    heads = _Heads(net, list(classes), method, alone).eval()
    answer = _graphs(net.trunk, heads, side) if device.type == "cpu" else _modules(net.trunk, heads)

    @torch.inference_mode()
    def look(views: np.ndarray) -> np.ndarray:
        whole = torch.from_numpy(np.ascontiguousarray(views)).to(device).permute(0, 3, 1, 2)
        dates = [(whole[:, first : first + 3].float() / 255).contiguous(memory_format=torch.channels_last) for first in (0, 3)]
        said = whole[:, 6] if whole.shape[1] > 6 else torch.zeros_like(whole[:, 0])
        logits: np.ndarray = answer(dates[0], dates[1], said.contiguous()).cpu().numpy()
        return logits

    return look


def either(one: Tensor, other: Tensor) -> Tensor:
    """The logit that just one of two things is so, from the logits of both, as if they knew nothing of each other. To the bit the same
    with the two exchanged; never above 14, and no surer than the less sure of the two."""
    # tanh(x / 2) = 2 p - 1, and the chance that both agree less the chance that they differ is the product of the two.
    agree = (torch.tanh(one / 2) * torch.tanh(other / 2)).clamp(-SUREST, SUREST)
    return torch.log((1 - agree) / (1 + agree))


def mapped(said: Tensor, classes: Tensor) -> Tensor:
    """What the old map's numbers (n, h, w) say of classes (m,), as float (n, m, h, w): 1 where it has the class, -1 where it has another or
    none, 0 where it says nothing."""
    here = said[:, None] == (classes + 1)[:, None, None]
    return here.float() * 2 - (said[:, None] > 0).float()


class _Heads(nn.Module):
    """The text and the change head from tensors: coarse and fine features of both dates, and the map (n, H, W), uint8 -> the channels."""

    def __init__(self, net: Net, classes: list[int], method: str, alone: Sequence[int]):
        super().__init__()
        self.text, self.change, self.method = net.text, net.change, method
        self.register_buffer("queries", net.text.queries.detach()[:, :, None, None].clone())
        self.register_buffer("chosen", torch.tensor(classes, device=net.text_temperature.device))
        self.some_alone = bool(alone)
        self.register_buffer("alone", torch.tensor([one in alone for one in classes], device=self.chosen.device)[:, None, None])
        self.register_buffer("text_temperature", net.text_temperature[self.chosen][:, None, None].clone())
        self.register_buffer("change_temperature", net.change_temperature.clone())

    def forward(self, coarse_before: Tensor, fine_before: Tensor, coarse_after: Tensor, fine_after: Tensor, said: Tensor) -> Tensor:
        before = Features(coarse_before, fine_before, coarse_before[:, :3])
        after = Features(coarse_after, fine_after, coarse_after[:, :3])
        # As `TextHead.forward`, but as a filter, which leaves the channels last: the change head is twice as quick on them.
        p, q = (functional.conv2d(self.text.pixels(date), self.queries, self.text.bias) for date in (before, after))
        a, b = (logits.index_select(1, self.chosen).float() / self.text_temperature for logits in (p, q))
        if self.method == "classes":
            return self._channels(either(a, b), a, b)
        known = mapped(said[:, ::2, ::2], self.chosen)
        if self.method == "direct":
            known = torch.zeros_like(known)
        every = torch.zeros_like(p[:, :, ::2, ::2]).index_copy(1, self.chosen, functional.avg_pool2d(known, 2).to(p.dtype))
        c = self.change(before, after, p, q, every).index_select(1, self.chosen).float() / self.change_temperature
        a = a + TRUST * known
        change = c + SEMANTICS * either(a, b) - RARER if self.method == "combined" else c
        first, second = a + either(b, c), b + either(a, c)
        if self.some_alone:
            first, second = torch.where(self.alone, a, first), torch.where(self.alone, b, second)
        return self._channels(change, first, second)

    def _channels(self, change: Tensor, first: Tensor, second: Tensor) -> Tensor:
        if self.some_alone:
            change = change.masked_fill(self.alone, NEVER)
        return enlarged(torch.cat((change.amax(1, keepdim=True), first, second), 1))


Answer = Callable[[Tensor, Tensor, Tensor], Tensor]


def _modules(trunk: nn.Module, heads: nn.Module) -> Answer:
    def answer(before: Tensor, after: Tensor, said: Tensor) -> Tensor:
        one, two = trunk(before), trunk(after)
        logits: Tensor = heads(one.coarse, one.fine, two.coarse, two.fine, said)
        return logits

    return answer


@torch.inference_mode()
def _graphs(trunk: nn.Module, heads: nn.Module, side: int) -> Answer:
    """Both as graphs, which have looked at the shapes and made themselves ready."""
    example = example_view(side)
    if not isinstance(trunk, Frozen):
        trunk = Frozen(trunk, example, GRAPHS[FROZEN])
    first, dtype = trunk.graph, trunk.dtype
    nothing = torch.zeros(1, side, side, dtype=torch.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the trace keeps one branch of the pyramid: the branch that every view takes
        seen = first(example.to(dtype))
        traced = torch.jit.trace(copy.deepcopy(heads).to(dtype), (*seen, *seen, nothing), check_trace=False)
    second = torch.jit.freeze(traced)

    def answer(before: Tensor, after: Tensor, said: Tensor) -> Tensor:
        logits: Tensor = second(*first(before.to(dtype)), *first(after.to(dtype)), said)
        return logits

    for _ in range(WARM_UP):
        answer(example, example, nothing)
    return answer
