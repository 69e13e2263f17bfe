"""What is said of changes, as people say it."""

from __future__ import annotations

from qgis.core import QgsFeature
from qgis.PyQt.QtCore import QCoreApplication, QLocale

from .map.decisions import labels_of, number_of, text_of


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
