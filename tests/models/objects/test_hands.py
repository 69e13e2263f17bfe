"""Many threads, one order."""

from __future__ import annotations

import time

import pytest

from rasterscribe.models.errors import Cancelled
from rasterscribe.models.objects.hands import Hands
from rasterscribe.models.objects.shares import within, without_pauses


def test_what_is_done_comes_in_the_order_in_which_it_was_handed_out() -> None:
    def slowly(number: int) -> int:
        time.sleep(0.02 if number == 0 else 0)
        return number * number

    with Hands(3) as hands:
        assert without_pauses(hands.all(slowly, range(30), 0.5)) == [number * number for number in range(30)]


def test_pieces_are_made_as_they_are_needed() -> None:
    made = []

    def pieces():
        for number in range(100):
            made.append(number)
            yield number

    with Hands(2) as hands:
        each = hands.each(lambda number: number, pieces())
        first = next(one for one in each if one is not None)
    assert first == 0
    assert len(made) < 20


def test_a_failure_is_told() -> None:
    with Hands(2) as hands, pytest.raises(ZeroDivisionError):
        list(hands.each(lambda number: 1 / number, [1, 0]))


def test_work_of_many_steps_hears_that_it_is_over() -> None:
    with Hands(1) as hands:
        hands.check_stopped()
    with pytest.raises(Cancelled):
        hands.check_stopped()


def test_shares_of_a_part_are_shares_of_the_whole() -> None:
    def work():
        yield 0.0
        yield 1.0
        return "done"

    part = within(0.5, 0.75, work())
    assert [next(part), next(part)] == [0.5, 0.75]
    with pytest.raises(StopIteration, match="done"):
        next(part)
