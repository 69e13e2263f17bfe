"""From decisions to files: rejected changes become examples, accepted ones a copy of the map above the map."""

from __future__ import annotations

from pathlib import Path

import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsProject, QgsVectorLayer

from rasterscribe.plugin.change_state import MapChoice, MapUse
from rasterscribe.plugin.map.decisions import decide
from rasterscribe.tests.plugin.change_layers import square
from rasterscribe.tests.plugin.reviewing.reviewer import WAIT, Reviewer


@pytest.fixture
def town_map(reviewer: Reviewer) -> QgsVectorLayer:
    """The house that disappeared, and a forest."""
    layer = QgsVectorLayer("Polygon?crs=EPSG:32645&field=use:string(20,0)", "town", "memory")
    features = []
    for outline, use in ((square(40, 40), "building"), (square(20, 40), "forest")):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromWkt(outline))
        feature.setAttributes([use])
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    QgsProject.instance().addMapLayer(layer)
    reviewer.session.change.choose_map(MapChoice(MapUse.WITNESS, layer.id(), "use"))
    return layer


def told(one: Reviewer, qtbot) -> str:
    qtbot.waitUntil(lambda: not one.review.writing, timeout=WAIT)
    return one.review.told


def problem(one: Reviewer) -> str:
    return one.session.state.problem.code if one.session.state.problem else ""


def test_rejected_changes_are_written_with_what_is_not_saved_yet(reviewer: Reviewer, tmp_path: Path, qtbot) -> None:
    decide(reviewer.layer, 1, "rejected")
    decide(reviewer.layer, 2, "accepted")
    reviewer.session.review.start()
    reviewer.session.review.export_hard_examples(str(tmp_path / "hard"))
    assert reviewer.review.writing
    assert told(reviewer, qtbot) == f"Hard examples in {tmp_path / 'hard'}: 1." and not problem(reviewer)
    assert [one.name for one in (tmp_path / "hard" / "A").iterdir()] == ["after_000001.tif"]


def test_without_a_rejected_change_there_are_no_examples(reviewer: Reviewer, tmp_path: Path) -> None:
    reviewer.session.review.start()
    reviewer.session.review.export_hard_examples(str(tmp_path / "hard"))
    assert problem(reviewer) == "review.none" and not reviewer.review.writing and not (tmp_path / "hard").exists()


def test_without_both_rasters_there_are_no_examples(reviewer: Reviewer, tmp_path: Path) -> None:
    decide(reviewer.layer, 1, "rejected")
    reviewer.session.review.start()
    QgsProject.instance().removeMapLayer(reviewer.session.state.jobs.change.before_id)
    reviewer.session.review.export_hard_examples(str(tmp_path / "hard"))
    assert problem(reviewer) == "review.no_files"


def test_the_updated_map_stands_above_the_old_one_and_says_what_happened(
    reviewer: Reviewer,
    town_map: QgsVectorLayer,
    tmp_path: Path,
    qtbot,
) -> None:
    reviewer.session.review.start()
    for number in (1, 2, 3):
        decide(reviewer.layer, number, "accepted")
    reviewer.session.review.update_map(str(tmp_path / "new.gpkg"))
    assert told(reviewer, qtbot) == "Added 1, marked 1 as gone, changed 1." and not problem(reviewer)
    names = [node.name() for node in QgsProject.instance().layerTreeRoot().findLayers()]
    assert names.index("town, updated") == names.index("town") - 1
    (layer,) = QgsProject.instance().mapLayersByName("town, updated")
    assert [row["status"] for row in layer.getFeatures()] == ["gone", "changed", "added"]
    assert layer.renderer().classAttribute() == "status" and town_map.featureCount() == 2


def test_a_file_of_the_project_is_not_replaced(reviewer: Reviewer, town_map: QgsVectorLayer) -> None:
    decide(reviewer.layer, 1, "accepted")
    reviewer.session.review.start()
    reviewer.session.review.update_map(reviewer.layer.source().split("|")[0])
    assert problem(reviewer) == "found.open"


def test_without_a_map_or_an_accepted_change_nothing_is_updated(reviewer: Reviewer, tmp_path: Path, town_map) -> None:
    reviewer.session.review.start()
    reviewer.session.review.update_map(str(tmp_path / "new.gpkg"))
    assert problem(reviewer) == "review.none"
    reviewer.session.change.choose_map(MapChoice())
    reviewer.session.review.update_map(str(tmp_path / "new.gpkg"))
    assert problem(reviewer) == "update.no_map" and not (tmp_path / "new.gpkg").exists()
