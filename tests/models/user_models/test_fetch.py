"""Downloads, by huggingface_hub itself from a server on this machine that answers like the hub."""

from __future__ import annotations

import functools
import hashlib
import json
import shutil
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

pytest.importorskip("huggingface_hub", reason="comes with open_clip, which the engine does without")

from rasterscribe.models import catalog  # noqa: E402
from rasterscribe.models.errors import DiskFull, ModelDamaged, ModelMissing, NetworkFailed, PackageMissing  # noqa: E402
from rasterscribe.models.user_models import fetch  # noqa: E402
from rasterscribe.tests.models import clip_files  # noqa: E402

COMMIT = "a" * 40
PLACE = f"/some/model/resolve/{COMMIT}/weights.safetensors"


class Hub(BaseHTTPRequestHandler):
    """One file at one commit. `content` and `broken` are set on a copy of the class."""

    content = b""
    broken = 0  # so many answers break off in the middle
    ranges: list[str | None]

    def do_HEAD(self) -> None:
        self.answer(False)

    def do_GET(self) -> None:
        self.ranges.append(self.headers.get("Range"))
        self.answer(True)

    def answer(self, whole: bool) -> None:
        if self.path != PLACE:
            self.send_error(404)
            return
        asked = self.headers.get("Range")
        start = int(asked.removeprefix("bytes=").partition("-")[0]) if asked and whole else 0
        body = self.content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", f'"{hashlib.sha256(self.content).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(self.content) - 1}/{len(self.content)}")
        self.end_headers()
        if whole:
            self.wfile.write(body[: len(body) // 2] if self.broken else body)
            type(self).broken = max(0, self.broken - 1)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """The server's class; a list with one model on it, whose digest is that of the server's file."""
    weights = clip_files.safetensors(tmp_path / "published", clip_files.tensors())
    kind = type("Hub", (Hub,), {"content": weights.read_bytes(), "ranges": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    folder = tmp_path / "optional"
    folder.mkdir()
    card = {"id": "clip-one", "title": "One", "job": "open", "licence": "MIT", "attribution": "Somebody", "size": len(kind.content)}
    address = f"https://huggingface.co{PLACE}"
    card.update(file="clip-one.safetensors", architecture=clip_files.TINY.name, source={"address": address})
    (folder / "clip-one.json").write_text(json.dumps(card), encoding="utf-8")
    zipped = {**card, "id": "clip-zipped", "source": {"address": "https://elsewhere/a.zip", "inside": "a.pt"}}
    (folder / "clip-zipped.json").write_text(json.dumps(zipped), encoding="utf-8")
    (folder / "SHA256SUMS").write_text(f"{hashlib.sha256(kind.content).hexdigest()}  {address.partition('//')[2]}\n", encoding="utf-8")
    monkeypatch.setattr(catalog, "OPTIONAL", folder)
    get, bar = fetch._client()
    at = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(fetch, "_client", lambda: (functools.partial(get, endpoint=at, etag_timeout=2), bar))
    yield kind
    server.shutdown()
    server.server_close()


def fetched(mine, model="clip-one"):
    said = []
    steps = fetch.fetch_steps(model, mine)
    while True:
        try:
            said.append(next(steps))
        except StopIteration as end:
            return end.value, said


def test_a_listed_model_comes_whole_and_leaves_no_download_behind(hub, tmp_path):
    card, said = fetched(tmp_path / "mine")
    assert card.id == "clip-one" and card.state() == catalog.READY and "digest that was published" in card.trust
    assert said[0][2] == "Downloading" and said[-1][2] == "Keeping the weights"
    assert all(done <= total for done, total, _ in said)
    assert not list((tmp_path / "mine").rglob("*weights*"))


def test_another_file_under_the_published_name_is_refused(hub, tmp_path):
    hub.content = clip_files.safetensors(tmp_path / "other", clip_files.tensors(seed=1)).read_bytes()
    with pytest.raises(ModelDamaged, match="not the file that was published"):
        fetched(tmp_path / "mine")
    assert catalog.cards(tmp_path / "mine") == ()


@pytest.fixture
def hurried(monkeypatch):
    """The client reads small pieces, and does not wait between its attempts."""
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 1 << 20)
    monkeypatch.setattr("time.sleep", lambda seconds: None)


def test_a_connection_that_breaks_is_taken_up_again_where_it_was(hub, tmp_path, hurried):
    hub.broken = 2
    card, _ = fetched(tmp_path / "mine")
    assert card.state() == catalog.READY
    assert hub.ranges[0] is None and all(hub.ranges[1:]) and len(hub.ranges) == 3


def test_a_download_that_keeps_breaking_is_a_problem(hub, tmp_path, hurried):
    hub.broken = 1000
    with pytest.raises(NetworkFailed) as failed:
        fetched(tmp_path / "mine")
    assert "Check the network" in failed.value.remedy and catalog.cards(tmp_path / "mine") == ()


def test_without_a_network_the_sentence_says_so(hub, tmp_path, monkeypatch, hurried):
    get, bar = fetch._client()
    dead = functools.partial(get.func, endpoint="http://127.0.0.1:9", etag_timeout=1)
    monkeypatch.setattr(fetch, "_client", lambda: (dead, bar))
    with pytest.raises(NetworkFailed, match="Nothing came from huggingface.co/some/model"):
        fetched(tmp_path / "mine")


def test_a_download_that_is_given_up_stops_at_its_next_piece(hub, tmp_path, monkeypatch):
    let_go = threading.Event()
    pieces = []

    def get(repository, name, *, tqdm_class, **options):
        with tqdm_class(total=100) as bar:
            for _ in range(100):
                let_go.wait(5)
                bar.update(1)
                pieces.append(1)
        return "nowhere"

    _, bar = fetch._client()
    monkeypatch.setattr(fetch, "_client", lambda: (get, bar))
    before = set(threading.enumerate())
    steps = fetch.fetch_steps("clip-one", tmp_path / "mine")
    next(steps)
    worker = next(thread for thread in set(threading.enumerate()) - before if thread.name == "rasterscribe-aside")
    steps.close()
    let_go.set()
    worker.join(5)
    assert not worker.is_alive() and not pieces


@pytest.mark.parametrize(("model", "remedy"), [("clip-nobody", "list"), ("clip-zipped", "import a.pt from https://elsewhere/a.zip")])
def test_what_cannot_be_fetched_comes_with_another_way(hub, tmp_path, model, remedy):
    with pytest.raises(ModelMissing) as missing:
        fetched(tmp_path / "mine", model)
    assert remedy in missing.value.remedy


def test_without_room_for_it_nothing_is_downloaded(hub, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda place: SimpleNamespace(free=1000))
    with pytest.raises(DiskFull):
        fetched(tmp_path / "mine")
    assert not hub.ranges


def test_without_the_hubs_package_the_remedy_is_a_command(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(PackageMissing) as missing:
        fetched(tmp_path / "mine", "clip-remoteclip-vit-b-32")
    assert "pip install open_clip_torch" in missing.value.remedy
