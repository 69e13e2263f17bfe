"""Raster ids that outlive the engine: a restarted engine has forgotten every raster, the map tool must not notice."""

from __future__ import annotations

import dataclasses
from typing import Any, Optional

from ...models.protocol import Open, OpenReply


class OpenRasters:
    """Which rasters were opened, under ids of our own, and which of them the running engine knows by which id."""

    def __init__(self) -> None:
        self._requests: dict[str, Open] = {}  # our id -> how it was opened
        self._here: dict[str, str] = {}  # our id -> the running engine's id
        self._run = 0

    def forget(self) -> None:
        """A new engine runs: it knows no raster yet."""
        self._here.clear()
        self._run += 1

    def opened(self, request: Open, reply: OpenReply) -> OpenReply:
        """Take note of an opened raster; returns the reply with our id in it."""
        own = f"{self._run}.{reply.raster}"  # an engine's ids may come again in its next run
        self._requests[own] = request
        self._here[own] = reply.raster
        return dataclasses.replace(reply, raster=own)

    def reopened(self, own: str, reply: OpenReply) -> None:
        self._here[own] = reply.raster

    def to_reopen(self, request: Any) -> Optional[Open]:
        """What must be opened before this request means anything to the running engine; None if nothing."""
        own = getattr(request, "raster", "")
        return None if own in self._here else self._requests.get(own)

    def for_engine(self, request: Any) -> Any:
        """The request with the engine's own raster id in it."""
        own = getattr(request, "raster", "")
        return dataclasses.replace(request, raster=self._here[own]) if own in self._here else request
