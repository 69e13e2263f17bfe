"""Water told by near infrared: ponds of the colour of the fields around them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from rasterscribe.models.classes import CLASSES
from rasterscribe.models.comparers import compared_by
from rasterscribe.models.comparing.bands import BandPair
from rasterscribe.models.comparing.comparison import Comparer
from rasterscribe.models.comparing.interest import Interest
from rasterscribe.models.comparing.pair import RasterPair, open_pair
from rasterscribe.models.comparing.water_index import FARTHEST, THRESHOLD, index_of, learnt, logits_of
from rasterscribe.models.comparing.water_pair import Asked, WaterPair, listening
from rasterscribe.models.protocol import Change, Open
from rasterscribe.models.surveying.lanes import Looker
from rasterscribe.tests.models.comparing.grounds import ground

Write = Callable[..., str]
SIDE = 160
BANDS = ((2, 4), (2, 4))
WATER, BUILDING, FIELD = (CLASSES.index(name) for name in ("water", "building", "field"))
POND, FILLED, DUG = np.s_[10:60, 10:60], np.s_[80:120, 10:60], np.s_[10:60, 90:150]  # at both dates, at the first, at the second
SCENES = Path(__file__).resolve().parents[4] / "shared" / "scenes" / "naip_prairie_potholes"


def scene(*ponds: tuple[slice, slice], seed: int = 0, dark: int = 25) -> np.ndarray:
    """uint8 (4, SIDE, SIDE): red, green, blue that show no pond, and an infrared that does."""
    rng = np.random.default_rng(seed)
    infrared = rng.normal(160, 15, (SIDE, SIDE))
    for pond in ponds:
        infrared[pond] = rng.normal(dark, 4, infrared[pond].shape)
    return np.concatenate([ground(SIDE, SIDE) // 3 + 60, infrared[None].clip(1, 254).astype(np.uint8)])


def written(write: Write, values: np.ndarray, name: str) -> str:
    return write(values, f"{name}.tif", photometric="MINISBLACK")  # or GDAL would have the fourth band say how opaque pixels are


@pytest.fixture
def dates(write_raster: Write) -> tuple[str, str]:
    return written(write_raster, scene(POND, FILLED), "before"), written(write_raster, scene(POND, DUG, seed=1), "after")


def pair_of(before: str, after: str) -> RasterPair:
    return open_pair(Open(before), Open(after), any_order=True)


def water_pair(before: str, after: str) -> WaterPair:
    pair = pair_of(before, after)
    bands = BandPair(pair, BANDS)
    index = learnt(bands)
    assert index is not None
    return WaterPair(pair, bands, index)


def says(values: dict[int, float]) -> Asked:
    """A network that has the same opinion of a class everywhere, at both dates, and is sure that nothing else changed."""

    def asked(classes: Sequence[int], *, alone: Sequence[int]) -> Looker:
        opinions = np.array([-9.0, *2 * [values.get(one, -5.0) for one in classes]], np.float32)
        assert WATER in alone

        def look(views: np.ndarray) -> np.ndarray:
            return np.tile(opinions[None, :, None, None], (len(views), 1, *views.shape[1:3]))

        return Looker(SIDE, len(opinions), "opinions", look)

    return asked


def looked(pair: WaterPair, classes: Sequence[int], opinions: dict[int, float], before: int | None = None) -> np.ndarray:
    """float32 (1 + 2 m, SIDE, SIDE); before: what an old map says everywhere."""
    views = pair.read(0, 0, SIDE, SIDE, SIDE, SIDE).rgb[None]
    if before is not None:
        views = np.concatenate([views[..., :6], np.full((1, SIDE, SIDE, 1), before, np.uint8), views[..., 6:]], axis=-1)
    logits: np.ndarray = listening(says(opinions), classes).look(views)[0]
    return logits


def truth(*ponds: tuple[slice, slice]) -> np.ndarray:
    there = np.zeros((SIDE, SIDE), bool)
    for pond in ponds:
        there[pond] = True
    return there


def test_ponds_that_look_like_fields_come_and_go_where_infrared_says_so(dates: tuple[str, str]) -> None:
    logits = looked(water_pair(*dates), [FIELD, WATER], {FIELD: 1.0, WATER: -3.0})
    assert logits.shape == (5, SIDE, SIDE)
    assert ((logits[0] > 0) == truth(FILLED, DUG)).all()
    assert ((logits[2] > 0) == truth(POND, FILLED)).all() and ((logits[4] > 0) == truth(POND, DUG)).all()
    assert (logits[1] == 1.0).all() and (logits[3] == 1.0).all()


def test_the_dates_the_other_way_round_say_the_same_to_the_bit(dates: tuple[str, str]) -> None:
    one, other = (looked(water_pair(*order), [WATER, FIELD], {FIELD: 1.0}) for order in (dates, dates[::-1]))
    assert (one == other[[0, 3, 4, 1, 2]]).all()


def test_a_roof_that_is_as_dark_as_water_is_none(dates: tuple[str, str]) -> None:
    logits = looked(water_pair(*dates), [WATER], {BUILDING: 4.0, WATER: -6.0})
    assert (logits < 0).all()


def test_the_old_map_is_heard(dates: tuple[str, str]) -> None:
    pair = water_pair(*dates)
    plain, wet, dry = (looked(pair, [WATER], {}, before)[1] for before in (None, 1 + WATER, 255))
    assert (wet > plain).all() and (dry < plain).all()
    assert (looked(pair, [WATER], {}, 1 + WATER)[2] == looked(pair, [WATER], {})[2]).all()


def test_nothing_is_learnt_where_water_does_not_stand_apart(write_raster: Write) -> None:
    dry = [written(write_raster, scene(seed=seed), f"dry{seed}") for seed in (0, 1)]
    assert learnt(BandPair(pair_of(*dry), BANDS)) is None
    town = scene()
    town[3] = np.random.default_rng(3).integers(20, 200, (SIDE, SIDE))  # of all kinds of roofs and trees
    towns = [written(write_raster, town, "town"), written(write_raster, scene(POND), "pond")]
    assert learnt(BandPair(pair_of(*towns), BANDS)) is None


def test_nothing_is_learnt_where_no_ground_is_seen_at_both_dates(write_raster: Write) -> None:
    west, east = scene(POND), scene(POND)
    west[:, :, :80], east[:, :, 80:] = 0, 0
    files = [
        write_raster(values, f"{len(values[0])}{at}.tif", photometric="MINISBLACK", nodata=0) for at, values in enumerate((west, east))
    ]
    assert learnt(BandPair(pair_of(*files), BANDS)) is None


def test_a_date_without_water_does_not_hide_that_of_the_other(write_raster: Write) -> None:
    pair = pair_of(written(write_raster, scene(), "dry"), written(write_raster, scene(POND), "wet"))
    index = learnt(BandPair(pair, BANDS))
    assert index is not None and 0 <= index.threshold <= THRESHOLD


def test_windows_hold_the_index_beside_the_colours(dates: tuple[str, str]) -> None:
    pair = water_pair(*dates)
    seen, other = (source.read(5, 5, 40, 30, 40, 30) for source in (pair, pair.another()))
    assert (seen.rgb.dtype, seen.rgb.shape) == (np.uint8, (30, 40, 8)) and (seen.rgb == other.rgb).all() and seen.valid.all()
    assert (seen.rgb[..., :6] == pair.pair.read(5, 5, 40, 30, 40, 30).rgb).all()
    assert logits_of(seen.rgb[..., 6:]).min() == -FARTHEST and logits_of(seen.rgb[10:, 10:, 6:]).min() > 0
    assert pair.identity != pair.pair.identity


def test_no_light_is_no_water() -> None:
    assert index_of(np.array([0.0, np.nan, 30.0]), np.array([0.0, 5.0, 10.0])).tolist() == [-1.0, -1.0, 0.5]


def test_infrared_is_used_where_it_is_there_and_helps_and_the_analyst_hears_of_it(dates: tuple[str, str], write_raster: Write) -> None:
    dry = written(write_raster, scene(), "dry"), written(write_raster, scene(seed=1), "later")
    interest = Interest(("water", "field"))

    def comparer(files: tuple[str, str], infrared: tuple[int, ...] = (), classes: Interest = interest) -> Comparer:
        before, after = (Open(file) for file in files)
        return compared_by(Change(after, "c.gpkg", before, infrared=infrared), open_pair(before, after), classes, None)

    wet = comparer(dates)
    assert wet.notes == ("Band 4 of both rasters was taken for near infrared: water was told by it.",) and wet.measured == ("water",)
    seen = wet.source.read(0, 0, wet.looker.side, wet.looker.side, wet.looker.side, wet.looker.side)
    logits = wet.looker.look(seen.rgb[None])[0]
    assert logits.shape[0] == 5 and ((logits[0, :SIDE, :SIDE] > 0) & truth(FILLED, DUG)).sum() > 0.9 * truth(FILLED, DUG).sum()
    told = comparer(dry, (4,))
    assert "told by the colours" in told.notes[0] and not told.measured
    for other in (comparer(dates, (0,)), comparer(dates, classes=Interest(("field",)))):
        assert not other.notes and not other.measured


@pytest.mark.skipif(not SCENES.is_dir(), reason="the scenes are not here")
@pytest.mark.parametrize(("first", "second"), [("20120731", "20200831"), ("20090818", "20160816")])
def test_water_of_the_potholes_is_that_of_their_masks(first: str, second: str) -> None:
    import rasterio

    names = [f"m_4709963_se_14_1_{date}.tif" for date in (first, second)]
    pair = water_pair(*(str(SCENES / name) for name in names))
    said = logits_of(pair.read(0, 0, pair.width, pair.height, pair.width, pair.height).rgb[..., 6:]) > 0
    for date, name in enumerate(names):
        with rasterio.open(SCENES / "pseudo_water" / name) as dataset:
            there = dataset.read(1)[:723] > 0  # rows that all dates have
        assert (said[:723, :, date] == there).mean() > 0.99
