"""A raster, or an area of it, through a network: in overlapping views on a grid fixed to the raster, blended, from top to bottom.

What comes out of a pixel depends on the raster and the network alone: not on the area asked for, nor on where a run was interrupted. Memory
is that of some views and of the overlap of two rows of views, however high the raster.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from shapely.geometry import MultiPolygon, Polygon

from .frame import Frame, frame_of
from .lanes import PATIENCE, Lanes, Looker, Seen
from .lookers import text_looker
from .plan import Plan
from .scratch import Scratch

__all__ = ["OVERLAP", "Frame", "Keep", "Looker", "Scratch", "Step", "Strip", "frame_of", "probability", "survey", "text_looker"]

OVERLAP = 24  # survey pixels that neighbouring views share; more gains no accuracy (`tests/bench/bench_survey.py`)
CERTAIN = 254  # levels from impossible to certain

Keep = Callable[[np.ndarray], np.ndarray]  # float32 (channels, h, w) logits -> uint8 (kept, h, w), pixel by pixel


@dataclass(frozen=True)
class Strip:
    """Finished rows of a frame."""

    row: int  # the first one
    values: np.ndarray  # uint8 (kept, rows, width of the frame); 0 outside of the area and where there are no data


class Step(NamedTuple):
    """How far a survey is, in survey pixels."""

    done: float
    total: float


def probability(logits: np.ndarray) -> np.ndarray:
    """float32 logits -> uint8 of the same shape, 1 (impossible) to 255 (certain); 0 is left for what was not asked."""
    with np.errstate(over="ignore"):  # one in infinity is none
        return np.rint(1 + CERTAIN / (1 + np.exp(-logits))).astype(np.uint8)


def survey(
    frame: Frame, area: Polygon | MultiPolygon | None, looker: Looker, scratch: Scratch, keep: Keep, overlap: int = OVERLAP
) -> Iterator[Strip | Step]:
    """Yields strips that follow each other from the frame's first row to its last, and in between a `Step` every few tenths of a second.

    area: in map coordinates; None is all of the frame. Strips that the scratch holds come at once; others are put there before they come.
    What `keep` does is for the scratch's key to say; all else that strips depend on, their names tell.
    Closing the iterator ends all work, within a view. Raises what `Raster.read`, the network and `Scratch.put` raise.
    """
    frame.raster.check_file()
    plan = Plan(frame, area, looker, overlap)
    work = _Work(plan, looker, keep, overlap)
    yield work.step
    missing = list(plan.rows)
    while missing and (piece := _unpacked(scratch.get(plan.name(missing[0])))) is not None:
        values, work.carried = piece
        yield from work.finish(missing.pop(0), values)
    if not missing:
        return
    with Lanes(frame.raster, frame.level, looker) as lanes, ThreadPoolExecutor(1, "writer") as writer:
        seen = lanes.seen(place for row in missing for place in plan.places(row))
        for row in missing:
            values = yield from work.blend(row, seen)
            writing = writer.submit(lambda name, *arrays: scratch.put(name, _packed(*arrays)), plan.name(row), values, work.carried)
            while not wait([writing], PATIENCE).done:
                yield work.step
            writing.result()
            yield from work.finish(row, values)


class _Work:
    """What a survey carries from one row of views to the next."""

    def __init__(self, plan: Plan, looker: Looker, keep: Keep, overlap: int) -> None:
        self.plan, self.keep, self.overlap = plan, keep, overlap
        self.kept = len(keep(np.zeros((looker.channels, 1, 1), np.float32)))
        # Weighted logits of the rows that the next row of views adds to; half precision is far finer than the levels of a probability.
        self.carried = np.zeros((looker.channels, overlap, plan.breadth), np.float16)
        self.rows_done = 0.0  # survey pixels in finished rows of views
        self.step = Step(0.0, plan.total)

    def blend(self, row: int, seen: Iterator[Seen | None]) -> Generator[Step, None, np.ndarray]:
        """The views of a row, as they come; returns uint8 (kept, rows, width of the frame), and puts what is unsettled into `carried`."""
        rows = self.plan.settles_rows(row)
        values = np.zeros((self.kept, rows.stop - rows.start, self.plan.frame.width), np.uint8)
        above, self.carried = self.carried, np.zeros_like(self.carried)
        beside: np.ndarray | None = None  # weighted logits of the columns that the next view adds to
        for column in self.plan.columns:
            if not self.plan.wants(row, column):
                beside = None
                continue
            while (one := next(seen)) is None:
                yield self.step
            # Where a view has no data, all that it shares with its neighbours has none.
            beside = None if one.logits is None else self._add(values, row, column, one.logits, one.valid, beside, above)
            self.step = Step(self.step.done + self.plan.pixels(row, column), self.step.total)
            yield self.step
        return values

    def finish(self, row: int, values: np.ndarray) -> Iterator[Strip | Step]:
        """A row of views that nothing more is added to."""
        self.rows_done += sum(self.plan.pixels(row, column) for column in self.plan.columns)
        self.step = Step(self.rows_done, self.step.total)
        rows = self.plan.settles_rows(row)
        if rows.stop > rows.start:
            yield Strip(rows.start, values)
        yield self.step

    def _add(
        self,
        values: np.ndarray,
        row: int,
        column: int,
        logits: np.ndarray,
        valid: np.ndarray,
        beside: np.ndarray | None,
        above: np.ndarray,
    ) -> np.ndarray:
        """Blend a view with its neighbours to the left and above; returns what the next one to the right is to be blended with."""
        across, down = self.plan.across, self.plan.down
        inside = (down.inside(row), across.inside(column))
        given = logits[:, inside[0], inside[1]] * np.outer(down.weights(row), across.weights(column))
        if beside is not None:
            given[:, :, : self.overlap] += beside
        start = across.first(column) - self.plan.left
        settled = given[:, :, : across.settled(column) - across.first(column)]
        under = slice(start, start + settled.shape[2])
        if row:
            settled[:, : self.overlap] += above[:, :, under]
        if not down.is_last(row):
            self.carried[:, :, under] = settled[:, settled.shape[1] - self.overlap :]
        self._place(values, row, column, settled, valid[inside])
        unsettled: np.ndarray = given[:, :, given.shape[2] - self.overlap :]
        return unsettled

    def _place(self, values: np.ndarray, row: int, column: int, settled: np.ndarray, valid: np.ndarray) -> None:
        """Put what a view settles into a strip of the frame. `keep` sees all of it, whatever the frame shows of it."""
        plan = self.plan
        first_row, first_column = plan.down.first(row), plan.across.first(column)
        height = plan.down.settled(row) - first_row
        width = settled.shape[2]
        shown = self.keep(settled[:, :height]) * (valid[:height, :width] & plan.in_area(row, column))
        rows, columns = plan.settles_rows(row), plan.settles_columns(column)
        top, left = plan.frame.row + rows.start - first_row, plan.frame.col + columns.start - first_column
        values[:, :, columns] = shown[:, top : top + rows.stop - rows.start, left : left + columns.stop - columns.start]


def _packed(values: np.ndarray, carried: np.ndarray) -> bytes:
    """Two arrays, compressed in the quickest way: most pixels are surely nothing, and logits hardly become smaller in any way."""
    buffer = io.BytesIO()
    for array in (values, carried):
        np.lib.format.write_array(buffer, array, allow_pickle=False)
    packer = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_RLE)
    return packer.compress(buffer.getbuffer()) + packer.flush()


def _unpacked(content: bytes | None) -> tuple[np.ndarray, np.ndarray] | None:
    """The arrays of `_packed`; None where there are none or the file was damaged, so that they are computed once more."""
    try:
        buffer = io.BytesIO(zlib.decompress(content or b""))
        values, carried = (np.lib.format.read_array(buffer, allow_pickle=False) for _ in range(2))
    except (zlib.error, ValueError, EOFError):
        return None
    return values, carried
