"""The card of a comparison says what changed, filters it, and leads on to what is done with it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from qgis.PyQt.QtCore import QLocale
from qgis.PyQt.QtWidgets import QFileDialog

from rasterscribe.models.classes import KIND_COLOURS
from rasterscribe.models.protocol import ChangeReply, FromTo
from rasterscribe.plugin.change_state import Compared, MapChoice, MapUse, Review
from rasterscribe.plugin.run_state import Run
from rasterscribe.plugin.ui.change_card import ChangeCard
from rasterscribe.tests.plugin.ui.fake_session import FakeSession, shown, with_change

MATRIX = (FromTo("field", "water", 2, 25_000.0), FromTo("background", "building", 3, 600.0), FromTo("building", "background", 1, 90.0))
REPLY = ChangeReply(
    "maps/change.gpkg", 4, (), MATRIX, None, 40_000.0, 9_000.0, "combined", "2012-07-31", "2020", "", ("Hazy.",), "m", "d", 73.0
)
COMPARED = Compared(REPLY, True, "layer9", (0.3, 0.5, 0.7, 0.8, 0.9, 0.9), (9.0,) * 6, 4, False, MATRIX)
NOTHING = Compared(dataclasses.replace(REPLY, count=0, matrix=()), True, "layer9")


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture
def card(session: FakeSession, qtbot) -> ChangeCard:
    QLocale.setDefault(QLocale("en_GB"))
    card = ChangeCard(session)
    qtbot.addWidget(card)
    draw(card, session)
    return card


def draw(card: ChangeCard, session: FakeSession, **change: Any) -> None:
    session.state = with_change(**{"compared": COMPARED, **change})
    card.render(session.state)


def test_there_is_no_result_before_the_first_run_and_during_the_next(card: ChangeCard, session: FakeSession) -> None:
    for change in ({"compared": None}, {"run": Run()}):
        draw(card, session, **change)
        assert card.isHidden()


def test_it_says_how_much_of_each_kind_there_is_in_its_colour(card: ChangeCard) -> None:
    result = card.result
    assert result.headline.text() == "4 of 6 changes shown" and result.asked.text() == "Combined, 2012-07-31 to 2020"
    rows = result.kinds.text().split("</tr>")
    for place, (kind, area) in enumerate((("appeared", "600 m²"), ("disappeared", "90 m²"), ("changed", "2.50 ha"))):
        assert all(words in rows[place] for words in (KIND_COLOURS[kind], f">{kind}<", f">{area}<"))


def test_what_was_not_compared_is_said_and_never_called_unchanged(card: ChangeCard, session: FakeSession) -> None:
    words = card.result.compared.text()
    assert words == "Compared: 4.00 ha; not compared: 9,000 m², without data or under clouds" and card.result.notes.text() == "Hazy."
    draw(card, session, compared=dataclasses.replace(COMPARED, reply=dataclasses.replace(REPLY, not_compared=0.0)))
    assert card.result.compared.text() == "Compared: 4.00 ha"


def test_what_was_rejected_is_not_missed_among_the_kinds(card: ChangeCard, session: FakeSession) -> None:
    assert not shown(card, card.result.rejected)
    draw(card, session, compared=dataclasses.replace(COMPARED, shown=8))
    assert card.result.rejected.text() == "Rejected, and left out: 2"


def test_the_filter_is_the_sessions(card: ChangeCard, session: FakeSession) -> None:
    draw(card, session, threshold=0.6, min_area=50.0)
    assert card.result.filter.percent.text() == "from 60 %"
    card.result.filter.histogram.setValue(70)
    card.result.filter.min_area.setValue(100.0)
    assert session.calls == [("change.set_filter", 0.7, 50.0), ("change.set_filter", 0.6, 100.0)]


def test_where_the_filter_waits_the_edits_can_be_saved(card: ChangeCard, session: FakeSession) -> None:
    assert not shown(card, card.result.held)
    draw(card, session, compared=dataclasses.replace(COMPARED, held=True))
    card.result.held.save.click()
    assert session.calls == [("change.save_edits",)]


@pytest.mark.parametrize(
    ("compared", "threshold", "says"),
    [
        (NOTHING, 0.5, "more classes"),
        (dataclasses.replace(COMPARED, shown=0, matrix=()), 0.95, "lower the confidence"),
        (dataclasses.replace(COMPARED, shown=0, matrix=()), 0.25, "smaller than"),
    ],
)
def test_where_nothing_is_seen_it_says_what_to_do(card, session, compared: Compared, threshold: float, says: str) -> None:
    draw(card, session, compared=compared, threshold=threshold)
    assert says in card.result.advice.text() and not card.result.start.isEnabled() and not shown(card, card.result.summary)


def test_before_the_layer_is_there_the_engines_figures_stand(card: ChangeCard, session: FakeSession) -> None:
    draw(card, session, compared=Compared(REPLY, shown=4))
    assert card.result.headline.text() == "4 of 4 changes shown" and len(card.result.summary.matrix.cells) == 3


# -- what became what


def test_the_matrix_turns_into_bars_with_the_largest_first(card: ChangeCard) -> None:
    summary = card.result.summary
    assert shown(card, summary.matrix) and not shown(card, summary.bars)
    summary.as_bars.click()
    assert shown(card, summary.bars) and not shown(card, summary.matrix)
    assert [(bar.name, bar.area, bar.colour) for bar in summary.bars.bars] == [
        ("field → water", "2.50 ha", KIND_COLOURS["changed"]),
        ("other → building", "600 m²", KIND_COLOURS["appeared"]),
        ("building → other", "90 m²", KIND_COLOURS["disappeared"]),
    ]


def test_of_very_many_pairs_the_bars_show_the_largest(card: ChangeCard, session: FakeSession) -> None:
    many = tuple(FromTo(f"class {n}", "water", 1, 100.0 - n) for n in range(14))
    card.result.summary.as_bars.click()
    draw(card, session, compared=dataclasses.replace(COMPARED, matrix=many))
    assert len(card.result.summary.bars.bars) == 10 and card.result.summary.further.text() == "Smaller ones: 4"


def test_the_table_is_exported_to_a_file_of_its_kind(card, session: FakeSession, monkeypatch: pytest.MonkeyPatch) -> None:
    proposed: list[str] = []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *arguments: (proposed.append(arguments[2]), ("areas", ""))[1])
    card.result.summary.export.click()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_arguments: ("", ""))
    card.result.summary.export.click()
    assert proposed == ["maps/change.csv"] and session.calls == [("change.export_summary", "areas.csv")]


# -- what comes next


def test_the_review_is_begun_from_here(card: ChangeCard, session: FakeSession) -> None:
    assert card.result.start.text() == "Review 4 changes" and not shown(card, card.review)
    card.result.start.click()
    draw(card, session, review=Review("layer9", True, 4, at=0))
    assert session.calls == [("review.start",)] and shown(card, card.review) and not shown(card, card.result.start)


def test_a_map_is_updated_where_there_is_one(card: ChangeCard, session: FakeSession, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs, proposed = card.outputs, []
    assert not outputs.update_map.isEnabled() and "Choose the existing map" in outputs.update_map.toolTip()
    draw(card, session, old_map=MapChoice(MapUse.WITNESS, "layer3", "landuse"))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *arguments: (proposed.append(arguments[2]), ("new", ""))[1])
    outputs.update_map.click()
    assert proposed == ["maps/change_map.gpkg"] and session.calls == [("review.update_map", "new.gpkg")]


def test_what_was_rejected_is_exported_to_a_folder(card: ChangeCard, session: FakeSession, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("", "examples"):
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_arguments, folder=folder: folder)
        card.outputs.examples.trigger()
    assert session.calls == [("review.export_hard_examples", "examples")]


def test_what_is_being_written_is_said_and_nothing_else_begun(card: ChangeCard, session: FakeSession) -> None:
    outputs, used = card.outputs, MapChoice(MapUse.WITNESS, "layer3", "landuse")
    assert not shown(card, outputs.told)
    draw(card, session, old_map=used, review=Review(writing="Updating the map"))
    assert outputs.told.text() == "Updating the map" and not outputs.update_map.isEnabled() and not outputs.examples.isEnabled()
    draw(card, session, old_map=used, review=Review(told="The map is in new.gpkg."))
    assert outputs.told.text() == "The map is in new.gpkg." and outputs.update_map.isEnabled()


def test_no_verb_is_called_by_drawing(card: ChangeCard, session: FakeSession, qtbot) -> None:
    for change in ({"threshold": 0.8, "min_area": 5.0}, {"compared": NOTHING}, {"review": Review("layer9", True, 4, at=1)}, {}):
        draw(card, session, **change)
    qtbot.wait(10)
    assert session.calls == []


def test_a_layer_that_was_reviewed_without_a_run_can_be_applied_too(card: ChangeCard, session: FakeSession) -> None:
    draw(card, session, compared=None, review=Review(layer_id="layer9", active=True))
    assert shown(card, card.outputs) and not shown(card, card.result)
    draw(card, session, compared=None, review=Review(layer_id="layer9"))  # it has ended
    assert shown(card, card.outputs) and not card.isHidden()
    draw(card, session, compared=NOTHING)
    assert not shown(card, card.outputs)
