"""Whether two rasters can be compared, before anything runs."""

from __future__ import annotations

from ..protocol import Pair, PairReply
from .pair import open_pair


def paired(request: Pair) -> PairReply:
    """How two rasters lie to each other, from windows of them, whatever their size. Raises what `open_pair` raises."""
    pair = open_pair(request.before, request.after, before_date=request.before_date, after_date=request.after_date)
    try:
        gsds = pair.before.raster.gsd, pair.after.raster.gsd
        return PairReply(*pair.dates, *gsds, pair.overlap, pair.shift, pair.notes)
    finally:
        pair.close()
