"""Before anything runs, two rasters are looked at with the dates that the analyst knows better than the files."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from rasterscribe.models.comparing.checking import paired
from rasterscribe.models.errors import PairOrder
from rasterscribe.models.protocol import Open, Pair

Write = Callable[..., str]
GRAIN = np.random.default_rng(0).integers(40, 200, (3, 64, 64)).astype(np.uint8)


def test_a_pair_in_the_wrong_order_is_right_once_its_dates_are_corrected(write_raster: Write) -> None:
    newer, older = Open(write_raster(GRAIN, "town_2020.tif")), Open(write_raster(GRAIN, "town_2012.tif"))
    with pytest.raises(PairOrder):
        paired(Pair(newer, older))
    reply = paired(Pair(newer, older, before_date="2010"))
    assert (reply.before_date, reply.after_date) == ("2010", "2012")
