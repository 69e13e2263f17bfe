"""Two dates of one ground, drawn from single ones and from real years."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("cv2", reason="OpenCV belongs to the training extra")

from models.classes import CLASSES  # noqa: E402
from models.training.dates import BUILT, HOUSE, SEASONAL, STREETS, Dates  # noqa: E402
from models.training.labels import BUILDING, UNKNOWN, Source, rule, table  # noqa: E402
from models.training.scenes import Painter  # noqa: E402
from models.training.sets import LabelledImage, objects_of  # noqa: E402

GROUND = rule(no="building, solar panel")


def village(seed: int, gsd: float = 0.3) -> LabelledImage:
    """Sixteen roofs of other colours than the ground, 5 to 9 metres long."""
    rng = np.random.default_rng(seed)
    rgb, ids = rng.integers(90, 120, (512, 512, 3)).astype(np.uint8), np.zeros((512, 512), np.uint16)
    for number in range(16):
        y, x = 128 * (number // 4) + 40, 128 * (number % 4) + 40
        h, w = rng.integers(18, 30, 2)
        ids[y : y + h, x : x + w] = number + 1
        rgb[y : y + h, x : x + w] = rng.integers(160, 250, 3)
    return LabelledImage(f"village{seed}", rgb, ids, tuple(objects_of(ids, 12)), (ids > 0).astype(np.uint8), gsd)


def source(*images: LabelledImage) -> Source:
    return Source(list(images), table({0: GROUND, 1: BUILDING}), (0.25, 1.5))


def dates(seed: int = 0) -> Dates:
    return Dates(Painter({next(iter(BUILT)): source(village(1), village(2))}, np.random.default_rng(seed)), [], lambda _: np.zeros((1, 1)))


def test_pairs_have_two_pictures_and_say_what_changed():
    pair = dates().draw()
    assert pair.rgb.shape == (2, 256, 256, 3) and pair.rgb.dtype == np.uint8
    assert pair.known.shape == (2, 256, 256, len(CLASSES)) and pair.change.shape == (256, 256, len(CLASSES))


def test_houses_come_and_go_and_the_labels_of_both_dates_say_so():
    made, came, went = dates(3), 0, 0
    for _ in range(25):
        pair = made.draw()
        before, after = pair.known[..., HOUSE]
        house = pair.change[..., HOUSE] == 1
        assert ((before[house] == 1) != (after[house] == 1)).all()
        came, went = came + (after[house] == 1).sum(), went + (before[house] == 1).sum()
    assert came > 500 and went > 500


def test_the_same_draws_make_the_same_pairs():
    one, other = dates(5).draw(), dates(5).draw()
    assert np.array_equal(one.rgb, other.rgb) and np.array_equal(one.change, other.change)


def test_in_real_years_only_what_was_put_there_has_changed():
    """Two years of a street on which nobody drew houses; the guess says where they are, and trees are left open."""
    one = village(1, gsd=0.6)
    other = LabelledImage("later", np.clip(one.rgb * 0.7, 0, 255).astype(np.uint8), one.ids, one.objects, one.kinds, 0.6)
    streets = Source([one, other], table({}), (0.7, 2.5))
    painter = Painter({STREETS: streets, next(iter(BUILT)): source(village(2))}, np.random.default_rng(1))
    made = Dates(painter, [(streets, one, other)], lambda image: np.where(image.ids > 0, 0.9, 0.05).astype(np.float32))
    before, after = made._years(streets, one, other)
    assert np.array_equal(before.known, after.known) and {0, 1} <= set(np.unique(before.known[..., HOUSE]).tolist())
    assert not np.array_equal(before.rgb, after.rgb)
    pair = made._pair(before, after, SEASONAL)
    assert (pair.change[..., SEASONAL] == UNKNOWN).all()
    house = pair.change[..., HOUSE] == 1
    assert (pair.known[0][house][:, HOUSE] != pair.known[1][house][:, HOUSE]).all()


def test_of_two_places_the_labels_alone_say_what_differs():
    """Fields where no house is known stand for ground without one."""
    fields = Source([village(4)], table({}), (0.5, 0.5))
    made = Dates(
        Painter({"agoro_fields_us": fields, next(iter(BUILT)): source(village(2))}, np.random.default_rng(2)),
        [],
        lambda _: np.zeros((1, 1)),
    )
    assert (made._bare().known[..., HOUSE] == 0).all()
    pair = made._strangers()
    known = (pair.known != UNKNOWN).all(0)
    assert np.array_equal(pair.change[known] == 1, (pair.known[0] != pair.known[1])[known])
    assert (pair.change[~known] == UNKNOWN).all()
