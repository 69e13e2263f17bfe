"""The networks that a survey looks with."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from ..nets.interfaces import ChangeModel, TextModel
from .lanes import Looker

Look = Callable[[np.ndarray], np.ndarray]  # uint8 (n, side, side, 3) -> float32 (n, channels, side, side)

SIDE = 512  # of a view of our own network, which takes any multiple of 32
MOST_LANES = 4  # more threads would need more memory than they save time
GPU_LANES = 3  # one computes, the others read
GPU_BATCH = 8  # views


def text_looker(model: TextModel, weights: np.ndarray, side: int = SIDE) -> Looker:
    """A text model that is asked for m phrases, given as weights (m, K) over the classes: one channel a phrase.

    Our own network is asked in the form that is quickest on this machine, the same at every start; `side` is for it alone.
    """
    weights = np.atleast_2d(np.asarray(weights, np.float32))
    asked = hashlib.sha256(weights.tobytes()).hexdigest()[:16]
    from ..nets.net import Net

    net = getattr(model, "net", None)
    if not isinstance(net, Net):
        look = _in_turn(_one_by_one(model, weights))
        return Looker(model.side, len(weights), f"{model.id} {model.digest} {asked}", look, lanes=2)
    from ..nets.asking import asking
    from ..nets.forms import quicken

    for _ in quicken(model):
        pass
    return net_looker(model, asking(net, weights, side), len(weights), asked, side)


def net_looker(model: TextModel | ChangeModel, look: Look, channels: int, asked: str, side: int = SIDE) -> Looker:
    """Our own network behind `look`, which several threads may call; `asked` tells what it is asked from whatever else it could be."""
    import torch

    key = f"{model.id} {model.digest} {asked} {getattr(model.net.trunk, 'dtype', torch.float32)}"  # type: ignore[union-attr]
    if getattr(model, "device", "cpu") != "cpu":
        return Looker(side, channels, key, _in_turn(look), GPU_BATCH, GPU_LANES)
    threads = torch.get_num_threads()
    lanes = min(threads, MOST_LANES)
    # Another number of threads adds up in another order.
    return Looker(side, channels, f"{key} {threads // lanes}", look, lanes=lanes, divided=divided)


def _in_turn(look: Look) -> Look:
    """A function for several threads that one thread at a time is in, while others read: a GPU does one thing after the other anyway."""
    lock = threading.Lock()

    def alone(views: np.ndarray) -> np.ndarray:
        with lock:
            return look(views)

    return alone


def _one_by_one(model: TextModel, weights: np.ndarray) -> Look:
    return lambda views: np.stack([model.ask(embedding, weights) for embedding in model.encode(views)])


@contextmanager
def divided(lanes: int) -> Iterator[Callable[[], None]]:
    """Share torch's threads out between lanes, each of which calls what this gives. Afterwards new threads have as many as before.

    Several views at once with one thread each go faster than one with all threads, which wait for each other after every layer.
    """
    import torch

    threads = torch.get_num_threads()
    try:
        yield lambda: torch.set_num_threads(max(1, threads // lanes))
    finally:
        torch.set_num_threads(threads)
