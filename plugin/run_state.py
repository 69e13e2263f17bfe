"""How far a job over an area is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from ..models.protocol import PartialObject


@dataclass(frozen=True)
class Run:
    """A job on its way."""

    done: float = 0.0
    total: float = 0.0  # 0 while unknown
    what: str = ""
    seconds_left: Optional[float] = None
    objects: tuple[PartialObject, ...] = ()  # come upon so far, in the raster's CRS
    cancelling: bool = False
