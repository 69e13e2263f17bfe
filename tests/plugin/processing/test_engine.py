"""The engine as a thread that waits for it sees it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Callable

import pytest

from rasterscribe.models.protocol import Find, HelloReply, Open, Progress, encode_reply
from rasterscribe.plugin.engine.environment import Environment
from rasterscribe.plugin.engine.process import Child
from rasterscribe.plugin.problems import PluginProblem
from rasterscribe.plugin.processing import engine as engine_module
from rasterscribe.plugin.processing.engine import BlockingEngine

ENGINE = Path(__file__).with_name("scripted_engine.py")


@pytest.fixture
def make(ready: Environment, tmp_path: Path) -> Callable[..., BlockingEngine]:
    """make(arguments of the child, cancelled, progressed) -> an engine that is not started."""

    def made(
        arguments: list[str] | None = None,
        cancelled: Callable[[], bool] = lambda: False,
        progressed: Callable[[Progress], None] = lambda _: None,
        program: str = sys.executable,
    ) -> BlockingEngine:
        variables = {**os.environ, "SCRIPTED_ENGINE_LOG": str(tmp_path / "asked.log")}
        whole = [str(ENGINE)] if arguments is None else arguments
        return BlockingEngine(ready, cancelled, progressed, lambda _: None, lambda _: Child(program, whole, variables))

    return made


def code_of(trouble: pytest.ExceptionInfo[PluginProblem]) -> str:
    return trouble.value.problem.code


def opened(engine: BlockingEngine, town: Any) -> str:
    reply = engine.ask(Open(town.source()))
    assert (reply.width, reply.height) == (64, 64)
    return str(reply.raster)


def test_it_answers_and_tells_how_far_it_is(make: Any, town: Any, tmp_path: Path) -> None:
    heard: list[Progress] = []
    with make(progressed=heard.append) as engine:
        reply = engine.ask(Find(opened(engine, town), "water", str(tmp_path / "found.gpkg")))
    assert engine.hello.engine == "scripted" and reply.count == 3
    assert [(each.done, each.total, each.what) for each in heard] == [(1.0, 2.0, "looking"), (2.0, 2.0, "looking")]


def test_what_it_reports_is_raised(make: Any, town: Any) -> None:
    with make() as engine, pytest.raises(PluginProblem) as trouble:
        engine.ask(Find("1", "unknown", "found.gpkg"))
    assert code_of(trouble) == "phrase.unknown" and "It failed." in trouble.value.problem.details


def test_one_that_ends_is_gone(make: Any) -> None:
    with make() as engine, pytest.raises(PluginProblem) as trouble:
        engine.ask(Find("1", "fatal", "found.gpkg"))
    assert code_of(trouble) == "engine.gone"


def test_one_that_is_silent_for_too_long_is_hung(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "LONG", 0.3)
    monkeypatch.setattr(engine_module, "WARM_UP", 0.0)
    with make() as engine, pytest.raises(PluginProblem) as trouble:
        engine.ask(Find("1", "silent", "found.gpkg"))
    assert code_of(trouble) == "engine.hung"


def test_one_that_cannot_be_started_is_said(make: Any) -> None:
    with pytest.raises(PluginProblem) as trouble, make(program="/nowhere/python"):
        pass
    assert code_of(trouble) == "engine.unstartable"


def test_one_that_talks_of_something_else_is_of_another_version(make: Any) -> None:
    other = encode_reply(1, HelloReply(99, "newer", "cpu", "", "", ()))
    words = f"import sys; sys.stdin.readline(); sys.stdout.write({other!r}); sys.stdout.flush(); sys.stdin.read()"
    with pytest.raises(PluginProblem) as trouble, make(["-c", words]):
        pass
    assert code_of(trouble) == "protocol.mismatch"


def test_a_thread_that_gives_up_hears_so_and_the_engine_is_told(make: Any, tmp_path: Path) -> None:
    log = tmp_path / "asked.log"
    with make(cancelled=lambda: log.exists() and '"find"' in log.read_text("utf-8")) as engine, pytest.raises(PluginProblem) as trouble:
        engine.ask(Find("1", "silent", "found.gpkg"))
    assert code_of(trouble) == "cancelled"
    assert '"cancel"' in log.read_text("utf-8")
