"""What Processing lists under Rasterscribe, and what anyone may rely on who has written a model or a script with it."""

from __future__ import annotations

from typing import Any

import pytest
from qgis.core import QgsApplication, QgsProcessingAlgorithm

from rasterscribe.models.protocol import METHODS, Change, Cover, Find, OutlineOptions
from rasterscribe.plugin.main import Plugin
from rasterscribe.plugin.processing.algorithm import ICONS
from rasterscribe.plugin.processing.provider import Provider

PARAMETERS = {
    "segmentpoints": "RASTER POINTS CLASS SIZE SMOOTH RIGHT_ANGLES MIN_HOLE MODEL PIXEL OUTPUT",
    "findtext": "RASTER PHRASE EXTENT AREA THRESHOLD MIN_SIZE LAYERS REFINE SMOOTH RIGHT_ANGLES MIN_HOLE MODEL PIXEL OUTPUT",
    "landcover": "RASTER CLASSES PRESET EXTENT AREA SIMPLIFY MODEL PIXEL OUTPUT POLYGONS AREAS",
    "detectchange": "BEFORE AFTER MAP MAP_FIELD MAP_CLASS CLASSES METHOD EXTENT AREA THRESHOLD MIN_AREA BEFORE_DATE AFTER_DATE ANY_ORDER "
    "REFINE SMOOTH RIGHT_ANGLES MIN_HOLE MODEL PIXEL OUTPUT NOT_COMPARED PROBABILITY SUMMARY",
    "tilesearch": "RASTER WORD EXTENT AREA MODEL PIXEL OUTPUT TILES",
}


def algorithm(id: str) -> QgsProcessingAlgorithm:
    return QgsApplication.processingRegistry().createAlgorithmById(f"rasterscribe:{id}")


def default(id: str, name: str) -> Any:
    one = algorithm(id)  # held: it owns its parameters
    return one.parameterDefinition(name).defaultValue()


def test_there_is_an_algorithm_a_job(provider: Provider) -> None:
    assert {each.name() for each in provider.algorithms()} == set(PARAMETERS)


@pytest.mark.parametrize("id", PARAMETERS)
def test_the_names_of_parameters_stay_as_they_are(provider: Provider, id: str) -> None:
    one = algorithm(id)
    assert " ".join(each.name() for each in one.parameterDefinitions()) == PARAMETERS[id]


@pytest.mark.parametrize("id", PARAMETERS)
def test_each_explains_itself_and_has_an_icon(provider: Provider, id: str) -> None:
    one = algorithm(id)
    assert one.displayName() and one.group() and one.groupId() and len(one.shortHelpString()) > 200 and one.tags()
    assert (ICONS / f"{one.ICON}.svg").is_file()


@pytest.mark.parametrize("id", PARAMETERS)
def test_none_keeps_qgis_waiting_and_each_can_be_cancelled(provider: Provider, id: str) -> None:
    flags = algorithm(id).flags()
    assert not flags & QgsProcessingAlgorithm.Flag.FlagNoThreading
    assert flags & QgsProcessingAlgorithm.Flag.FlagCanCancel


def test_defaults_are_those_of_the_protocol(provider: Provider) -> None:
    for id in ("segmentpoints", "findtext", "detectchange"):
        found = OutlineOptions(default(id, "SMOOTH"), default(id, "RIGHT_ANGLES"), default(id, "MIN_HOLE"))
        assert found == OutlineOptions()
    assert (default("findtext", "THRESHOLD"), default("findtext", "REFINE")) == (Find.threshold, Find.refine)
    assert default("landcover", "SIMPLIFY") == Cover.simplify
    assert (default("detectchange", "THRESHOLD"), default("detectchange", "REFINE")) == (Change.threshold, Change.refine)
    assert (default("detectchange", "MIN_AREA"), default("detectchange", "ANY_ORDER")) == (Change.min_area, Change.any_order)


def test_every_method_can_be_chosen(provider: Provider) -> None:
    one = algorithm("detectchange")
    assert len(one.parameterDefinition("METHOD").options()) == 1 + len(METHODS)


def test_the_plugin_brings_the_provider_and_takes_it_away(qgis_iface: Any) -> None:
    registry = QgsApplication.processingRegistry()
    plugin = Plugin(qgis_iface)
    plugin.initGui()
    assert registry.providerById("rasterscribe") is not None
    plugin.unload()
    assert registry.providerById("rasterscribe") is None


def test_qgis_without_a_window_has_the_algorithms_too(qgis_app: object) -> None:
    plugin = Plugin(None)
    plugin.initProcessing()
    assert algorithm("findtext") is not None
    plugin.unload()
