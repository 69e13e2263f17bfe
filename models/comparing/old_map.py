"""The old map: which polygons of a vector layer lie on the pair, and of what class the networks would say each is."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from pyproj import CRS

from ..classes import CLASSES
from ..errors import ClassesUnknown, LayerMissing, MapEmpty, MapField
from ..language.words import Vocabulary
from ..protocol import OldMap
from ..selection.layers import Bounds, Source, info_of, way_to

POLYGONS = (3, 6)  # shapely's numbers for polygons and multipolygons
NOTHING = -1  # the code of a polygon of which nobody knows what it is
SHOWN = 8  # values that a sentence names
TRUE, FALSE = ("yes", "true", "y", "t"), ("no", "none", "false", "n", "f")  # as OSM tags a thing: building=yes


@dataclass(frozen=True, eq=False)
class MapPolygons:
    """The polygons of a map, the largest first."""

    outlines: np.ndarray  # of Polygons and MultiPolygons (n,), valid, in the grid's CRS
    codes: np.ndarray  # int (n,): index in CLASSES, or NOTHING
    fids: np.ndarray  # int (n,): in the map's table
    names: tuple[str, ...]  # (n,): the field's values as they are
    file: str
    not_understood: tuple[str, ...] = ()  # values that name no class

    @property
    def classes(self) -> tuple[str, ...]:
        """Those that the map has, in the order of CLASSES."""
        return tuple(CLASSES[code] for code in np.unique(self.codes) if code != NOTHING)

    @cached_property
    def tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.outlines)

    @cached_property
    def digest(self) -> str:
        """Tells these polygons from any others."""
        summed = hashlib.sha256(np.asarray(self.codes, np.int64).tobytes())
        for wkb in shapely.to_wkb(self.outlines):
            summed.update(wkb)
        return summed.hexdigest()[:16]


def read_map(old_map: OldMap, crs: CRS | None, bounds: Bounds, vocabulary: Vocabulary) -> MapPolygons:
    """The polygons that meet the bounds, in the CRS of the grid, as the bounds are.

    Values of the map's field are words in any spelling of the vocabulary, or OSM's "yes" in a field that names a class; numbers are codes
    that nobody here knows. Raises LayerMissing, LayerUnreadable, LayerUnplaced; MapField where there is no such field (`fields` in its data
    are those that there are) or none of its values is known (`values`: some of them); ClassesUnknown where the one class is no word;
    MapEmpty where no polygon is there.
    """
    name = Path(old_map.path).name
    source = Source(old_map.path, old_map.table or None, None)
    if old_map.path and not Path(old_map.path).exists() and not old_map.path.startswith("/vsi"):
        raise LayerMissing(f"The old map is not there: {old_map.path}.", layer=name)
    info = info_of(name, source)
    _check_table(old_map, name)
    _check_field(old_map, name, info["fields"])
    outlines, fids, values = _read(name, old_map, source, info, crs, bounds)
    if not len(outlines):
        raise MapEmpty(f"The old map {name} has no polygons in the area.", layer=name)
    meanings = _meanings(old_map, values, vocabulary)
    codes = np.array([meanings[value] for value in values], np.int64)
    if (codes == NOTHING).all():
        raise _unknown(old_map, name, values)
    order = np.lexsort((fids, -shapely.area(outlines)))
    strange = tuple(sorted(value for value, code in meanings.items() if code == NOTHING and value))
    names = tuple(values[at] for at in order)
    return MapPolygons(outlines[order], codes[order], fids[order], names, old_map.path, strange)


def map_notes(polygons: MapPolygons) -> tuple[str, ...]:
    """What the analyst should know about how the map was understood."""
    lost = int(np.count_nonzero(polygons.codes == NOTHING))
    if not lost:
        return ()
    shown = ", ".join(map(repr, polygons.not_understood[:SHOWN])) or "an empty value"
    more = len(polygons.not_understood) - SHOWN
    listed = f"{shown} and {more} more" if more > 0 else shown
    return (f"Of the old map, {lost} of {len(polygons.codes)} polygons are of no class that the networks know: {listed}.",)


def _check_table(old_map: OldMap, name: str) -> None:
    """Raises LayerMissing where there are several and nobody said which."""
    tables = [] if old_map.table else [str(table) for table, kind in pyogrio.list_layers(old_map.path) if kind is not None]
    if len(tables) > 1:
        what = f"The old map {name} has several tables: {', '.join(tables[:SHOWN])}."
        raise LayerMissing(what, "Say which of them is meant.", layer=name, tables=tables)


def _check_field(old_map: OldMap, name: str, fields: Sequence[str]) -> None:
    if old_map.field and old_map.field not in fields:
        there = [str(field) for field in fields]
        what = f"The old map {name} has no field {old_map.field!r}; it has {', '.join(there) or 'none'}."
        raise MapField(what, field=old_map.field, fields=there, values=[])
    if not old_map.field and not old_map.class_name.strip():
        there = [str(field) for field in fields]
        raise MapField(f"Nobody said of which class the polygons of {name} are.", field="", fields=there, values=[])


def _read(
    name: str, old_map: OldMap, source: Source, info: Mapping[str, Any], crs: CRS | None, bounds: Bounds
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Outlines, their ids and values. Raises LayerUnplaced, LayerUnreadable."""
    columns = [old_map.field] if old_map.field else []
    with way_to(crs, info, "old map", name) as way:
        there = way.there(bounds)
        box = there if np.isfinite(there).all() else None
        _, fids, wkb, fields = pyogrio.raw.read(
            old_map.path, layer=source.table, bbox=box, columns=columns, force_2d=True, return_fids=True
        )
        geometries = way.here(shapely.from_wkb(wkb if wkb is not None else np.array([], object), on_invalid="ignore"))
    outlines, kept = _polygons(geometries, bounds)
    values = [_text(value) for value in fields[0][kept]] if columns else [old_map.class_name.strip()] * len(outlines)
    return outlines, np.asarray(fids)[kept], values


def _polygons(geometries: np.ndarray, bounds: Bounds) -> tuple[np.ndarray, np.ndarray]:
    """Valid polygons that meet the bounds, and the index of each among the geometries."""
    solid = np.isin(shapely.get_type_id(geometries), POLYGONS) & ~shapely.is_empty(geometries)
    solid &= np.isfinite(shapely.bounds(geometries)).all(axis=1)
    kept = np.flatnonzero(solid)
    outlines = geometries[kept]
    crossed = ~shapely.is_valid(outlines)
    outlines[crossed] = shapely.make_valid(outlines[crossed], method="structure", keep_collapsed=False)
    met = np.isin(shapely.get_type_id(outlines), POLYGONS) & (shapely.area(outlines) > 0)
    met &= shapely.intersects(outlines, shapely.box(*bounds))
    return outlines[met], kept[met]


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return " ".join(str(value).split())


def _meanings(old_map: OldMap, values: Sequence[str], vocabulary: Vocabulary) -> dict[str, int]:
    """The code of each value."""
    return {value: _code(value, old_map.field, vocabulary) for value in dict.fromkeys(values)}


def _code(value: str, field: str, vocabulary: Vocabulary) -> int:
    """Of a word, or of what a tag says: "yes" of its field's class, any other word together with its field, as in building=industrial."""
    if not any(sign.isalpha() for sign in value) or value.lower() in FALSE:
        return NOTHING
    asked = [field] if value.lower() in TRUE else [value, *([f"{field}={value}"] if field and vocabulary.spells(field) else [])]
    for phrase in asked:
        meaning = vocabulary.understand(phrase) if phrase else None
        if meaning is not None:
            return CLASSES.index(meaning.word)
    return NOTHING


def _unknown(old_map: OldMap, name: str, values: Sequence[str]) -> MapField | ClassesUnknown:
    if not old_map.field:
        return ClassesUnknown(f"The class of the old map is not known: {old_map.class_name!r}.", names=[old_map.class_name], offers={})
    some = list(dict.fromkeys(values))[:SHOWN]
    what = f"None of the values of the field {old_map.field!r} of {name} names a known class, such as {', '.join(map(repr, some))}."
    return MapField(what, field=old_map.field, fields=[], values=some)
