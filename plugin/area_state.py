"""What the plugin knows about jobs over an area: where, how far they are, and what came out."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import PurePath
from typing import Optional

from ..models.protocol import CoverReply, ExplainReply, FindReply, TilesReply
from .change_state import ChangeState
from .run_state import Run


class Panel(Enum):
    """The job that the dock shows."""

    CLICK = "click"
    TEXT = "text"
    COVER = "cover"
    TILES = "tiles"
    CHANGE = "change"


class AreaKind(Enum):
    VISIBLE = "visible"  # what the map shows when the job starts
    WHOLE = "whole"  # the raster
    SELECTED = "selected"  # the selected features of a polygon layer; all of them where none is selected
    RECTANGLE = "rectangle"  # drawn on the map


@dataclass(frozen=True)
class Area:
    """Where a job looks."""

    kind: AreaKind = AreaKind.VISIBLE
    layer_id: str = ""  # of the polygon layer, for SELECTED
    rectangle: Optional[tuple[float, float, float, float]] = None  # xmin, ymin, xmax, ymax, for RECTANGLE
    rectangle_crs: str = ""  # of the map that it was drawn on, as WKT; "" is the raster's
    words: str = ""  # what that is, where the kind does not say it all: "Selected polygons: 3"


@dataclass(frozen=True)
class Found:
    """A finished search and its layer."""

    reply: FindReply
    layer_id: str = ""  # "" until it is in the project
    scores: tuple[float, ...] = ()  # of every object in the file, for the histogram
    areas: tuple[float, ...] = ()  # m2, in the same order; square pixels without a CRS
    shown: int = 0  # how many the present filter lets through
    held: bool = False  # the filter waits: the layer has edits that are not saved


@dataclass(frozen=True)
class Typed:
    """What somebody types, and what the engine makes of it."""

    phrase: str = ""
    explained: Optional[ExplainReply] = None  # of the phrase as it is now, None while the engine has not said

    @property
    def optional(self) -> bool:
        """Whether the job can do without a phrase."""
        return False


@dataclass(frozen=True)
class TextState(Typed):
    model: str = ""  # "" is the shipped network
    layers: tuple[str, ...] = ()  # names of the project's vector layers that the phrase may name
    examples: int = 0  # polygons taken as examples; with some, the search is for more like them
    refine: bool = True  # let the click network draw the outlines
    threshold: float = 0.5
    min_area: float = 0.0  # m2
    run: Optional[Run] = None
    found: Optional[Found] = None
    path: str = ""  # the GeoPackage that the next search writes

    @property
    def optional(self) -> bool:
        return self.examples > 0


@dataclass(frozen=True)
class ClassList:
    name: str
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Refused:
    """A word that did not become a class."""

    word: str
    same: str = ""  # the class of the list that it would repeat; "" where it is not known
    instead: tuple[str, ...] = ()  # known words that are spelt alike


@dataclass(frozen=True)
class Covered:
    """A finished land-cover map."""

    reply: CoverReply
    metric: bool = True  # its areas are in m2; in square pixels where the raster had no CRS
    layer_id: str = ""  # of the class raster, "" until it is in the project
    colours: tuple[str, ...] = ()  # "#rrggbb" of each class as the map shows it; () until it does


@dataclass(frozen=True)
class CoverState(Typed):
    """The phrase is the class that is being typed."""

    classes: tuple[str, ...] = ()
    meanings: dict[str, str] = field(default_factory=dict)  # class of the networks by name; "" is unknown, absent not asked yet
    adding: tuple[str, ...] = ()  # words on their way into the list
    refused: Optional[Refused] = None
    lists: tuple[ClassList, ...] = ()  # the user's own, saved
    polygons: bool = True  # make them, too
    simplify: float = 1.0  # pixels that a border of the polygons may move
    model: str = ""  # "" is the shipped network
    by_area: bool = True  # sort the result by area, not as in the list
    run: Optional[Run] = None
    covered: Optional[Covered] = None
    path: str = ""  # the GeoTIFF that the next run writes

    @property
    def polygons_path(self) -> str:
        """The GeoPackage that the next run writes, "" for none."""
        return str(PurePath(self.path).with_suffix(".gpkg")) if self.polygons and self.path else ""


@dataclass(frozen=True)
class Ranked:
    """A finished search for tiles."""

    reply: TilesReply
    words: str  # what was searched for
    layer_id: str = ""  # of the heat map, "" until it is in the project
    chosen: int = -1  # the tile that the map shows


@dataclass(frozen=True)
class TilesState(Typed):
    model: str = ""  # "" is the shipped network
    run: Optional[Run] = None
    ranked: Optional[Ranked] = None
    path: str = ""  # the heat map that the next search writes


@dataclass(frozen=True)
class AreaJobs:
    """All of it, as one part of the `State`."""

    panel: Panel = Panel.CLICK
    area: Area = Area()
    text: TextState = field(default_factory=TextState)
    cover: CoverState = field(default_factory=CoverState)
    tiles: TilesState = field(default_factory=TilesState)
    change: ChangeState = field(default_factory=ChangeState)

    @property
    def running(self) -> Optional[Run]:
        """The job under way: there is at most one."""
        return self.text.run or self.cover.run or self.tiles.run or self.change.run
