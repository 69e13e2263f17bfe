"""A phrase speaks as the classes of the anchors that it is like; what is like none of them, or of no class, is refused."""

from __future__ import annotations

import numpy as np
import pytest

from rasterscribe.models.classes import CLASSES
from rasterscribe.models.errors import ModelDamaged, ModelMissing
from rasterscribe.models.language.spelling import key
from rasterscribe.models.language.words import PHRASES, TABLE, UNTAUGHT, Vocabulary, attend, settled

SYNONYMS = {
    "house": "building", "rooftop": "building", "pv array": "solar panel", "woodland": "forest", "cropland": "field", "street": "road",
    "lake": "water",
}  # fmt: skip


@pytest.fixture
def tiny() -> Vocabulary:
    """Two anchors at a right angle, a phrase near the first, one between both, one far from either, and one untaught."""
    between = 2**-0.5
    vectors = np.array([(1, 0, 0), (0, 1, 0), (0.8, 0, 0.6), (between, between, 0), (0, 0, 1)], np.float32)
    phrases = ("barn", "river", "red brick barn", "water mill", "love letter", "railway")
    return Vocabulary(phrases, ("building", "water", "", "", "", UNTAUGHT), vectors, sharpness=10, least=0.5)


@pytest.fixture(scope="module")
def shipped() -> Vocabulary:
    return Vocabulary.read()


def test_weights_are_the_softmax_of_the_cosines_added_up_by_class():
    weights = attend(np.array([[1.0, 1.0, 0.0]]), np.array([0, 0, 5]), np.log(4))
    assert weights.shape == (1, len(CLASSES))
    assert weights[0, 0] == pytest.approx(8 / 9) and weights[0, 5] == pytest.approx(1 / 9)


def test_what_is_mostly_one_class_is_that_class_and_what_is_between_two_stays_there():
    found = settled(np.array([[0.7, 0.2, 0.1], [0.6, 0.4, 0.0]], np.float32))
    assert found[0].tolist() == [1, 0, 0] and found[1] == pytest.approx([0.6, 0.4, 0])


def test_a_phrase_speaks_as_the_anchor_it_is_like(tiny):
    found = tiny.understand("red brick barn")
    assert (found.word, found.nearest, found.phrase) == ("building", "barn", "red brick barn")
    assert found.likeness == pytest.approx(0.8) and found.weights.sum() == pytest.approx(1)


def test_a_phrase_between_two_anchors_speaks_as_both(tiny):
    weights = tiny.understand("water mill").weights
    assert weights[CLASSES.index("building")] == pytest.approx(0.5) == weights[CLASSES.index("water")]


def test_what_is_like_no_anchor_or_of_no_class_is_known_but_not_understood(tiny):
    for phrase in ("love letter", "railway", "old railway"):
        assert tiny.understand(phrase) is None and tiny.knows(phrase)
    assert tiny.understand("glockenspiel") is None and not tiny.knows("glockenspiel")


@pytest.mark.parametrize("phrase", ["", "  ", "?!", "=", "building="])
def test_nothing_said_is_nothing_understood(tiny, phrase):
    assert tiny.understand(phrase) is None


@pytest.mark.parametrize(
    "written",
    ["Barns", "the BARN", "barn_area", "a large old barn", "barns with rivers", "dozens of barns", "building=barn", "barn please"],
)
def test_spelling_and_additions_do_not_matter(tiny, written):
    assert tiny.understand(written).phrase == "barn"


def test_a_negation_is_not_left_out(tiny):
    assert tiny.understand("not barns") is None


def test_a_completer_offers_what_begins_so_and_would_be_understood(tiny):
    assert tiny.suggest("R") == ("river", "red brick barn")
    assert tiny.suggest("railw") == () == tiny.suggest("love")


def test_a_misspelt_word_is_not_understood_but_gets_a_suggestion(tiny, shipped):
    assert tiny.understand("rivre") is None and tiny.suggest("rivre") == ("river",)
    assert shipped.understand("huose") is None and "house" in shipped.suggest("huose")


def test_files_that_are_absent_or_do_not_fit_are_problems(tmp_path, shipped):
    from rasterscribe.models.catalog import WEIGHTS

    with pytest.raises(ModelMissing):
        Vocabulary.read(tmp_path)
    (tmp_path / TABLE).write_bytes((WEIGHTS / TABLE).read_bytes())
    (tmp_path / PHRASES).write_text("barn\tbuilding\n", encoding="utf-8")
    with pytest.raises(ModelDamaged):
        Vocabulary.read(tmp_path)
    (tmp_path / TABLE).write_bytes(b"no table")
    with pytest.raises(ModelDamaged):
        Vocabulary.read(tmp_path)


@pytest.mark.parametrize("synonym", SYNONYMS)
def test_synonyms_that_are_no_anchors_speak_mostly_as_their_class(shipped, synonym):
    weights = shipped.understand(synonym).weights
    assert weights[CLASSES.index(SYNONYMS[synonym])] > 0.6
    assert shipped.marks[shipped.phrases.index(synonym)] == ""


def test_the_shipped_list_is_long_and_says_nothing_twice(shipped):
    assert len(shipped.vectors) >= 3000 and shipped.vectors.shape[1] == 384
    assert len({key(phrase) for phrase in shipped.phrases}) == len(shipped.phrases)
    assert set(shipped.marks) == {*CLASSES, UNTAUGHT, ""}
    assert shipped.marks.index(UNTAUGHT) == len(shipped.vectors)


def test_a_class_is_understood_by_its_own_name(shipped):
    for name in CLASSES:
        assert shipped.understand(name).weights[CLASSES.index(name)] > 0.9


@pytest.mark.parametrize("foreign", ["airplane", "boundary", "happiness", "swimming pool", "railway", "airport runway", "field boundary"])
def test_foreign_words_are_known_and_refused(shipped, foreign):
    assert shipped.understand(foreign) is None and shipped.knows(foreign)


@pytest.mark.parametrize(
    ("tag", "word"),
    [
        ("building=house", "building"), ("building=yes", "building"), ("building=gurdwara_annex", "building"), ("landuse=forest", "forest"),
        ("natural=wood", "forest"), ("natural=water", "water"), ("waterway=river", "water"), ("highway=residential", "road"),
        ("highway=pedestrian", "road"), ("landuse=farmland", "field"), ("generator:source=solar", "solar panel"), ("natural=sand", "sand"),
        ("natural=tree", "tree"), ("wetland=marsh", "marsh"), ("landuse=grass", "vegetation"), ("crop=wheat", "field"),
    ],
)  # fmt: skip
def test_tags_of_openstreetmap_read_as_their_words(shipped, tag, word):
    assert shipped.understand(tag).word == word


def test_a_tag_of_another_kind_of_thing_is_refused(shipped):
    assert shipped.understand("landuse=residential") is None
    assert shipped.understand("highway=street_lamp") is None
