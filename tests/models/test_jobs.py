"""The most urgent job goes first, and nobody computes what nobody waits for."""

from __future__ import annotations

from rasterscribe.models.errors import Cancelled
from rasterscribe.models.jobs import Job, Jobs
from rasterscribe.models.protocol import Change, Click, Explain, Find, Hello, Look, Models, Open, Pair

SCREEN = (0.0, 0.0, 1.0, 1.0)


def job(id, request):
    def steps():
        yield None
        return request

    return Job(id, request, steps())


def jobs_of(*requests):
    jobs = Jobs()
    for id, request in enumerate(requests):
        jobs.add(job(id, request))
    return jobs


def order(jobs):
    found = []
    while jobs:
        found.append(jobs.next().id)
        jobs.remove(found[-1])
    return found


def test_hello_then_clicks_then_the_rest_then_hovers_then_looks():
    assert order(jobs_of(Look("r", SCREEN), Click("s", hover=True), Open("a"), Click("t"), Hello(), Models())) == [4, 3, 2, 5, 1, 0]


def test_a_search_of_an_area_lets_everything_else_go_first():
    assert order(jobs_of(Find("r", "ponds", "o.gpkg"), Look("r", SCREEN), Click("r"), Explain("pon"))) == [3, 2, 1, 0]


def test_a_comparison_lets_everything_else_go_first_and_the_look_at_its_pair_does_not():
    assert order(jobs_of(Change(Open("b"), "o.gpkg", Open("a")), Look("r", SCREEN), Pair(Open("a"), Open("b")))) == [2, 1, 0]


def test_jobs_as_urgent_as_each_other_go_in_the_order_in_which_they_came():
    assert order(jobs_of(Click("r"), Click("s"), Click("r"))) == [0, 1, 2]


def test_a_click_replaces_the_hovers_of_its_raster_only():
    jobs = jobs_of(Click("r", hover=True), Click("s", hover=True))
    assert [other.id for other in jobs.add(job(5, Click("r")))] == [0]
    assert order(jobs) == [5, 1]


def test_a_look_replaces_the_look_at_its_raster():
    jobs = jobs_of(Look("r", SCREEN), Look("s", SCREEN), Click("r"))
    assert [other.id for other in jobs.add(job(5, Look("r", SCREEN)))] == [0]


def test_a_click_that_was_made_is_never_replaced():
    jobs = jobs_of(Click("r"))
    assert jobs.add(job(5, Click("r"))) == [] and jobs.add(job(6, Click("r", hover=True))) == []


def test_a_removed_job_lets_go_of_what_it_holds():
    let_go = []

    def steps():
        try:
            yield None
            yield None
        finally:
            let_go.append(True)

    jobs = Jobs()
    jobs.add(Job(1, Hello(), steps()))
    next(jobs.next().steps)
    assert jobs.remove(1) is not None and let_go == [True]
    assert jobs.remove(1) is None and not jobs


def test_a_job_that_is_cancelled_hears_of_it_and_one_that_is_only_let_go_does_not():
    heard = []

    def steps(name):
        try:
            yield None
        except Cancelled:
            heard.append(name)
            raise

    jobs = Jobs()
    for id, name in enumerate(("cancelled", "let go")):
        jobs.add(Job(id, Open(name), steps(name)))
        next(jobs._jobs[id].steps)
    assert jobs.cancel(0).id == 0 and jobs.remove(1).id == 1
    assert heard == ["cancelled"] and not jobs
    assert jobs.cancel(0) is None


def test_a_job_that_has_not_begun_can_be_cancelled():
    jobs = jobs_of(Open("a"))
    assert jobs.cancel(0).id == 0 and not jobs
