"""Downloading an open-vocabulary model's weights from the hub where they are published: the only part of the engine that goes online.

The file is named by repository and commit and must have the digest that its card gives; then it is taken in like one that the analyst
had (see `imports`). A connection that breaks is taken up again where it was, a few times.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .. import catalog
from ..errors import Cancelled, ModelMissing, NetworkFailed, PackageMissing, Problem
from ..jobs import Steps
from . import store
from .aside import aside
from .imports import import_steps

DOWNLOADS = ".downloads"  # in the analyst's models, so that a large file is not first written to another disk


def fetch_steps(model_id: str, folder: Path | None = None) -> Steps:
    """A job that downloads a listed model and takes it in; yields (done, total, what) in bytes, returns its `catalog.Card`.

    Closing the generator stops the download at its next piece. Raises ModelMissing where no such model is listed or none can be fetched,
    DiskFull, NetworkFailed, PackageMissing, and what `import_steps` raises.
    """
    place = folder or store.folder()
    card = next((card for card in catalog.cards(catalog.OPTIONAL) if card.id == model_id), None)
    if card is None or card.source is None:
        remedy = "Choose one that `python -m models list` names."
        raise ModelMissing(f"No model called {model_id!r} can be fetched.", remedy, model=model_id)
    if card.source.on_hub is None:
        raise ModelMissing(f"The model {card.id} is published in an archive, not on a hub.", store.how_to_get(card), model=card.id)
    downloads = place / DOWNLOADS
    store.make(downloads)
    store.need_room(downloads, 2 * card.size)  # what is downloaded, and what it is converted to
    file = yield from _download(*card.source.on_hub, downloads / card.id, card.size)
    found: catalog.Card = yield from import_steps(str(file), id=card.id, folder=place)
    shutil.rmtree(downloads / card.id, ignore_errors=True)
    return found


def _download(repository: str, commit: str, name: str, into: Path, size: int) -> Steps:
    """The path of the downloaded file. The hub's client blocks, so it works aside and tells its pieces to a meter."""
    get, bar = _client()
    meter = Meter()

    def work() -> Path:
        try:
            return Path(get(repository, name, revision=commit, local_dir=into, token=False, tqdm_class=meter.among(bar)))
        except Problem:
            raise
        except Exception as error:  # the client's own kinds and those of the libraries below it: all say that nothing came
            raise _problem(error, repository) from None

    try:
        return (yield from aside(work, lambda: (min(meter.done, size), size, "Downloading")))
    finally:
        meter.stopped = True


class Meter:
    """How far a download is, and whether it may go on."""

    def __init__(self) -> None:
        self.done = 0.0
        self.stopped = False

    def among(self, bar: Any) -> Any:
        """A progress bar that shows nothing, of the kind that the client takes."""
        meter = self

        class Silent(bar):
            def __init__(self, *arguments: Any, **options: Any) -> None:
                options.update(disable=True)
                super().__init__(*arguments, **options)
                meter.done = max(meter.done, float(options.get("initial") or 0))

            def update(self, n: float | None = 1) -> None:
                if meter.stopped:
                    raise Cancelled("The download was cancelled.")
                meter.done += n or 0

        return Silent


def _client() -> tuple[Callable[..., str], Any]:
    """huggingface_hub's download and the kind of its progress bars. Raises PackageMissing."""
    os.environ.setdefault("HF_HUB_DISABLE_XET", "1")  # its other way to download tells of no piece, so it could not be stopped
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        from huggingface_hub import hf_hub_download
        from huggingface_hub.utils import tqdm

        return hf_hub_download, tqdm
    except ImportError:
        from ..nets.clip import PACKAGE, install_command

        what = "Fetching needs the package huggingface_hub, which comes with open_clip; the engine's environment lacks it."
        raise PackageMissing(what, f"Run: {install_command()}", package=PACKAGE) from None


def _problem(error: Exception, repository: str) -> Problem:
    if isinstance(error, OSError) and error.errno in store.FULL:
        return store.full(Path("the folder of models"))
    first = (str(error).strip().splitlines() or [""])[0]
    return NetworkFailed(f"Nothing came from huggingface.co/{repository} ({type(error).__name__}: {first:.160}).", repository=repository)
