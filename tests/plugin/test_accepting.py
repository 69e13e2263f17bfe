"""An accepted outline is kept until it is a feature, and nothing that comes between them is lost."""

from __future__ import annotations

from rasterscribe.models.protocol import OutlineOptions
from rasterscribe.plugin.problems import problem_of
from rasterscribe.plugin.session import Session
from rasterscribe.plugin.state import Accepted, Engine, MapClass, Point, Target
from rasterscribe.tests.plugin.fake_client import FakeClient, outline_reply


def accepted_by(session: Session) -> list[Accepted]:
    found: list[Accepted] = []
    session.accepted.connect(found.append)
    return found


def test_an_accepted_outline_is_handed_on_and_kept_until_it_is_saved(session: Session, client: FakeClient) -> None:
    accepted = accepted_by(session)
    session.choose_class(MapClass("roof", "#112233"))
    session.add_click(3, 4)
    client.answer("click")
    session.accept()
    assert [(one.map_class.name, one.outline.score, one.raster.path) for one in accepted] == [("roof", 0.93, "town.tif")]
    assert session.state.prompt and session.state.pending
    session.added()
    assert not session.state.prompt and session.state.pending is None and not session.state.history.past


def test_an_outline_that_could_not_be_saved_is_not_lost(session: Session, client: FakeClient) -> None:
    accepted = accepted_by(session)
    session.add_click(3, 4)
    client.answer("click")
    session.accept()
    session.not_added(problem_of("target.read_only"))
    assert session.state.pending and session.state.prompt.points == (Point(3, 4),)
    session.choose_target(Target("other"))
    session.accept()
    assert [one.target.layer_id for one in accepted] == ["", "other"]


def test_accepting_before_the_answer_accepts_the_answer(session: Session, client: FakeClient) -> None:
    accepted = accepted_by(session)
    session.add_click(3, 4)
    session.accept()
    assert accepted == []
    client.answer("click")
    assert len(accepted) == 1


def test_accepting_waits_for_the_outline_with_the_options_of_now(session: Session, client: FakeClient) -> None:
    accepted = accepted_by(session)
    session.add_click(3, 4)
    client.answer("click")
    session.set_options(OutlineOptions(right_angles=True))
    session.accept()
    assert accepted == []
    client.answer("click", outline_reply(score=0.7))
    assert accepted[0].outline.score == 0.7


def test_a_click_made_while_accepting_belongs_to_the_next_object(session: Session, client: FakeClient) -> None:
    session.accepted.connect(lambda _accepted: session.added())
    session.add_click(3, 4)
    session.accept()
    session.add_click(50, 50)
    client.answer("click")
    assert session.state.prompt.points == (Point(50, 50),)
    assert client.requests("click")[-1].points == ((50, 50),)


def test_nothing_is_accepted_where_no_object_was_seen(session: Session, client: FakeClient) -> None:
    accepted = accepted_by(session)
    session.add_click(3, 4)
    client.answer("click", outline_reply(wkb=""))
    session.accept()
    assert accepted == [] and not session.state.accepting and session.state.prompt


def test_classes_that_were_used_are_remembered_newest_first(session: Session, client: FakeClient) -> None:
    for name in ("roof", "pond", "roof"):
        session.choose_class(MapClass(name, "#112233"))
        session.added()
    session.choose_class(MapClass("tree", "#445566"))
    assert [one.name for one in session.state.classes] == ["tree", "roof", "pond"]


# -- while the object is on its way to its layer


def handed_on(session: Session, client: FakeClient) -> list[Accepted]:
    accepted = accepted_by(session)
    session.add_click(3, 4)
    client.answer("click")
    session.accept()
    assert len(accepted) == 1
    return accepted


def test_an_object_on_its_way_is_not_handed_on_twice(session: Session, client: FakeClient) -> None:
    accepted = handed_on(session, client)
    session.accept()
    session.show_problem(problem_of("engine.gone"))
    session.accept()
    session.set_options(OutlineOptions(right_angles=True))
    client.answer("click")
    assert len(accepted) == 1 and session.state.accepting and session.state.busy


def test_an_object_on_its_way_is_not_taken_back_by_half(session: Session, client: FakeClient) -> None:
    handed_on(session, client)
    session.undo()
    session.clear()
    assert session.state.prompt.points == (Point(3, 4),)
    session.added()
    assert not session.state.prompt and not session.state.accepting and session.state.busy == ""


def test_clicks_on_another_raster_wait_until_the_object_is_added(session: Session, client: FakeClient) -> None:
    handed_on(session, client)
    session.choose_raster("layer2", "field")
    session.add_click(50, 50)
    assert not session.state.prompt
    session.added()
    assert session.state.prompt.points == (Point(50, 50),)


def test_an_engine_that_dies_meanwhile_changes_nothing(session: Session, client: FakeClient) -> None:
    handed_on(session, client)
    session.engine_changed(Engine.FAILED)
    assert session.state.accepting
    session.added()
    assert not session.state.accepting and not session.state.prompt
