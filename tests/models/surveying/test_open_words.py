"""A phrase becomes a yes or no a pixel by being set against words for what else there is."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from rasterscribe.models.errors import PackageMissing, RequestInvalid
from rasterscribe.models.nets.clip import DenseClip, install_command
from rasterscribe.models.raster import open_raster
from rasterscribe.models.surveying import open_words
from rasterscribe.models.surveying.open_words import CONTRAST, SCALE, clip_looker, rivals, yes_or_no
from rasterscribe.models.surveying.survey import Scratch, Strip, frame_of, probability, survey


class ColourWords:
    """A `DenseClip` for which "tennis court" is red, "pond" is blue, and every other word grey: the cosine is the channel's share."""

    id, digest, patch, crop = "clip-colour", "ab" * 32, 32, 224
    axes = {"tennis court": 0, "pond": 2}

    def embed_texts(self, texts):
        return np.eye(4, dtype=np.float32)[[self.axes.get(text, 3) for text in texts]]

    def likeness(self, view, texts, enlarge):
        features = np.concatenate([view / 255, np.full((*view.shape[:2], 1), 0.2)], 2)
        return np.einsum("hwd,md->mhw", features, texts).astype(np.float32)


def views(*colours):
    side = clip_looker(ColourWords(), ["pond"]).side
    return np.stack([np.broadcast_to(np.uint8(colour), (side, side, 3)) for colour in colours])


def test_a_pixel_that_fits_the_phrase_better_than_all_else_is_a_yes():
    looker = clip_looker(ColourWords(), ["tennis court", "pond"])
    red, blue, grey = looker.look(views((255, 0, 0), (0, 0, 255), (0, 0, 0)))
    assert red.shape == (2, looker.side, looker.side) and red.dtype == np.float32
    assert (probability(red[0]) > 250).all() and (probability(red[1]) < 5).all()
    assert (probability(blue[1]) > 250).all() and (probability(grey) < 5).all()


def test_the_logit_is_that_of_the_softmax_over_the_phrase_and_the_others():
    cosines = np.random.default_rng(0).normal(size=(4, 2, 3)).astype(np.float32) / 10
    (found,) = yes_or_no(cosines, [[1, 3]])
    raised = np.exp(SCALE * cosines[[0, 1, 3]])
    share = raised[0] / raised.sum(0)
    assert np.allclose(found, np.log(share / (1 - share)), atol=1e-4)


def test_large_scores_stay_numbers():
    assert np.isfinite(yes_or_no(np.float32([[[1e3]], [[-1e3]]]), [[1]])).all()


def test_a_phrase_finds_the_same_whatever_else_is_asked():
    one, two = clip_looker(ColourWords(), ["pond"]), clip_looker(ColourWords(), ["tennis court", "pond"])
    seen = views((90, 0, 100))
    assert np.array_equal(one.look(seen)[:, 0], two.look(seen)[:, 1])


def test_a_phrase_is_not_set_against_itself_in_other_words():
    assert "road" not in rivals("dirt roads", CONTRAST) and "water" in rivals("dirt roads", CONTRAST)
    assert "roof" not in rivals("Green roof", CONTRAST)


def test_views_go_enlarged_through_networks_with_large_patches():
    fine = ColourWords()
    fine.patch = 16
    assert clip_looker(ColourWords(), ["pond"]).side == 160 and clip_looker(fine, ["pond"]).side == 320


def test_the_key_names_the_model_and_changes_with_what_is_asked(monkeypatch):
    key = clip_looker(ColourWords(), ["pond"]).key
    assert key.startswith(f"clip-colour@{'ab' * 32}/") and key == clip_looker(ColourWords(), ["pond"]).key
    assert len({key, clip_looker(ColourWords(), ["ponds"]).key, clip_looker(ColourWords(), ["pond"], ["grass"]).key}) == 3
    monkeypatch.setattr(open_words, "SCALE", 100.0)
    assert clip_looker(ColourWords(), ["pond"]).key != key


@pytest.mark.parametrize(("phrases", "contrast"), [([], CONTRAST), (["pond", " "], CONTRAST), (["pond"], []), (["pond"], ["pond edge"])])
def test_without_a_phrase_or_anything_to_set_it_against_there_is_no_answer(phrases, contrast):
    with pytest.raises(RequestInvalid):
        clip_looker(ColourWords(), phrases, contrast)


def test_no_views_are_no_answers():
    looker = clip_looker(ColourWords(), ["pond"])
    assert looker.look(np.zeros((0, looker.side, looker.side, 3), np.uint8)).shape == (0, 1, looker.side, looker.side)


@pytest.mark.parametrize(
    ("version", "has_pip", "command"),
    [
        ("2.13.0", True, '"py" -m pip install open_clip_torch==3.3.0 torch==2.13.0'),
        ("2.13.0+cpu", True, '"py" -m pip install open_clip_torch==3.3.0 torch==2.13.0+cpu --extra-index-url https://download.pytorch.org/whl/cpu'),
        ("2.13.0", False, 'uv pip install --python "py" open_clip_torch==3.3.0 torch==2.13.0'),
    ],
)  # fmt: skip
def test_the_remedy_installs_the_torchvision_of_the_same_build(version, has_pip, command):
    assert install_command("py", version, has_pip) == command


def test_without_open_clip_the_model_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "open_clip", None)
    with pytest.raises(PackageMissing) as missing:
        DenseClip(tmp_path / "none", "clip", "")
    assert missing.value.remedy.startswith("Run: ") and "open_clip_torch==3.3.0" in missing.value.remedy


def test_over_a_raster_the_phrase_is_found_where_it_is(write_raster, tmp_path):
    values = np.zeros((3, 250, 330), np.uint8)
    values[2, 100:180, 90:230] = 255  # a pond across several views
    raster = open_raster(write_raster(values), stretch=((0.0, 255.0),) * 3)
    looker = clip_looker(ColourWords(), ["tennis court", "pond"])
    events = survey(frame_of(raster), None, looker, Scratch(tmp_path / "out.gpkg", {"key": looker.key}), probability)
    found = np.concatenate([event.values for event in events if isinstance(event, Strip)], axis=1)
    assert found.shape == (2, 250, 330)
    assert np.array_equal(found[1] > 128, values[2] > 0) and not (found[0] > 128).any()
