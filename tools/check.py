"""What must hold before a change is handed on, tests apart: style, types, house rules, and the scan of an upload."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from .package import stage
from .set_up import check_python, link_as_plugin
from .shell import BUILD, ROOT, clean_environment, duration, run, say

TYPED = ("rasterscribe.plugin", "rasterscribe.models")


def check() -> int:
    """Every check, whatever the former ones found. Gives 0 where none found anything."""
    began = time.monotonic()
    python = check_python()
    checks: dict[str, Callable[[Path], int]] = {
        "style (ruff)": check_style,
        "types of the plugin and the engine (mypy)": check_types,
        "types of the tools (mypy)": check_tool_types,
        "house rules (pytest)": check_house_rules,
        "risky code in what ships (bandit)": check_risks,
        "secrets in what ships (detect-secrets)": check_secrets,
    }
    found = []
    for name, work in checks.items():
        say(f"\n== {name}")
        if work(python):
            found.append(name)
    say()
    verdict = f"something to mend in {', '.join(found)}" if found else "nothing to mend"
    say(f"Checked {len(checks)} things in {duration(time.monotonic() - began)}: {verdict}.")
    return 1 if found else 0


def check_style(python: Path) -> int:
    return run([python, "-m", "ruff", "check", "--cache-dir", BUILD / "cache" / "ruff", ROOT])


def check_types(python: Path) -> int:
    """Under the plugin's name, as QGIS imports it: relative imports and a checkout of any name make no difference."""
    packages = [word for name in TYPED for word in ("--package", name)]
    return run([python, "-m", "mypy", *settings(), *packages], clean_environment(MYPYPATH=str(link_as_plugin())), BUILD)


def check_tool_types(python: Path) -> int:
    return run([python, "-m", "mypy", *settings(), "--package", "tools"], clean_environment(MYPYPATH=str(ROOT)), BUILD)


def settings() -> list[str]:
    return ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(BUILD / "cache" / "mypy"), "--no-namespace-packages"]


def check_house_rules(python: Path) -> int:
    return run([python, "-m", "pytest", "-q", "tests/test_house_rules.py"])


def check_risks(python: Path) -> int:
    return run([python, "-m", "bandit", "--quiet", "--recursive", stage(BUILD / "scan")])


def check_secrets(python: Path) -> int:
    """detect-secrets prints what it found as JSON and ends with 0 either way."""
    top = stage(BUILD / "scan")
    command = [os.fspath(python), "-m", "detect_secrets", "scan", "--all-files", "."]
    ended = subprocess.run(command, cwd=top, env=clean_environment(), capture_output=True, text=True)
    if ended.returncode:
        say(ended.stderr.strip())
        return ended.returncode
    results = json.loads(ended.stdout)["results"]
    places = [f"{file}:{each['line_number']}: {each['type']}" for file, found in results.items() for each in found]
    say("\n".join(places) or "nothing found")
    return 1 if places else 0
