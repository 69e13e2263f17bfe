"""The client and the real engine: from start to outline, and through a kill -9."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rasterscribe.models.protocol import Click, ClickReply, Models, ModelsReply, Open, OpenReply
from rasterscribe.plugin.engine.client import Client
from rasterscribe.plugin.engine.environment import Condition, Environment, home_folder

SAMPLE = Path(__file__).resolve().parents[3] / "resources" / "sample"
ENVIRONMENT = Environment(home_folder())
SECONDS = 300.0  # at most; the machine may be busy with other work

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        ENVIRONMENT.condition() is not Condition.READY, reason="the engine is not set up; RASTERSCRIBE_HOME says where it is"
    ),
]


@pytest.fixture
def client(qtbot: Any) -> Iterator[Client]:
    client = Client(ENVIRONMENT)
    yield client
    client.stop()


def ask(client: Client, qtbot: Any, request: Any) -> Any:
    answers: list[Any] = []
    client.send(request, answers.append, answers.append, SECONDS)
    qtbot.waitUntil(lambda: bool(answers), timeout=int(SECONDS * 1000))
    return answers[0]


def centre(raster: OpenReply) -> tuple[float, float]:
    a, b, c, d, e, f = raster.transform
    column, row = raster.width / 2, raster.height / 2
    return a * column + b * row + c, d * column + e * row + f


def test_a_click_survives_a_kill_of_the_engine(client: Client, qtbot: Any) -> None:
    models = ask(client, qtbot, Models())
    if not isinstance(models, ModelsReply) or not any(model.state == "ready" for model in models.models):
        pytest.skip("no model's weights are at hand")
    raster = ask(client, qtbot, Open(path=str(next(SAMPLE.glob("*.tif")))))
    assert isinstance(raster, OpenReply)
    click = Click(raster=raster.raster, points=(centre(raster),), labels=(1,))
    before = ask(client, qtbot, click)
    assert isinstance(before, ClickReply)

    child = client._child
    assert child is not None
    os.kill(child.pid, signal.SIGSTOP)  # the click arrives and stays without an answer
    answers: list[Any] = []
    client.send(click, answers.append, answers.append, SECONDS)
    os.kill(child.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: client.state.phase == "failed", timeout=int(SECONDS * 1000))
    assert client.state.problem is not None and client.state.problem.code == "engine.gone"
    assert answers == []

    client.restart()
    qtbot.waitUntil(lambda: bool(answers), timeout=int(SECONDS * 1000))
    assert isinstance(answers[0], ClickReply)
    assert answers[0].outline == before.outline and answers[0].score == pytest.approx(before.score)


def test_a_file_that_is_no_raster_is_named(client: Client, qtbot: Any, tmp_path: Path) -> None:
    (tmp_path / "text.tif").write_text("no raster")
    assert ask(client, qtbot, Open(path=str(tmp_path / "text.tif"))).code == "raster.unreadable"
    assert ask(client, qtbot, Open(path=str(tmp_path / "gone.tif"))).code == "raster.missing"
    assert client.state.phase == "ready"


def test_the_engine_ends_with_its_input(client: Client, qtbot: Any) -> None:
    client.start()
    qtbot.waitUntil(lambda: client.state.phase == "ready", timeout=int(SECONDS * 1000))
    child = client._child
    assert child is not None
    pid = child.pid
    child.close_input()
    qtbot.waitUntil(lambda: not Path(f"/proc/{pid}").exists() or client.state.phase == "failed", timeout=10_000)
    began = time.monotonic()
    client.stop()
    assert time.monotonic() - began < 1.0
