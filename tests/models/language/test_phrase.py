"""A phrase becomes queries; what it does not say is not made up, and what was not understood is told."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from rasterscribe.models import __main__ as command_line
from rasterscribe.models.classes import CLASSES
from rasterscribe.models.errors import LayerUnknown, PhraseEmpty, PhraseUnknown, Problem
from rasterscribe.models.language import query
from rasterscribe.models.language.lexicon import LARGE_M2, SMALL_M2
from rasterscribe.models.language.measures import quantity
from rasterscribe.models.language.phrase import Query, Rank, Relation, Size, Where, parse
from rasterscribe.models.language.tokens import tidy, tokens

LAYERS = ("Parcels 2020", "zones")
TABLE = Path(__file__).with_name("phrases.txt")
ROWS = [tuple(line.split("  =>  ")) for line in TABLE.read_text("utf-8").splitlines() if line and not line.startswith("#")]
WHOLE = {
    "class": "building",
    "negated": False,
    "size": {"min_m2": 300, "max_m2": None},
    "shape": ["elongated"],
    "tone": ["bright"],
    "rank": {"by": "area", "order": "largest", "n": 5},
    "relations": [{"kind": "within", "of": "road", "distance_m": 50, "negated": False}],
}
NONE = {"negated": False, "size": None, "shape": [], "tone": [], "rank": None, "relations": []}


@pytest.fixture(scope="module")
def read(vocabulary):
    return lambda text, layers=LAYERS: parse(text, vocabulary, layers)


@pytest.fixture
def explain(capsys):
    def explain(*arguments: str):
        status = command_line.main(["find", *arguments])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return explain


@pytest.mark.parametrize(("phrase", "meaning"), ROWS, ids=[phrase for phrase, _ in ROWS])
def test_a_phrase_means_what_the_table_says(read, phrase, meaning):
    if not meaning.startswith("! "):
        assert read(phrase).sentence() == meaning
        return
    code, _, names = meaning.removeprefix("! ").partition(" ")
    with pytest.raises(Problem) as caught:
        read(phrase)
    assert caught.value.code == code
    assert query.quoted(caught.value.data.get("not_understood", ())) == names


def test_the_table_is_long_and_says_nothing_twice():
    assert len(ROWS) >= 150 and len({phrase for phrase, _ in ROWS}) == len(ROWS)


def test_everything_that_can_be_said_is_in_the_json(read):
    found = read("the 5 largest bright, elongated but abandoned buildings over 300 m² within 50 m of a road")
    assert found.to_json() == {"queries": [WHOLE], "not_understood": ["abandoned"]}


def test_what_is_not_said_is_null_or_empty_in_the_json(read):
    assert read("houses").to_json() == {"queries": [{"class": "building", **NONE}], "not_understood": []}


def test_a_reference_has_attributes_of_its_own_under_a_further_key(read):
    (relation,) = read("solar panels on large dark roofs").to_json()["queries"][0]["relations"]
    assert relation.pop("where") == {"size": {"min_m2": LARGE_M2["building"], "max_m2": None}, "shape": [], "tone": ["dark"]}
    assert relation == {"kind": "inside", "of": "building", "distance_m": None, "negated": False}


def test_a_layer_goes_by_its_own_name_under_a_further_key(read):
    (relation,) = read("trees within 1.5 km of parcels-2020").to_json()["queries"][0]["relations"]
    assert relation == {"kind": "within", "of": "Parcels 2020", "distance_m": 1500, "negated": False, "of_layer": True}


def test_between_two_things_are_two_relations(read):
    relations = read("trees between a road and a river").queries[0].relations
    assert relations == (Relation("between", "road"), Relation("between", "water"))


def test_words_and_weights_of_a_query_are_those_of_its_thing(read):
    (found,) = read("Three largest Woodlands").queries
    assert found.words == "woodlands" and found.rank == Rank("area", "largest", 3)
    assert len(found.weights) == len(CLASSES) and sum(found.weights) == pytest.approx(1)


def test_large_is_another_size_for_another_class():
    assert set(LARGE_M2) == set(SMALL_M2) == set(CLASSES)
    assert all(SMALL_M2[name] < LARGE_M2[name] for name in CLASSES)


@pytest.mark.parametrize(
    ("written", "square_metres"),
    [
        ("1,000 m²", 1000), ("1 000 m2", 1000), ("2,5 ha", 25000), ("0,500 ha", 5000), ("half a hectare", 5000), ("a hectare", 1e4),
        ("1/2 ha", 5000), ("2½ ha", 25000), ("two and a half hectares", 25000), ("5 thousand sqm", 5000), ("5k m2", 5000),
        ("1 sq. km", 1e6), ("1 km^2", 1e6), ("twenty-five square meters", 25), ("100 sq ft", 9.290304), ("an acre", 4046.8564224),
        ("1,234,567.5 m2", 1234567.5),
        ("a hundred square yards", 83.612736), ("a dozen square metres", 12), ("300m²", 300), ("1 square mile", 1609.344**2),
    ],
)  # fmt: skip
def test_numbers_and_units_are_read_as_people_write_them(written, square_metres):
    found = quantity(tokens(tidy(written)), 0)
    assert found is not None and found.kind == "area"
    assert found.value == pytest.approx(square_metres)


def test_a_misspelt_word_is_offered_and_not_taken(read):
    found = read("bildings, large roads")
    assert [each.class_name for each in found.queries] == ["road"]
    assert found.not_understood == ("bildings",) and found.offers["bildings"][0] == "building"
    assert read("larg houses").offers["larg"] == ("large",)


def test_only_unknown_words_are_a_problem_that_names_them_and_offers_others(read):
    with pytest.raises(PhraseUnknown) as caught:
        read("bildings near a rivver")
    assert "'bildings'" in caught.value.what and "'building'" in caught.value.remedy
    assert json.loads(json.dumps(caught.value.data))["not_understood"] == ["bildings", "rivver"]


@pytest.mark.parametrize("nothing", ["", "  \n", "?!", "the", "please show me all", "and, or", "\0"])
def test_nothing_said_is_a_problem(read, nothing):
    with pytest.raises(PhraseEmpty):
        read(nothing)


def test_a_layer_that_is_not_there_is_a_problem_that_names_it_and_those_that_are(read):
    with pytest.raises(LayerUnknown) as caught:
        read("houses within 5 m of layer 'Zoning'")
    assert "'Zoning'" in caught.value.what and "'zones'" in caught.value.what
    assert caught.value.data["name"] == "Zoning"


def test_whatever_is_typed_is_a_parse_or_a_problem_with_a_name(read):
    dice = random.Random(4)
    said = [word for phrase, _ in ROWS for word in phrase.split()] + [
        "",
        "½",
        "''",
        '"',
        "(",
        "1e9",
        "9" * 400,
        "∞",
        "\u202e",
        "\0",
        "-",
        "ß²",
    ]
    for _ in range(400):
        text = dice.choice((" ", "  ", "-", ", ")).join(dice.choices(said, k=dice.randint(1, 14)))
        text = text if dice.random() < 0.8 else "".join(dice.sample(text, len(text)))
        try:
            found = read(text)
        except (PhraseEmpty, PhraseUnknown, LayerUnknown):
            continue
        assert found.queries and json.dumps(found.to_json(), allow_nan=False) and found.sentence()
        assert all(relation.kind in query.KINDS for each in found.queries for relation in each.relations)


@pytest.mark.parametrize("long", ["house " * 1500, "x" * 10_000, "between a road and " * 500, "9" * 10_000, "near, " * 1500, "'" * 10_000])
def test_ten_thousand_letters_are_no_trouble(read, long):
    try:
        assert read(long).sentence()
    except (PhraseEmpty, PhraseUnknown):
        pass


def test_a_query_in_words_says_all_of_it():
    where = Where(Size(300), ("round",), ("dark",))
    found = Query("water", size=Size(100, 2500), shape=("round",), rank=Rank("brightness", "smallest", 2),
                  relations=(Relation("within", "building", 50, True, where=where), Relation("north_of", "road", 1000)))  # fmt: skip
    assert found.sentence() == (
        "water, area 100 to 2,500 m², round, the 2 darkest, more than 50 m from building (area > 300 m², round, dark), "
        "up to 1,000 m north of road"
    )


def test_the_command_line_explains_a_phrase_as_one_json_object_without_a_raster(explain):
    status, out, _ = explain("--explain", "abandoned houses")
    assert status == 0 and json.loads(out) == {"queries": [{"class": "building", **NONE}], "not_understood": ["abandoned"]}


def test_the_command_line_knows_layers_by_the_names_given(explain):
    _, out, _ = explain("--explain", "houses in 'My Zones'", "--layer", "my zones=somewhere.gpkg")
    assert json.loads(out)["queries"][0]["relations"][0]["of"] == "my zones"


def test_the_command_line_says_what_is_unknown_as_json_and_as_a_sentence(explain):
    status, out, err = explain("--explain", "flux capacitors")
    assert status == 1 and json.loads(out) == {"queries": [], "not_understood": ["flux capacitors"]}
    assert "'flux capacitors'" in err
    assert explain("--explain", "")[0] == 1


def test_find_without_a_phrase_or_an_output_says_what_it_needs(explain):
    status, out, err = explain("some.tif", "houses")
    assert status == 1 and not out and "--out" in err
