"""Signals and who listens to them, as a table that is connected and let go of at once."""

from __future__ import annotations

from typing import Any, Callable

Connections = tuple[tuple[Any, Callable[..., None]], ...]  # each a signal and who listens


def connect(connections: Connections) -> None:
    for signal, slot in connections:
        signal.connect(slot)


def disconnect(connections: Connections) -> None:
    """Raises TypeError where one of them is not connected."""
    for signal, slot in connections:
        signal.disconnect(slot)
