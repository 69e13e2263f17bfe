"""``python tests/models/colour_engine.py serve``: the real engine, with the colour model in the place of the networks.

A raster path that starts with ``fault:`` makes the step of that request go wrong in the way it names.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def load_checkout():
    spec = importlib.util.spec_from_file_location("rasterscribe", ROOT / "conftest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)


def main() -> int:
    load_checkout()
    from rasterscribe.models import engine
    from rasterscribe.models.__main__ import main as run

    class ColourEngine(engine.Engine):
        def click_model(self, id):
            if id in ("", "colour"):
                from rasterscribe.tests.models.colour_model import ColourModel

                self._click_models.setdefault("colour", ColourModel())
                return self._click_models["colour"]
            return super().click_model(id)

        def open(self, request):
            kind, _, fault = request.path.partition(":")
            if kind == "fault":
                print("a library prints to stdout")
                yield from FAULTS[fault]()
            return (yield from super().open(request))

    from rasterscribe.models import server

    server.Engine = ColourEngine
    return run(sys.argv[1:])


def memory():
    yield
    raise MemoryError


def torch_memory():
    yield
    raise RuntimeError("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes.")


def bug():
    yield
    raise ZeroDivisionError("nobody foresaw this")


def wordless():
    """Progress in numbers that JSON does not know."""
    import numpy

    yield numpy.float32(0.5), 1.0


def slow():
    """Pauses as a long job does."""
    for done in range(1000):
        yield done, 1000
        time.sleep(0.02)


def hang():
    yield
    time.sleep(3600)


FAULTS = {"memory": memory, "torch_memory": torch_memory, "bug": bug, "wordless": wordless, "slow": slow, "hang": hang}

if __name__ == "__main__":
    sys.exit(main())
