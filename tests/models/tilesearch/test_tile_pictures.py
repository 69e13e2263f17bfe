"""Tiles as pictures: what fits the phrase better than what else there is comes first."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from shapely.geometry import box

from rasterscribe.models.errors import PhraseEmpty
from rasterscribe.models.raster import open_raster
from rasterscribe.models.surveying.scratch import Scratch
from rasterscribe.models.tilesearch import tile_pictures
from rasterscribe.models.tilesearch.tile_grid import tile_grid
from rasterscribe.models.tilesearch.tile_pictures import phrases_of

HALF_METRE = Affine(0.5, 0, 350000, 0, -0.5, 3060000)
AREA = box(350001, 3059950, 350079, 3059979)  # four tiles by two, from the second row on


class ColourClip:
    """A `DenseClip` for which a tennis court is a red picture, a pond a blue one, and every other word a grey one."""

    id, digest, crop = "clip-colour", "ab" * 32, 224
    axes = {"tennis court": 0, "pond": 2}

    def __init__(self):
        self.seen = 0

    def embed_texts(self, texts):
        return np.eye(4, dtype=np.float32)[[self.axes.get(text, 3) for text in texts]]

    def embed_images(self, images):
        self.seen += int(images.any((1, 2, 3)).sum())
        features = np.concatenate([images.mean((1, 2)) / 255, np.full((len(images), 1), 0.2)], 1).astype(np.float32)
        return features / np.linalg.norm(features, axis=1, keepdims=True)


@pytest.fixture
def raster(write_raster):
    """Six tiles by four of 32 pixels at half a metre: red is the one at (1, 2), blue that at (2, 0); the last column has no data."""
    values = np.full((3, 128, 256), 30, "uint8")
    values[0, 32:64, 64:96] = 250
    values[2, 64:96, :32] = 250
    values[:, :, 224:] = 0
    return open_raster(write_raster(values, transform=HALF_METRE, nodata=0), stretch=((0.0, 255.0),) * 3)


@pytest.fixture
def rate(raster, tmp_path):
    """rate(phrases, area=None, ...) -> float32 (rows, columns of tiles)."""

    def rate(phrases, area=None, clip=None, stop=None):
        grid = tile_grid(raster, 0, area)
        scratch = Scratch(tmp_path / "heat.tif", {"job": "tiles"})
        job = tile_pictures.rate(grid, 0, area, clip or ColourClip(), phrases, scratch)
        try:
            while True:
                news = next(job)
                if stop is not None and news is not None and news[0] >= stop:
                    job.close()
                    return None
        except StopIteration as end:
            return end.value
        finally:
            scratch.close()

    return rate


def test_a_tile_that_fits_the_phrase_better_than_all_else_has_a_high_score(rate):
    found = rate(["pond"])
    assert found.shape == (4, 8) and found[2, 0] > 0.9 and np.sum(found > 0.5) == 1


def test_of_several_phrases_the_one_that_fits_best_counts(rate):
    found = rate(["pond", "tennis court"])
    assert found[2, 0] > 0.9 and found[1, 2] > 0.9 and np.sum(found > 0.5) == 2


def test_without_data_there_is_no_score(rate):
    found = rate(["pond"])
    assert np.isnan(found[:, 7]).all() and not np.isnan(found[:, :7]).any()


def test_an_area_is_rated_alone_and_as_in_the_whole(rate):
    clip = ColourClip()
    whole, part = rate(["pond"]), rate(["pond"], AREA, clip)
    assert np.array_equal(part, whole[1:4, :5]) and clip.seen == 15


def test_rows_that_are_done_are_not_looked_at_again(rate):
    whole, clip = ColourClip(), ColourClip()
    expected = rate(["pond"], clip=whole)
    assert whole.seen == 28 and np.array_equal(rate(["pond"], clip=clip), expected, equal_nan=True) and clip.seen == 0


def test_a_search_that_was_stopped_goes_on_with_the_row_it_had_reached(rate):
    first, second = ColourClip(), ColourClip()
    assert rate(["pond"], clip=first, stop=17) is None
    assert rate(["pond"], clip=second)[2, 0] > 0.9 and second.seen == 14


def test_what_was_asked_otherwise_is_looked_at_anew(rate):
    clip = ColourClip()
    rate(["pond"])
    rate(["tennis court"], clip=clip)
    assert clip.seen == 28


def test_phrases_are_between_commas_as_typed():
    assert phrases_of("Harbour with  boats, pond;pond, ") == ("Harbour with boats", "pond")
    with pytest.raises(PhraseEmpty):
        phrases_of(" , ; !")
