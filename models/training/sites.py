"""What is built and laid on the ground between two dates: houses with their lots, paving, graded soil. uint8 views; needs OpenCV.

Every function changes the scene it is given: the picture, and what is known of it.
"""

from __future__ import annotations

import cv2
import numpy as np

from ..classes import CLASSES
from . import pairs, seasons
from .augment import RNG
from .framing import SIDE
from .labels import BUILDING, UNKNOWN
from .scenes import Scene

HOUSE = CLASSES.index("building")


def graded(scene: Scene, rng: RNG) -> Scene:
    """The scene with bare soil in a part of it, smooth, striped or spotted, as building sites and ploughed fields are."""
    rows, columns = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    soil = np.zeros((SIDE, SIDE), np.float32)
    for cells in (4, 16, 64):
        grain = rng.normal(0, rng.uniform(1, 11), (cells, cells)).astype(np.float32)
        soil += cv2.resize(grain, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    if rng.random() < 0.5:
        angle, period = rng.uniform(0, np.pi), rng.uniform(4, 40)
        soil += np.float32(rng.uniform(3, 25)) * np.sin((columns * np.cos(angle) + rows * np.sin(angle)) * (2 * np.pi / period))
    part = np.zeros((SIDE, SIDE), np.uint8)
    corners = rng.uniform(0.1, 0.9, 2) * SIDE + rng.normal(0, 0.4 * SIDE, (rng.integers(3, 8), 2))
    cv2.fillPoly(part, [cv2.convexHull(corners.astype(np.int32))], 1)
    part[scene.known[..., HOUSE] == 1] = 0
    soft = cv2.GaussianBlur(part.astype(np.float32), (0, 0), rng.uniform(0.6, 4))[..., None] * np.float32(rng.uniform(0.6, 1))
    colour = seasons.SOILS[rng.integers(len(seasons.SOILS))] * np.float32(np.exp(rng.normal(0.1, 0.25)))
    scene.rgb = np.clip(scene.rgb * (1 - soft) + (colour + soil[..., None]) * soft, 0, 255).astype(np.uint8)
    scene.known[part > 0] = UNKNOWN
    scene.known[part > 0, HOUSE] = 0
    return scene


def razed(scene: Scene, rng: RNG) -> Scene:
    """The scene with ground in place of its buildings, as far as it has ground enough."""
    for _ in range(3 * len(pairs.objects_of(scene))):
        pairs.remove(scene, HOUSE, rng)
    return scene


def rectangles(ids: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Of the objects with these numbers those that are about rectangles, as such: guesses have round corners, and roofs have none."""
    found = np.zeros(ids.shape, np.int32)
    for number in numbers:
        points = cv2.findNonZero((ids == number).astype(np.uint8))
        box = cv2.minAreaRect(points)
        if len(points) > 0.7 * box[1][0] * box[1][1]:
            cv2.fillPoly(found, [cv2.boxPoints((box[0], (0.95 * box[1][0], 0.95 * box[1][1]), box[2])).astype(np.int32)], int(number))
    return found


def pave(after: Scene, rng: RNG) -> None:
    """New streets, drives and yards, smooth and bright or dark as roofs are, where no house is: they are no buildings."""
    for _ in range(rng.integers(1, 7)):
        form = np.zeros((SIDE, SIDE), np.uint8)
        x, y = rng.uniform(0, SIDE, 2)
        angle, length = rng.uniform(0, 2 * np.pi), np.exp(rng.uniform(np.log(12), np.log(400)))
        width = int(np.exp(rng.uniform(np.log(3), np.log(26))))
        if rng.random() < 0.7:
            end = x + length * np.cos(angle), y + length * np.sin(angle)
            cv2.line(form, (int(x), int(y)), (int(end[0]), int(end[1])), 1, width)
        else:
            box = cv2.boxPoints(((x, y), (min(length, 90), 2 * width), float(np.degrees(angle))))
            cv2.fillPoly(form, [box.astype(np.int32)], 1)
        form[after.known[..., HOUSE] != 0] = 0
        soft = cv2.GaussianBlur(form.astype(np.float32), (0, 0), rng.uniform(0.5, 1.2))[..., None] * np.float32(rng.uniform(0.7, 1))
        colour = rng.uniform(50, 235) + rng.normal(0, 8, 3) + (np.array([14, 0, -18]) if rng.random() < 0.4 else 0)
        grain = rng.normal(0, rng.uniform(1, 7), (SIDE, SIDE, 1))
        after.rgb = np.clip(after.rgb * (1 - soft) + (colour + grain) * soft, 0, 255).astype(np.uint8)
        paved = form > 0
        after.known[paved] = UNKNOWN
        after.known[paved, HOUSE] = 0


def cut(ids: np.ndarray | None) -> np.ndarray:
    """The objects that the view cuts."""
    return np.zeros(0, int) if ids is None else np.unique(np.concatenate([ids[0], ids[-1], ids[:, 0], ids[:, -1]]))


def build(after: Scene, donor: Scene, mask: np.ndarray, free: np.ndarray, lot: np.ndarray | None, rng: RNG) -> None:
    """An object of the donor, turned, at a free place: `free` (256, 256) is 1 where there is room, and loses that of the object.

    lot: a colour (3,) for the ground around it, or None.
    """
    rows, columns = np.nonzero(mask)
    part = np.s_[max(rows.min() - 1, 0) : rows.max() + 2, max(columns.min() - 1, 0) : columns.max() + 2]
    turns, mirrored = int(rng.integers(4)), rng.random() < 0.5
    stamp, shape = np.rot90(donor.rgb[part], turns), np.rot90(mask[part], turns)
    if mirrored:
        stamp, shape = stamp[:, ::-1], shape[:, ::-1]
    room = _room(shape, free, rng)
    if room is None:
        return
    place, inner = room
    full = np.zeros((SIDE, SIDE), np.float32)
    full[place] = shape[inner]
    near = full > 0
    colours = after.rgb.astype(np.float32)
    size = max(shape.shape)
    if lot is not None:
        colours = _with_lot(colours, place, int(size * rng.uniform(0.1, 0.6)) + 2, (free > 0) | near, lot, rng)
    if rng.random() < 0.75:
        reach, angle = max(1.5, 0.12 * size) * rng.uniform(0.4, 1.4), rng.uniform(0, 2 * np.pi)
        move = np.array([[1, 0, reach * np.cos(angle)], [0, 1, reach * np.sin(angle)]])
        shade = cv2.warpAffine(full, move, (SIDE, SIDE))
        colours *= 1 - cv2.GaussianBlur(shade, (0, 0), 0.8)[..., None] * np.float32(rng.uniform(0.2, 0.6))
    stamp = np.clip(stamp * np.exp(rng.normal(0, 0.18)) + rng.normal(0, 10, 3), 0, 255).astype(np.float32)
    if rng.random() < 0.4:  # grey, as shingle is
        stamp = stamp.mean(2, keepdims=True) * (1 + rng.normal(0, 0.05, 3)) * rng.uniform(0.6, 1.1)
    lit = np.zeros_like(colours)
    lit[place] = stamp[inner]
    soft = cv2.GaussianBlur(full, (0, 0), rng.uniform(0.4, 0.9))[..., None]
    fill = cv2.dilate(lit * near[..., None], np.ones((3, 3))) * ~near[..., None] + lit * near[..., None]  # no dark rim
    after.rgb = np.clip(colours * (1 - soft) + fill * soft, 0, 255).astype(np.uint8)
    after.known[near] = BUILDING
    if after.ids is not None:
        after.ids = np.where(near, 0, after.ids)
    free[cv2.dilate(near.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0] = 0


def _room(shape: np.ndarray, free: np.ndarray, rng: RNG) -> tuple[tuple[slice, slice], tuple[slice, slice]] | None:
    """Where the bool (h, w) shape fits into what is free, perhaps cut by the view's edge: the place, and the part of the shape there."""
    height, width = shape.shape
    if max(height, width) > 0.7 * SIDE:
        return None
    for _ in range(6):
        top, left = int(rng.integers(-height // 3, SIDE - 2 * height // 3)), int(rng.integers(-width // 3, SIDE - 2 * width // 3))
        y0, x0, y1, x1 = max(top, 0), max(left, 0), min(top + height, SIDE), min(left + width, SIDE)
        inner = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
        if shape[inner].any() and free[y0:y1, x0:x1][shape[inner]].mean() > 0.97:
            return np.s_[y0:y1, x0:x1], inner
    return None


def _with_lot(colours: np.ndarray, place: tuple[slice, slice], border: int, room: np.ndarray, lot: np.ndarray, rng: RNG) -> np.ndarray:
    """float32 (256, 256, 3): the ground `border` pixels around a place in another colour, with its own texture, as far as there is room."""
    around = np.zeros((SIDE, SIDE), np.float32)
    rows, columns = place
    around[max(rows.start - border, 0) : rows.stop + border, max(columns.start - border, 0) : columns.stop + border] = 1
    around = cv2.GaussianBlur(around * room, (0, 0), 1.2)[..., None] * np.float32(rng.uniform(0.4, 0.95))
    texture = (colours.mean(2, keepdims=True) / max(float(colours.mean()), 1.0)).clip(0.6, 1.5)
    found: np.ndarray = colours * (1 - around) + lot * np.float32(np.exp(rng.normal(0, 0.1))) * texture * around
    return found
