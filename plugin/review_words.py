"""What is said of changes and of an updated map, as people say it."""

from __future__ import annotations

from qgis.core import QgsFeature
from qgis.PyQt.QtCore import QCoreApplication, QLocale

from .map.decisions import labels_of, number_of, text_of
from .map.map_update import ADDED, CHANGED, GONE, PARTLY_CHANGED, PARTLY_GONE, STATES, Updated


def words_of(change: QgsFeature, metric: bool) -> str:
    """ "building appeared, 240 m², 87 %". `metric`: its area is in m2, not in square pixels."""
    parts = [_what(change)]
    area, score = number_of(change, "area_m2"), number_of(change, "score")
    if area is not None:
        number = QLocale().toString(area, "f", 0)
        parts.append((_tr("{area} m²") if metric else _tr("{area} px²")).format(area=number))
    if score is not None:
        parts.append(_tr("{percent} %").format(percent=round(100 * score)))
    return ", ".join(parts)


def told_of(updated: Updated) -> str:
    """ "Added 12, marked 5 as gone (2 of them in part), changed 3. 1 is on the map already; 4 belong to nothing on the map." """
    states = {state: updated.states.get(state, 0) for state in STATES}
    partly = states[PARTLY_GONE], states[PARTLY_CHANGED]
    told = _tr("Added {added}, marked {gone} as gone{gone_partly}, changed {changed}{changed_partly}.").format(
        added=states[ADDED],
        gone=states[GONE] + partly[0],
        changed=states[CHANGED] + partly[1],
        gone_partly=_in_part(partly[0]),
        changed_partly=_in_part(partly[1]),
    )
    rest = (
        (updated.there, _tr("{count} on the map already.")),
        (updated.strays, _tr("{count} about nothing on the map.")),
        (updated.unnamed, _tr("{count} of a class that the map has no name for.")),
    )
    return " ".join([told, *(words.format(count=count) for count, words in rest if count)])


def _in_part(count: int) -> str:
    return _tr(" ({count} of them in part)").format(count=count) if count else ""


def _what(change: QgsFeature) -> str:
    kind, was, now = labels_of(change)
    name = text_of(change, "class")
    if kind == "appeared":
        return _tr("{name} appeared").format(name=now or name)
    if kind == "disappeared":
        return _tr("{name} disappeared").format(name=was or name)
    return _tr("{was} became {now}").format(was=was, now=now) if was and now else _tr("something changed")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Review", text)
