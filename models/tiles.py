"""Tiles: which squares of a raster show what a phrase names, ranked, and as a heat map with a pixel a tile."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from . import device
from .errors import Cancelled, PhraseUnknown
from .find import Asked
from .jobs import Progress, Steps
from .language.query import Parse, Query, quoted
from .language.words import Vocabulary
from .nets import load_text_model
from .objects.results import check_place
from .protocol import RankedTile, Tiles, TilesReply
from .raster import Raster
from .searchers import is_open, parsed, weights_of
from .surveying.area import Area, area_of_request
from .surveying.scale import level_at, level_for
from .surveying.survey import Scratch, Strip, frame_of, probability, survey, text_looker
from .tilesearch.heat_map import write_heat_map
from .tilesearch.tile_grid import TileGrid, tile_grid
from .tilesearch.tile_scores import Tally, best
from .version import engine_version

BEST = 20  # tiles that the reply names

Rating = Generator[Progress | None, None, np.ndarray]  # returns float32 (rows, columns of tiles), 0..1, NaN without data


@dataclass(frozen=True)
class Rater:
    """Who says how much every tile shows what is asked for."""

    model: str
    digest: str
    level: int  # of the finest survey, which the tiles' size follows
    rate: Callable[[TileGrid, Area | None, Scratch], Rating]
    notes: tuple[str, ...] = ()


def steps(raster: Raster, request: Tiles, vocabulary: Vocabulary, rater: Rater | None = None) -> Steps:
    """Rank the tiles of an area, pausing between views; returns the reply. Without a rater it is the model that the request names.

    A search that is cancelled leaves nothing; one that is killed or fails goes on where it was when it is asked again.
    Raises PhraseEmpty, PhraseUnknown, AreaOutside, RequestInvalid, OutputUnwritable, OutputBusy, DiskFull, and what loading models and
    reading raise.
    """
    began = time.perf_counter()
    yield 0.0, 1.0, "loading the network"
    out, area = Path(request.out), area_of_request(request.area)
    check_place(out, *raster.files)
    frame_of(raster, 0, area)  # raises where there is nothing to look at
    rater = rater or rater_of(raster, request, vocabulary)
    grid = tile_grid(raster, rater.level, area)
    scratch = Scratch(out, {"job": "tiles", "text": request.text, "model": rater.digest})
    try:
        scores = yield from rater.rate(grid, area, scratch)
        yield 1.0, 1.0, "writing"
        write_heat_map(out, scores, grid, _provenance(raster, request, rater, grid, area, scratch), scratch.folder)
    except Cancelled:
        scratch.clear()
        raise
    except BaseException:
        scratch.close()
        raise
    scratch.clear()
    tiles = tuple(RankedTile(grid.extent(column, row), float(scores[row, column])) for row, column in best(scores, BEST))
    return TilesReply(request.out, tiles, rater.model, rater.digest, time.perf_counter() - began, rater.notes)


def rater_of(raster: Raster, request: Tiles, vocabulary: Vocabulary) -> Rater:
    """The model that a request names, loaded, and asked for what the phrase says."""
    where = device.chosen().name
    if is_open(request.model):
        return _by_pictures(raster, request, where)
    meaning = parsed(request.text, vocabulary, (), request.model)
    model = load_text_model(request.model, where)
    asked = Asked(model.id, model.digest, lambda names: text_looker(model, weights_of(names, meaning)))
    return by_classes(raster, meaning, asked)


def by_classes(raster: Raster, meaning: Parse, asked: Asked) -> Rater:
    """Rates tiles by how likely their pixels are of the classes that a phrase wants; of several classes the one shown most counts.

    Raises PhraseUnknown where the phrase only says what is not wanted.
    """
    names = list(dict.fromkeys(query.class_name for query in meaning.queries if not query.negated))
    if not names:
        raise PhraseUnknown("The phrase names nothing that tiles could show.", not_understood=list(meaning.not_understood), offers={})
    levels = {name: level_for(name, raster.gsd) for name in names}

    def rate(grid: TileGrid, area: Area | None, scratch: Scratch) -> Rating:
        found: list[np.ndarray] = []
        passes = sorted(set(levels.values()))
        for number, level in enumerate(passes):
            frame, some = frame_of(raster, level, area), [name for name in names if levels[name] == level]
            tally = Tally(grid, frame, len(some))
            for news in survey(frame, area, asked.looker(some), scratch, probability):
                if isinstance(news, Strip):
                    tally.take(news)
                    yield None
                else:
                    yield number + news.done / max(news.total, 1.0), float(len(passes)), "looking"
            found.extend(tally.finish())
        return np.fmax.reduce(found)

    return Rater(asked.model, asked.digest, min(levels.values()), rate, _notes(meaning))


def _by_pictures(raster: Raster, request: Tiles, where: str) -> Rater:
    """Rates each tile as a picture, by an open-vocabulary model, which takes the phrase as it is."""
    from .nets.clip import load_clip_model
    from .tilesearch import tile_pictures

    phrases = tile_pictures.phrases_of(request.text)
    clip = load_clip_model(request.model, where)
    level = level_at(tile_pictures.GROUND, raster.gsd)
    return Rater(clip.id, clip.digest, level, lambda grid, area, scratch: tile_pictures.rate(grid, level, area, clip, phrases, scratch))


def _notes(meaning: Parse) -> tuple[str, ...]:
    """What of a phrase does not count for tiles."""
    notes = []
    for query in meaning.queries:
        if query.negated:
            notes.append(f"Tiles are not ranked by what they lack: '{query.words or query.class_name}' does not count.")
        elif query != Query(query.class_name, words=query.words, weights=query.weights):
            notes.append(f"Of '{query.sentence()}' only '{query.class_name}' counts for tiles.")
    if meaning.not_understood:
        notes.append(f"Not understood: {quoted(meaning.not_understood)}.")
    return tuple(notes)


def _provenance(raster: Raster, request: Tiles, rater: Rater, grid: TileGrid, area: Area | None, scratch: Scratch) -> dict[str, Any]:
    """Enough to run it again."""
    return {
        "source": str(Path(raster.path).absolute()),
        "area": "" if area is None else shapely.to_wkt(area, rounding_precision=-1),
        "bands": list(raster.bands),
        "stretch": [list(values) for values in raster.stretch],
        "model": rater.model,
        "weights_sha256": rater.digest,
        "prompt": request.text,
        "tile_side": grid.side,
        "notes": list(rater.notes),
        "made_at": scratch.started.isoformat(),
        "rasterscribe": engine_version(),
    }
