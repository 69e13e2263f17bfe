"""How much is called changed where nothing was, and pairs made from footprints."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("cv2", reason="OpenCV belongs to the training extra")

from models.classes import CLASSES  # noqa: E402
from models.errors import RequestInvalid  # noqa: E402
from models.nets.comparing import ABSENT  # noqa: E402
from models.training.evaluate import unchanged  # noqa: E402
from models.training.evaluate.edits import edited_pairs  # noqa: E402
from models.training.evaluate.truth import ALL, Selection  # noqa: E402
from rasterscribe.tests.models.training.conftest import GREY, RED, painted  # noqa: E402


def redder(before, after, old_map):
    """Changed where red differs by more than 40."""
    return np.where(np.abs(before[..., 0].astype(int) - after[..., 0]) > 40, 1.0, -1.0)[None]


@pytest.fixture
def years(write):
    """A place in three years, of which the last has a fifth in red, and a place that stays; the set has more than its pairs."""
    ends = (np.s_[:4], (0, 0, 0)), (np.s_[4:8], (255, 255, 255))  # so that colours are shown as they are
    for name, patch in (("a_2018", 0), ("a_2020", 0), ("a_2022", 8), ("b_2018", 0), ("b_2022", 0), ("c_2018", 0)):
        write(f"images/{name}.png", painted(GREY, *ends, (np.s_[8 : 8 + patch], RED)))
    write(
        "multitemporal_pairs.json", {"a": {"2018": "a_2018", "2020": "a_2020", "2022": "a_2022"}, "b": {"2018": "b_2018", "2022": "b_2022"}}
    )


def test_every_pair_of_years_counts_and_a_place_is_one_piece_of_evidence(years, tmp_path):
    pairs = list(unchanged.year_pairs(tmp_path, ALL))
    assert [site for site, _ in pairs] == ["a", "a", "a", "b"]
    found = unchanged.evaluate(iter(pairs), {"any": redder})
    assert found["n"] == 2 and found["share"]["any"] == pytest.approx(2 / 4 / 5, abs=1e-3)
    low, high = found["interval"]["share_any"]
    assert low == 0 and high > found["share"]["any"]


def test_some_places_can_be_chosen_and_none_is_said(years, tmp_path):
    assert {site for site, _ in unchanged.year_pairs(tmp_path, Selection(only=("b_",)))} == {"b"}
    with pytest.raises(RequestInvalid, match="no pair of years"):
        unchanged.evaluate(unchanged.year_pairs(tmp_path, Selection(only=("c_",))), {"any": redder})
    (tmp_path / "multitemporal_pairs.json").unlink()
    with pytest.raises(RequestInvalid, match="--light"):
        list(unchanged.year_pairs(tmp_path, ALL))


def test_copies_are_in_other_light_or_lie_beside(years, tmp_path):
    light = list(unchanged.altered_pairs(tmp_path, Selection(only=("a_2022",)), light=True, shift=0))
    assert len(light) == len(unchanged.LIGHTS) and all(one.shape == other.shape for _, (one, other) in light)
    assert sum(not np.array_equal(one, other) for _, (one, other) in light) >= 6  # nothing is green, and rows are of one colour
    beside = [views for _, views in unchanged.altered_pairs(tmp_path, Selection(only=("a_2022",)), light=False, shift=2)]
    assert len(beside) == 4 and all(one.shape == other.shape == (36, 44, 3) for one, other in beside)
    assert sum(np.array_equal(one[2:], other[:-2]) for one, other in beside) == 1


def test_pairs_from_footprints_are_the_same_at_every_run(write, tmp_path):
    for column in range(4):
        ids = np.zeros((256, 256), np.uint8)
        ids[60:120, 60:140] = 1 + column
        write(f"images/place_{1000 + column}_1000_19.png", painted(GREY, (np.s_[60:120, 60:140], RED), size=(256, 256)))
        write(f"masks/place_{1000 + column}_1000_19.png", (ids > 0) * 255)
        write(f"instances/place_{1000 + column}_1000_19.png", ids)
    one, other = (list(edited_pairs(tmp_path, 6, mapped=True)) for _ in range(2))
    assert len(one) == len(other) == 6
    for a, b in zip(one, other, strict=True):
        assert np.array_equal(a.before, b.before) and np.array_equal(a.after, b.after) and np.array_equal(a.changed, b.changed)
    house = 1 + CLASSES.index("building")
    assert {house, ABSENT} <= set(np.unique([pair.old_map for pair in one]).tolist()) <= {0, house, ABSENT}
    assert any((pair.changed == 1).any() for pair in one)
    assert all(pair.old_map is None for pair in edited_pairs(tmp_path, 2, mapped=False))


def test_without_footprints_no_pairs_are_made(tmp_path):
    with pytest.raises(RequestInvalid, match="footprints"):
        next(edited_pairs(tmp_path, 1, mapped=False))
