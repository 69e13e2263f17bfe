"""Runs the engine's command line in the engine's environment, from any folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from .set_up import engine_python
from .shell import ROOT, clean_environment, run


def run_engine(arguments: Sequence[str]) -> int:
    """`python -m models ARGUMENTS` in the caller's folder, so that relative paths mean what the caller means by them."""
    environment = clean_environment(PYTHONPATH=str(ROOT), PYTHONNOUSERSITE="1", PYTHONSAFEPATH="1")
    command = [engine_python(), "-m", "models", *arguments]
    if os.name == "posix":  # takes this process's place: signals, standard input and exit code are the engine's own
        sys.stdout.flush()
        os.execve(str(command[0]), [str(part) for part in command], environment)
    return run(command, environment, Path.cwd())
