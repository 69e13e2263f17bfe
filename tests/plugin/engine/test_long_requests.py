"""Requests that take long: what they tell meanwhile arrives, and their silence is borne."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rasterscribe.models.protocol import Find
from rasterscribe.plugin.engine import client as client_module
from rasterscribe.plugin.engine.client import Client
from rasterscribe.plugin.engine.environment import Environment
from rasterscribe.tests.plugin.engine.test_client import WAIT, Answers, click, ready_environment, small_engine, started


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return ready_environment(tmp_path / "home")


@pytest.fixture
def client(environment: Environment, qtbot: Any) -> Iterator[Client]:
    client = Client(environment, make_child=small_engine(SMALL_ENGINE_OBJECTS="300", SMALL_ENGINE_OUTLINE="00"))
    yield client
    client.stop()


@pytest.fixture
def answers() -> Answers:
    return Answers()


def test_outlines_reach_who_listens_before_the_reply_does_or_not_at_all(client: Client, answers: Answers, qtbot: Any) -> None:
    told: list[tuple[int, int]] = []
    client.outlined.connect(lambda number, objects: told.append((number, len(objects))))
    number = client.send(Find("", "silent", "found.gpkg"), answers.reply, answers.problem)
    qtbot.waitUntil(lambda: len(told) == 3, timeout=WAIT)
    assert told == [(number, 100)] * 3 and not answers.replies


def test_a_search_may_be_silent_for_longer_than_a_click(
    client: Client, answers: Answers, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "PATIENCE", {"hello": 30.0, "click": 0.5})
    monkeypatch.setattr(client_module, "WARM_UP", 0.0)
    started(client, qtbot)
    client.send(Find("", "silent", "found.gpkg"), answers.reply, answers.problem)
    client.send(click(model="silent"), answers.reply, answers.problem)
    qtbot.wait(1200)
    assert client.state.phase == "ready"
