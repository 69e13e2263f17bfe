#!/usr/bin/env python3
"""Build, try, test and package Rasterscribe. Needs Python 3.9 and nothing else: what is missing is set up on the way.

Everything it makes lies under build/, dist/ and demo/, and can be deleted. RASTERSCRIBE_HOME moves the engine's environment,
RASTERSCRIBE_QGIS_PYTHON names QGIS's Python where it is not found by itself.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Callable

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from tools.shell import Trouble, duration, say  # noqa: E402

Command = Callable[[argparse.Namespace, Sequence[str]], int]
PASSES_ON = ("test", "engine", "process")  # commands whose arguments, --help among them, belong to what they run


def main(argv: Sequence[str]) -> int:
    own, rest = (argv[:1], argv[1:]) if argv[:1] and argv[0] in PASSES_ON else (argv, [])
    options = make_parser().parse_args(list(own))
    began = time.monotonic()
    try:
        code = int(options.does(options, rest))
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nInterrupted after {duration(time.monotonic() - began)}; run it again to go on.", file=sys.stderr)
        return 130
    return code


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="build.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, does: Command, words: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=words, description=words[0].upper() + words[1:] + ".")
        added.set_defaults(does=does)
        return added

    demo = add("demo", do_demo, "show a job in a real QGIS without a window; leaves a GeoPackage and map.png")
    jobs = "click objects (default), find by a phrase, or compare two dates"
    demo.add_argument("job", nargs="?", choices=("click", "text", "change"), default="click", help=jobs)
    demo.add_argument("--raster", type=Path, metavar="FILE", help="any raster that GDAL reads (default: the generated scene)")
    place: dict[str, Any] = {"nargs": 2, "type": float, "action": "append", "default": [], "metavar": ("X", "Y")}
    demo.add_argument("--at", help="where to click an object, in the raster's CRS; once for each object", **place)
    demo.add_argument("--phrase", help="what to look for, for `demo text`")
    demo.add_argument("--before", type=Path, metavar="FILE", help="the earlier raster of `demo change`, --raster being the later one")
    demo.add_argument("--out", type=Path, default=Path("demo"), metavar="DIR", help="where the results go (default: demo)")

    run = add("run", do_run, "QGIS in a window with the plugin enabled and its dock open, on a profile of its own")
    run.add_argument("--raster", type=Path, metavar="FILE", help="a raster to begin with (default: the generated scene)")

    add("test", do_test, "run every test; --clip: those with open_clip too; further arguments go to pytest (-k click)")
    add("engine", do_engine, "run `python -m models ARGS ...` in the engine's environment (engine list)")
    add("process", do_process, "run `qgis_process ARGS ...` with the plugin (process run rasterscribe:findtext -- RASTER=... PHRASE=...)")
    add("check", do_check, "style, types, house rules, and the scan that plugins.qgis.org makes of an upload")
    add("zip", do_zip, "the plugin as QGIS installs it, in dist/")
    bundle = add("bundle", do_bundle, "a folder of wheels for computers without a network (Install from folder)")
    bundle.add_argument("--out", type=Path, metavar="DIR", help="where the wheels go (default: a folder in dist/)")
    return parser


def do_demo(options: argparse.Namespace, _rest: Sequence[str]) -> int:
    from tools import qgis_session

    if options.job == "text":
        return qgis_session.demo_text(options.raster, options.phrase, options.out)
    if options.job == "change":
        return qgis_session.demo_change(options.before, options.raster, options.out)
    return qgis_session.demo(options.raster, [tuple(place) for place in options.at], options.out)


def do_run(options: argparse.Namespace, _rest: Sequence[str]) -> int:
    from tools import qgis_session

    return qgis_session.window(options.raster)


def do_test(_options: argparse.Namespace, rest: Sequence[str]) -> int:
    from tools import suites

    return suites.test(rest)


def do_engine(_options: argparse.Namespace, rest: Sequence[str]) -> int:
    from tools import engine

    return engine.run_engine(rest)


def do_process(_options: argparse.Namespace, rest: Sequence[str]) -> int:
    from tools import qgis_process

    return qgis_process.process(rest)


def do_check(_options: argparse.Namespace, _rest: Sequence[str]) -> int:
    from tools import check

    return check.check()


def do_zip(_options: argparse.Namespace, _rest: Sequence[str]) -> int:
    from tools import package

    made = package.make_zip()
    say(f"Packed {len(made.names)} files into {made.path}, {made.size / 1e6:.1f} MB.")
    unfilled = package.unfilled()
    if unfilled:
        say(f"QGIS installs it; plugins.qgis.org takes it once metadata.txt has values for {', '.join(unfilled)}.")
    return 0


def do_bundle(options: argparse.Namespace, _rest: Sequence[str]) -> int:
    from tools import package

    folder, count, size = package.make_bundle(options.out)
    say(f"Gathered {count} wheels, {size / 1e6:.0f} MB, in {folder}. In QGIS: Set up engine, Install from folder.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
