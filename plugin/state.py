"""What the plugin knows at one moment, as frozen values.

`Session` alone replaces the `State`; everything on the screen is drawn from it. Coordinates are in the raster's CRS.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from enum import Enum
from typing import Optional

from ..models.protocol import SIZES, Click, ClickReply, ModelInfo, OutlineOptions
from .area_state import AreaJobs
from .problems import Problem

NEW_GEOPACKAGE = ""  # the target's layer id while its table is not there yet
RECENT_CLASSES = 8


class Engine(Enum):
    """What the engine can do for us now."""

    ABSENT = "absent"  # not set up, or half set up
    INSTALLING = "installing"
    STOPPED = "stopped"  # set up, not running
    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"  # died, hung, or did not start; restart brings it back


@dataclass(frozen=True)
class EngineFacts:
    """What is shown about the engine and the place where it lives."""

    home: str = ""  # the folder
    movable: bool = True  # whether the user may choose another folder
    version: str = ""  # the engine's
    torch: str = ""
    device: str = ""  # "cpu", "cuda" or "mps"
    device_reason: str = ""  # one sentence
    needs: int = 0  # bytes that a set-up takes
    free: int = 0  # bytes free on that disk
    resumable: bool = False  # a former set-up was interrupted; the next goes on from there
    notes: tuple[str, ...] = ()  # sentences about choices that the last set-up made


@dataclass(frozen=True)
class SetupProgress:
    """How far setting up the engine is. `done` of `total` over the whole of it, in one unit; bytes are those of this step."""

    done: float
    total: float  # 0 while unknown
    what: str
    bytes_done: int = 0
    bytes_expected: int = 0
    seconds_left: Optional[float] = None


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    positive: bool = True


@dataclass(frozen=True)
class Prompt:
    """The clicks and the box of one object, and its size if the likely one was not meant."""

    points: tuple[Point, ...] = ()
    box: Optional[tuple[float, float, float, float]] = None  # xmin, ymin, xmax, ymax
    size: str = ""  # one of SIZES; it stays while further clicks refine the object

    def __bool__(self) -> bool:
        return bool(self.points) or self.box is not None

    @property
    def asks(self) -> bool:
        """Whether it names something; clicks that only take away do not."""
        return self.box is not None or any(point.positive for point in self.points)

    def with_point(self, point: Point) -> Prompt:
        return dataclasses.replace(self, points=(*self.points, point))

    def joined(self, other: Prompt) -> Prompt:
        """Both prompts' clicks; of two boxes the other's."""
        return Prompt(self.points + other.points, other.box or self.box, self.size)


@dataclass(frozen=True)
class History:
    """A prompt with its past and its future: undo is the former prompt."""

    prompt: Prompt = Prompt()
    past: tuple[Prompt, ...] = ()
    future: tuple[Prompt, ...] = ()

    def then(self, prompt: Prompt) -> History:
        return History(prompt, (*self.past, self.prompt))

    def undone(self) -> History:
        if not self.past:
            return self
        return History(self.past[-1], self.past[:-1], (self.prompt, *self.future))

    def redone(self) -> History:
        if not self.future:
            return self
        return History(self.future[0], (*self.past, self.prompt), self.future[1:])


@dataclass(frozen=True)
class Raster:
    """The raster to click on. `path` is "" until the layer was turned into a file, `id` until the engine opened it."""

    layer_id: str
    name: str
    path: str = ""
    bands: tuple[int, ...] = ()
    stretch: tuple[tuple[float, float], ...] = ()
    id: str = ""
    crs: str = ""  # WKT, "" without one
    gsd: Optional[float] = None  # metres


@dataclass(frozen=True)
class Target:
    """Where accepted outlines go."""

    layer_id: str = NEW_GEOPACKAGE
    path: str = ""  # of the GeoPackage to be made, while layer_id is NEW_GEOPACKAGE


@dataclass(frozen=True)
class MapClass:
    name: str
    colour: str  # "#rrggbb"


@dataclass(frozen=True)
class Outline:
    """The engine's answer to one prompt. `wkb` is empty where the model sees no object."""

    wkb: bytes
    score: float  # 0..1, expected IoU with the true outline
    area: Optional[float]  # m2; square pixels where the raster has no CRS
    prompt: Prompt
    model: str = ""
    digest: str = ""  # sha256 of the weights
    view: tuple[float, ...] = ()
    size: str = ""  # one of SIZES, or "" from a model that sees but one
    others: tuple[str, ...] = ()  # sizes that would look different

    @classmethod
    def of(cls, prompt: Prompt, reply: ClickReply) -> Outline:
        wkb, score, area = bytes.fromhex(reply.outline), reply.score, reply.area
        return cls(wkb, score, area, prompt, reply.model, reply.digest, reply.view, reply.size, reply.others)

    def __bool__(self) -> bool:
        return bool(self.wkb)

    @property
    def larger(self) -> str:
        """The next larger size that would look different, "" where there is none."""
        return next((size for size in SIZES if size in self.others and SIZES.index(size) > SIZES.index(self.size)), "")

    @property
    def smaller(self) -> str:
        return next((size for size in SIZES[::-1] if size in self.others and SIZES.index(size) < SIZES.index(self.size)), "")


@dataclass(frozen=True)
class Accepted:
    """All that a finished object needs to become a feature with provenance."""

    outline: Outline
    raster: Raster
    map_class: MapClass
    target: Target
    options: OutlineOptions
    facts: EngineFacts
    pixel: float = 0.0  # ground size of a screen pixel when it was clicked, CRS units

    @classmethod
    def of(cls, state: State, pixel: float) -> Accepted:
        """What is accepted in a state with a pending outline."""
        if state.pending is None or state.raster is None:
            raise ValueError("there is nothing to accept")
        return cls(state.pending, state.raster, state.map_class, state.target, state.options, state.facts, pixel)


@dataclass(frozen=True)
class State:
    engine: Engine = Engine.ABSENT
    facts: EngineFacts = EngineFacts()
    setup: Optional[SetupProgress] = None
    models: tuple[ModelInfo, ...] = ()
    model: str = ""  # "" is the shipped network
    raster: Optional[Raster] = None
    target: Target = Target()
    map_class: MapClass = MapClass("object", "#e4572e")
    recent_classes: tuple[MapClass, ...] = ()  # newest first
    options: OutlineOptions = field(default_factory=OutlineOptions)
    history: History = History()
    pending: Optional[Outline] = None  # kept while a newer prompt is on its way
    hover: Optional[Outline] = None
    busy: str = ""  # what the user waits for, in words; "" when idle
    accepting: bool = False
    jobs: AreaJobs = AreaJobs()  # what is asked of a whole area, beside the clicks
    problem: Optional[Problem] = None
    absence: Optional[Problem] = None  # why there is no engine: whoever asks something of it is told again

    @property
    def prompt(self) -> Prompt:
        return self.history.prompt

    @property
    def raster_id(self) -> str:
        """The raster as the engine calls it, "" unless the engine has it open."""
        return self.raster.id if self.raster else ""

    def click(self, prompt: Prompt, pixel: float, hover: bool = False) -> Click:
        """What to ask the engine for a prompt's outline; `pixel` is the ground size of a screen pixel."""
        return Click(
            raster=self.raster_id,
            points=tuple((point.x, point.y) for point in prompt.points),
            labels=tuple(int(point.positive) for point in prompt.points),
            box=prompt.box,
            pixel=pixel,
            options=self.options,
            model=self.model,
            hover=hover,
            size=prompt.size,
        )

    @property
    def metric(self) -> bool:
        """Whether areas are in m2; a raster without a CRS has pixels only."""
        return self.raster is None or bool(self.raster.crs)

    @property
    def acceptable(self) -> bool:
        """Whether there is, or is going to be, an outline to accept."""
        if self.accepting or not self.prompt.asks:
            return False
        return bool(self.pending) if self.answered else self.engine is Engine.READY

    @property
    def answered(self) -> bool:
        """Whether the pending outline is the answer to the prompt as it is now."""
        return self.pending is not None and self.pending.prompt == self.prompt

    @property
    def larger(self) -> str:
        """The size to ask for where a larger outline is wanted, "" where there is none."""
        return self.pending.larger if self.pending is not None and self.answered else ""

    @property
    def smaller(self) -> str:
        return self.pending.smaller if self.pending is not None and self.answered else ""

    @property
    def classes(self) -> tuple[MapClass, ...]:
        """The classes to offer, the present one first."""
        others = tuple(one for one in self.recent_classes if one.name != self.map_class.name)
        return (self.map_class, *others)[:RECENT_CLASSES]
