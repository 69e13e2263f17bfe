"""The analyst's own models: a folder of cards, weights and digests, of the same form as the one that ships (see `catalog`).

It lies in the engine's home, so that a new version of the plugin leaves it alone. Weights are written beside and then renamed, their
digest next, their card last: a model is listed once it is whole.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import catalog
from ..errors import DiskFull, ModelDamaged, ModelMissing, OutputUnwritable, Problem

FOLDER = "models"  # in the engine's home
HOME = "RASTERSCRIBE_HOME"
FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))  # Windows knows no quota


def folder(environ: Mapping[str, str] = os.environ, prefix: str = sys.prefix) -> Path:
    """Where the analyst's models are: in the home that the environment names, else in that of the running engine, else in the user's own.

    The last is the plugin's choice too (`plugin.engine.environment.home_folder`); it counts where the engine runs without the plugin.
    """
    if environ.get(HOME):
        return Path(environ[HOME]).expanduser().absolute() / FOLDER
    around = Path(prefix).parent
    if (around / "version.json").is_file():  # the installer writes it beside the engine's environment
        return around / FOLDER
    if sys.platform == "win32":
        local = environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "Rasterscribe" / FOLDER
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Rasterscribe" / FOLDER
    data = environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "rasterscribe" / FOLDER


def trusted(model_id: str, store: Path) -> catalog.Card:
    """The card of one of the analyst's models, "" for the first at hand, once its weights are known to be those that were taken in.

    Raises ModelMissing, with what brings the model, and ModelDamaged.
    """
    known = catalog.cards(store) + catalog.cards(catalog.OPTIONAL)
    card = next((card for card in known if card.id == model_id or (not model_id and card.job == "open")), None)
    if card is None:
        raise ModelMissing(f"There is no model called {model_id!r}.", "Choose one that `python -m models list` names.", model=model_id)
    state = card.state()
    if state == catalog.MISSING:
        raise ModelMissing(f"The weights of the model {card.id} are not there.", how_to_get(card), model=card.id)
    if state == catalog.DAMAGED:
        raise ModelDamaged(f"The weights of the model {card.id} are not the bytes that were taken in.", how_to_get(card), model=card.id)
    return card


def how_to_get(card: catalog.Card) -> str:
    """One sentence: what the analyst does to have a model."""
    if card.source is None:
        return "Import its weights file again."
    by_hand = f"import {card.source.file} from {card.source.address} (python -m models import FILE --name {card.id})"
    return f"Fetch it (python -m models fetch {card.id}), or {by_hand}." if card.source.on_hub else f"Download and {by_hand}."


@dataclass(frozen=True)
class Staged:
    """Weights that are written but do not count yet."""

    path: Path
    size: int  # bytes
    sha256: str

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)


def stage(id: str, write: Callable[[Path], None], size: int, store: Path) -> Staged:
    """Have `write` write the weights of a model, about `size` bytes, to a path beside their place: the long part of taking a model in.

    Raises DiskFull and OutputUnwritable, and what `write` raises; then nothing is left of it.
    """
    make(store)
    need_room(store, size)
    beside = store / f".{id}.safetensors.unfinished"
    with _disk(store):
        try:
            write(beside)
            return Staged(beside, beside.stat().st_size, digest_of(beside))
        except BaseException:
            beside.unlink(missing_ok=True)
            raise


def keep(said: dict[str, Any], staged: Staged, store: Path) -> catalog.Card:
    """Make staged weights count: `said` is their card without `file` and `size`. Raises DiskFull, OutputUnwritable."""
    name = f"{said['id']}.safetensors"
    with _disk(store):
        os.replace(staged.path, store / name)
        sums = {**catalog.sums(store), name: staged.sha256}
        _replace(store / catalog.SUMS, "".join(f"{digest}  {file}\n" for file, digest in sorted(sums.items())))
        card = {**said, "file": name, "size": staged.size}
        _replace(store / f"{said['id']}.json", json.dumps(card, indent=2, ensure_ascii=False) + "\n")
    found = catalog.find(said["id"], store)
    if found is None or not found.at_hand():
        raise ModelDamaged(f"The disk does not give back what was written to {store / name}.", "Check the disk.", model=said["id"])
    return found


def make(folder: Path) -> None:
    """Raises OutputUnwritable, DiskFull."""
    with _disk(folder):
        folder.mkdir(parents=True, exist_ok=True)


def need_room(place: Path, size: int) -> None:
    """Raises DiskFull where fewer than `size` bytes are free."""
    free = shutil.disk_usage(place).free
    if free < size:
        raise full(place, f"The weights take {size / 1e6:.0f} MB and {place} has {free / 1e6:.0f} MB free.")


def full(place: Path, what: str = "") -> DiskFull:
    remedy = f"Free some disk space, or set {HOME} to a folder on another disk."
    return DiskFull(what or f"There is no room in {place}.", remedy, path=str(place))


def digest_of(path: Path) -> str:
    """sha256 of a file. Raises OSError."""
    *_, digest = digesting(path)
    return str(digest)


def digesting(path: Path) -> Iterator[int | str]:
    """How many bytes are read, after each piece, and at last the sha256. Raises OSError."""
    digest, done = hashlib.sha256(), 0
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 24), b""):
            digest.update(block)
            done += len(block)
            yield done
    yield digest.hexdigest()


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.unfinished")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, path)


@contextmanager
def _disk(store: Path) -> Iterator[None]:
    """Turns the disk's errors into problems."""
    try:
        yield
    except Problem:
        raise
    except OSError as error:
        if error.errno in FULL:
            raise full(store) from None
        remedy = f"Make it writable, or set {HOME} to another folder."
        raise OutputUnwritable(f"{store} cannot be written: {error.strerror or error}.", remedy, path=str(store)) from None
