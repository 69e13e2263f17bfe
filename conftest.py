"""The repository root is the plugin's package, whatever the checkout's folder is called.

QGIS imports the plugin as ``rasterscribe`` from a folder of that name; a checkout may have any name, so the tests register
the root under the plugin's name before the first of them is imported.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
PACKAGE = "rasterscribe"


def register_package() -> None:
    """Make ``import rasterscribe`` mean this checkout; does nothing the second time."""
    if PACKAGE in sys.modules:
        return
    spec = importlib.util.spec_from_file_location(PACKAGE, ROOT / "__init__.py", submodule_search_locations=[str(ROOT)])
    if spec is None or spec.loader is None:
        raise ImportError(f"{ROOT} is not a package")
    module = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = module
    if (ROOT / "__init__.py").is_file():
        spec.loader.exec_module(module)


register_package()
