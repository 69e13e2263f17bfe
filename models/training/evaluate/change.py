"""What changed between two dates: `evaluate change` over `A/ B/ label/`.

Precision, recall, F1 and IoU are of changed pixels, all of a set together. Where labels say from what to what (`labelA/` and `labelB/` with
class ids, 0 = unchanged, and a classes.json; or ids in `label/`), SeK and F_scd are as the SECOND data set defines them, over the maps of
both dates. With --synthetic the pairs are made from a set's `images/` and `instances/`.
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
from .methods import Compare, Pairwise, Predict
from .metrics import confusion, detection, f_scd, sek
from .truth import CLASSES_FILE, IGNORE, Selection, paths_of, read_classes, read_labels, read_rgb

BUILT = ("building", "solar panel")  # what sets mean whose labels only say that something changed: seasons and tides are no change there


@dataclass(frozen=True)
class Pair:
    before: np.ndarray  # uint8 (h, w, 3), stretched, each date by itself
    after: np.ndarray
    changed: np.ndarray  # uint8 (h, w): 1, 0 or IGNORE
    kinds: tuple[np.ndarray, ...] = ()  # uint8 (h, w) a labelled date: 0 = unchanged, else 1 + index of the class, IGNORE
    old_map: np.ndarray | None = None  # uint8 (h, w), as in `nets.comparing`


@dataclass(frozen=True)
class Answer:
    """change: (h, w) logits. sides: uint8 (h, w) of both dates, 0 where nothing changed, else 1 + index of the class, or one more than
    there are classes where none was or is; None where the method does not know classes."""

    change: np.ndarray
    sides: tuple[np.ndarray, np.ndarray] | None = None


@dataclass(frozen=True)
class Method:
    """How a pair is answered."""

    answer: Callable[[Pair], Answer]
    has_scores: bool = True  # False where logits are only a yes or a no


def by_compare(compare: Compare, dates: Predict | None = None, has_scores: bool = True) -> Method:
    """compare: logits (phrases, h, w) of what changed; dates: logits of one date's classes, for from and to."""

    def answer(pair: Pair) -> Answer:
        logits = compare(pair.before, pair.after)
        return Answer(logits.max(0), dates and from_to(dates(pair.before), dates(pair.after), logits))

    return Method(answer, has_scores)


def by_pairs(pairwise: Pairwise) -> Method:
    """pairwise: change and the classes of both dates at once, as `nets.comparing` gives them."""

    def answer(pair: Pair) -> Answer:
        change, *classes = pairwise(pair.before, pair.after, pair.old_map)
        first, second = np.split(np.array(classes), 2)
        was, became = (np.concatenate([side, np.zeros_like(side[:1])]).argmax(0) + 1 for side in (first, second))
        here = change > 0
        return Answer(change, (np.where(here, was, 0).astype(np.uint8), np.where(here, became, 0).astype(np.uint8)))

    return Method(answer)


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
        answer = method.answer(pair)
        known = pair.changed != IGNORE
        said, truth = answer.change[known] > 0, pair.changed[known] == 1
        counts.append(((said & truth).sum(), (said & ~truth).sum(), (~said & truth).sum()))
        if reliability is not None and method.has_scores:
            reliability.add(probability(answer.change[known]), truth)
        if pair.kinds and answer.sides is not None:
            sides = _labelled_sides(pair, answer.sides, gone=len(classes) + 1)
            matrices.append(sum(confusion(kinds, side, len(classes) + 1) for kinds, side in zip(pair.kinds, sides, strict=True)))
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


def _labelled_sides(pair: Pair, sides: tuple[np.ndarray, np.ndarray], gone: int) -> list[np.ndarray]:
    """Of one labelled map only what it became, or was where it is `gone`: background, which the labels do not know."""
    if len(pair.kinds) == 1:
        return [np.where(sides[1] == gone, sides[0], sides[1])]
    return list(sides)
