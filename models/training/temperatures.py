"""Set the temperatures, so that a score of 0.8 is right about 8 times in 10: `python -m models.training.temperatures FILE --data DIR`.

Logits are divided by the number that makes labels likeliest which training left out (Guo et al., 2017,
https://arxiv.org/abs/1706.04599): one for the click head's scores, one for each class of the text head, one for the change head. Where a
mask ends does not move. Validation data is not read. Changes FILE in place; about two minutes. With --only, the others stay as they are.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from scipy.special import logit

from ..classes import CLASSES
from ..nets import Prompt
from ..nets.change_model import OurChangeModel
from ..nets.click_model import OurClickModel
from ..nets.text_model import OurTextModel
from .all import new_net
from .batches import CLASS_SHARES, OBJECT_SHARES
from .change import held_dates
from .clicks import next_click
from .dates import Dates
from .labels import UNKNOWN, sources
from .scenes import Painter

JOBS = ("click", "text", "change")
STEPS = np.geomspace(0.2, 5, 65)
FEWEST = 2000  # labelled pixels of each answer; with fewer, a class takes the middle of the other classes' temperatures
SPARSE = 4  # one pixel of so many in a row and a column is looked at: neighbours tell the same

Answers = tuple[np.ndarray, np.ndarray]  # logits (n,), and the truth in 0..1 (n,)


def likeliest(logits: np.ndarray, truth: np.ndarray) -> float:
    """The temperature with the least cross-entropy."""

    def entropy(temperature: float) -> float:
        scaled = logits / temperature
        return float((np.logaddexp(0, scaled) - truth * scaled).mean())

    return float(min(STEPS, key=entropy))


def click_answers(model: OurClickModel, painter: Painter, count: int) -> Answers:
    """The expected IoU's logit and the IoU reached, of the mask shown after one click."""
    expected, reached = [], []
    for _ in range(count):
        scene = painter.object_scene(OBJECT_SHARES)
        embedding = model.encode(scene.rgb[None])[0]
        for target in scene.targets:
            x, y, label = next_click(target, np.zeros_like(target))
            decoded = model.decode(embedding, Prompt(np.array([[x, y]], np.float32), np.array([label])))
            mask = decoded.logits > 0
            expected.append(logit(np.clip(decoded.score, 1e-4, 1 - 1e-4)))
            reached.append((mask & target).sum() / max((mask | target).sum(), 1))
    return np.array(expected), np.array(reached)


def text_answers(model: OurTextModel, painter: Painter, count: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Logits (K, n) and what is known (K, n) of a view's pixels."""
    for index in range(count):
        scene = painter.class_scene(CLASS_SHARES, mosaic=0.0) if index % 2 else painter.object_scene(OBJECT_SHARES)
        logits = model.classify(model.encode(scene.rgb[None])[0])
        yield logits[:, ::SPARSE, ::SPARSE].reshape(len(CLASSES), -1), scene.known[::SPARSE, ::SPARSE].reshape(-1, len(CLASSES)).T


def change_answers(model: OurChangeModel, dates: Dates, count: int) -> Answers:
    """Pixels of pairs, of whose classes it is known whether they changed; an old map comes with none of them."""
    found: list[Answers] = []
    for _ in range(count):
        pair = dates.draw()
        before, after = model.encode(pair.rgb)
        logits = model.compare(before, after, None)[:, ::SPARSE, ::SPARSE].reshape(-1)
        change = pair.change[::SPARSE, ::SPARSE].transpose(2, 0, 1).reshape(-1)
        here = np.isin(np.repeat(np.arange(len(CLASSES)), len(change) // len(CLASSES)), _labelled(pair.known))
        found.append((logits[here & (change != UNKNOWN)], change[here & (change != UNKNOWN)].astype(float)))
    return np.concatenate([logits for logits, _ in found]), np.concatenate([truth for _, truth in found])


def _labelled(known: np.ndarray) -> np.ndarray:
    """Indices of the classes that the view has: that none of the others changes is too easily said."""
    return np.flatnonzero((known == 1).any(axis=tuple(range(known.ndim - 1))))


def text_temperatures(model: OurTextModel, painter: Painter, views: int) -> np.ndarray:
    """(K,)"""
    text = list(text_answers(model, painter, views))
    logits, known = (np.concatenate(parts, axis=1) for parts in zip(*text, strict=True))
    each = np.full(len(CLASSES), np.nan)
    for index, (row, truth) in enumerate(zip(logits, known, strict=True)):
        if min((truth == 0).sum(), (truth == 1).sum()) >= FEWEST:
            each[index] = likeliest(row[truth != UNKNOWN], truth[truth != UNKNOWN])
    return np.where(np.isnan(each), np.nanmedian(each), each)


def temperatures(file: Path, data: Path, jobs: Sequence[str], views: int, seed: int) -> dict[str, np.ndarray]:
    """Of these jobs, by the name of the tensor."""
    found = {}
    painter = Painter(sources(data, None, held_out=True), np.random.default_rng(seed))
    if "click" in jobs:
        found["click_temperature"] = np.array(likeliest(*click_answers(OurClickModel(file, "click"), painter, views)))
    if "text" in jobs:
        found["text_temperature"] = text_temperatures(OurTextModel(file, "text"), painter, views)
    if "change" in jobs:
        dates = held_dates(new_net(file), painter, data)
        found["change_temperature"] = np.array(likeliest(*change_answers(OurChangeModel(file, "change"), dates, views)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    parser.add_argument("--views", type=int, default=300, help="how many are looked at for each head")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=JOBS, default=JOBS, help="heads whose temperatures are set")
    args = parser.parse_args()
    tensors = load_file(args.file)
    names = [f"{job}_temperature" for job in args.only]
    save_file({**tensors, **{name: torch.ones_like(tensors[name]) for name in names}}, args.file)
    found = temperatures(args.file, args.data, args.only, args.views, args.seed)
    print({name: np.round(value, 2).tolist() for name, value in found.items()})
    save_file({**tensors, **{name: torch.from_numpy(value).half() for name, value in found.items()}}, args.file)


if __name__ == "__main__":
    main()
