"""Where the engine lives, what the disk says about it, and what its programs may see."""

from __future__ import annotations

from pathlib import Path

import pytest

from rasterscribe.plugin.engine import environment as module
from rasterscribe.plugin.engine.environment import (
    Condition,
    Environment,
    Installed,
    home_folder,
    proxy_variables,
    requirements_digest,
    scrubbed,
)


def installed(digest: str = "") -> Installed:
    return Installed(digest or requirements_digest(), "cpu", "No driver.", "2.13.0+cpu", "3.11.7", "2026-01-01T00:00:00+00:00")


def complete(home: Path, digest: str = "") -> Environment:
    environment = Environment(home)
    environment.begin()
    environment.python.parent.mkdir(parents=True)
    environment.python.touch()
    environment.complete(installed(digest))
    return environment


def test_the_condition_follows_the_disk_through_a_set_up(tmp_path: Path) -> None:
    environment = Environment(tmp_path / "höme sweet home")
    assert environment.condition() is Condition.MISSING
    environment.begin()
    assert environment.condition() is Condition.INCOMPLETE and environment.resumable
    environment.python.parent.mkdir(parents=True)
    environment.python.touch()
    assert environment.condition() is Condition.INCOMPLETE
    environment.complete(installed())
    assert environment.condition() is Condition.READY and not environment.resumable
    assert environment.installed() == installed()


def test_a_set_up_that_begins_again_takes_the_readiness_away_first(tmp_path: Path) -> None:
    environment = complete(tmp_path)
    environment.begin()
    assert environment.condition() is Condition.INCOMPLETE and environment.installed() is None


def test_other_requirements_make_it_outdated(tmp_path: Path) -> None:
    assert complete(tmp_path, "another digest").condition() is Condition.OUTDATED


def test_a_deleted_environment_is_not_ready(tmp_path: Path) -> None:
    environment = complete(tmp_path)
    environment.python.unlink()
    assert environment.condition() is Condition.INCOMPLETE
    environment.python.parent.rmdir()
    environment.folder.rmdir()
    assert environment.condition() is Condition.MISSING


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"torch": 1}', "\udce4"])
def test_a_damaged_version_file_counts_as_none(tmp_path: Path, text: str) -> None:
    environment = complete(tmp_path)
    environment.version.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert environment.installed() is None and environment.condition() is Condition.INCOMPLETE


def test_the_old_environment_is_moved_aside_whole(tmp_path: Path) -> None:
    environment = complete(tmp_path)
    (moved,) = environment.set_aside("1")
    assert not environment.folder.exists() and environment.temporary.is_dir()
    assert (moved / environment.python.relative_to(environment.folder)).exists()


def test_the_home_can_be_moved_and_follows_the_platform(tmp_path: Path) -> None:
    assert home_folder({"RASTERSCRIBE_HOME": str(tmp_path / "elsewhere")}, "linux") == tmp_path / "elsewhere"
    assert home_folder({"XDG_DATA_HOME": str(tmp_path)}, "linux") == tmp_path / "rasterscribe"
    assert home_folder({"LOCALAPPDATA": str(tmp_path)}, "win32") == tmp_path / "Rasterscribe"
    assert home_folder({}, "darwin").parts[-2:] == ("Application Support", "Rasterscribe")


def test_child_processes_see_nothing_of_qgis() -> None:
    names = "PYTHONHOME PYTHONPATH PYTHONEXECUTABLE PIP_INDEX_URL UV_INDEX PROJ_LIB PROJ_DATA GDAL_DATA GDAL_DRIVER_PATH LD_LIBRARY_PATH"
    names += " LD_PRELOAD DYLD_LIBRARY_PATH QT_PLUGIN_PATH QGIS_PREFIX_PATH VIRTUAL_ENV CONDA_PREFIX __PYVENV_LAUNCHER__"
    dirty = dict.fromkeys(names.split(), "x")
    kept = scrubbed({**dirty, "HOME": "h", "HTTPS_PROXY": "p", "PATH": "/usr/bin"}, "linux")
    assert not set(dirty) & set(kept)
    assert kept["HOME"] == "h" and kept["HTTPS_PROXY"] == "p" and kept["PATH"] == "/usr/bin"
    assert kept["PYTHONNOUSERSITE"] == "1"


def test_folders_of_a_bundled_qgis_leave_the_path() -> None:
    windows = scrubbed({"OSGEO4W_ROOT": "C:\\QGIS", "PATH": "C:\\QGIS\\bin;C:\\Windows"}, "win32")
    assert windows["PATH"] == "C:\\Windows"
    mac = scrubbed({"PATH": "/Applications/QGIS.app/Contents/MacOS/bin:/usr/bin"}, "darwin")
    assert mac["PATH"] == "/usr/bin"


def test_a_proxy_of_qgis_becomes_variables_with_its_password_quoted() -> None:
    found = proxy_variables("HttpProxy", "proxy.example", "8080", "jö", "p@ss:w/rd", "localhost,.example")
    assert found["HTTPS_PROXY"] == found["https_proxy"] == "http://j%C3%B6:p%40ss%3Aw%2Frd@proxy.example:8080"
    assert found["NO_PROXY"] == "localhost,.example"
    assert proxy_variables("NoProxy", "proxy.example") == {}
    assert proxy_variables("HttpProxy", "") == {}
    assert proxy_variables("Socks5Proxy", "h", "1")["HTTP_PROXY"] == "socks5h://h:1"


def test_every_requirement_is_pinned() -> None:
    lines = module.requirements()
    assert lines[0].startswith("torch==")
    assert all("==" in line for line in lines)
