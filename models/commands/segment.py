"""``segment`` on the command line: outlines of the objects that points or a box mean, as a GeoPackage."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import shapely

from .. import click
from ..clicks.views import ViewCache
from ..engine import Engine
from ..errors import RequestInvalid
from ..objects.results import Object, check_place, write_objects
from ..protocol import Click, ClickReply, OutlineOptions
from ..raster import Raster, open_raster
from ..version import engine_version

Point = tuple[float, float]


def segment(options: argparse.Namespace) -> Iterator[str]:
    """Outline every object asked for and write them; yields a line for a person after each.

    Raises RequestInvalid where nothing was asked for, and what clicking and writing raise; then nothing is written.
    """
    check_place(options.out)
    raster = open_raster(options.raster, options.bands)
    prompts = list(_prompts(options, raster))
    model, cache = Engine().click_model(options.model), ViewCache()
    found = []
    for number, prompt in enumerate(prompts, 1):
        reply = click.finish(click.steps(raster, model, cache, prompt))
        yield f"{number} of {len(prompts)}: {_sentence(reply, raster)}"
        if reply.outline:
            area = None if raster.crs is None else reply.area
            outline = shapely.from_wkb(bytes.fromhex(reply.outline))
            found.append(Object(outline, reply.score, area, reply.model, _as_text(prompt), options.class_name))
    write_objects(options.out, found, raster.crs, _provenance(raster, model.id, model.digest, prompts, options))
    yield f"{len(found)} outlines are in {options.out}."


def _prompts(options: argparse.Namespace, raster: Raster) -> Iterator[Click]:
    """One request an object, in map coordinates."""
    outline = OutlineOptions(options.smooth, options.right_angles, options.min_hole)
    if options.objects and (options.points or options.box):
        raise RequestInvalid("--objects and --point or --box exclude each other.")
    if options.objects:
        for point in _points_of(options.objects):
            yield Click("", (raster.to_map(*point) if options.pixel else point,), (1,), options=outline, size=options.size)
        return
    if not options.points and not options.box:
        raise RequestInvalid("There is nothing to outline.", "Give --point X Y, --box X0 Y0 X1 Y1 or --objects FILE.geojson.")
    labelled = options.points or []
    points = tuple(raster.to_map(x, y) if options.pixel else (x, y) for (x, y), _ in labelled)
    box = None if options.box is None else tuple(options.box)
    if box and options.pixel:
        box = (*raster.to_map(*box[:2]), *raster.to_map(*box[2:]))
    yield Click("", points, tuple(label for _, label in labelled), box, options=outline, size=options.size)


def _points_of(path: Path) -> Iterator[Point]:
    """The point features of a GeoJSON file, in whatever coordinates it has."""
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        for feature in features:
            x, y, *_ = feature["geometry"]["coordinates"]
            yield float(x), float(y)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RequestInvalid(f"{path} is not a GeoJSON file of point features.", reason=str(error)) from error


def _sentence(reply: ClickReply, raster: Raster) -> str:
    if not reply.outline:
        return "nothing found"
    unit = "square pixels" if raster.crs is None else "m2"
    return f"{reply.area:.1f} {unit}, score {reply.score:.2f}, {reply.seconds:.2f} s"


def _as_text(prompt: Click) -> str:
    """For the field "prompt": +(x, y) for what adds, -(x, y) for what removes, then the box and the size if there are such."""
    parts = [f"{'+' if label else '-'}({x:.10g}, {y:.10g})" for (x, y), label in zip(prompt.points, prompt.labels, strict=True)]
    box = f"box({', '.join(f'{value:.10g}' for value in prompt.box)})" if prompt.box else ""
    return " ".join(part for part in (*parts, box, prompt.size) if part)


def _provenance(raster: Raster, model: str, digest: str, prompts: list[Click], options: argparse.Namespace) -> dict[str, object]:
    """Enough to run it again."""
    return {
        "source": str(Path(raster.path).absolute()),
        "bands": list(raster.bands),
        "stretch": [list(values) for values in raster.stretch],
        "model": model,
        "weights_sha256": digest,
        "prompts": [_as_text(prompt) for prompt in prompts],
        "smooth": options.smooth,
        "right_angles": options.right_angles,
        "min_hole": options.min_hole,
        "rasterscribe": engine_version(),
    }
