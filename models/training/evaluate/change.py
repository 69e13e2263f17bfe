"""What changed between two dates: `evaluate change` over `A/ B/ label/`.

Precision, recall, F1 and IoU are of changed pixels, all of a set together. Where labels say from what to what (`labelA/` and `labelB/` with
class ids, 0 = unchanged, and a classes.json; or ids in `label/`), SeK and F_scd are as the SECOND data set defines them, over the maps of
both dates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from ...comparing.logits import from_to
from ...errors import RequestInvalid
from . import degrade
from .bootstrap import interval
from .calibration import Reliability, probability
from .methods import Compare, Predict
from .metrics import confusion, detection, f_scd, sek
from .truth import CLASSES_FILE, IGNORE, Selection, paths_of, read_classes, read_labels, read_rgb

BUILT = ("building", "solar panel")  # what sets mean whose labels only say that something changed: seasons and tides are no change there


@dataclass(frozen=True)
class Pair:
    before: np.ndarray  # uint8 (h, w, 3), stretched, each date by itself
    after: np.ndarray
    changed: np.ndarray  # uint8 (h, w): 1, 0 or IGNORE
    kinds: tuple[np.ndarray, ...] = ()  # uint8 (h, w) a labelled date: 0 = unchanged, else 1 + index of the class, IGNORE


@dataclass(frozen=True)
class Method:
    """How a pair is answered. compare: logits (phrases, h, w) of what changed, changed where one of them is above 0. dates: logits of one
    date's classes, for from and to."""

    compare: Compare
    dates: Predict | None = None
    has_scores: bool = True  # False where logits are only a yes or a no


def classes_of(folder: Path, merge: dict[str, list[int]]) -> dict[str, list[int]]:
    """name -> ids where the set's labels say from what to what; empty where they only say what changed."""
    if merge or not (folder / CLASSES_FILE).is_file():
        return merge
    return {name: [number] for number, name in read_classes(folder).items()}


def read(folder: Path, selection: Selection, classes: dict[str, list[int]]) -> Iterator[Pair]:
    """A set's pairs in the order of their names. Raises RequestInvalid where folders or files are missing or differ in size."""
    labels = ("labelA", "labelB") if (folder / "labelA").is_dir() else ("label",)
    for path in selection.of(paths_of(folder, "A", "B", *labels)):
        other = next((file for file in sorted((folder / "B").iterdir()) if file.stem == path.stem), None)
        if other is None:
            raise RequestInvalid(f"{path.name} has no second date in {folder / 'B'}.", "Give files of the same names in A/ and B/.")
        (before, valid), (after, also_valid) = read_rgb(path), read_rgb(other)
        if before.shape != after.shape:
            raise RequestInvalid(f"The two dates of {path.stem} differ in size.", "Bring both to the same pixels first.")
        maps = [read_labels(folder / name, path.stem, before.shape) for name in labels]
        yield _pair(before, after, maps, valid & also_valid, _table(classes), selection.degrade, path.stem)


def evaluate(pairs: Iterable[Pair], method: Method, classes: dict[str, list[int]], reliability: Reliability | None = None) -> dict:
    """{"n", "precision", "recall", "f1", "iou", "interval"}, and of from-to sets "sek" and "f_scd" where the method names classes."""
    counts, matrices = [], []
    for pair in pairs:
        logits = method.compare(pair.before, pair.after)
        known = pair.changed != IGNORE
        said, truth = logits.max(0)[known] > 0, pair.changed[known] == 1
        counts.append(((said & truth).sum(), (said & ~truth).sum(), (~said & truth).sum()))
        if reliability is not None and method.has_scores:
            reliability.add(probability(logits.max(0)[known]), truth)
        if pair.kinds and method.dates is not None:
            answers = _from_to(pair, logits, method.dates)
            matrices.append(sum(confusion(kinds, said, len(classes) + 1) for kinds, said in zip(pair.kinds, answers, strict=True)))
    found = figures(np.array(counts, np.int64), detected, ("f1", "iou"))
    if matrices:
        of_classes = figures(np.array(matrices), lambda matrix: {"sek": sek(matrix), "f_scd": f_scd(matrix)}, ("sek", "f_scd"))
        found = {**found, **of_classes, "interval": {**found["interval"], **of_classes["interval"]}}
    return found


def detected(counts: np.ndarray) -> dict[str, float]:
    """counts: (3,), pixels rightly found, wrongly found and missed."""
    return detection(*(int(value) for value in counts))


def figures(tables: np.ndarray, measure: Callable[[np.ndarray], dict[str, float]], bounded: tuple[str, ...]) -> dict:
    """tables: (images, ...), counts that add up; the measures of all together, and the intervals of those in `bounded`."""

    def of(drawn: np.ndarray, name: str) -> float:
        return measure(tables[drawn].sum(0))[name]

    whole = {name: round(value, 4) for name, value in measure(tables.sum(0)).items()}
    bounds = {name: interval(partial(of, name=name), len(tables)) for name in bounded}
    return {"n": len(tables), **whole, "interval": bounds}


def _pair(
    before: np.ndarray, after: np.ndarray, maps: list[np.ndarray], valid: np.ndarray, table: np.ndarray | None, kind: str, name: str
) -> Pair:
    """A pair as the method sees it; table: from ids to kinds, None of labels that only say what changed."""
    kinds = [] if table is None else [np.where(valid, table[ids], IGNORE).astype(np.uint8) for ids in maps]
    if table is None:
        changed = np.where(valid, np.any([ids > 0 for ids in maps], axis=0), IGNORE).astype(np.uint8)
    else:
        unknown = np.any([ids == IGNORE for ids in kinds], axis=0)
        changed = np.where(unknown, IGNORE, np.any([ids > 0 for ids in kinds], axis=0)).astype(np.uint8)
    shown = [degrade.degraded(rgb, kind, f"{name} {date}") for rgb, date in ((before, "A"), (after, "B"))]
    changed, *kinds = [degrade.followed(labels, kind, IGNORE) for labels in (changed, *kinds)]
    return Pair(shown[0], shown[1], changed, tuple(kinds))


def _table(classes: dict[str, list[int]]) -> np.ndarray | None:
    if not classes:
        return None
    table = np.full(256, IGNORE, np.uint8)
    table[0] = 0
    for index, ids in enumerate(classes.values(), 1):
        table[ids] = index
    return table


def _from_to(pair: Pair, logits: np.ndarray, dates: Predict) -> list[np.ndarray]:
    """The classes of both dates where something changed, 0 where not; of one labelled map only what it became, or was where it is gone."""
    was, became = from_to(dates(pair.before), dates(pair.after), logits)
    gone = len(logits) + 1  # from_to's background, which the labels do not know
    if len(pair.kinds) == 1:
        return [np.where(became == gone, was, became)]
    return [was, became]
