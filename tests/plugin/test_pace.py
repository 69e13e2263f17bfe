"""How long a job takes yet is told late rather than wrong, and does not jump."""

from __future__ import annotations

import pytest

from rasterscribe.plugin.pace import Pace


def test_an_even_pace_is_told_as_it_is() -> None:
    pace = Pace()
    told = [pace.left(float(step), 100.0, float(step)) for step in range(11)]
    assert told[1] is None and told[10] == pytest.approx(90, abs=1)


def test_nothing_is_promised_of_a_job_whose_size_nobody_knows() -> None:
    pace = Pace()
    assert [pace.left(float(step), 0.0, float(step)) for step in range(10)] == [None] * 10


def test_what_a_resumed_job_had_done_before_does_not_count_as_quick() -> None:
    pace = Pace()
    told = [pace.left(90.0 + step, 100.0, 10.0 * step) for step in range(5)]
    assert told[4] == pytest.approx(60, rel=0.2)


def test_a_single_slow_report_changes_little_of_what_is_told() -> None:
    pace = Pace()
    for step in range(11):
        before = pace.left(float(step), 100.0, float(step))
    after = pace.left(11.0, 100.0, 20.0)  # ten seconds for one step
    assert before is not None and after is not None and after < 1.4 * before


def test_another_step_of_the_job_is_measured_anew() -> None:
    pace = Pace()
    for step in range(11):
        pace.left(float(step), 100.0, float(step))
    assert pace.left(0.0, 7.0, 11.0) is None
