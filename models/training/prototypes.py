"""Give trained weights prototypes of the classes: `python -m models.training.prototypes FILE --data DIR [--scenes DIR] [--out FILE]`.

The text model's second opinion (see `nets/text_model.py`): some typical pixel features of each class, and how far resemblance to the
nearest tells the class. Typical are the centres of pixels that are labelled so and classified so, confidently; what resemblance is worth
is then a logistic regression over all labelled pixels, the lost ones among them. To be run after temperatures are set: the sizes of
calibrated logits and of these are compared. About a minute.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from scipy.cluster.vq import kmeans2
from scipy.optimize import minimize
from scipy.special import expit
from torch.nn import functional

from ..classes import CLASSES
from ..nets.net import PROTOTYPES
from ..nets.text_model import OurTextModel
from .labels import UNKNOWN, sources
from .scenes import Painter, Scene

FAIR = 400  # pixels of a scene, drawn without regard to their class: for the regression
OFTEN = 60  # pixels of a scene and class, for the centres
SURE = 0.8  # score of a confident pixel
FEWEST = 40  # pixels a prototype: with fewer a class has none
SILENT = -30.0  # offset of a class without prototypes: nothing resembles it


@dataclass(frozen=True)
class Pixels:
    units: np.ndarray  # float32 (n, d), unit length
    known: np.ndarray  # uint8 (n, K): 1 is of the class, 0 is not, UNKNOWN
    scores: np.ndarray  # float32 (n, K), 0..1
    fair: np.ndarray  # bool (n,): drawn without regard to the class


def prototypes(seen: Pixels, rng: np.random.Generator) -> np.ndarray:
    """float32 (K, PROTOTYPES, d + 1), as `text_model.resemblance` reads them."""
    table = np.zeros((seen.known.shape[1], PROTOTYPES, seen.units.shape[1] + 1), np.float32)
    table[:, :, -1] = SILENT
    for index in range(len(table)):
        found = centres(seen.units[(seen.known[:, index] == 1) & (seen.scores[:, index] > SURE)], rng)
        labelled = seen.fair & (seen.known[:, index] != UNKNOWN)
        if found is not None and labelled.any():
            slope, offset = worth((seen.units[labelled] @ found.T).max(1), seen.known[labelled, index] == 1)
            if slope > 0:
                table[index, :, :-1], table[index, :, -1] = slope * found, offset
    return table


def centres(units: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """Unit vectors (PROTOTYPES, d) in the middle of as many clusters; None for too few pixels."""
    if len(units) < FEWEST * PROTOTYPES:
        return None
    middles, _ = kmeans2(units, PROTOTYPES, minit="++", rng=rng, missing="warn")
    unit: np.ndarray = middles / np.linalg.norm(middles, axis=1, keepdims=True).clip(1e-6)
    return unit


def worth(cosines: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Slope and offset of the logistic regression of a bool (n,) on cosines (n,); a light prior keeps a perfect split finite."""
    signs = np.where(truth, 1.0, -1.0)

    def loss(both: np.ndarray) -> tuple[float, np.ndarray]:
        margin = signs * (both[0] * cosines + both[1])
        pull = -signs * expit(-margin)
        value = np.logaddexp(0, -margin).mean() + 1e-4 * both @ both
        return float(value), np.array([(pull * cosines).mean(), pull.mean()]) + 2e-4 * both

    slope, offset = minimize(loss, np.array([5.0, -3.0]), jac=True, method="BFGS").x
    return float(slope), float(offset)


def look(model: OurTextModel, scene: Scene, rng: np.random.Generator) -> Pixels:
    """Some pixels of a scene: drawn fairly, and more of each class that it has."""
    embedding = model.encode(scene.rgb[None])[0]
    with torch.inference_mode():
        pixels = model.net.text.pixels(embedding.features)
        scores = torch.sigmoid(model.net.text.compare(pixels) / model.net.text_temperature[:, None, None])
        units = functional.normalize(pixels, dim=1)
    flat_units, flat_scores = (part[0].flatten(1).T.float().cpu().numpy() for part in (units, scores))
    known = scene.known[1::2, 1::2].reshape(-1, len(CLASSES))  # features are at half size
    chosen = [rng.choice(len(known), FAIR, replace=False)]
    for index in range(len(CLASSES)):
        there = np.flatnonzero(known[:, index] == 1)
        chosen.append(rng.permutation(there)[:OFTEN])
    at = np.concatenate(chosen)
    return Pixels(flat_units[at], known[at], flat_scores[at], np.arange(len(at)) < FAIR)


def scenes_of(data: Path, scenes: Path | None, each: int, rng: np.random.Generator) -> Iterator[Scene]:
    """So many pieces of every training set."""
    painter = Painter(sources(data, scenes), rng)
    for source in painter.sources.values():
        for _ in range(each):
            yield painter.piece(source)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the training sets")
    parser.add_argument("--scenes", type=Path, help="the folder of the scenes, of which the ponds are a training set")
    parser.add_argument("--out", type=Path, help="where to write; by default in place of FILE")
    parser.add_argument("--each", type=int, default=24, help="scenes of each set")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    model = OurTextModel(args.file, args.file.stem)
    parts = [look(model, scene, rng) for scene in scenes_of(args.data, args.scenes, args.each, rng)]
    seen = Pixels(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("units", "known", "scores", "fair")))
    table = prototypes(seen, rng)
    for name, rows in zip(CLASSES, table, strict=True):
        print(f"{name:12} slope {np.linalg.norm(rows[0, :-1]):6.2f} offset {rows[0, -1]:7.2f}")
    save_file({**load_file(args.file), "text_prototypes": torch.from_numpy(table).half()}, args.out or args.file)


if __name__ == "__main__":
    main()
