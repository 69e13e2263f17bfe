"""What the engine answers to each request, and what requests share: open rasters, loaded models, encoded views.

Every method is a job: a generator that pauses between its steps and returns the reply. Heavy packages are imported by the first
request that needs them, so that ``hello`` is answered at once.
"""

from __future__ import annotations

import functools
import os
import traceback
from collections import OrderedDict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Callable

from . import catalog, device, protocol
from .errors import ProtocolMismatch, RequestInvalid
from .jobs import Steps
from .user_models import store
from .version import engine_version

if TYPE_CHECKING:
    from .clicks.views import ViewCache
    from .language.words import Vocabulary
    from .nets.prompt import ClickModel
    from .raster import Raster

RASTERS = 16  # kept open
ANSWERS = {"import": "take_in"}  # methods that answer under another name than the request's


class Engine:
    def __init__(self) -> None:
        self._rasters: OrderedDict[str, Raster] = OrderedDict()  # by id, the one used longest ago first
        self._ids: dict[tuple[Any, ...], str] = {}  # by what was asked for and the state of the file
        self._click_models: dict[str, ClickModel] = {}
        self._views: ViewCache | None = None
        self._later: list[Iterator[None]] = []  # what nobody waits for

    def steps(self, request: protocol.Request) -> Steps:
        """The job that answers a request."""
        answer: Callable[[Any], Steps] = getattr(self, ANSWERS.get(request.METHOD, request.METHOD))
        return answer(request)

    def hello(self, request: protocol.Hello) -> Steps:
        yield from ()
        if request.protocol != protocol.VERSION:
            raise ProtocolMismatch(f"The plugin speaks protocol {request.protocol}, the engine {protocol.VERSION}.")
        where = device.known()
        at_hand = tuple(card.id for card in catalog.cards() if card.at_hand())
        return protocol.HelloReply(protocol.VERSION, engine_version(), where.name, where.reason, device.torch_version(), at_hand)

    def models(self, request: protocol.Models) -> Steps:
        yield from ()
        return self._catalogue()

    def open(self, request: protocol.Open) -> Steps:
        yield from ()
        from .raster import open_raster

        key = (request, _file_state(request.path))
        id = self._ids.get(key, f"raster-{len(self._ids) + 1}")
        if id not in self._rasters:
            self._rasters[id] = open_raster(request.path, request.bands, request.stretch)
            self._ids[key] = id
            while len(self._rasters) > RASTERS:  # it closes when no view of it is left
                self._rasters.popitem(last=False)
        return _opened(id, self._raster(id))

    def look(self, request: protocol.Look) -> Steps:
        from .click import look

        return (yield from look(self._raster(request.raster), self.click_model(request.model), self._view_cache(), request))

    def click(self, request: protocol.Click) -> Steps:
        from .click import steps

        return (yield from steps(self._raster(request.raster), self.click_model(request.model), self._view_cache(), request))

    def explain(self, request: protocol.Explain) -> Steps:
        yield from ()
        from .searchers import explained

        return explained(request, self._vocabulary)

    def find(self, request: protocol.Find) -> Steps:
        from .searchers import find

        return (yield from find(self._raster(request.raster), request, self._vocabulary, self.click_model("")))

    def cover(self, request: protocol.Cover) -> Steps:
        from .cover import steps

        return (yield from steps(self._raster(request.raster), request))

    def tiles(self, request: protocol.Tiles) -> Steps:
        from .tiles import steps

        return (yield from steps(self._raster(request.raster), request, self._vocabulary))

    def pair(self, request: protocol.Pair) -> Steps:
        from .comparing.checking import paired
        from .user_models.aside import aside

        return (yield from aside(lambda: paired(request), lambda: (0.0, 1.0, "opening both rasters")))

    def change(self, request: protocol.Change) -> Steps:
        from .comparers import change

        return (yield from change(request, self._vocabulary, lambda: self.click_model("")))

    def fetch(self, request: protocol.Fetch) -> Steps:
        from .user_models.fetch import fetch_steps

        yield from fetch_steps(request.model)
        return self._catalogue()

    def take_in(self, request: protocol.Import) -> Steps:
        from .user_models.imports import import_steps

        yield from import_steps(request.path, request.title)
        return self._catalogue()

    def click_model(self, id: str) -> ClickModel:
        """The model, loaded; "" is the shipped one. Raises ModelMissing and ModelDamaged."""
        if id not in self._click_models:
            from .nets import load_click_model
            from .nets.forms import quicken

            model = load_click_model(id, device.chosen().name)
            self._click_models[id] = self._click_models.setdefault(model.id, model)
            self._later.append(quicken(model))
        return self._click_models[id]

    @property
    def unhurried(self) -> bool:
        """Whether there is work left that nobody waits for."""
        return bool(self._later)

    def idle(self) -> None:
        """Carry out one step of the work that nobody waits for. Without it the engine is slower, no more: so no error of it counts."""
        try:
            next(self._later[0])
        except StopIteration:
            self._later.pop(0)
        except Exception:
            traceback.print_exc()
            self._later.pop(0)

    def forget(self) -> None:
        """Give back the memory that can be filled again."""
        if self._views is not None:
            self._views.clear()

    @functools.cached_property
    def _vocabulary(self) -> Vocabulary:
        from .language.words import Vocabulary

        return Vocabulary.read()

    def _catalogue(self) -> protocol.ModelsReply:
        where = device.known()
        return protocol.ModelsReply(tuple(card.info() for card in catalog.every(store.folder())), where.name, where.reason)

    def _view_cache(self) -> ViewCache:
        if self._views is None:
            from .clicks.views import ViewCache

            self._views = ViewCache()
        return self._views

    def _raster(self, id: str) -> Raster:
        if id not in self._rasters:
            raise RequestInvalid(f"No raster with the id {id!r} is open.", "Choose the raster again.", raster=id)
        self._rasters.move_to_end(id)
        return self._rasters[id]


def _file_state(path: str) -> tuple[int, int] | None:
    """Tells a file from what was written in its place."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return (status.st_size, status.st_mtime_ns)


def _opened(id: str, raster: Raster) -> protocol.OpenReply:
    crs = "" if raster.crs is None else raster.crs.to_wkt()
    transform = tuple(raster.transform)[:6]
    return protocol.OpenReply(id, raster.width, raster.height, crs, transform, raster.dtype, raster.nodata, raster.bands, raster.gsd)
