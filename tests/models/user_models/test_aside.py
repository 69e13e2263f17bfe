"""Work beside a job: its progress, its end, and what becomes of it when nobody waits."""

from __future__ import annotations

import threading

import pytest

from rasterscribe.models.errors import Cancelled
from rasterscribe.models.user_models.aside import aside


def test_the_job_tells_how_far_it_is_and_gets_the_result():
    go_on, told = threading.Event(), []

    def progress():
        told.append(1)
        go_on.set()
        return (1.0, 2.0)

    steps = aside(lambda: go_on.wait(5) and "done", progress)
    assert next(steps) == (1.0, 2.0)
    with pytest.raises(StopIteration) as end:
        while True:
            next(steps)
    assert end.value.value == "done" and told


def test_what_the_work_raises_is_raised_in_the_job():
    with pytest.raises(ZeroDivisionError):
        for _ in aside(lambda: 1 // 0, lambda: (0.0, 1.0)):
            pass


def closed(steps):
    steps.close()


def cancelled(steps):
    with pytest.raises(Cancelled):
        steps.throw(Cancelled("No more."))


@pytest.mark.parametrize("ended_first", [True, False])
@pytest.mark.parametrize("give_up", [closed, cancelled])
def test_the_result_of_work_that_was_given_up_is_undone_once(ended_first, give_up):
    go_on, undone = threading.Event(), threading.Semaphore(0)
    results = []

    def undo(result):
        results.append(result)
        undone.release()

    steps = aside(lambda: go_on.wait(5) and "done", lambda: (0.0, 1.0), undo)
    next(steps)
    (worker,) = [thread for thread in threading.enumerate() if thread.name == "rasterscribe-aside"]
    if ended_first:
        go_on.set()
        worker.join(5)
    give_up(steps)
    go_on.set()
    assert undone.acquire(timeout=5)
    worker.join(5)
    assert results == ["done"]
