"""The command line's words for the analyst's own models: ``list``, ``import`` and ``fetch``."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .. import catalog
from ..jobs import Steps
from ..user_models import store


def add(commands: Any) -> list[argparse.ArgumentParser]:
    """Add these commands to the engine's parser. Each sets `lines`: options -> an iterator of lines to print."""
    listing = commands.add_parser("list", help="which models there are, and whether their weights are at hand")
    listing.add_argument("--json", action="store_true", help="print one JSON list")
    listing.set_defaults(lines=_list)
    taking = commands.add_parser("import", help="take in the weights of an open_clip model that you have as a file")
    taking.add_argument("file", metavar="FILE", help=".pt or .safetensors")
    taking.add_argument("--name", default="", help="the listed model whose file it is, or what to call a new one")
    for option, value, what in (("--quick-gelu", True, "is"), ("--gelu", False, "is not")):
        activation = f"its activation {what} that of OpenAI's models (default: by the list, or the file's name)"
        taking.add_argument(option, dest="quick_gelu", action="store_const", const=value, help=activation)
    taking.set_defaults(lines=_import)
    fetching = commands.add_parser("fetch", help="download the weights of a listed model; the only command that uses the network")
    fetching.add_argument("model", metavar="ID")
    fetching.set_defaults(lines=_fetch)
    added = [listing, taking, fetching]
    for command in added:
        command.add_argument("--models-dir", type=Path, metavar="DIR", help="where your models are (default: in the engine's home)")
    return added


def _list(options: argparse.Namespace) -> Iterator[str]:
    models = [card.info() for card in catalog.every(options.models_dir or store.folder())]
    if options.json:
        yield json.dumps([dataclasses.asdict(model) for model in models], indent=2)
        return
    for model in models:
        yield f"{model.id:24} {model.job:8} {model.state:8} {model.size / 1e6:7.1f} MB  {model.licence:20} {model.title}"


def _import(options: argparse.Namespace) -> Iterator[str]:
    from ..user_models.imports import import_steps

    yield from _told(import_steps(options.file, id=options.name, quick_gelu=options.quick_gelu, folder=options.models_dir))


def _fetch(options: argparse.Namespace) -> Iterator[str]:
    from ..user_models.fetch import fetch_steps

    yield from _told(fetch_steps(options.model, options.models_dir))


def _told(steps: Steps) -> Iterator[str]:
    """What a job does, in a line for each thing it begins, and what came of it."""
    doing = ""
    while True:
        try:
            progress = next(steps)
        except StopIteration as end:
            card: catalog.Card = end.value
            break
        what = progress[2] if isinstance(progress, tuple) and len(progress) > 2 else ""
        if what not in ("", doing):
            doing = what
            yield f"{what} ..."
    yield f"{card.title} is ready as {card.id}: {card.architecture}, {card.size / 1e6:.1f} MB in {card.folder}, sha256 {card.sha256}."
    yield card.trust
    yield f"Licence: {card.licence}. {card.attribution}"
