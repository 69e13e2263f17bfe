"""``python plugin/engine``: set the engine up from a shell, with the Python that has QGIS's modules."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "rasterscribe"


def main() -> int:
    """Register the root under the plugin's name, as QGIS would, and run the set-up."""
    spec = importlib.util.spec_from_file_location(PACKAGE, ROOT / "__init__.py", submodule_search_locations=[str(ROOT)])
    if spec is None:
        raise ImportError(f"{ROOT} is not a package")
    sys.modules.setdefault(PACKAGE, importlib.util.module_from_spec(spec))
    headless = importlib.import_module(f"{PACKAGE}.plugin.engine.headless")
    return int(headless.install_headless(sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(main())
