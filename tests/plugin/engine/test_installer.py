"""Setting the engine up, with real child processes; only the packages are small."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import textwrap
import time
import zipfile
from pathlib import Path
from typing import Any, Callable

import pytest

from rasterscribe.plugin.engine import headless, steps
from rasterscribe.plugin.engine import installer as module
from rasterscribe.plugin.engine.environment import Condition, Environment
from rasterscribe.plugin.engine.installer import Installer, Outcome
from rasterscribe.plugin.engine.machine import Build, find_uv
from rasterscribe.plugin.engine.steps import Attempt, Command, Step

WAIT = 60_000  # ms at most; the machine may be busy with other work
PROTOCOL = Path(__file__).resolve().parents[3] / "models" / "protocol"
ENGINE = """
import sys
from . import protocol
question = protocol.decode(sys.stdin.readline())
print(protocol.encode_reply(question.id, protocol.HelloReply(1, "0", "cpu", "", "2", ())), end="", flush=True)
"""
MAKE_ENVIRONMENT = """
import os, sys
os.makedirs(os.path.dirname({python!r}))
os.symlink(sys.executable, {python!r})
"""
FACTS = {"torch": "2.13.0+cpu", "cuda": False, "python": "3.11.7"}


def python(code: str, **facts: Any) -> Command:
    return Command(sys.executable, ("-c", textwrap.dedent(code).format(**facts)))


def only(command: Command) -> tuple[Attempt, ...]:
    return (Attempt((command,)),)


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment(tmp_path / "höme with spaces")


@pytest.fixture
def plan_with(environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes the set-up carry out these steps between the making of the environment and the check."""
    root = tmp_path / "the plugin" / "models"
    root.mkdir(parents=True)
    shutil.copytree(PROTOCOL, root / "protocol")
    (root / "__init__.py").touch()
    (root / "__main__.py").write_text(ENGINE, "utf-8")
    monkeypatch.setattr(module, "PLUGIN_ROOT", root.parent)

    def use(*between: Step, facts: dict[str, Any] = FACTS) -> None:
        begin = Step("environment", "", only(python(MAKE_ENVIRONMENT, python=str(environment.python))))
        check = Step("check", "", only(Command(sys.executable, ("-c", f"print({json.dumps(facts)!r})"))))
        monkeypatch.setattr(module, "plan", lambda *_: [begin, *between, check])

    use()
    return use


def set_up(installer: Installer, qtbot: Any, **options: Any) -> Outcome:
    with qtbot.waitSignal(installer.finished, timeout=WAIT) as caught:
        installer.start(**options)
    return caught.args[0]


def code_of(outcome: Outcome) -> str:
    return outcome.problem.code if outcome.problem else ""


def test_a_set_up_ends_with_a_ready_engine(environment: Environment, plan_with: Callable[..., None], qtbot: Any) -> None:
    installer = Installer(environment)
    shares: list[float] = []
    installer.progressed.connect(lambda progress: shares.append(progress.done / progress.total))
    outcome = set_up(installer, qtbot, wanted="cpu")
    assert outcome.ok and environment.condition() is Condition.READY
    assert outcome.installed is not None and outcome.installed.torch == "2.13.0+cpu" and outcome.installed.build == "cpu"
    assert shares == sorted(shares) and 0 <= shares[0] and shares[-1] < 1
    assert not installer.running


def test_a_ready_engine_is_left_alone_unless_forced(environment: Environment, plan_with: Callable[..., None], qtbot: Any) -> None:
    set_up(Installer(environment), qtbot)
    plan_with(Step("install", "", only(python("raise SystemExit(1)"))))
    assert set_up(Installer(environment), qtbot).ok
    assert code_of(set_up(Installer(environment), qtbot, force=True)) == "install.packages"
    assert environment.condition() is Condition.INCOMPLETE


def test_cancelling_takes_less_than_a_second_and_the_children_along(
    environment: Environment, plan_with: Callable[..., None], qtbot: Any
) -> None:
    pids = environment.home / "pids"
    nested = """
        import os, subprocess, sys, time
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        open({pids!r} + ".new", "w").write("%d %d" % (os.getpid(), child.pid))
        os.rename({pids!r} + ".new", {pids!r})
        time.sleep(60)
    """
    plan_with(Step("download", "torch==2", only(python(nested, pids=str(pids))), size=1000))
    installer = Installer(environment)
    installer.start()
    qtbot.waitUntil(pids.exists, timeout=WAIT)
    began = time.monotonic()
    with qtbot.waitSignal(installer.finished, timeout=WAIT) as caught:
        installer.cancel()
    assert time.monotonic() - began < 1.0
    assert code_of(caught.args[0]) == "cancelled" and environment.condition() is Condition.INCOMPLETE
    qtbot.waitUntil(lambda: not any(alive(int(pid)) for pid in pids.read_text().split()), timeout=WAIT)


def test_a_cancelled_set_up_resumes_with_what_was_downloaded(environment: Environment, plan_with: Callable[..., None], qtbot: Any) -> None:
    fetch = """
        import pathlib, sys, time
        wheel = pathlib.Path({folder!r}) / "torch.whl"
        open({log!r}, "a").write("had it " if wheel.exists() else "fetched it ")
        wheel.touch()
    """
    log = environment.home / "log"
    wheel = Step("download", "torch==2", only(python(fetch, folder=str(environment.downloads), log=str(log))))
    plan_with(wheel, Step("download", "numpy==2", only(python("import time; time.sleep(60)"))))
    installer = Installer(environment)
    installer.progressed.connect(lambda progress: installer.cancel() if "numpy" in progress.what else None)
    assert code_of(set_up(installer, qtbot)) == "cancelled"
    assert environment.resumable
    plan_with(wheel)
    assert set_up(Installer(environment), qtbot).ok
    assert log.read_text() == "fetched it had it "
    qtbot.waitUntil(lambda: not list(environment.home.glob("discarded-*")), timeout=WAIT)


def test_a_set_up_that_was_killed_holds_up_no_later_one(environment: Environment, plan_with: Callable[..., None], qtbot: Any) -> None:
    environment.begin()
    code = "import os, sys; from qgis.PyQt.QtCore import QLockFile; lock = QLockFile(sys.argv[1]); lock.tryLock(); os._exit(9)"
    assert subprocess.run([sys.executable, "-c", code, str(environment.lock)]).returncode == 9
    assert environment.lock.exists() and environment.condition() is Condition.INCOMPLETE
    assert set_up(Installer(environment), qtbot).ok


def test_what_the_set_up_runs_knows_the_proxy_and_nothing_of_qgis(
    environment: Environment, plan_with: Callable[..., None], qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    dirty = ("PYTHONPATH", "PYTHONEXECUTABLE", "PIP_INDEX_URL", "PROJ_LIB", "GDAL_DATA", "LD_PRELOAD")
    for name in dirty:
        monkeypatch.setenv(name, "")  # as far as a test can: other values would change its own children's ways
    seen = environment.home / "seen"
    look = "import json, os; open({seen!r}, 'w').write(json.dumps(dict(os.environ)))"
    plan_with(Step("install", "", only(python(look, seen=str(seen)))))
    assert set_up(Installer(environment), qtbot, proxy={"HTTPS_PROXY": "http://proxy.example:8080"}).ok
    variables = json.loads(seen.read_text())
    assert variables["HTTPS_PROXY"] == "http://proxy.example:8080" and not set(dirty) & set(variables)
    assert Path(variables["TMPDIR"]).parent == environment.home


def test_of_two_at_once_one_waits_and_finds_the_work_done(environment: Environment, plan_with: Callable[..., None], qtbot: Any) -> None:
    runs = environment.home / "runs"
    plan_with(Step("install", "", only(python("import time; open({runs!r}, 'a').write('x'); time.sleep(0.7)", runs=str(runs)))))
    first, second = Installer(environment), Installer(environment)
    waited: list[str] = []
    second.progressed.connect(lambda progress: waited.append(progress.what))
    with qtbot.waitSignals([first.finished, second.finished], timeout=WAIT):
        first.start()
        second.start()
    assert runs.read_text() == "x"
    assert any("Waiting" in what for what in waited)
    assert environment.condition() is Condition.READY


def test_one_that_waits_can_be_cancelled(environment: Environment, plan_with: Callable[..., None], qtbot: Any) -> None:
    plan_with(Step("install", "", only(python("import time; time.sleep(60)"))))
    first, second = Installer(environment), Installer(environment)
    first.start()
    with qtbot.waitSignal(second.finished, timeout=WAIT) as caught:
        second.start()
        second.cancel()
    assert code_of(caught.args[0]) == "cancelled" and first.running
    first.stop()


def test_the_next_attempt_follows_a_failed_one_and_is_told(environment: Environment, plan_with: Callable[..., None], qtbot: Any) -> None:
    attempts = (
        Attempt((python("raise SystemExit(3)"),)),
        Attempt((python("pass"),), "It is larger."),
        Attempt((python("raise SystemExit(4)"),)),
    )
    plan_with(Step("download", "torch==2", attempts))
    outcome = set_up(Installer(environment), qtbot)
    assert outcome.ok and outcome.notes == ("It is larger.",)


def test_a_failed_download_names_the_package_and_keeps_the_log(
    environment: Environment, plan_with: Callable[..., None], qtbot: Any
) -> None:
    plan_with(Step("download", "scipy==1.17.1", only(python("import sys; sys.exit('no route to host')"))))
    outcome = set_up(Installer(environment), qtbot)
    assert code_of(outcome) == "install.download" and outcome.problem is not None
    assert "scipy" in outcome.problem.what and "no route to host" in outcome.problem.details
    assert environment.condition() is Condition.INCOMPLETE


def test_a_disk_that_fills_up_is_named(environment: Environment, plan_with: Callable[..., None], qtbot: Any) -> None:
    plan_with(Step("install", "", only(python("import sys; sys.exit('OSError: [Errno 28] No space left on device')"))))
    assert code_of(set_up(Installer(environment), qtbot)) == "disk.full"


def test_too_little_room_is_told_before_anything_changes(environment: Environment, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "free_space", lambda _: 10_000_000)
    outcome = set_up(Installer(environment), qtbot)
    assert code_of(outcome) == "install.space" and "0.0 GB" in str(outcome.problem)
    assert environment.condition() is Condition.MISSING


def test_a_home_that_cannot_be_written_is_told(tmp_path: Path, qtbot: Any) -> None:
    (tmp_path / "file").touch()
    assert code_of(set_up(Installer(Environment(tmp_path / "file" / "home")), qtbot)) == "install.unwritable"


def test_without_any_python_and_uv_the_remedy_is_told(environment: Environment, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    liar = environment.home.parent / "python3"
    liar.write_text("#!/bin/sh\necho I am QGIS\n")
    liar.chmod(0o755)
    monkeypatch.setattr(module, "python_candidates", lambda _: [str(liar), str(environment.home / "nowhere")])
    monkeypatch.setattr(module, "find_uv", lambda _: "")
    assert code_of(set_up(Installer(environment), qtbot)) == "install.python"


def test_an_engine_that_does_not_answer_is_not_ready(environment: Environment, plan_with: Callable[..., None], qtbot: Any) -> None:
    (module.PLUGIN_ROOT / "models" / "__main__.py").write_text("raise ImportError('libGL')", "utf-8")
    outcome = set_up(Installer(environment), qtbot)
    assert code_of(outcome) == "install.check" and outcome.problem is not None and "libGL" in outcome.problem.details
    assert environment.condition() is Condition.INCOMPLETE


def test_cuda_that_does_not_work_is_said_plainly(
    environment: Environment, plan_with: Callable[..., None], qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "choose_build", lambda _: Build("cuda", "An NVIDIA driver was found (here)."))
    monkeypatch.setattr(module, "disk_needed", lambda *_: 0)
    outcome = set_up(Installer(environment), qtbot)
    assert outcome.ok and outcome.installed is not None and outcome.installed.build == "cpu"
    assert len(outcome.notes) == 1 and "cannot use it" in outcome.notes[0]


def test_starting_and_cancelling_do_not_hold_the_thread(environment: Environment, plan_with: Callable[..., None], qtbot: Any) -> None:
    plan_with(Step("install", "", only(python("import time; time.sleep(60)"))))
    installer = Installer(environment)
    seen: list[str] = []
    installer.progressed.connect(lambda progress: seen.append(progress.what))
    installer.start()
    qtbot.waitUntil(lambda: any("Installing" in what for what in seen), timeout=WAIT)
    began = time.thread_time()  # a busy machine may take the processor away: count the work
    with qtbot.waitSignal(installer.finished, timeout=WAIT):
        installer.cancel()
        assert time.thread_time() - began < 0.016


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_wheels_from_a_folder_become_a_real_environment(
    tool: str,
    environment: Environment,
    plan_with: Callable[..., None],
    tmp_path: Path,
    qtbot: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Any,
) -> None:
    if tool == "uv" and not find_uv():
        pytest.skip("uv is not installed")
    if tool == "pip":
        monkeypatch.setattr(module, "find_uv", lambda _: "")
    wheels = tmp_path / "wheels & more"
    wheels.mkdir()
    small_wheel(wheels, "torch", "2.13.0")
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("torch==2.13.0\n")
    monkeypatch.setattr(steps, "requirements", lambda: ["torch==2.13.0"])
    monkeypatch.setattr(steps, "REQUIREMENTS", requirements)
    monkeypatch.setattr(steps, "IMPORT_CHECK", "import json, torch; print(json.dumps({'torch': torch.__version__}))")
    monkeypatch.setattr(module, "plan", steps.plan)
    assert headless.install_headless(["--home", str(environment.home), "--wheels", str(wheels), "--build", "cpu"]) == 0
    assert environment.condition() is Condition.READY
    assert "The engine is ready" in capsys.readouterr().out
    (empty := tmp_path / "empty").mkdir()
    assert headless.install_headless(["--home", str(environment.home), "--wheels", str(empty), "--again"]) == 1
    assert "does not have every package" in capsys.readouterr().err


def small_wheel(folder: Path, name: str, version: str) -> None:
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", f"__version__ = {version!r}\n")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", f"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
