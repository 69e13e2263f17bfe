"""A copy of a map with what changed on its ground: what is gone is marked and stays, what appeared is added, the rest has a new class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from qgis.core import (
    NULL,
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsFeature,
    QgsField,
    QgsFields,
    QgsFillSymbol,
    QgsGeometry,
    QgsRendererCategory,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QCoreApplication, QVariant
from qgis.PyQt.QtGui import QColor

from ...models import classes
from ..problems import PluginProblem
from .areas import clean
from .decisions import labels_of
from .map_match import Accepted, MapMatch, MapObject, Matches, Touched, alike
from .outline_file import write_features
from .provenance import note_provenance, store_metadata
from .styles import save_style
from .unfinished import unfinished

TABLE = "map"
STATUS, DATE, FORMER, WORD = ADDED_FIELDS = ("status", "date_after", "class_was", "change_class")
ADDED, GONE, CHANGED, PARTLY_GONE, PARTLY_CHANGED = STATES = ("added", "gone", "changed", "partly gone", "partly changed")
KINDS = {ADDED: "appeared", GONE: "disappeared", CHANGED: "changed", PARTLY_GONE: "disappeared", PARTLY_CHANGED: "changed"}
Type = QVariant.Type
KEPT_TYPES = {Type.Int, Type.LongLong, Type.Double, Type.String, Type.Date, Type.DateTime, Type.Bool, Type.ByteArray}


@dataclass(frozen=True, eq=False)
class OldMap:
    """A layer of polygons as any thread may read it."""

    source: QgsVectorLayerFeatureSource
    fields: QgsFields
    numbers: tuple[int, ...]  # fields that number the features by themselves
    kind: QgsWkbTypes.Type
    crs: QgsCoordinateReferenceSystem
    name: str
    field: str  # that names the class of each polygon, "" where all have one
    class_name: str  # ... which is this

    @classmethod
    def of(cls, layer: QgsVectorLayer, field: str, class_name: str) -> OldMap:
        """What is in the layer now, with edits and as its filter leaves it. Raises PluginProblem: target.not_polygons, map.field."""
        if layer.geometryType() != QgsWkbTypes.GeometryType.PolygonGeometry:
            raise PluginProblem("target.not_polygons")
        if field and layer.fields().lookupField(field) < 0:
            raise PluginProblem("map.field", field)
        kind = QgsWkbTypes.multiType(layer.wkbType())
        numbers = tuple(layer.primaryKeyAttributes())
        return cls(QgsVectorLayerFeatureSource(layer), layer.fields(), numbers, kind, layer.crs(), layer.name(), field, class_name)


@dataclass(frozen=True)
class Updated:
    """How many objects of the map: those of each of `STATES`; and how many changes were there already, or found no object."""

    states: dict[str, int]
    there: int
    strays: int
    unnamed: int  # objects whose class the map's field has no value for


def update_map(path: Path, old: OldMap, changes: Sequence[QgsFeature], to_map: QgsCoordinateTransform, told: str) -> Updated:
    """Write the copy, which has its name once it is whole. Any thread.

    Its objects have four fields more: `status` (one of `STATES`, null where nothing happened), `date_after` (of the change), `class_was`
    (what the map had said) and `change_class` (what the change says). Where the map has fields of these names that are not ours, they are
    numbered. `told` is the copy's description. Raises PluginProblem: area.crs, output.unwritable.
    """
    accepted = [_accepted(change, to_map) for change in changes]
    copy = _Copy(old)
    objects = list(old.source.getFeatures())
    matches = MapMatch(_objects(copy, objects)).of(accepted)
    updating = _Updating(copy, changes, accepted, objects, matches)
    with unfinished(path) as beside:
        write_features(beside, TABLE, copy.fields, updating.features(), old.crs, old.kind)
        _dress(beside, copy, told)
    return updating.outcome()


class _Copy:
    """The fields of the copy, and where each finds its value."""

    def __init__(self, old: OldMap) -> None:
        self.old = old
        self.fields = QgsFields()
        for index in range(old.fields.count()):
            field = QgsField(old.fields.at(index))
            if field.name().lower() == "fid" and index not in old.numbers:
                field.setName("fid_old")  # a GeoPackage numbers by this name
            if field.type() not in KEPT_TYPES:
                field = QgsField(field.name(), Type.String)
            if old.fields.at(index).name() == old.field and field.type() == Type.String:
                field.setLength(0)  # a new class may be a longer word
            self.fields.append(field)
        ours = all(old.fields.lookupField(name) >= 0 for name in ADDED_FIELDS)
        self._ours = {name: name if ours else _free(name, old.fields) for name in ADDED_FIELDS}
        for name in () if ours else ADDED_FIELDS:
            self.fields.append(QgsField(self._ours[name], Type.Date if name == DATE else Type.String))

    @property
    def status(self) -> str:
        return self._ours[STATUS]

    @property
    def takes_words(self) -> bool:
        index = self.old.fields.lookupField(self.old.field)
        return index >= 0 and self.fields.at(index).type() == Type.String

    def feature(self, old: Optional[QgsFeature], ground: QgsGeometry) -> QgsFeature:
        made = QgsFeature(self.fields)
        made.setGeometry(ground)
        for index, value in enumerate(old.attributes() if old is not None else ()):
            kept = value is None or value == NULL or self.old.fields.at(index).type() in KEPT_TYPES
            made.setAttribute(index, value if kept else str(value))
        return made

    def value(self, feature: QgsFeature) -> Any:
        """Of the class, as the map has it."""
        value = feature[self.old.field] if self.old.field else self.old.class_name
        return None if value is None or value == NULL else value

    def gone(self, feature: QgsFeature) -> bool:
        """Whether an earlier update marked it as gone."""
        index = feature.fields().lookupField(self.status)
        return index >= 0 and feature.attribute(index) == GONE

    def mark(self, feature: QgsFeature, status: str, date: Any, former: Any, word: str) -> None:
        facts = {STATUS: status, DATE: date, FORMER: None if former is None else str(former), WORD: word}
        for name, value in facts.items():
            feature[self._ours[name]] = value


class _Updating:
    """The objects of the copy, one after the other, and what became of them."""

    def __init__(
        self, copy: _Copy, changes: Sequence[QgsFeature], accepted: Sequence[Accepted], objects: Sequence[QgsFeature], matches: Matches
    ) -> None:
        self._copy, self._changes, self._accepted, self._objects, self._matches = copy, changes, accepted, objects, matches
        self._states: Counter[str] = Counter()
        self._unnamed = 0
        self._learnt = self._learn()

    def features(self) -> Iterator[QgsFeature]:
        for one in self._objects:
            touched = self._matches.touched.get(one.id())
            made = self._copy.feature(one, one.geometry())
            if touched is not None:
                self._touch(made, self._copy.value(one), touched)
            yield made
        for index in self._matches.added:
            made = self._copy.feature(None, self._accepted[index].ground)
            self._name(made, self._accepted[index].now)
            self._mark(made, ADDED, index, None, self._accepted[index].now)
            yield made

    def outcome(self) -> Updated:
        return Updated(dict(self._states), len(self._matches.there), len(self._matches.strays), self._unnamed)

    def _touch(self, made: QgsFeature, former: Any, touched: Touched) -> None:
        change = self._accepted[touched.change]
        if change.kind == "disappeared":
            self._mark(made, PARTLY_GONE if touched.partly else GONE, touched.change, None, change.was)
            return
        if not touched.partly:
            self._name(made, change.now)
        self._mark(made, PARTLY_CHANGED if touched.partly else CHANGED, touched.change, None if touched.partly else former, change.now)

    def _mark(self, made: QgsFeature, status: str, index: int, former: Any, word: str) -> None:
        dated = self._changes[index].fields().lookupField(DATE) >= 0
        self._copy.mark(made, status, self._changes[index][DATE] if dated else None, former, word)
        self._states[status] += 1

    def _name(self, made: QgsFeature, word: str) -> None:
        """The class in the map's own words: as it writes that name, else as it calls what was of this class, else the word itself."""
        if not self._copy.old.field:
            return
        value = self._learnt.get(word, word if self._copy.takes_words else None)
        self._unnamed += value is None
        made[self._copy.old.field] = value

    def _learn(self) -> dict[str, Any]:
        values = [value for value in (self._copy.value(one) for one in self._objects) if value is not None]
        words = {change.now for change in self._accepted} | {change.was for change in self._accepted}
        called: dict[str, Counter[Any]] = {word: Counter(value for value in values if alike(str(value), word)) for word in words}
        for one in self._objects:
            touched = self._matches.touched.get(one.id())
            if touched is not None and not touched.partly and self._copy.value(one) is not None:
                word = self._accepted[touched.change].was
                if not any(alike(str(value), word) for value in called[word]):
                    called[word][self._copy.value(one)] += 1
        return {word: counts.most_common(1)[0][0] for word, counts in called.items() if counts}


def style_by_status(layer: QgsVectorLayer, field: str) -> None:
    """What happened to each object, in the colours of the kinds of change; hatched where it happened to a part."""
    names = {
        ADDED: QCoreApplication.translate("MapUpdate", "added"),
        GONE: QCoreApplication.translate("MapUpdate", "gone"),
        CHANGED: QCoreApplication.translate("MapUpdate", "changed"),
        PARTLY_GONE: QCoreApplication.translate("MapUpdate", "partly gone"),
        PARTLY_CHANGED: QCoreApplication.translate("MapUpdate", "partly changed"),
    }
    categories = [QgsRendererCategory(one, _symbol(QColor(classes.KIND_COLOURS[KINDS[one]]), one), names[one]) for one in STATES]
    as_before = QCoreApplication.translate("MapUpdate", "as before")
    categories.append(QgsRendererCategory("", _symbol(QColor(classes.OTHER_COLOUR), ""), as_before))
    layer.setRenderer(QgsCategorizedSymbolRenderer(field, categories))


def _symbol(colour: QColor, status: str) -> QgsFillSymbol:
    patterns = {"": "no", PARTLY_GONE: "b_diagonal", PARTLY_CHANGED: "b_diagonal"}
    edge = f"{colour.red()},{colour.green()},{colour.blue()}"
    look = {"color": f"{edge},110", "style": patterns.get(status, "solid"), "outline_color": f"{edge},255", "outline_width": "0.5"}
    return QgsFillSymbol.createSimple(look)


def _objects(copy: _Copy, features: Sequence[QgsFeature]) -> Iterator[MapObject]:
    for one in features:
        if not copy.gone(one):
            value = copy.value(one)
            yield MapObject(one.id(), _flat(one.geometry()), "" if value is None else str(value))


def _flat(ground: QgsGeometry) -> QgsGeometry:
    """Valid and without heights: what shares are measured on."""
    return clean(QgsGeometry(ground))


def _accepted(change: QgsFeature, to_map: QgsCoordinateTransform) -> Accepted:
    kind, was, now = labels_of(change)
    ground = QgsGeometry(change.geometry())
    try:
        ground.transform(to_map)
    except QgsCsException as error:
        raise PluginProblem("area.crs", str(error)) from error
    return Accepted(kind, was, now, ground)


def _free(name: str, fields: QgsFields) -> str:
    numbered = (name, *(f"{name}_{number}" for number in range(2, 100)))
    return next(one for one in numbered if fields.lookupField(one) < 0)


def _dress(path: Path, copy: _Copy, told: str) -> None:
    """The style and the description, in the file."""
    layer = QgsVectorLayer(f"{path}|layername={TABLE}", copy.old.name, "ogr")
    if not layer.isValid():
        raise PluginProblem("output.unwritable", str(path))
    style_by_status(layer, copy.status)
    save_style(layer)
    store_metadata(layer, note_provenance(layer, (), told))
