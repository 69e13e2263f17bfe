"""Runs the tests: those of models/ in the engine's environment, the rest beside QGIS, and on demand those that need open_clip."""

from __future__ import annotations

import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Optional

from .set_up import clip_tests_python, engine_home, engine_python, engine_tests_folder, qgis_environment, qgis_tests_python
from .shell import BUILD, ROOT, clean_environment, duration, run, say

IN_ENGINE = ("tests/models", "tests/test_sample.py")
BESIDE_QGIS = ("tests/plugin", "tests/end_to_end", "tests/test_build.py", "tests/test_house_rules.py")
# the engine's own environment has no open_clip
NEED_OPEN_CLIP = ("tests/models/nets/test_clip.py", "tests/models/user_models/test_fetch.py")
CLIP = "--clip"  # asks for these, in an environment that takes minutes and some GB to make
NO_TEST_RAN = 5  # pytest's exit code


class Count(NamedTuple):
    """What one run of pytest came to."""

    passed: int
    failed: int
    skipped: int


def test(arguments: Sequence[str]) -> int:
    """All suites, whatever the first comes to. Gives 0 where no test failed."""
    arguments, with_clip = [each for each in arguments if each != CLIP], CLIP in arguments
    began = time.monotonic()
    python, runner = engine_python(), str(engine_tests_folder())
    engine = clean_environment(PYTHONPATH=runner, RASTERSCRIBE_HOME=str(engine_home()), OMP_NUM_THREADS="2")
    runs = [
        ("engine", python, IN_ENGINE, engine),
        ("qgis", qgis_tests_python(), BESIDE_QGIS, qgis_environment(RASTERSCRIBE_ENGINE_PYTHON=str(python))),
    ]
    if with_clip:
        runs.append(("clip", clip_tests_python(), NEED_OPEN_CLIP, clean_environment(OMP_NUM_THREADS="2")))
    codes, counts = [], []
    for name, command, paths, environment in runs:
        code, count = suite(name, command, paths, environment, arguments)
        codes.append(code)
        counts.append(count)
    passed, failed, skipped = (sum(column) for column in zip(*counts))
    broken = [code for code in codes if code not in (0, 1, NO_TEST_RAN)]
    say()
    if broken:
        say(f"A test run broke off with exit code {broken[0]}; what it had counted is not the whole.")
    verdict = "Tests failed" if failed or broken else "All tests passed"
    took = duration(time.monotonic() - began)
    say(f"{verdict}: {passed} passed, {failed} failed, {skipped} skipped in {took}; reports in {BUILD / 'reports'}.")
    return 1 if failed or broken or not passed else 0


def suite(name: str, python: Path, paths: Sequence[str], environment: Mapping[str, str], arguments: Sequence[str]) -> tuple[int, Count]:
    """Run pytest on those of `paths` that are there; its exit code and what it counted."""
    report = BUILD / "reports" / f"{name}.xml"
    report.unlink(missing_ok=True)
    say(f"\n== {name}: {' '.join(paths)}")
    there = [path for path in paths if (ROOT / path).exists()]
    code = run([python, "-m", "pytest", f"--junitxml={report}", *there, *arguments], environment)
    return code, count_of(report) or Count(0, 0, 0)


def count_of(report: Path) -> Optional[Count]:
    """What pytest wrote into its report; None where it wrote none."""
    if not report.is_file():
        return None
    suites = ElementTree.parse(report).getroot().iter("testsuite")
    total = failed = skipped = 0
    for each in suites:
        total += int(each.get("tests", 0))
        failed += int(each.get("failures", 0)) + int(each.get("errors", 0))
        skipped += int(each.get("skipped", 0))
    return Count(total - failed - skipped, failed, skipped)
