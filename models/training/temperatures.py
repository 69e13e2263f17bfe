"""Set the temperatures, so that a score of 0.8 is right about 8 times in 10: `python -m models.training.temperatures FILE --data DIR`.

Logits are divided by the number that makes labels likeliest which training left out (Guo et al., 2017,
https://arxiv.org/abs/1706.04599): one for the click head's scores, one for each class of the text head, one for the change head. Where a
mask ends does not move. Validation data is not read. Changes FILE in place; about two minutes.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
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
from .batches import CLASS_SHARES, OBJECT_SHARES
from .clicks import next_click
from .labels import UNKNOWN, sources
from .pairs import edited, untouched
from .scenes import Painter

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


def change_answers(model: OurChangeModel, painter: Painter, count: int) -> Answers:
    """Pixels of pairs made from one date, of whose classes it is known whether they changed."""
    found: list[Answers] = []
    for _ in range(count):
        scene, donor = painter.object_scene(OBJECT_SHARES), painter.object_scene(OBJECT_SHARES)
        after = edited(scene, donor, painter.rng)
        before_seen, after_seen = model.encode(np.stack([scene.rgb, after.rgb]))
        logits = model.compare(before_seen, after_seen, None)[:, ::SPARSE, ::SPARSE].reshape(-1)
        change = untouched(scene, after)[::SPARSE, ::SPARSE].transpose(2, 0, 1).reshape(-1)
        here = np.isin(np.repeat(np.arange(len(CLASSES)), len(change) // len(CLASSES)), _labelled(scene.known))
        found.append((logits[here & (change != UNKNOWN)], change[here & (change != UNKNOWN)].astype(float)))
    return np.concatenate([logits for logits, _ in found]), np.concatenate([truth for _, truth in found])


def _labelled(known: np.ndarray) -> np.ndarray:
    """Indices of the classes that the view has: that none of the others changes is too easily said."""
    return np.flatnonzero((known == 1).any((0, 1)))


def temperatures(file: Path, painter: Painter, views: int) -> dict[str, np.ndarray]:
    """By the name of the tensor."""
    text = list(text_answers(OurTextModel(file, "text"), painter, views))
    logits, known = (np.concatenate(parts, axis=1) for parts in zip(*text, strict=True))
    each = np.full(len(CLASSES), np.nan)
    for index, (row, truth) in enumerate(zip(logits, known, strict=True)):
        if min((truth == 0).sum(), (truth == 1).sum()) >= FEWEST:
            each[index] = likeliest(row[truth != UNKNOWN], truth[truth != UNKNOWN])
    return {
        "click_temperature": np.array(likeliest(*click_answers(OurClickModel(file, "click"), painter, views))),
        "text_temperature": np.where(np.isnan(each), np.nanmedian(each), each),
        "change_temperature": np.array(likeliest(*change_answers(OurChangeModel(file, "change"), painter, views))),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    parser.add_argument("--views", type=int, default=300, help="how many are looked at for each head")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    tensors = load_file(args.file)
    unset = {name: torch.ones_like(value) for name, value in tensors.items() if name.endswith("_temperature")}
    save_file({**tensors, **unset}, args.file)
    painter = Painter(sources(args.data, None, held_out=True), np.random.default_rng(args.seed))
    found = temperatures(args.file, painter, args.views)
    print({name: np.round(value, 2).tolist() for name, value in found.items()})
    save_file({**tensors, **{name: torch.from_numpy(value).half() for name, value in found.items()}}, args.file)


if __name__ == "__main__":
    main()
