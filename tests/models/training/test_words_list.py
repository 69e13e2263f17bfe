"""The lists of phrases: no word claims two classes, and the words that test generalisation are not given away."""

from __future__ import annotations

import numpy as np
import pytest

from rasterscribe.models.classes import CLASSES
from rasterscribe.models.errors import RequestInvalid
from rasterscribe.models.language.words import UNTAUGHT, Vocabulary
from rasterscribe.models.training import words
from rasterscribe.models.training.words import Phrase, expand, is_test, least_for, read_lists, sharpness_for


@pytest.fixture(scope="module")
def phrases() -> list[Phrase]:
    return read_lists()


def test_a_line_spells_out_its_alternatives():
    assert expand("barn") == ["barn"]
    assert expand("{flat,red} roof") == ["flat roof", "red roof"]
    assert expand("{a,b} {c,d}") == ["a c", "a d", "b c", "b d"]


def test_one_phrase_on_two_lists_is_refused(tmp_path):
    for name in (*CLASSES, "untaught"):
        (tmp_path / f"{name.replace(' ', '_')}.txt").write_text("* barn\n" if name in ("building", "road") else "", encoding="utf-8")
    with pytest.raises(RequestInvalid, match="barn"):
        read_lists(tmp_path)


def test_every_class_has_five_to_thirty_anchors(phrases):
    for name in CLASSES:
        assert 5 <= sum(phrase.anchor for phrase in phrases if phrase.group == name) <= 30
    assert not any(phrase.anchor for phrase in phrases if phrase.group == UNTAUGHT)


def test_no_anchor_gives_a_test_word_away(phrases):
    anchors = [phrase.text for phrase in phrases if phrase.anchor]
    telling = ("house", "roof", "pv", "array", "woodland", "crop", "street", "lake")
    assert not [text for text in anchors if is_test(text) or any(part in text.replace("greenhouse", "") for part in telling)]
    assert set(words.SYNONYMS) <= {phrase.text for phrase in phrases}


def test_sharpness_is_what_makes_the_truth_likeliest():
    cosines = np.array([(0.6, 0.4), (0.4, 0.6)])
    assert sharpness_for(cosines, np.array([0, 1]), np.array([0, 1])) == max(words.SHARPNESSES)
    assert sharpness_for(cosines, np.array([1, 0]), np.array([0, 1])) == min(words.SHARPNESSES)


def test_an_anchor_is_not_its_own_neighbour():
    assert least_for(np.array([(1, 0.5), (0.5, 1)])) == pytest.approx(0.5)


def test_written_and_read_again_the_vocabulary_is_the_same(tmp_path):
    kept = [Phrase("barn", "building", True), Phrase("shed", "building", False), Phrase("train", UNTAUGHT, False)]
    words.write(tmp_path, kept, np.eye(3, dtype=np.float32), 20, 0.4)
    read = Vocabulary.read(tmp_path)
    assert (read.phrases, read.marks) == (("barn", "shed", "train"), ("building", "", UNTAUGHT))
    assert np.array_equal(read.vectors, np.eye(3)[:2]) and (read.sharpness, read.least) == (20, 0.4)


def test_the_shipped_list_is_that_of_the_sources(phrases):
    shipped = Vocabulary.read()
    assert shipped.phrases == tuple(phrase.text for phrase in phrases)
    assert shipped.marks == tuple(phrase.mark for phrase in phrases)
