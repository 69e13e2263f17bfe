"""Changes that are none: what two rasters show beside each other because they do not lie exactly on each other.

A change is explained away where one shift s within the measured uncertainty turns each date into the other over the whole object: at SHARE
of its pixels p, what was at p + s is what the object is now, and at SHARE of them, what is at p - s is what the object was. Both are asked,
or a gap between two roofs that was closed would be explained by either roof. Where classes are known, "what it is" is the class of what
appeared (and "what it was" any other), and of what turned into something else both classes. Where none are, pictures are compared: one such
shift must take the difference within the object down to that around it, in both directions. Exchanging the dates exchanges s and -s.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import ndimage

from ..objects.instances import HALF
from ..objects.shares import Pace, Sharing
from ..protocol import Shift
from ..surveying.frame import Frame
from ..surveying.source import Source
from .covered import Piece, pieces_of
from .draft import Draft
from .kinds import APPEARED, DISAPPEARED, UNKNOWN, groups_of
from .objects import Changed
from .planes import CHANGED, IS, WAS

# Of an object's pixels that a shift must explain. Slivers are thin, and borders wobble from date to date: of 69 along roofs and roads of a
# made scene, 2 pixels beside itself and with borders a third of a pixel off, 0.9 leaves 52 and 0.7 leaves one. What is wider than the
# uncertainty by half of it is safe.
SHARE = 0.7
GRID = 0.5  # pixels: how far a border may lie beside that of the pixels it is drawn with
ASKED = 4096  # pixels of a piece of an object
AROUND = 8  # pixels around an object with which its pictures are compared
ALIKE, LEVELS = 1.25, 2.0  # a difference is that of the surroundings up to so many times, and so many levels of 255
HALVED = 0.5  # of the difference without a shift: what is left must be less


def shifts_within(uncertainty: float, centre: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """int (n, 2): the shifts (columns, rows) in whole pixels that lie within the uncertainty of a measured one, GRID more for the pixels'
    own. Those of the opposite centre are the opposite ones."""
    reach = uncertainty + GRID
    most = int(np.ceil(max(abs(centre[0]), abs(centre[1])) + reach))
    across, down = (grid.ravel() for grid in np.meshgrid(np.arange(-most, most + 1), np.arange(-most, most + 1)))
    near = (across - centre[0]) ** 2 + (down - centre[1]) ** 2 <= reach**2 + 1e-9
    return np.stack([across[near], down[near]], axis=1)


def shifts_of(shift: Shift | None, frame: Frame) -> np.ndarray:
    """Those that a measured shift leaves in doubt, in pixels of a frame: p + s before is p after. One that was not taken away counts."""
    if shift is None:
        return shifts_within(0.5)
    centre = (0.0, 0.0) if shift.corrected else (-shift.x / frame.pixel, -shift.y / frame.pixel)
    return shifts_within(shift.uncertainty / frame.pixel, centre)


class Slivers:
    """Tells which changes a shift explains."""

    def __init__(self, draft: Draft, classes: Sequence[str], shifts: np.ndarray, pictures: Source | None = None) -> None:
        """classes: those of the draft, none where nobody knows them: then `pictures` gives both dates, uint8 (h, w, 6)."""
        self._draft, self._frame, self._pictures = draft, draft.frame, pictures
        self._codes = {name: code for code, name in enumerate(groups_of(classes).names)}
        self._shifts, self._reach = shifts, int(np.abs(shifts).max(initial=0))

    def without(self, changes: Sequence[Changed]) -> Sharing[list[Changed]]:
        """Those that are left."""
        left, pace = [], Pace()
        for at, change in enumerate(changes):
            if not self.explain(change):
                left.append(change)
            if pace.is_due():
                yield at / len(changes)
        return left

    def explain(self, change: Changed) -> bool:
        """Whether there is a shift that explains a change. Raises what reading the pictures raises."""
        if not len(self._shifts):
            return False
        if change.from_class != UNKNOWN or change.to_class != UNKNOWN:
            return self._explained_by_classes(change)
        return self._pictures is not None and self._explained_by_pictures(change, self._pictures)

    def _explained_by_classes(self, change: Changed) -> bool:
        was, now = self._tests(change)
        there, back = np.zeros((2, len(self._shifts)))
        pixels = 0
        for piece in pieces_of(change.outline, self._frame):
            planes = self._draft.read(*piece.around(self._reach))
            known = planes[CHANGED] > 0
            before, after = planes[WAS], planes[IS]
            is_was = [known & was(before), known & was(after)]  # where it is as it was
            is_now = [known & now(before), known & now(after)]
            rows, cols = np.nonzero(piece.inside & self._inner(is_was[0] & is_now[1] & (before != after)))
            there += self._seen(is_now[0], rows, cols, 1)
            back += self._seen(is_was[1], rows, cols, -1)
            pixels += len(rows)
        return pixels > 0 and float(np.minimum(there, back).max()) >= SHARE * pixels

    def _tests(self, change: Changed) -> tuple[Callable[[np.ndarray], np.ndarray], Callable[[np.ndarray], np.ndarray]]:
        """What a code must be to be what the object was, and what it is."""
        first, second = self._codes[change.from_class], self._codes[change.to_class]
        if change.kind == APPEARED:
            return lambda codes: codes != second, lambda codes: codes == second
        if change.kind == DISAPPEARED:
            return lambda codes: codes == first, lambda codes: codes != first
        return lambda codes: codes == first, lambda codes: codes == second

    def _inner(self, seen: np.ndarray) -> np.ndarray:
        """Without what was seen around it for the shifts' sake."""
        reach = self._reach
        return seen[reach : seen.shape[0] - reach, reach : seen.shape[1] - reach]

    def _seen(self, seen: np.ndarray, rows: np.ndarray, cols: np.ndarray, way: int) -> np.ndarray:
        """float (shifts,): of how many pixels p something is seen at p + way * s; rows and columns are those of the inner part.

        Of many pixels some are asked for all.
        """
        step = max(1, len(rows) // ASKED)
        down, across = rows[::step] + self._reach, cols[::step] + self._reach
        found = [np.count_nonzero(seen[down + way * row, across + way * col]) for col, row in self._shifts.tolist()]
        return np.array(found) * (len(rows) / max(1, len(down)))

    def _explained_by_pictures(self, change: Changed, pictures: Source) -> bool:
        there, back = np.zeros((2, len(self._shifts)))
        unmoved, pixels, around, beside = 0.0, 0, 0.0, 0
        for piece in pieces_of(change.outline, self._frame):
            before, after, known, ring = self._pair(piece, pictures)
            rows, cols = np.nonzero(np.pad(piece.inside, max(self._reach, AROUND)) & known)
            for at, (col, row) in enumerate(self._shifts.tolist()):
                there[at] += _difference(after[rows, cols], before[rows + row, cols + col])
                back[at] += _difference(before[rows, cols], after[rows - row, cols - col])
            unmoved += _difference(before[rows, cols], after[rows, cols])
            around += _difference(before[ring], after[ring])
            pixels, beside = pixels + len(rows), beside + int(ring.sum())
        if not pixels or not beside:
            return False
        least = float(np.maximum(there, back).min()) / pixels
        return least <= ALIKE * around / beside + LEVELS and least <= HALVED * unmoved / pixels

    def _pair(self, piece: Piece, pictures: Source) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Both pictures, int16 (h, w, 3), of a piece and its surroundings; where both are known; and what did not change around it."""
        reach, pixel, frame = max(self._reach, AROUND), self._frame.pixel, self._frame
        col, row, width, height = piece.around(reach)
        native = (frame.col + col) * pixel, (frame.row + row) * pixel, width * pixel, height * pixel
        seen = pictures.read(*native, width, height)
        changed = self._draft.read(col, row, width, height)[CHANGED]
        inside = np.pad(piece.inside, reach)
        near = ndimage.distance_transform_edt(~inside) <= AROUND
        rgb = seen.rgb.astype(np.int16)
        return rgb[..., :3], rgb[..., 3:6], seen.valid, near & ~inside & seen.valid & (changed > 0) & (changed < HALF)


def _difference(one: np.ndarray, other: np.ndarray) -> float:
    """The sum over pixels of the mean difference of their bands, levels of 255."""
    return float(np.abs(one - other).sum()) / one.shape[-1] if one.size else 0.0
