"""The command line: `python -m models evaluate click|text|cover|change|unchanged|objects --data DIR [--json]`.

Data sets lie in folders: `images/` with `instances/` for click and objects, with `masks/` for text and cover (`points/` or `labels/` for
--points and --boxes), `A/ B/ label/` for change. For objects --data may be a raster as well, with --footprints.
"""

from __future__ import annotations

import argparse
import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...errors import RequestInvalid
from .. import baselines
from . import cars, change, click, cover, objects, text, trees
from .baselines import NAMES, forest_predict, irmad_compare
from .calibration import Reliability
from .degrade import KINDS
from .methods import Choice
from .phrases import indices_of
from .table import lines
from .truth import Legend, Selection, labelled, legend_of


def main(argv: list[str] | None = None) -> int:
    """Measure and print. Raises RequestInvalid where the data is no set for the task, and what loading a network raises."""
    args = _parser().parse_args(argv)
    methods = ("model",) if args.points or args.boxes else ("model", *NAMES.get("change" if args.task == "unchanged" else args.task, ()))
    if args.method not in methods:
        raise RequestInvalid(f"There is no method {args.method} for this.", f"Choose one of {', '.join(methods)}.")
    reliability = Reliability() if args.calibration else None
    found = {"task": args.task, "data": args.data.resolve().name, **TASKS[args.task](args, _selection(args), reliability)}
    if reliability is not None and reliability.count.any():
        found["calibration"] = reliability.report()
    print(json.dumps(found) if args.json else "\n".join(lines(found, args.method)))
    return 0


def _click(args: argparse.Namespace, selection: Selection, reliability: Reliability | None) -> dict:
    settings = click.SETTINGS[:1] if args.framed_only else click.SETTINGS
    start = baselines.METHODS.get(args.method) or functools.partial(click.Conversation, _choice(args).click())
    return click.evaluate(args.data, start, selection, args.smallest_side, settings, reliability)


def _text(args: argparse.Namespace, selection: Selection, reliability: Reliability | None) -> dict:
    if args.points:
        return trees.evaluate(args.data, selection, _choice(args).predict(trees.PHRASES))
    if args.boxes:
        return cars.evaluate(args.data, selection, _choice(args).predict(args.word[:1] or ["car"]))
    return _masks(text.evaluate, args, selection, reliability)


def _cover(args: argparse.Namespace, selection: Selection, reliability: Reliability | None) -> dict:
    return _masks(cover.evaluate, args, selection, reliability)


def _masks(evaluate: Callable[..., dict], args: argparse.Namespace, selection: Selection, reliability: Reliability | None) -> dict:
    legend = legend_of(args.data, args.word, args.merge)
    images = labelled(args.data, legend, selection)
    found = evaluate(images, legend, _predict(args, legend), reliability)
    return {**found, "left_out": list(legend.left_out)} if legend.left_out else found


def _predict(args: argparse.Namespace, legend: Legend) -> Any:
    if args.method == "model":
        return _choice(args).predict(legend.words())
    if args.train is None:
        raise RequestInvalid("A forest is trained first.", "Give --train DIR, the training set of the same classes.")
    return forest_predict(labelled(args.train, legend, Selection()), legend)


def _change(args: argparse.Namespace, selection: Selection, reliability: Reliability | None) -> dict:
    if args.synthetic:
        from . import edits  # OpenCV, which belongs to the training extra

        pairs = edits.edited_pairs(args.data, args.limit, args.old_map)
        return change.evaluate(pairs, _comparison(args, ["building"], False), {}, reliability)
    classes = change.classes_of(args.data, args.merge)
    phrases = args.word or [name.replace("_", " ") for name in classes] or change.BUILT
    pairs = change.read(args.data, selection, classes)
    return change.evaluate(pairs, _comparison(args, phrases, bool(classes)), classes, reliability)


def _comparison(args: argparse.Namespace, phrases: Any, from_to: bool) -> change.Method:
    if args.method == "irmad":
        return change.by_compare(irmad_compare, has_scores=False)
    choice = _choice(args)
    pairwise = choice.pairwise(indices_of(phrases), _way(args))
    if pairwise is not None:
        return change.by_pairs(pairwise)
    compare = choice.difference(phrases) if args.method == "classes" else choice.compare(phrases)
    return change.by_compare(compare, choice.predict(phrases) if from_to else None)


def _way(args: argparse.Namespace) -> str:
    return "combined" if args.method == "model" else args.method


def _unchanged(args: argparse.Namespace, selection: Selection, reliability: Reliability | None) -> dict:
    from . import unchanged

    altered = args.light or args.shift
    pairs = unchanged.altered_pairs(args.data, selection, args.light, args.shift) if altered else unchanged.year_pairs(args.data, selection)
    found = {name: _choice(args).pairwise(indices, _way(args)) for name, indices in unchanged.watched().items()}
    asked = {name: pairwise for name, pairwise in found.items() if pairwise is not None}
    if not asked:
        raise RequestInvalid("Only our own networks can be asked so.", "Leave --model out.")
    return unchanged.evaluate(pairs, asked)


def _objects(args: argparse.Namespace, selection: Selection, reliability: Reliability | None) -> dict:
    sites = objects.scene(args.data, args.footprints) if args.footprints else objects.tiles(args.data, selection.only)
    return objects.evaluate(sites, objects.method(_choice(args), (args.word or ["building"])[0], args.level, args.parted, args.refine))


TASKS = {"click": _click, "text": _text, "cover": _cover, "change": _change, "unchanged": _unchanged, "objects": _objects}


def _choice(args: argparse.Namespace) -> Choice:
    look = {name: value for name, value in (("fuse", args.fuse), ("flips", args.flips), ("scales", tuple(args.scales))) if value}
    return Choice(args.model, args.weights, args.device, look)


def _selection(args: argparse.Namespace) -> Selection:
    return Selection(args.limit, tuple(args.only), args.degrade)


def _merge(said: str) -> tuple[str, list[int]]:
    """`sand=4,8`"""
    name, _, ids = said.partition("=")
    numbers = [int(number) for number in ids.split(",")]
    if not name or not all(0 < number < 255 for number in numbers):
        raise ValueError(said)
    return name, numbers


class _Merge(argparse.Action):
    """Name -> ids in the order given."""

    def __call__(self, parser: object, namespace: argparse.Namespace, values: Any, option: str | None = None) -> None:
        setattr(namespace, self.dest, {**getattr(namespace, self.dest), **dict(values)})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m models evaluate", description=__doc__)
    add = parser.add_argument
    add("task", choices=list(TASKS))
    add("--data", type=Path, required=True, help="a set")
    add("--json", action="store_true", help="one JSON object")
    add("--limit", type=int, default=0, help="at most so many images (click: objects), spread over the set")
    add("--only", nargs="+", default=[], metavar="PART", help="only images whose names have one of these parts")
    add("--degrade", choices=KINDS, default="", help="what happens to the images first; half and double: of the ground sample distance")
    add("--calibration", action="store_true", help="add a reliability table and the expected calibration error")
    add("--method", choices=["model", *sorted({name for names in NAMES.values() for name in names})], default="model", help="a baseline")
    _add_model_options(parser)
    _add_task_options(parser)
    return parser


def _add_model_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("the network").add_argument
    add("--model", default="", help="id in the catalogue; the shipped network otherwise")
    add("--weights", type=Path, help="a safetensors file in place of a catalogue entry")
    add("--device", default="cpu", help="of torch (default: %(default)s)")
    add("--fuse", action="store_true", help="text, cover: hear the prototypes as a second opinion")
    add("--flips", action="store_true", help="text, cover: look at each view mirrored too")
    add("--scales", nargs="+", type=float, default=[], help="text, cover: sizes at which to look, as factors")


def _add_task_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("one task's own").add_argument
    add("--smallest-side", type=int, default=0, help="click: leave out objects whose box is shorter, in pixels of the image")
    add("--framed-only", action="store_true", help="click: leave the native setting out")
    add(
        "--word",
        nargs="+",
        action="extend",
        default=[],
        metavar="PHRASE",
        help="text, cover, change: what 0/255 masks show (change: what people build)",
    )
    meaning = "text, cover, change: what class ids mean, in place of classes.json"
    add("--merge", nargs="+", action=_Merge, type=_merge, default={}, metavar="NAME=ID,ID", help=meaning)
    add("--synthetic", action="store_true", help="change: pairs made from images/ and instances/ of one date; --limit says how many")
    add("--old-map", action="store_true", help="change --synthetic: with the footprints of the first date as the old map")
    add("--light", action="store_true", help="unchanged: every image against itself in other light")
    add("--shift", type=int, default=0, metavar="PIXELS", help="unchanged: every image against itself so far away")
    add("--points", action="store_true", help="text: trees marked with points")
    add("--boxes", action="store_true", help="text: objects marked with boxes, cars unless --word says otherwise")
    add("--train", type=Path, metavar="DIR", help="text, cover: the forest's training set")
    add("--footprints", type=Path, metavar="FILE", help="objects: the true polygons of one raster, a vector file")
    add("--level", type=int, help="objects: look at 2**LEVEL native pixels as one, in place of what the class asks for")
    add("--whole", dest="parted", action="store_false", help="objects: do not tell apart what touches")
    add("--plain", dest="refine", action="store_false", help="objects: without the click head")
