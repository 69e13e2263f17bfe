"""Pairs of dates made from single dates: what is pasted, removed or moved has changed, what is only seen differently has not.

Synthetic change from single-date labels follows HySCDG (Benidir et al., 2025, https://arxiv.org/abs/2503.15683), with copies in place of a
generator; unrelated images as a pair follow ChangeStar (Zheng et al., 2021, https://arxiv.org/abs/2108.07002).
"""

from __future__ import annotations

import cv2
import numpy as np

from ..classes import CLASSES
from .augment import RNG
from .framing import SIDE
from .labels import BUILDING, SOLAR, UNKNOWN
from .scenes import Scene

MOST_SHIFT = 3.0  # pixels that two dates lie apart
RULES = {"building": BUILDING, "solar panel": SOLAR}


def edited(scene: Scene, donor: Scene, rng: RNG) -> Scene:
    """The same ground at another date. Objects of `donor` are pasted, objects of `scene` removed; some things are only recoloured.

    What is neither pasted nor removed is, and is not, what it was; so `changed` finds the labels of the pair.
    """
    after = Scene(scene.rgb.copy(), scene.known.copy(), scene.weight, ids=scene.ids)
    kind = kind_of(scene)
    for _ in range(rng.integers(1, 6)):
        way = rng.random()
        if way < 0.4:
            _paste(after, donor, rng)
        elif way < 0.7:
            remove(after, kind, rng)
        else:
            recolour(after, rng)
    for _ in range(rng.integers(0, 4)):
        cover_ground(after, kind, rng)
    return _shifted(after, rng)


def changed(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """uint8, 1 where a class came or went, 0 where it stayed or stayed away, UNKNOWN where a date does not know. Any equal shapes."""
    return np.where((before == UNKNOWN) | (after == UNKNOWN), UNKNOWN, before != after).astype(np.uint8)


def untouched(before: Scene, after: Scene) -> np.ndarray:
    """`changed` for a pair of `edited`, in which what no edit reached has not changed, whatever it is. uint8 (256, 256, K)."""
    found = changed(before.known, after.known)
    same = (before.known == after.known).all(2)
    found[same] = 0
    return found


def kind_of(scene: Scene) -> int:
    """The class of the scene's objects."""
    inside = scene.known[scene.ids > 0] if scene.ids is not None else scene.known[:0, 0]
    counts = [(inside[:, CLASSES.index(name)] == 1).sum() if len(inside) else 0 for name in RULES]
    return CLASSES.index(list(RULES)[int(np.argmax(counts))])


def objects_of(scene: Scene) -> np.ndarray:
    return np.unique(scene.ids)[1:] if scene.ids is not None else np.zeros(0, int)


def _paste(after: Scene, donor: Scene, rng: RNG) -> None:
    """An object of the donor, turned by quarter turns, at another place, with a shadow."""
    numbers = objects_of(donor)
    kind = CLASSES[kind_of(donor)]
    if not len(numbers) or donor.ids is None:
        return
    mask = donor.ids == rng.choice(numbers)
    if not (donor.known[mask][:, CLASSES.index(kind)] == 1).all():
        return  # not an object that can be pasted, or one that the view cuts
    rows, columns = np.nonzero(mask)
    part = np.s_[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    turns = int(rng.integers(4))
    stamp, shape = np.rot90(donor.rgb[part], turns), np.rot90(mask[part], turns)
    if max(shape.shape) > 0.8 * SIDE:
        return
    top, left = (int(rng.integers(0, SIDE - size + 1)) for size in shape.shape)
    place = np.s_[top : top + shape.shape[0], left : left + shape.shape[1]]
    full, colours = np.zeros((SIDE, SIDE), np.float32), after.rgb.astype(np.float32)
    full[place] = shape
    if rng.random() < 0.7:
        reach = max(1.0, 0.12 * max(shape.shape)) * rng.uniform(0.3, 1.2)
        angle = rng.uniform(0, 2 * np.pi)
        shade = cv2.warpAffine(full, np.array([[1, 0, reach * np.cos(angle)], [0, 1, reach * np.sin(angle)]]), (SIDE, SIDE))
        colours *= 1 - cv2.GaussianBlur(shade, (0, 0), 0.8)[..., None] * rng.uniform(0.2, 0.55)
    lit = np.zeros_like(colours)
    lit[place] = np.clip(stamp * np.exp(rng.normal(0, 0.12)) + rng.normal(0, 8, 3), 0, 255)
    soft = cv2.GaussianBlur(full, (0, 0), rng.uniform(0.4, 0.9))[..., None]
    near = full > 0
    fill = cv2.dilate(lit, np.ones((3, 3))) * ~near[..., None] + lit * near[..., None]  # no dark rim
    after.rgb = np.clip(colours * (1 - soft) + fill * soft, 0, 255).astype(np.uint8)
    after.known[near] = RULES[kind]
    if after.ids is not None:
        after.ids = np.where(near, 0, after.ids)


def remove(after: Scene, kind: int, rng: RNG) -> None:
    """An object of the scene goes under a piece of ground from elsewhere in it; what is there now, only the object's absence tells."""
    numbers = objects_of(after)
    if not len(numbers) or after.ids is None:
        return
    mask = after.ids == rng.choice(numbers)
    hidden = cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    ground = _ground_over(after, hidden, kind, rng)
    if ground is not None:
        soft = cv2.GaussianBlur(hidden.astype(np.float32), (0, 0), rng.uniform(0.7, 2))[..., None]
        after.rgb = (after.rgb * (1 - soft) + ground * soft).astype(np.uint8)
        after.known[hidden] = UNKNOWN
        after.known[hidden, kind] = 0
        after.ids = np.where(hidden, 0, after.ids)


def cover_ground(after: Scene, kind: int, rng: RNG) -> None:
    """A patch of ground is replaced by other ground: something changed, but not the class."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    size = rng.uniform(4, 28, 2)
    middle = rng.uniform(0, SIDE, 2)
    patch = ((rows - middle[0]) / size[0]) ** 2 + ((columns - middle[1]) / size[1]) ** 2 < 1
    patch &= after.known[..., kind] == 0
    ground = _ground_over(after, patch, kind, rng)
    if ground is not None:
        soft = cv2.GaussianBlur(patch.astype(np.float32), (0, 0), 1.2)[..., None]
        after.rgb = (after.rgb * (1 - soft) + ground * soft).astype(np.uint8)
        after.known[patch] = UNKNOWN
        after.known[patch, kind] = 0


def recolour(after: Scene, rng: RNG) -> None:
    """A roof painted anew, or in another light, is the same roof."""
    numbers = objects_of(after)
    if len(numbers) and after.ids is not None:
        mask = cv2.GaussianBlur((after.ids == rng.choice(numbers)).astype(np.float32), (0, 0), 0.7)[..., None]
        painted = np.clip(after.rgb * np.exp(rng.normal(0, 0.25)) + rng.normal(0, 25, 3), 0, 255)
        after.rgb = (after.rgb * (1 - mask) + painted * mask).astype(np.uint8)


def _ground_over(scene: Scene, hidden: np.ndarray, kind: int, rng: RNG) -> np.ndarray | None:
    """The scene moved so that what lies over `hidden` is nowhere of the class; None where no such move is found."""
    if not hidden.any():
        return None
    free = scene.known[..., kind] == 0
    for _ in range(8):
        down, right = (int(value) for value in rng.integers(-100, 101, 2))
        moved = np.zeros_like(free)
        source = np.s_[max(-down, 0) : SIDE - max(down, 0), max(-right, 0) : SIDE - max(right, 0)]
        target = np.s_[max(down, 0) : SIDE - max(-down, 0), max(right, 0) : SIDE - max(-right, 0)]
        moved[target] = free[source]
        if moved[hidden].mean() > 0.97:
            ground = scene.rgb.copy()
            ground[target] = scene.rgb[source]
            return ground
    return None


def _shifted(scene: Scene, rng: RNG) -> Scene:
    """The picture a little beside its labels, as two dates lie: labels stay with the first."""
    if rng.random() < 0.7:
        x, y = rng.uniform(-MOST_SHIFT, MOST_SHIFT, 2)
        scene.rgb = cv2.warpAffine(scene.rgb, np.array([[1, 0, x], [0, 1, y]]), (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)
    return scene
