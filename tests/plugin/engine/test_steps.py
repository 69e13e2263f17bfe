"""What a set-up would do, for every kind of computer, without doing it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from rasterscribe.plugin.engine import machine, steps
from rasterscribe.plugin.engine.environment import Environment, requirements
from rasterscribe.plugin.engine.machine import Build, choose_build, find_driver, python_candidates, usable_python
from rasterscribe.plugin.engine.steps import Step, Tools, disk_needed, fitting, package_of, plan

CPU, CUDA = Build("cpu", ""), Build("cuda", "")
PIP, UV = Tools("/usr/bin/python3", (3, 12)), Tools("/usr/bin/python3", (3, 12), "/usr/bin/uv")


@pytest.fixture(autouse=True)
def linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps.sys, "platform", "linux")


def torch_step(found: list[Step]) -> Step:
    return next(step for step in found if package_of(step.name) == "torch")


def words(step: Step) -> list[list[str]]:
    """The last command of each attempt."""
    return [[attempt.commands[-1].program, *attempt.commands[-1].arguments] for attempt in step.attempts]


@pytest.mark.parametrize("version", [(3, 10), (3, 11), (3, 14)])
def test_each_python_gets_each_package_once(version: tuple[int, int]) -> None:
    names = [package_of(line) for line in fitting(requirements(), version)]
    assert sorted(names) == sorted(set(names))
    assert {"torch", "rasterio", "affine", "numpy", "shapely", "pyproj", "scipy", "scikit-image", "pyogrio", "safetensors"} == set(names)


def test_a_marker_that_is_not_understood_is_refused() -> None:
    with pytest.raises(ValueError, match="python_version"):
        fitting(['numpy==2; sys_platform == "linux"'], (3, 12))


def test_with_pip_every_package_is_downloaded_on_its_own_and_installed_offline(tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    found = plan(PIP, environment, CPU)
    assert [step.kind for step in found] == ["environment", *["download"] * 10, "install", "check"]
    for step in found[2:-2]:
        (command,) = words(step)
        assert command[command.index("--dest") + 1] == str(environment.downloads)
        assert command[command.index("--only-binary") + 1] == ":all:"
    (install,) = words(found[-2])
    assert "--no-index" in install and install[install.index("--find-links") + 1] == str(environment.downloads)


def test_the_cpu_build_is_looked_for_before_the_general_one(tmp_path: Path) -> None:
    step = torch_step(plan(PIP, Environment(tmp_path), CPU))
    exact, by_uv, general = words(step)
    assert exact[-1] == "torch==2.13.0+cpu"
    assert by_uv[by_uv.index("--torch-backend") + 1] == "cpu"
    assert general[-1] == "torch==2.13.0"
    assert [bool(attempt.note) for attempt in step.attempts] == [False, False, True]


def test_with_a_driver_the_build_for_it_is_chosen(tmp_path: Path) -> None:
    first, second = words(torch_step(plan(UV, Environment(tmp_path), CUDA)))
    assert first[first.index("--torch-backend") + 1] == "auto"
    assert "--torch-backend" not in second
    assert disk_needed(CUDA) > 4 * disk_needed(CPU)


def test_on_macs_and_windows_the_cpu_build_is_the_usual_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for platform in ("darwin", "win32"):
        monkeypatch.setattr(steps.sys, "platform", platform)
        assert len(torch_step(plan(PIP, Environment(tmp_path), Build("cpu", ""))).attempts) == 1


def test_with_uv_its_cache_is_kept_beside_the_downloads(tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    found = plan(UV, environment, CPU)
    assert [step.kind for step in found] == ["environment", *["download"] * len(fitting(requirements(), UV.version)), "check"]
    for step in found[1:-1]:
        for command in words(step):
            assert command[command.index("--cache-dir") + 1] == str(environment.downloads / "uv")


@pytest.mark.parametrize("tools", [PIP, UV])
def test_a_folder_of_wheels_is_installed_without_any_index(tmp_path: Path, tools: Tools) -> None:
    found = plan(tools, Environment(tmp_path), CPU, tmp_path / "wheels of mine")
    assert [step.kind for step in found] == ["environment", "install", "check"]
    (command,) = words(found[1])
    assert "--no-index" in command and command[command.index("--find-links") + 1] == str(tmp_path / "wheels of mine")


def test_no_command_names_an_index(tmp_path: Path) -> None:
    everything = [plan(tools, Environment(tmp_path), build) for tools in (PIP, UV) for build in (CPU, CUDA)]
    assert not [part for found in everything for step in found for command in words(step) for part in command if "://" in part]


def described(version: tuple[int, int], **changed: Any) -> str:
    return json.dumps({"python": "/usr/bin/python3", "version": version, "wide": True, "venv": True, **changed})


def test_a_python_is_taken_by_its_own_word() -> None:
    assert usable_python(described((3, 12))) == ("/usr/bin/python3", (3, 12))
    refused = [
        described((3, 9)),
        described((3, 15)),
        described((2, 7)),
        described((3, 12), wide=False),
        described((3, 12), venv=False),
        "",
        "{}",
        "[]",
        "?",
    ]
    assert [usable_python(answer)[0] for answer in refused] == [""] * len(refused)
    assert usable_python(described((3, 12), venv=False), with_uv=True)[0]


def test_qgis_itself_is_never_a_candidate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "qgis"
    program.touch(mode=0o755)
    monkeypatch.setattr(machine.sys, "executable", str(program))
    assert str(program) not in python_candidates({"PATH": str(tmp_path)})


def test_candidates_come_from_the_path_first_and_exist(tmp_path: Path) -> None:
    (tmp_path / "python3").touch(mode=0o755)
    (tmp_path / "python3.12").touch(mode=0o644)
    found = python_candidates({"PATH": str(tmp_path)}, "linux")
    assert str(tmp_path / "python3") in found and str(tmp_path / "python3.12") not in found
    assert all(os.path.isfile(place) for place in found)


def test_the_doors_to_the_store_are_no_python(tmp_path: Path) -> None:
    store = tmp_path / "Microsoft" / "WindowsApps"
    store.mkdir(parents=True)
    (store / "python.exe").touch(mode=0o755)
    (tmp_path / "Programs" / "Python" / "Python312").mkdir(parents=True)
    real = tmp_path / "Programs" / "Python" / "Python312" / "python.exe"
    real.touch(mode=0o755)
    found = python_candidates({"LOCALAPPDATA": str(tmp_path), "PATH": str(store)}, "win32")
    assert found[0] == str(real) and str(store / "python.exe") not in found


def test_the_cuda_build_needs_a_driver(tmp_path: Path) -> None:
    library = tmp_path / "libcuda.so.1"
    assert find_driver([str(library)], "linux", {"PATH": str(tmp_path)}) == ""
    library.touch()
    assert find_driver([str(library)], "linux", {"PATH": ""}) == str(library)
    assert choose_build(platform="linux", driver="").name == "cpu"
    assert choose_build(platform="linux", driver=str(library)).name == "cuda"
    assert choose_build("cpu", "linux", str(library)).name == "cpu"
    assert choose_build(platform="darwin").name == "mps"
    assert "driver" in choose_build(platform="linux", driver="").reason
