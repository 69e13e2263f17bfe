"""When each layer of a comparison is to be seen, for QGIS's temporal controller to play it.

The before raster is seen from its date to that of the after raster, with what disappears; then the after raster is, with what is new, and
for as long: so each has half of the time, whatever the steps are. A range without an end will not do: QGIS 3.22 shows such a raster always.
"""

from __future__ import annotations

from typing import Optional

from qgis.core import Qgis, QgsDateTimeRange, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt.QtCore import QDate, QDateTime, QTime

from ..dates import first_day

Moments = tuple[QDateTime, QDateTime, QDateTime]  # the before picture is there, the after picture is, the end
GIVEN = "rasterscribe/seen"  # property of a raster layer: the range that we gave it last; it marks that as ours
# QGIS 3.22 takes a day for later than its own midnight, unless it is made a moment first.
SEEN_FROM = "CASE WHEN \"kind\" = 'disappeared' THEN {date_before} ELSE {date_after} END"
SEEN_TO = "CASE WHEN \"kind\" = 'disappeared' THEN {date_after} ELSE {end} END"


def moments(before: str, after: str) -> Optional[Moments]:
    """Of two dates as ISO; None where one is not known, or both are the same."""
    first, second = first_day(before), first_day(after)
    if first is None or second is None or not first < second:
        return None
    begin, turn = (QDateTime(QDate(day.year, day.month, day.day), QTime(0, 0)) for day in (first, second))
    return begin, turn, turn.addDays(begin.daysTo(turn))


def play_changes(layer: QgsVectorLayer, times: Moments) -> None:
    """By each change's own dates; one that an analyst drew without any has those of the comparison."""
    begin, turn, end = map(_moment, times)
    texts = {"date_before": _own("date_before", begin), "date_after": _own("date_after", turn), "end": end}
    properties = layer.temporalProperties()
    properties.setMode(Qgis.VectorTemporalMode.FeatureDateTimeStartAndEndFromExpressions)
    properties.setStartExpression(SEEN_FROM.format(**texts))
    properties.setEndExpression(SEEN_TO.format(**texts))
    properties.setIsActive(True)


def play_rasters(before: Optional[QgsRasterLayer], after: Optional[QgsRasterLayer], times: Moments) -> None:
    """Unless the user, or a layer's source, has said when it is to be seen."""
    begin, turn, end = times
    if before is not None:
        _play(before, begin, turn)
    if after is not None:
        _play(after, turn.addMSecs(1), end)  # for QGIS 3.22 a frame that ends as a range begins is in it


def _play(layer: QgsRasterLayer, begin: QDateTime, end: QDateTime) -> None:
    properties, text = layer.temporalProperties(), f"{_moment(begin)} {_moment(end)}"
    if properties.isActive():
        former = properties.fixedTemporalRange()
        if layer.customProperty(GIVEN) != f"{_moment(former.begin())} {_moment(former.end())}":
            return
    elif layer.dataProvider() is None or layer.dataProvider().temporalCapabilities().hasTemporalCapabilities():
        return
    properties.setMode(Qgis.RasterTemporalMode.FixedTemporalRange)
    properties.setFixedTemporalRange(QgsDateTimeRange(begin, end, True, False))
    properties.setIsActive(True)
    layer.setCustomProperty(GIVEN, text)


def _own(field: str, otherwise: str) -> str:
    return f'coalesce(to_datetime("{field}"), {otherwise})'


def _moment(time: QDateTime) -> str:
    """In the language of expressions."""
    day = time.date()
    return f"make_datetime({day.year()}, {day.month()}, {day.day()}, 0, 0, 0)"
