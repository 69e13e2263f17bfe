"""Which models there are, and whether their weights are at hand: one card (JSON) a model, beside its weights.

The plugin reads it too, so it needs nothing but the standard library and runs on Python 3.9. The digests are in ``SHA256SUMS``, in
the form that `sha256sum --check` reads: a weights file counts only where its digest is there and the bytes agree.

Three folders have this form: what ships (`WEIGHTS`), what the analyst fetched or imported (see `store`), and the cards of what can be
(`OPTIONAL`), which say where the weights are published and have none beside them; there the digests are of the published files.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from .protocol import ModelInfo

WEIGHTS = Path(__file__).resolve().parent / "weights"
OPTIONAL = WEIGHTS.parent / "optional"
SUMS = "SHA256SUMS"
HUB_FILE = re.compile(r"https://huggingface\.co/([^/]+/[^/]+)/resolve/([0-9a-f]{40})/(.+)")
READY, MISSING, DAMAGED = "ready", "missing", "damaged"


@dataclass(frozen=True)
class Source:
    """Where a model's weights are published."""

    address: str  # https; of a hub's file at one commit, so that it cannot change under its name
    inside: str = ""  # the file's name in it, where the address is that of an archive
    sha256: str = ""  # of the published file; "" where it is not known

    @property
    def on_hub(self) -> Optional[tuple[str, str, str]]:
        """Repository, commit and file on huggingface.co; None where it is published elsewhere."""
        found = HUB_FILE.fullmatch(self.address)
        return (found[1], found[2], found[3]) if found else None

    @property
    def file(self) -> str:
        return self.inside or self.address.rpartition("/")[2]


@dataclass(frozen=True)
class Card:
    """What a model's card says. A card that cannot be read has only an id, that of its file name."""

    id: str
    title: str = ""
    job: str = ""
    licence: str = ""
    attribution: str = ""
    file: str = ""
    size: int = 0  # bytes; of weights that are not at hand about as many
    sha256: str = ""  # of the weights; "" where SHA256SUMS has none
    folder: Path = WEIGHTS
    architecture: str = ""  # open_clip's name for it, of models of the job "open"
    trust: str = ""  # one sentence: why the bytes of imported weights are believed
    source: Optional[Source] = None

    @property
    def weights(self) -> Path:
        return self.folder / self.file

    def at_hand(self) -> bool:
        """Whether a file of the right size is there: enough for a list, and as quick for a large model as for a small one."""
        return bool(self.file) and self.weights.is_file() and self.weights.stat().st_size == self.size

    def state(self) -> str:
        """READY, MISSING or DAMAGED, by the digest of the weights' bytes."""
        if not self.file:
            return DAMAGED
        if not self.weights.is_file():
            return MISSING
        agreed = self.at_hand() and _digest(self.weights, self.weights.stat().st_mtime_ns) == self.sha256
        return READY if agreed else DAMAGED

    def info(self) -> ModelInfo:
        return ModelInfo(self.id, self.title or self.id, self.job, self.licence, self.attribution, self.size, self.sha256, self.state())


def cards(folder: Path = WEIGHTS) -> tuple[Card, ...]:
    """Every card, in the order of their file names; no folder has no cards."""
    return tuple(_card(path) for path in sorted(folder.glob("*.json")))


def find(id: str, folder: Path = WEIGHTS) -> Optional[Card]:
    return next((card for card in cards(folder) if card.id == id), None)


def every(store: Path) -> tuple[Card, ...]:
    """Shipped models, those in the analyst's `store`, and the optional ones that are not there."""
    here = cards() + cards(store)
    return here + tuple(card for card in cards(OPTIONAL) if card.id not in {other.id for other in here})


def usual(job: str, folder: Path = WEIGHTS) -> Optional[Card]:
    """The model for a job where nobody chose one: the first whose weights are at hand, else the first."""
    fitting = [card for card in cards(folder) if card.job == job]
    return next((card for card in fitting if card.at_hand()), fitting[0] if fitting else None)


def _card(path: Path) -> Card:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        texts = {name: str(said[name]) for name in ("id", "title", "job", "licence", "attribution", "file")}
        if Path(texts["file"]).name != texts["file"]:
            raise ValueError("the weights lie beside their card")
        more = {name: str(said.get(name, "")) for name in ("architecture", "trust")}
        known = sums(path.parent)
        source = Source(**said["source"]) if "source" in said else None
        if source and not source.sha256:
            source = dataclasses.replace(source, sha256=known.get(source.address.partition("//")[2], ""))
        return Card(**texts, **more, size=int(said["size"]), sha256=known.get(texts["file"], ""), folder=path.parent, source=source)
    except (OSError, ValueError, KeyError, TypeError):
        return Card(path.stem, folder=path.parent)


def sums(folder: Path) -> dict[str, str]:
    """Digests by file name."""
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.split(maxsplit=1) for line in lines if len(line.split(maxsplit=1)) == 2)
    return {name.lstrip("*").strip(): digest for digest, name in pairs}


@functools.lru_cache(maxsize=64)
def _digest(path: Path, changed: int) -> str:
    """sha256 of a file; `changed`, its time of change, makes the cache forget a file that was replaced."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()
