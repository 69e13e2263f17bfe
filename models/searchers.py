"""Who is asked in a search: a network of ours by its classes, or an open-vocabulary one by the words themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from shapely.geometry import Polygon

from . import catalog, device
from .classes import CLASSES
from .errors import PhraseEmpty, PhraseUnknown
from .find import Asked, steps
from .jobs import Steps
from .language.open_vocabulary import parse_openly
from .language.phrase import parse
from .language.query import Parse, Query
from .language.words import Vocabulary
from .nets import load_text_model
from .objects.refine import refiner_of
from .protocol import Explain, ExplainReply, Find, Offer
from .raster import Raster
from .selection.layers import named_layers
from .surveying.area import area_of_request
from .surveying.survey import Looker, text_looker
from .user_models import store

if TYPE_CHECKING:
    from .nets import ClickModel

SIMILAR = "like the examples"  # the class of what was searched for by examples, where the analyst gives it no name
OPEN = "open"  # the job of models without a vocabulary of their own


def is_open(model: str) -> bool:
    """Whether a model (its id) takes any word."""
    return any(card.id == model and card.job == OPEN for card in catalog.every(store.folder()))


def parsed(text: str, vocabulary: Vocabulary, layers: Sequence[str], model: str) -> Parse:
    """A phrase as the model takes it. Raises PhraseEmpty, PhraseUnknown, LayerUnknown."""
    return (parse_openly if is_open(model) else parse)(text, vocabulary, layers)


def explained(request: Explain, vocabulary: Vocabulary) -> ExplainReply:
    """What a phrase would ask for; one that asks for nothing known is told as such. Raises LayerUnknown."""
    last = request.phrase.replace(",", " ").split()[-1:]
    suggestions = vocabulary.suggest(last[0]) if last and not request.phrase.endswith(" ") else ()
    try:
        meaning = parsed(request.phrase, vocabulary, request.layers, request.model)
    except PhraseEmpty:
        return ExplainReply({"queries": [], "not_understood": []}, "", False, suggestions=suggestions)
    except PhraseUnknown as problem:
        meaning = Parse((), tuple(problem.data["not_understood"]), problem.data["offers"])
    offers = tuple(Offer(word, tuple(known)) for word, known in meaning.offers.items())
    runnable = any(not query.negated for query in meaning.queries)
    return ExplainReply(meaning.to_json(), meaning.sentence(), runnable, tuple(meaning.not_understood), offers, suggestions)


def find(raster: Raster, request: Find, vocabulary: Vocabulary, click_model: ClickModel) -> Steps:
    """Carry out a search as it comes from the analyst: with the phrase as text, and vector layers and the model by name.

    Raises what parsing, reading layers and loading models raise, and what `find.steps` does.
    """
    yield 0.0, 1.0, "reading the phrase"
    if request.examples:
        meaning = Parse((Query(request.text.strip() or SIMILAR),))
    else:
        meaning = parsed(request.text, vocabulary, [layer.name for layer in request.layers], request.model)
    layers = _layers(raster, request, meaning)
    yield 0.0, 1.0, "loading the network"
    return (yield from steps(raster, request, meaning, layers, asked(raster, request, meaning, click_model)))


def _layers(raster: Raster, request: Find, meaning: Parse) -> dict[str, np.ndarray]:
    """The geometries of the layers that the phrase names, around the area."""
    relations = [relation for query in meaning.queries for relation in query.relations]
    named = {relation.of for relation in relations if relation.of_layer}
    sources = {one.name: f"{one.path}|layername={one.table}" if one.table else one.path for one in request.layers if one.name in named}
    reach = max((relation.distance_m or 0.0 for relation in relations), default=0.0)
    area = area_of_request(request.area) or whole(raster)
    return named_layers(sources, raster.crs, area.bounds, reach)


def whole(raster: Raster) -> Polygon:
    """The ground of a raster, in its CRS."""
    corners = ((0, 0), (raster.width, 0), (raster.width, raster.height), (0, raster.height))
    return Polygon([raster.to_map(col, row) for col, row in corners])


def asked(raster: Raster, request: Find, meaning: Parse, click_model: ClickModel) -> Asked:
    """Who answers a request, loaded. Raises ModelMissing, ModelDamaged, PackageMissing."""
    where = device.chosen().name
    if request.examples:
        return _like_examples(raster, request, where, click_model)
    if is_open(request.model):
        return replace(_any_words(request.model, where), refiner=partial(refiner_of, click_model))
    model = load_text_model(request.model, where)
    return Asked(model.id, model.digest, lambda names: text_looker(model, weights_of(names, meaning)), partial(refiner_of, click_model))


def _like_examples(raster: Raster, request: Find, where: str, click_model: ClickModel) -> Asked:
    """A network of ours that looks for pixels like those of the examples, as finely as these are: the shipped one in an open model's place.

    Raises ExamplesUnusable, AreaOutside.
    """
    from .surveying.examples import examples_looker, examples_of

    examples = examples_of(raster, request.examples)
    model = load_text_model("" if is_open(request.model) else request.model, where)
    looker = examples_looker(model, examples)
    level, parted, least = examples.level, examples.compact, examples.least
    return Asked(model.id, model.digest, lambda _: looker, partial(refiner_of, click_model), lambda *_: level, parted, lambda _: least)


def weights_of(names: Sequence[str], meaning: Parse) -> np.ndarray:
    """float32 (m, K): what each name asks of the classes; a class that only a relation names asks for itself."""
    said = {query.class_name: query.weights for query in meaning.queries if query.weights}
    return np.array([said.get(name) or [float(name == one) for one in CLASSES] for name in names], np.float32)


def _any_words(model: str, where: str) -> Asked:
    from .nets.clip import load_clip_model
    from .surveying.open_words import clip_looker

    clip = load_clip_model(model, where)

    def looker(names: Sequence[str]) -> Looker:
        return clip_looker(clip, names)

    return Asked(clip.id, clip.digest, looker)
