"""build.py and what it is made of: it says what it can do, needs only Python, and packs what ships and nothing else."""

from __future__ import annotations

import ast
import configparser
import importlib.util
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import tomllib

from rasterscribe.tools import package, set_up, shell, suites

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = ("demo", "run", "test", "engine", "process", "check", "zip", "bundle")
# these run in QGIS's or the engine's Python
IN_AN_ENVIRONMENT = {
    "make_sample.py", "make_pair.py", "score_pair.py", "sunlight.py", "demo.py", "demo_text.py", "demo_change.py", "show.py", "desk.py",
    "show_dock.py",
}  # fmt: skip


def build(*arguments: object, folder: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "build.py"), *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, **variables})


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_help_names_every_command_from_any_folder(tmp_path: Path) -> None:
    shown = build("--help", folder=tmp_path)
    assert shown.returncode == 0
    assert all(re.search(rf"^ +{command} ", shown.stdout, re.MULTILINE) for command in COMMANDS)


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"test", "engine", "process"}))
def test_each_command_says_what_it_does(command: str) -> None:
    shown = build(command, "--help")
    assert shown.returncode == 0 and len(shown.stdout.splitlines()) > 3


def test_an_unknown_option_is_refused_with_the_usage() -> None:
    refused = build("zip", "--fast")
    assert refused.returncode == 2 and "usage" in refused.stderr


def test_build_and_its_tools_need_only_an_old_python() -> None:
    for path in [ROOT / "build.py", *(ROOT / "tools").glob("*.py")]:
        if path.name in IN_AN_ENVIRONMENT:
            continue
        tree = ast.parse(path.read_text("utf-8"), feature_version=(3, 9))
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            for name in names:
                assert name.split(".")[0] in {*sys.stdlib_module_names, "tools", "rasterscribe"}, f"{path.name} imports {name}"


def test_lists_of_packages_read_the_same_without_a_toml_reader() -> None:
    for name, wanted in pyproject()["project"]["optional-dependencies"].items():
        assert set_up.extra(name) == wanted


def test_pyproject_and_the_installer_pin_the_same_packages() -> None:
    lines = (ROOT / "models" / "requirements.txt").read_text("utf-8").splitlines()
    assert pyproject()["project"]["dependencies"] == [line for line in lines if line and not line.startswith("#")]


def test_every_dependency_says_why_it_is_there() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    for line in re.findall(r'^ {4}["\'].*', text, re.MULTILINE):
        assert "#" in line or 'python_version < "3.11"' in line, line


def test_one_version_everywhere() -> None:
    assert pyproject()["project"]["version"] == package.version()


def test_the_zip_holds_the_plugin_and_nothing_else(tmp_path: Path) -> None:
    made = package.make_zip(tmp_path)
    assert made.size < package.LIMIT
    with zipfile.ZipFile(made.path) as packed:
        assert packed.testzip() is None
        names = set(packed.namelist())
    assert {name.split("/")[0] for name in names} == {"rasterscribe"}
    kept = {"__init__.py", "metadata.txt", "LICENSE", "plugin/main.py", "models/protocol/wire.py", "models/requirements.txt"}
    assert {f"rasterscribe/{name}" for name in kept} <= names
    unwanted = re.compile(r"/(tests|tools|training|sample|build|__pycache__)/|\.pyc$|/\.|/conftest\.py$|/build\.py$")
    assert not [name for name in names if unwanted.search(name)]


def test_the_metadata_is_as_plugins_qgis_org_reads_it() -> None:
    parser = configparser.ConfigParser()  # its own settings: a % would be taken for a placeholder
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(package.metadata())
    assert set(package.REQUIRED) <= set(parser["general"])
    assert set(package.unfilled()) <= {"email", "tracker", "repository"}
    assert all(parser["general"][name] in ("True", "False") for name in ("experimental", "deprecated", "supportsQt6"))
    assert (ROOT / parser["general"]["icon"]).is_file()


def test_the_same_sources_make_the_same_zip(tmp_path: Path) -> None:
    first, second = package.make_zip(tmp_path / "a"), package.make_zip(tmp_path / "b")
    assert first.path.read_bytes() == second.path.read_bytes()


def test_every_shipped_weight_has_its_card_and_digest() -> None:
    folder = ROOT / "models" / "weights"
    sums = folder / "SHA256SUMS"
    listed = sums.read_text("utf-8").split()[1::2] if sums.is_file() else []
    assert sorted(listed) == sorted(path.name for path in folder.glob("*.safetensors"))


def test_a_plugin_without_its_version_is_not_packed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(package, "metadata", lambda: "[general]\nname=Rasterscribe\n")
    with pytest.raises(shell.Trouble, match="version"):
        package.make_zip(tmp_path)


def test_too_large_a_zip_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(package, "LIMIT", 1000)
    with pytest.raises(shell.Trouble, match="plugins.qgis.org takes"):
        package.make_zip(tmp_path)
    assert not list(tmp_path.iterdir())


def test_qgis_is_found_though_the_path_has_another_python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if importlib.util.find_spec("qgis") is None:
        pytest.skip("this Python is not QGIS's")
    other = tmp_path / "python3"
    other.write_text("#!/bin/sh\nexit 1\n")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    found = set_up.find_qgis_python()
    assert found is not None and found != other


def test_without_apt_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(set_up.shutil, "which", lambda _name: None)
    with pytest.raises(shell.Trouble, match=r"QGIS was not found.*Install QGIS"):
        set_up.apt_install(["qgis"], "QGIS was not found")


def test_without_root_it_says_what_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(set_up.shutil, "which", lambda name: "apt-get" if name == "apt-get" else None)
    monkeypatch.setattr(set_up.os, "geteuid", lambda: 1000)
    with pytest.raises(shell.Trouble, match="As root, run: apt-get install qgis"):
        set_up.apt_install(["qgis"], "QGIS was not found")


def test_a_program_that_fails_shows_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(shell.Trouble, match=r"(?s)no such thing.*exit code 3.*Look again"):
        shell.run_quietly([sys.executable, "-c", "print('no such thing'); raise SystemExit(3)"], tmp_path / "log", remedy="Look again.")


def test_children_do_not_inherit_another_pythons_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHOME", "elsewhere")
    assert "PYTHONHOME" not in shell.clean_environment()


def test_a_report_is_counted_whole(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text('<testsuites><testsuite tests="9" failures="1" errors="1" skipped="2"/></testsuites>')
    assert suites.count_of(report) == suites.Count(passed=5, failed=2, skipped=2)
    assert suites.count_of(tmp_path / "none.xml") is None


def test_the_engines_command_line_runs_from_any_folder(tmp_path: Path) -> None:
    if set_up.engine_place().condition().value != "ready":
        pytest.skip("the engine is not set up; `build.py test` does that first")
    listed = build("engine", "list", folder=tmp_path)
    assert listed.returncode == 0, listed.stderr
    assert build("engine", "segment", "no-such.tif", "--point", "-1", "-2", "--out", "x.gpkg", folder=tmp_path).returncode != 0


def test_the_tests_that_are_run_on_demand_are_where_the_suites_look_for_them() -> None:
    assert all((ROOT / path).exists() for path in (*suites.IN_ENGINE, *suites.BESIDE_QGIS, *suites.NEED_OPEN_CLIP))
