"""Taking in the weights of an open-vocabulary model that the analyst has as a file: known by its tensors, converted once, kept.

A file whose digest is that of a model in the list becomes that model. Any other is believed because the analyst gave it, and its card says
so: there is nothing to compare it with but itself, from then on.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import catalog
from ..errors import ModelDamaged, ModelForeign
from ..jobs import Steps
from . import store
from .aside import aside

if TYPE_CHECKING:
    from torch import Tensor

    from ..nets.clip_weights import Shape

OURS = "the licence of whoever published the file"
QUICK = ("openai", "quickgelu")  # in a file's or a model's name: its activation is that of OpenAI's models
CONFIRMED = "Its file has the digest that was published for it."
ON_IMPORT = "Trusted on import: no digest was published to compare it with, so it is only known to be the file that was imported."


def import_steps(path: str, title: str = "", id: str = "", quick_gelu: bool | None = None, folder: Path | None = None) -> Steps:
    """A job that takes in a weights file; yields (done, total, what) in bytes and returns the new model's `catalog.Card`.

    title: what the analyst calls the model; id: that of a model in the list whose file this is, or a name for a new one; quick_gelu:
    whether the activation is that of OpenAI's models, which no tensor shows: by default the list's word, else "openai" or "quickgelu" in
    the file's name. folder: the analyst's models, the store by default. Nothing is changed before the weights are known to be good.
    Raises ModelForeign, ModelDamaged, DiskFull, OutputUnwritable.
    """
    file = Path(path).expanduser()
    digest = yield from _read_through(file)
    listed = _listed(digest, id)
    if listed and listed.source and listed.source.sha256 not in ("", digest):
        what = f"{file.name} is not the file that was published as {listed.id}: its sha256 is {digest}."
        raise ModelDamaged(what, "Copy or fetch it again; to import another model, give it another name.", model=listed.id)
    size = file.stat().st_size
    tensors, shape = yield from aside(lambda: _look(file), lambda: (size, size, "Looking at the weights"))
    if listed and listed.architecture.removesuffix("-quickgelu") != shape.name:
        raise ModelForeign(f"{file.name} is a {shape.name}, but {listed.id} is a {listed.architecture}.", "Give it another name.")
    quick = _quick(listed, f"{file.name} {title} {id}") if quick_gelu is None else quick_gelu
    said = _card(listed, file, title, id)
    said.update(architecture=shape.name + ("-quickgelu" if quick else ""))
    said.update(trust=CONFIRMED if listed and listed.source and listed.source.sha256 else ON_IMPORT)
    source = {"address": "", "inside": file.name, **(asdict(listed.source) if listed and listed.source else {}), "sha256": digest}
    place = folder or store.folder()
    staged = yield from aside(lambda: _write(said["id"], tensors, place), lambda: (size, size, "Keeping the weights"), store.Staged.discard)
    return store.keep({**said, "source": source}, staged, place)


def _read_through(file: Path) -> Steps:
    """The sha256 of a file, in steps."""
    try:
        size = file.stat().st_size
        if not file.is_file() or not size:
            raise ModelForeign(f"{file} is no file with anything in it.", "Choose the file of the weights.", path=str(file))
        for found in store.digesting(file):
            if isinstance(found, str):
                return found
            yield (found, size, "Reading the file")
    except OSError as error:
        raise ModelForeign(f"{file} cannot be read: {error.strerror}.", "Choose a file that is there.", path=str(file)) from None


def _listed(digest: str, id: str) -> catalog.Card | None:
    """The model of the list that the digest or the analyst's word says it is."""
    cards = catalog.cards(catalog.OPTIONAL)
    by_digest = next((card for card in cards if card.source and card.source.sha256 == digest), None)
    return by_digest or next((card for card in cards if card.id == id), None)


def _quick(listed: catalog.Card | None, names: str) -> bool:
    return listed.architecture.endswith("-quickgelu") if listed else any(word in names.lower() for word in QUICK)


def _card(listed: catalog.Card | None, file: Path, title: str, id: str) -> dict[str, Any]:
    if listed:
        return {name: getattr(listed, name) for name in ("id", "title", "job", "licence", "attribution")}
    plain = re.sub(r"[^a-z0-9]+", "-", (id or title or file.stem).lower()).strip("-") or "imported"
    new = plain if plain.startswith("clip-") else f"clip-{plain}"
    if catalog.find(new) is not None:
        raise ModelForeign(f"A model that ships is called {new}.", "Give the file another name.")
    return {"id": new, "title": title or file.stem, "job": "open", "licence": OURS, "attribution": f"Imported from {file.name}."}


def _look(file: Path) -> tuple[dict[str, Tensor], Shape]:
    from ..nets.clip_weights import read_checkpoint, shape_of

    tensors = read_checkpoint(file)
    return tensors, shape_of(tensors, file.name)


def _write(id: str, tensors: dict[str, Tensor], folder: Path) -> store.Staged:
    from safetensors.torch import save_file

    def write(path: Path) -> None:
        save_file({name: value.contiguous() for name, value in tensors.items()}, path)

    header = 1 << 20
    return store.stage(id, write, header + sum(value.numel() * value.element_size() for value in tensors.values()), folder)
