"""How good the networks are, and what an analyst has without them: `python -m models evaluate click|text|cover|change --data DIR`."""

from .command import main

__all__ = ["main"]
