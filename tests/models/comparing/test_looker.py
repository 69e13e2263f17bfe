"""What compares two dates in a survey."""

from __future__ import annotations

import numpy as np
import pytest

from models.comparing.looker import pair_looker
from models.errors import RequestInvalid
from models.nets import load_change_model


def test_it_looks_at_pairs_and_is_named_by_what_it_is_asked():
    model = load_change_model()
    looker = pair_looker(model, [0, 5], "combined", with_map=False, side=64)
    assert looker.channels == 5 and looker.side == 64
    assert looker.look(np.zeros((1, 64, 64, 6), np.uint8)).shape == (1, 5, 64, 64)
    others = (([0, 5], "combined", False), ([0, 5], "direct", False), ([0], "combined", False), ([0], "map", True))
    keys = {pair_looker(model, classes, method, mapped, side=64).key for classes, method, mapped in others}
    assert looker.key in keys and len(keys) == 4 and all(model.digest in key for key in keys)


def test_a_model_without_classes_is_refused():
    class Other:
        id, digest, side = "other", "", 32

    with pytest.raises(RequestInvalid, match="other"):
        pair_looker(Other(), [0], "direct", with_map=False)
