"""Which change comes next: by arrows every one in its order, after a decision the next that is open."""

from __future__ import annotations

from rasterscribe.plugin.review_order import ReviewOrder

ORDER = {7: "", 3: "accepted", 9: "", 1: "rejected"}  # the surest first


def test_it_begins_with_the_first_that_is_not_decided() -> None:
    assert ReviewOrder(ORDER).undecided() == 7
    assert ReviewOrder({**ORDER, 7: "accepted"}).undecided() == 9


def test_after_a_decision_the_next_open_one_follows_from_the_start_once_the_end_is_reached() -> None:
    order = ReviewOrder(ORDER)
    assert [order.undecided(after=number) for number in ORDER] == [9, 9, 7, 7]


def test_once_all_are_decided_none_follows() -> None:
    order = ReviewOrder({7: "accepted", 3: "rejected"})
    assert order.undecided() is None and order.undecided(after=3) is None and ReviewOrder({}).undecided() is None


def test_arrows_go_through_all_and_stay_at_either_end() -> None:
    order = ReviewOrder(ORDER)
    assert [order.beside(number, 1) for number in ORDER] == [3, 9, 1, 1]
    assert [order.beside(number, -1) for number in ORDER] == [7, 7, 3, 9]
    assert ReviewOrder({}).beside(7, 1) is None


def test_one_that_is_not_among_them_any_more_is_followed_by_the_first() -> None:
    assert ReviewOrder(ORDER).beside(99, 1) == 7 and ReviewOrder(ORDER).undecided(after=99) == 7


def test_decisions_are_counted_as_they_come() -> None:
    order = ReviewOrder(ORDER)
    order.note(7, "relabelled")
    order.note(99, "accepted")  # of another layer
    assert order.count("accepted", "relabelled") == 2 and order.count("rejected") == 1 and order.decision_of(99) == ""
