"""What the engine's keepers report is what the session says."""

from __future__ import annotations

from pathlib import Path

import pytest
from qgis.core import QgsSettings

from rasterscribe.models.protocol import HelloReply
from rasterscribe.plugin import settings
from rasterscribe.plugin.engine.client import EngineState
from rasterscribe.plugin.engine.environment import Environment, Installed, requirements_digest
from rasterscribe.plugin.engine.installer import Outcome
from rasterscribe.plugin.engine.progress import InstallProgress
from rasterscribe.plugin.engine_link import EngineLink
from rasterscribe.plugin.problems import problem_of
from rasterscribe.plugin.session import Session
from rasterscribe.plugin.state import Engine, Point
from rasterscribe.tests.plugin.fake_client import FakeClient

HELLO = HelloReply(1, "0.1.0", "cuda", "An NVIDIA driver was found.", "2.13.0", ("click",))


@pytest.fixture
def session(client: FakeClient) -> Session:
    return Session(client)


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment(tmp_path / "home")


@pytest.fixture
def link(session: Session, client: FakeClient, environment: Environment, qgis_app) -> EngineLink:
    return EngineLink(session, client, environment)


def install(environment: Environment) -> None:
    environment.python.parent.mkdir(parents=True)
    environment.python.touch()
    environment.complete(Installed(requirements_digest(), "cpu", "No NVIDIA driver was found.", "2.13.0", "3.12", "now"))


def test_where_nothing_is_installed_it_tells_what_a_set_up_takes(link: EngineLink, session: Session, environment: Environment) -> None:
    link.look_at_disk()
    facts = session.state.facts
    assert session.state.engine is Engine.ABSENT and session.state.problem is None
    assert facts.home == str(environment.home) and facts.needs > 0 and facts.free > 0 and facts.device_reason


def test_a_half_installed_engine_is_a_problem_with_a_remedy(link: EngineLink, session: Session, environment: Environment) -> None:
    environment.begin()
    link.look_at_disk()
    assert session.state.engine is Engine.ABSENT and session.state.facts.resumable
    assert session.state.problem and session.state.problem.code == "environment.incomplete"


def test_an_installed_engine_waits_to_be_started(link: EngineLink, session: Session, environment: Environment, client: FakeClient) -> None:
    install(environment)
    link.look_at_disk()
    assert session.state.engine is Engine.STOPPED and session.state.facts.needs == 0
    session.wake()
    assert client.calls == ["start"]


def test_a_running_engine_says_what_it_runs_on_and_why(link: EngineLink, session: Session, client: FakeClient) -> None:
    client.stateChanged.emit(EngineState("ready", engine=HELLO))
    facts = session.state.facts
    assert session.state.engine is Engine.READY
    assert (facts.device, facts.device_reason, facts.torch) == ("cuda", "An NVIDIA driver was found.", "2.13.0")


def test_a_dead_engine_is_a_problem(link: EngineLink, session: Session, client: FakeClient) -> None:
    client.stateChanged.emit(EngineState("failed", problem_of("engine.gone")))
    assert session.state.engine is Engine.FAILED
    assert session.state.problem and session.state.problem.code == "engine.gone"


def test_a_click_while_the_engine_is_dead_is_kept_and_says_so_again(link: EngineLink, session: Session, client: FakeClient) -> None:
    client.stateChanged.emit(EngineState("failed", problem_of("engine.gone")))
    session.dismiss_problem()
    session.add_click(3, 4)
    assert session.state.problem and session.state.problem.code == "engine.gone"
    assert session.state.prompt.points == (Point(3, 4),)
    client.stateChanged.emit(EngineState("ready", engine=HELLO))
    assert session.state.problem is None and session.state.prompt
    session.add_click(5, 6)
    assert session.state.problem is None


def test_a_set_up_reports_how_far_it_is_and_starts_the_engine_in_the_end(
    link: EngineLink, session: Session, client: FakeClient, environment: Environment
) -> None:
    session.engine_changed(Engine.INSTALLING)
    link.installer.progressed.emit(InstallProgress(1, 5, "Downloading torch", 40.0, 100.0, 120, 200, 90.0))
    assert session.state.setup and (session.state.setup.done, session.state.setup.seconds_left) == (40.0, 90.0)
    install(environment)
    link.installer.finished.emit(Outcome(None, environment.installed(), ("PyTorch's CUDA build could not be reached.",)))
    assert session.state.engine is Engine.STOPPED and client.calls[-1] == "start"
    assert session.state.setup is None and session.state.facts.notes == ("PyTorch's CUDA build could not be reached.",)


@pytest.mark.parametrize(("code", "said"), [("install.download", True), ("cancelled", False)])
def test_a_failed_set_up_is_said_and_a_cancelled_one_is_not(link: EngineLink, session: Session, code: str, said: bool) -> None:
    session.engine_changed(Engine.INSTALLING)
    link.installer.finished.emit(Outcome(problem_of(code)))
    assert session.state.engine is Engine.ABSENT and bool(session.state.problem) == said


def test_qgis_proxy_settings_are_those_of_the_set_up(qgis_app) -> None:
    stored = QgsSettings()
    for key, value in (("Enabled", True), ("Type", "HttpProxy"), ("Host", "proxy.example"), ("Port", "8080")):
        stored.setValue(f"proxy/proxy{key}", value)
    try:
        found = settings.proxy()
        assert (found["kind"], found["host"], found["port"]) == ("HttpProxy", "proxy.example", "8080")
    finally:
        stored.remove("proxy")
    assert settings.proxy() == {}
