"""open_clip's tests run where it can be imported: `python3 build.py test --clip` makes such an environment."""

from __future__ import annotations

from types import ModuleType

import pytest


def open_clip_or_skip() -> ModuleType:
    """The package; else the whole module of tests is skipped. torchvision of another build than torch's raises RuntimeError."""
    try:
        import open_clip

        return open_clip
    except (ImportError, RuntimeError) as error:
        first = (str(error).splitlines() or [""])[0]
        pytest.skip(f"open_clip cannot be imported here ({first}); run `python3 build.py test --clip`", allow_module_level=True)
