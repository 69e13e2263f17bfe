"""Things that are linked end to end, put in order."""

from __future__ import annotations

import numpy as np

from rasterscribe.models.landcover.chains import chains, runs, sizes


def ordered(links: list[tuple[int, int]], ring_starts: list[int]) -> list[list[int]]:
    order, begins = chains(np.array(links).reshape(-1, 2), np.array(ring_starts, int))
    return [part.tolist() for part in np.split(order, begins[1:])] if len(order) else []


def test_a_chain_runs_from_end_to_end() -> None:
    assert ordered([(-1, 2), (2, -1), (0, 1)], []) == [[0, 2, 1]]


def test_a_ring_begins_where_it_is_told_to_and_goes_the_first_way() -> None:
    assert ordered([(2, 1), (0, 2), (1, 0)], [1]) == [[1, 0, 2]]


def test_lone_things_and_short_rings_are_chains_too() -> None:
    assert ordered([(-1, -1), (1, 1), (3, 3), (2, 2)], [1, 2]) == [[0], [1], [2, 3]]


def test_of_several_starts_on_a_ring_the_first_counts() -> None:
    assert ordered([(1, 1), (0, 0)], [1, 0]) == [[1, 0]]


def test_nothing_is_no_chain() -> None:
    assert ordered([], []) == []


def test_runs_count_on_from_their_starts() -> None:
    assert runs(np.array([5, 9, 2]), np.array([2, 0, 3])).tolist() == [5, 6, 2, 3, 4]
    assert sizes(np.array([0, 2, 5]), 6).tolist() == [2, 3, 1]
