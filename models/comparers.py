"""Who compares two dates: a network of ours that looks at both, or statistics of all their bands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from . import device, lost_and_new
from .change import steps
from .classes import CLASSES
from .comparing.bands import BandPair
from .comparing.comparison import Comparer
from .comparing.fineness import level_of, side_of
from .comparing.infrared import infrared_note, water_bands
from .comparing.interest import Interest
from .comparing.looker import pair_looker
from .comparing.mapped_pair import MappedPair
from .comparing.objects import Refiners
from .comparing.spectral import spectral_looker
from .comparing.water_index import learnt
from .comparing.water_pair import WATER, WaterPair, listening
from .errors import PairBands
from .jobs import Steps
from .language.words import Vocabulary
from .lost_and_new import Seer
from .nets import load_change_model, load_text_model
from .objects.refine import refiner_of
from .protocol import Change
from .surveying.survey import Looker, text_looker

if TYPE_CHECKING:
    from .comparing.old_map import MapPolygons
    from .comparing.pair import RasterPair
    from .nets import ClickModel
    from .surveying.frame import Frame

BY_BANDS = ("irmad", "cva")  # methods without weights
BLIND = ("direct", "classes", *BY_BANDS)  # methods that look at images alone


def change(request: Change, vocabulary: Vocabulary, click_model: Callable[[], ClickModel]) -> Steps:
    """Carry out a comparison as it comes from the analyst, with methods and models by name.

    Without a before raster it is the old map that is compared. Raises what `change.steps` and `lost_and_new.steps` do, and what loading
    models and learning from bands raise.
    """
    if request.before is None:
        return (yield from lost_and_new.steps(request, vocabulary, partial(seen_by, click_model)))
    return (yield from steps(request, vocabulary, compared_by, partial(refiners_of, click_model)))


def compared_by(request: Change, pair: RasterPair, interest: Interest, old_map: MapPolygons | None) -> Comparer:
    """Who answers a request, loaded. Raises PairBands, ModelMissing, ModelDamaged."""
    method = request.method or ("combined" if pair.before.raster.is_colour else "cva")
    blind = (f"The old map was not used: the method {method!r} looks at the images alone.",) if old_map and method in BLIND else ()
    if method in BY_BANDS:
        return replace(_statistics(method, pair), notes=blind, hears_map=not blind)
    comparer = _network(method, request, pair, interest, None if blind else old_map)
    return replace(comparer, notes=(*blind, *comparer.notes), hears_map=not blind)


def _statistics(method: str, pair: RasterPair) -> Comparer:
    bands = BandPair(pair)
    if method == "irmad" and len(bands.before.bands) < 2:
        raise PairBands("IR-MAD compares two bands or more, and the rasters share but one.", 'Choose the method "cva".')
    return Comparer(method, method, "", (), bands, spectral_looker(bands, method))


def _network(method: str, request: Change, pair: RasterPair, interest: Interest, old_map: MapPolygons | None) -> Comparer:
    bands = water_bands(pair, request.infrared) if WATER in interest.classes else None
    model = load_change_model(request.model, device.chosen().name)
    side = side_of(pair, level_of(pair, interest.classes))
    asked = partial(pair_looker, model, method=method, with_map=old_map is not None, side=side)
    source = pair if old_map is None else MappedPair(pair, old_map, interest.classes)
    comparer = partial(Comparer, method, model.id, model.digest, interest.classes)
    if bands is None:
        return comparer(source, asked(interest.indices))
    measured = BandPair(pair, bands)
    try:
        index = learnt(measured)
        notes = (infrared_note(bands, index is not None),)
        if index is not None:
            return comparer(WaterPair(source, measured, index), listening(asked, interest.indices), notes, measured=(WATER,))
    except BaseException:
        measured.close()
        raise
    measured.close()
    return comparer(source, asked(interest.indices), notes)


def refiners_of(click_model: Callable[[], ClickModel], pair: RasterPair, frame: Frame) -> Refiners:
    """Who draws what stood at the first date, and who what stands at the second."""
    model = click_model()
    before, after = (refiner_of(model, replace(frame, raster=date)) for date in (pair.before, pair.after))
    return before, after


def seen_by(click_model: Callable[[], ClickModel]) -> Seer:
    """Who looks at a raster for what a map has: the text network. Raises ModelMissing, ModelDamaged."""
    model = load_text_model("", device.chosen().name)

    def looker(names: Sequence[str]) -> Looker:
        return text_looker(model, np.array([[float(name == one) for one in CLASSES] for name in names], np.float32))

    return Seer(model.id, model.digest, looker, partial(refiner_of, click_model()))
