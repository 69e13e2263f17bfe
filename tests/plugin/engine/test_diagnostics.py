"""What a user pastes into a public issue."""

from __future__ import annotations

from pathlib import Path

import pytest

from rasterscribe.plugin.engine.diagnostics import diagnostics, without_secrets
from rasterscribe.plugin.engine.environment import Environment


def test_the_home_folder_and_its_owner_are_not_told(tmp_path: Path) -> None:
    home = "/somewhere/anna.muster"
    text = without_secrets(f"{home}/maps/a.tif and {home} but not {home}2", {"HOME": home})
    assert text == f"~/maps/a.tif and ~ but not {home}2"
    windows = without_secrets("D:\\Anna\\x D:/Anna/y", {"USERPROFILE": "D:\\Anna"})
    assert windows == "~\\x ~/y"


@pytest.mark.parametrize(
    "line",
    [
        "HTTPS_PROXY=http://anna:hunter2@proxy.example:8080",
        "socks5h://hunter2@proxy.example",
        "url: https://tiles.example/?token=hunter2&x=1",
        "password = hunter2",
        "'api_key': 'hunter2'",
        "PIP_PASSWORD=hunter2",
        "Authorization: Bearer hunter2hunter2",
        "access_token=hunter2",
    ],
)
def test_secrets_are_masked(line: str) -> None:
    masked = without_secrets(line, {})
    assert "hunter2" not in masked and "***" in masked


def test_they_name_versions_state_and_the_last_lines(tmp_path: Path) -> None:
    variables = {"HTTP_PROXY": "http://u:pw@h:1", "MY_OWN_BUSINESS": "42", "PATH": "/usr/bin", "HOME": str(tmp_path)}
    text = diagnostics(
        Environment(tmp_path / "engine"), {"QGIS": "3.22.16"}, [f"line {n}" for n in range(100)], variables, "The engine stopped."
    )
    assert "QGIS: 3.22.16" in text and "problem: The engine stopped." in text
    assert "~/engine (missing," in text
    assert "HTTP_PROXY=http://***@h:1" in text
    assert "42" not in [word.strip() for word in text.split("=")]
    assert "line 99" in text and "line 10\n" not in text
