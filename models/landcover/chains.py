"""Things that are linked end to end, put in order: the edges of a border, the pieces of a line, the lines around a polygon."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import depth_first_order

NONE = -1  # in place of a link


def chains(links: np.ndarray, ring_starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Items by chain as (order (n,), where each chain begins in it (chains,)).

    links: int (n, 2), what each item is linked to on its two sides, or NONE; links go both ways. Chains that have ends begin at one of
    them and come first; a ring begins at the first of `ring_starts` that is on it, and every ring must have one. An item that is linked to
    itself, or to one other on both sides, is a ring. A chain's second item is, where there is a choice, the one of the first column.

    All is one walk, depth first, through a graph in which a spine of further vertices leads to every start: SciPy walks in C.
    """
    count = len(links)
    starts = np.concatenate([np.flatnonzero((links == NONE).any(axis=1)), ring_starts])
    if not len(starts):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    linked = links != NONE
    spine = np.stack([starts, count + 1 + np.arange(len(starts))], axis=1).ravel()[:-1]
    targets = np.concatenate([links[linked], spine]).astype(np.int32)
    degrees = np.concatenate([linked.sum(axis=1), np.full(len(starts), 2)])
    degrees[-1] = 1
    pointers = np.concatenate([[0], np.cumsum(degrees)]).astype(np.int32)
    size = count + len(starts)
    graph = csr_array((np.ones(len(targets), np.float64), targets, pointers), shape=(size, size))
    walked = depth_first_order(graph, count, directed=True, return_predecessors=False)
    is_item = walked < count
    opens = is_item & ~np.concatenate([[False], is_item[:-1]])
    return walked[is_item], np.flatnonzero(opens[is_item])


def runs(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """start, start + 1, ... for each start, as many as its length, in one array."""
    ends = np.cumsum(lengths)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - (ends - lengths), lengths)


def sizes(starts: np.ndarray, total: int) -> np.ndarray:
    """How long each run is, of runs that begin at `starts` and fill `total`."""
    return np.diff(np.append(starts, total))
