"""The engine's command line: ``python -m models serve | segment | find | change | cover | tiles | list | import | fetch | evaluate``."""

from __future__ import annotations

import argparse
import io
import os
import sys
from pathlib import Path
from typing import Any

from . import device
from .commands import change as change_command
from .commands import cover as cover_command
from .commands import find as find_command
from .commands import models as model_commands
from .commands import tiles as tiles_command
from .protocol import SIZES
from .server import problem_of, serve


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 0, or 1 with a sentence on stderr; 130 where it was interrupted, as shells have it."""
    device.share_cores()
    device.keep_memory()
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        print("Interrupted. Give the command again: what takes long goes on where it stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # nobody reads on, as after `| head`; nor may Python write what is left when it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        problem = problem_of(error)
        if "traceback" in problem.data:  # nobody foresaw it
            raise
        print(problem, file=sys.stderr)
        return 1


def _run(arguments: list[str]) -> int:
    if arguments == ["serve"]:  # before anything else: the plugin waits for it
        return serve()
    if arguments[:1] == ["evaluate"]:  # it has a command line of its own
        return _evaluate(arguments[1:])
    options = _parser().parse_args(arguments)
    status: int = options.run(options)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m models", description="Rasterscribe's engine.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    commands.add_parser("serve", help="answer the plugin on stdin and stdout")
    commands.add_parser("evaluate", help="measure a model: evaluate click|text|cover|change --data DIR [--json]")
    of_areas = (each.add(commands) for each in (find_command, change_command, cover_command, tiles_command))
    for command in (*model_commands.add(commands), *of_areas):
        command.set_defaults(run=_print_lines)
    segment = commands.add_parser("segment", help="outline the objects under points or in a box")
    segment.set_defaults(run=_segment)
    _add_segment_options(segment)
    return parser


def _add_segment_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("raster", help="a file that GDAL reads")
    for option, label, meaning in (("--point", 1, "on the object; repeat to refine"), ("--not-point", 0, "not on the object")):
        place: dict[str, Any] = {"dest": "points", "nargs": 2, "type": float, "metavar": ("X", "Y")}
        parser.add_argument(option, action=_AddPoint, const=label, help=meaning, **place)
    parser.add_argument("--box", nargs=4, type=float, metavar=("X0", "Y0", "X1", "Y1"), help="around the object")
    parser.add_argument("--objects", type=Path, metavar="FILE.geojson", help="one object per point feature, in the raster's CRS")
    parser.add_argument("--size", choices=SIZES, default="", help="which of the nested outlines is meant (default: the likely one)")
    parser.add_argument("--pixel", action="store_true", help="coordinates are pixels (column, row), not map coordinates")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.gpkg", help="where the outlines go")
    parser.add_argument("--class", dest="class_name", default="object", help="class of the objects (default: %(default)s)")
    parser.add_argument("--bands", nargs="+", type=int, default=(), help="one or three, 1-based")
    parser.add_argument("--model", default="", help="id of the model (default: the shipped one)")
    parser.add_argument("--exact", dest="smooth", action="store_false", help="do not smooth the outline")
    parser.add_argument("--right-angles", action="store_true", help="square the corners where the shape allows")
    parser.add_argument("--min-hole", type=float, default=4.0, help="fill smaller holes, m2 (default: %(default)s)")


class _AddPoint(argparse.Action):
    """Points of both kinds in one list, in the order in which they were given."""

    def __call__(self, parser: object, namespace: argparse.Namespace, values: object, option: str | None = None) -> None:
        points = [*(getattr(namespace, self.dest) or []), (values, self.const)]
        setattr(namespace, self.dest, points)


def _segment(options: argparse.Namespace) -> int:
    from .commands.segment import segment

    for line in segment(options):
        print(line)
    return 0


def _print_lines(options: argparse.Namespace) -> int:
    for line in options.lines(options):
        print(line, flush=True)
    return 0


def _evaluate(arguments: list[str]) -> int:
    try:
        from .training.evaluate import main as evaluate
    except ModuleNotFoundError as error:
        if error.name is None or "training" not in error.name:
            raise
        print("Evaluation is part of the source repository, not of the plugin. Run it from a checkout.", file=sys.stderr)
        return 1
    return int(evaluate(arguments))


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter is no reason to lose an answer
    sys.exit(main())
