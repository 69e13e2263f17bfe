"""The line to the engine, against a real child process that is killed, hangs, and comes back."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rasterscribe.models.protocol import Click, Open
from rasterscribe.plugin.engine import client as client_module
from rasterscribe.plugin.engine.client import Client, EngineState
from rasterscribe.plugin.engine.environment import Environment, Installed, requirements_digest
from rasterscribe.plugin.engine.process import Child, engine_child
from rasterscribe.tests.plugin.recorder import recorded

WAIT = 60_000  # ms at most; the machine may be busy with other work
SMALL_ENGINE = Path(__file__).with_name("small_engine.py")


class Answers:
    """What came back: replies and the codes of problems, in order."""

    def __init__(self) -> None:
        self.replies: list[Any] = []
        self.codes: list[str] = []

    def reply(self, reply: Any) -> None:
        self.replies.append(reply)

    def problem(self, problem: Any) -> None:
        self.codes.append(problem.code)


def click(raster: str = "", **fields: Any) -> Click:
    return Click(raster=raster, pixel=1.0, **fields)


def ready_environment(home: Path) -> Environment:
    environment = Environment(home)
    environment.begin()
    environment.python.parent.mkdir(parents=True)
    environment.python.symlink_to(sys.executable)
    environment.complete(Installed(requirements_digest(), "cpu", "", "2", "3.11", ""))
    return environment


def small_engine(**variables: str) -> Callable[[Environment], Child]:
    return lambda environment: Child(sys.executable, [str(SMALL_ENGINE)], {**os.environ, **variables})


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return ready_environment(tmp_path / "höme of an engine")


@pytest.fixture
def client(environment: Environment, qtbot: Any) -> Iterator[Client]:
    client = Client(environment, make_child=small_engine())
    yield client
    client.stop()


@pytest.fixture
def answers() -> Answers:
    return Answers()


def started(client: Client, qtbot: Any) -> int:
    """The process id of the engine, once it is ready."""
    client.start()
    qtbot.waitUntil(lambda: client.state.phase == "ready", timeout=WAIT)
    assert client._child is not None
    return client._child.pid


def opened(client: Client, qtbot: Any, path: Path) -> str:
    answers = Answers()
    client.send(Open(path=str(path)), answers.reply, answers.problem)
    qtbot.waitUntil(lambda: bool(answers.replies), timeout=WAIT)
    return str(answers.replies[0].raster)


def test_the_first_request_starts_the_engine(client: Client, answers: Answers, qtbot: Any) -> None:
    states: list[EngineState] = []
    client.stateChanged.connect(states.append)
    client.send(click(points=((1.0, 2.0),)), answers.reply, answers.problem)
    qtbot.waitUntil(lambda: bool(answers.replies), timeout=WAIT)
    assert [state.phase for state in states] == ["starting", "ready"]
    assert states[-1].engine is not None and states[-1].engine.engine == "small"
    assert answers.codes == []


def test_a_failure_reaches_the_one_who_asked(client: Client, answers: Answers, qtbot: Any) -> None:
    client.send(click(model="refuse"), answers.reply, answers.problem)
    qtbot.waitUntil(lambda: answers.codes == ["request.invalid"], timeout=WAIT)
    assert client.state.phase == "ready"


def test_progress_and_lines_that_are_no_messages_do_no_harm(client: Client, answers: Answers, qtbot: Any) -> None:
    seen: list[tuple[Any, ...]] = []
    client.progressed.connect(lambda *told: seen.append(told))
    id = client.send(click(model="progress"), answers.reply, answers.problem)
    client.send(click(model="broken"), answers.reply, answers.problem)
    qtbot.waitUntil(lambda: len(answers.replies) == 2, timeout=WAIT)
    assert seen == [(id, 1.0, 2.0, "half")]
    assert any("not understood" in line for line in client.log)


def test_a_killed_engine_is_named_and_no_click_is_lost(client: Client, answers: Answers, qtbot: Any, tmp_path: Path) -> None:
    raster = opened(client, qtbot, SMALL_ENGINE)
    first = started(client, qtbot)
    os.kill(first, signal.SIGSTOP)  # it takes the clicks and cannot answer any more
    client.send(click(raster=raster, points=((1.0, 1.0),)), answers.reply, answers.problem)
    client.send(click(raster=raster, points=((2.0, 2.0),)), answers.reply, answers.problem)
    os.kill(first, signal.SIGKILL)
    qtbot.waitUntil(lambda: client.state.phase == "failed", timeout=WAIT)
    assert client.state.problem is not None and client.state.problem.code == "engine.gone"
    client.send(click(raster=raster, points=((3.0, 3.0),)), answers.reply, answers.problem)
    qtbot.wait(100)
    assert answers.replies == [] and answers.codes == []
    client.restart()
    qtbot.waitUntil(lambda: len(answers.replies) == 3, timeout=WAIT)
    second = started(client, qtbot)
    assert [reply.model for reply in answers.replies] == [f"{second} 1 (({n}.0, {n}.0),)" for n in (1, 2, 3)]
    assert second != first


def test_a_crash_during_a_click_asks_it_again_after_the_restart(client: Client, answers: Answers, qtbot: Any) -> None:
    client.send(click(model="fatal"), answers.reply, answers.problem)
    qtbot.waitUntil(lambda: client.state.phase == "failed", timeout=WAIT)
    assert client.state.problem is not None and client.state.problem.code == "engine.gone"
    assert len(client._waiting) == 1


def test_a_hung_engine_is_killed_and_named(client: Client, answers: Answers, qtbot: Any) -> None:
    pid = started(client, qtbot)
    client.send(click(model="silent"), answers.reply, answers.problem, timeout_s=0.6)
    qtbot.waitUntil(lambda: client.state.phase == "failed", timeout=WAIT)
    assert client.state.problem is not None and client.state.problem.code == "engine.hung"
    qtbot.waitUntil(lambda: not alive(pid), timeout=WAIT)


def test_a_long_request_that_reports_progress_is_not_hung(client: Client, answers: Answers, qtbot: Any) -> None:
    started(client, qtbot)
    client.send(click(model="silent"), answers.reply, answers.problem, timeout_s=3.0)
    for _ in range(5):  # signs of life, though not the answer
        client.send(click(model="progress"), answers.reply, answers.problem, timeout_s=3.0)
        qtbot.wait(900)
    assert client.state.phase == "ready"


def test_the_first_look_or_click_may_take_as_long_as_loading_the_network_does(
    client: Client, answers: Answers, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(client_module.PATIENCE, "click", 0.5)
    opened(client, qtbot, SMALL_ENGINE)  # an answer, but not one that PyTorch was loaded for
    client.send(click(model="silent"), answers.reply, answers.problem)
    qtbot.wait(1500)
    assert client.state.phase == "ready"
    client.send(click(), answers.reply, answers.problem)
    qtbot.waitUntil(lambda: client.state.phase == "failed", timeout=WAIT)
    assert len(answers.replies) == 1 and client.state.problem is not None and client.state.problem.code == "engine.hung"
    client.restart()
    qtbot.waitUntil(lambda: client.state.phase == "ready", timeout=WAIT)
    qtbot.wait(1500)
    assert client.state.phase == "ready"  # the click that was kept is the first one of a cold engine


def test_time_in_which_qgis_stood_still_does_not_count(client: Client, answers: Answers, qtbot: Any) -> None:
    started(client, qtbot)
    client.send(click(model="silent"), answers.reply, answers.problem, timeout_s=1.5)
    time.sleep(2.0)
    qtbot.wait(400)
    assert client.state.phase == "ready"


def test_a_newer_hover_takes_the_place_of_the_former(client: Client, answers: Answers, qtbot: Any) -> None:
    started(client, qtbot)
    client.send(click(hover=True, model="silent"), answers.reply, answers.problem)
    client.send(click(hover=True), answers.reply, answers.problem)
    assert answers.codes == ["cancelled"]
    qtbot.waitUntil(lambda: len(answers.replies) == 1, timeout=WAIT)


def test_cancelling_ends_a_request_at_once_and_tells_the_engine(client: Client, answers: Answers, qtbot: Any) -> None:
    started(client, qtbot)
    id = client.send(click(model="silent"), answers.reply, answers.problem)
    client.cancel(id)
    client.cancel(id)
    assert answers.codes == ["cancelled"]
    qtbot.waitUntil(lambda: f"cancel {id}" in client.log, timeout=WAIT)


def test_a_raster_that_vanished_meanwhile_fails_the_clicks_on_it_alone(
    client: Client, answers: Answers, qtbot: Any, tmp_path: Path
) -> None:
    (tmp_path / "raster.tif").touch()
    raster = opened(client, qtbot, tmp_path / "raster.tif")
    (tmp_path / "raster.tif").unlink()
    client.restart()
    client.send(click(raster=raster), answers.reply, answers.problem)
    client.send(click(), answers.reply, answers.problem)
    qtbot.waitUntil(lambda: answers.codes == ["raster.missing"] and len(answers.replies) == 1, timeout=WAIT)


def test_rasters_keep_their_ids_over_restarts(client: Client, answers: Answers, qtbot: Any, tmp_path: Path) -> None:
    first = opened(client, qtbot, SMALL_ENGINE)
    client.restart()
    second = opened(client, qtbot, tmp_path)  # the engine's first raster again, but another one
    assert first != second
    client.send(click(raster=first), answers.reply, answers.problem)
    client.send(click(raster=second), answers.reply, answers.problem)
    qtbot.waitUntil(lambda: len(answers.replies) == 2, timeout=WAIT)
    assert sorted(reply.model.split()[1] for reply in answers.replies) == ["1", "2"]


def test_another_protocol_version_is_named(environment: Environment, answers: Answers, qtbot: Any) -> None:
    client = Client(environment, make_child=small_engine(SMALL_ENGINE_PROTOCOL="99"))
    client.start()
    qtbot.waitUntil(lambda: client.state.phase == "failed", timeout=WAIT)
    assert client.state.problem is not None and client.state.problem.code == "protocol.mismatch"


def test_without_an_engine_the_click_waits_for_the_set_up(tmp_path: Path, answers: Answers, qtbot: Any) -> None:
    client = Client(Environment(tmp_path / "home"), make_child=small_engine())
    client.send(click(), answers.reply, answers.problem)
    assert client.state.phase == "absent"
    assert client.state.problem is not None and client.state.problem.code == "engine.missing"
    ready_environment(tmp_path / "home")
    client.restart()
    qtbot.waitUntil(lambda: len(answers.replies) == 1, timeout=WAIT)
    client.stop()


def test_a_half_installed_or_outdated_engine_is_named(environment: Environment, qtbot: Any) -> None:
    client = Client(environment, make_child=small_engine())
    environment.incomplete.touch()
    client.start()
    assert client.state.problem is not None and client.state.problem.code == "environment.incomplete"
    environment.complete(Installed("of older requirements", "cpu", "", "2", "3.11", ""))
    client.start()
    assert client.state.problem is not None and client.state.problem.code == "environment.outdated"


def test_an_environment_that_is_deleted_under_a_running_engine_is_named_and_the_click_waits(
    client: Client, environment: Environment, answers: Answers, qtbot: Any
) -> None:
    pid = started(client, qtbot)
    client.send(click(model="silent"), answers.reply, answers.problem)
    shutil.rmtree(environment.home)
    os.kill(pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: client.state.phase == "absent", timeout=WAIT)
    assert client.state.problem is not None and client.state.problem.code == "engine.missing"
    assert len(client._waiting) == 1 and answers.codes == []


def test_an_environment_whose_python_does_not_start_is_named(environment: Environment, qtbot: Any) -> None:
    environment.python.unlink()
    environment.python.write_text("no program")
    client = Client(environment, make_child=engine_child)
    client.start()
    qtbot.waitUntil(lambda: client.state.phase == "failed", timeout=WAIT)
    assert client.state.problem is not None and client.state.problem.code == "engine.unstartable"


def test_stopping_ends_the_engine_within_a_second(client: Client, qtbot: Any) -> None:
    pid = started(client, qtbot)
    began = time.monotonic()
    client.stop()
    assert time.monotonic() - began < 1.0
    assert not alive(pid) and client.state.phase == "stopped"


def test_stopping_waits_for_an_engine_that_was_just_killed(client: Client, qtbot: Any) -> None:
    pid = started(client, qtbot)
    client.restart()
    client.stop()
    assert not alive(pid) and not [child for child in client.findChildren(Child) if child.running]


def test_nothing_the_client_does_waits(client: Client, environment: Environment, answers: Answers, qtbot: Any) -> None:
    with recorded() as record:
        pid = started(client, qtbot)
        for number in range(20):
            id = client.send(click(points=((float(number), 0.0),), hover=number % 2 == 0), answers.reply, answers.problem)
        client.cancel(id)
        qtbot.waitUntil(lambda: len(answers.replies) + len(answers.codes) == 20, timeout=WAIT)
        os.kill(pid, signal.SIGKILL)
        qtbot.waitUntil(lambda: client.state.phase == "failed", timeout=WAIT)
        client.restart()
        qtbot.waitUntil(lambda: client.state.phase == "ready", timeout=WAIT)
    assert {"Client.send", "Child._read_out", "Child._finished", "Client.restart"} <= record.names
    assert record.waits == []


def test_only_stopping_waits(client: Client, qtbot: Any) -> None:
    started(client, qtbot)
    with recorded() as record:
        client.stop()
    assert record.waits == ["waitForFinished in Child.stop"]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
