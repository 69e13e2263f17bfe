"""What the plugin knows about comparing two dates: what is compared, how far that is, and what came out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import PurePath
from typing import Optional

from ..models.protocol import ChangeReply, FromTo, PairReply
from .problems import Problem
from .run_state import Run


class MapUse(Enum):
    """What the old map is for."""

    NONE = "none"
    WITNESS = "witness"  # beside the before raster
    ALONE = "alone"  # in place of the before raster


@dataclass(frozen=True)
class MapChoice:
    """The vector layer with what was there before."""

    use: MapUse = MapUse.NONE
    layer_id: str = ""
    field: str = ""  # names the class of each polygon
    class_name: str = ""  # of all polygons, where there is no field


@dataclass(frozen=True)
class Review:
    """Going through the changes of a layer, the surest first."""

    layer_id: str = ""  # of the changes, "" before any review
    active: bool = False  # the map follows the review, and the keys on the map are its own
    total: int = 0
    accepted: int = 0  # relabelled ones, too
    rejected: int = 0
    at: int = -1  # index of the change that the map shows, in the order of the review; -1 before it began
    feature: int = -1  # its number in the layer
    words: str = ""  # what it is: "building appeared, 240 m², 87 %"
    kind: str = ""  # of the change at hand, as it is labelled now
    from_class: str = ""
    to_class: str = ""
    decision: str = ""  # of this change: "", "accepted", "rejected" or "relabelled"
    labels: tuple[str, ...] = ()  # classes that it may be relabelled with, "other" first
    has_before: bool = False  # whether there is something to show of the first date
    before_shown: bool = False  # the key is held
    unsaved: bool = False  # decisions are in the layer's edits and not yet in its file
    writing: str = ""  # "": nothing is; else what is on its way to a file, as a sentence
    told: str = ""  # what came of the last file, as a sentence

    @property
    def decided(self) -> int:
        return self.accepted + self.rejected


@dataclass(frozen=True)
class Compared:
    """A finished comparison and its layers."""

    reply: ChangeReply
    metric: bool = True  # its areas are in m2; in square pixels where the raster had no CRS
    layer_id: str = ""  # of the changes, "" until they are in the project
    scores: tuple[float, ...] = ()  # of every change in the file, for the histogram
    areas: tuple[float, ...] = ()  # in the same order
    shown: int = 0  # how many the present filter lets through
    held: bool = False  # the filter waits: the layer has edits that are not saved
    matrix: tuple[FromTo, ...] = ()  # of what is shown, rejected changes left out; the largest area first


@dataclass(frozen=True)
class ChangeState:
    """The after raster is the one that the session works on."""

    before_id: str = ""  # of the raster layer, "" for none
    before_name: str = ""
    old_map: MapChoice = MapChoice()
    classes: tuple[str, ...] = ()  # of interest; () are those that people map
    method: str = ""  # "" lets the engine choose
    threshold: float = 0.5
    min_area: float = 0.0  # m2
    before_date: str = ""  # ISO, as the user corrected it; "" is what the files say
    after_date: str = ""
    probability: bool = False  # write the raster, too
    refine: bool = True
    model: str = ""  # "" is the shipped network
    pair: Optional[PairReply] = None  # how the two lie to each other, None while nobody knows
    pair_problem: Optional[Problem] = None  # why they cannot be compared as they are
    run: Optional[Run] = None
    compared: Optional[Compared] = None
    review: Review = Review()
    path: str = ""  # the GeoPackage that the next run writes

    @property
    def with_before(self) -> bool:
        """Whether a before raster is compared with the after one."""
        return bool(self.before_id) and self.old_map.use is not MapUse.ALONE

    @property
    def with_map(self) -> bool:
        return bool(self.old_map.layer_id) and self.old_map.use is not MapUse.NONE

    @property
    def dates(self) -> tuple[str, str]:
        """Of before and after as ISO, as far as the files or the user say; in the wrong order, too."""
        if self.pair is not None:
            return self.pair.before_date, self.pair.after_date
        known = self.pair_problem.facts if self.pair_problem is not None and self.pair_problem.code == "pair.order" else {}
        return str(known.get("before", "")), str(known.get("after", ""))

    @property
    def probability_path(self) -> str:
        """The GeoTIFF that the next run writes, "" for none: a map alone does not say how likely each pixel has changed."""
        return str(PurePath(self.path).with_suffix(".tif")) if self.probability and self.path and self.with_before else ""
