"""Which tiles show what is asked for: presence first, then amount; on a grid fixed to the raster; the same after an interruption."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from shapely.geometry import box, shape

from rasterscribe.models import tiles
from rasterscribe.models.__main__ import main
from rasterscribe.models.errors import AreaOutside, Cancelled, OutputUnwritable, PhraseEmpty, PhraseUnknown
from rasterscribe.models.find import Asked
from rasterscribe.models.language.phrase import parse
from rasterscribe.models.objects.shares import without_pauses
from rasterscribe.models.protocol import Tiles
from rasterscribe.models.raster import open_raster
from rasterscribe.models.surveying.survey import Strip, frame_of
from rasterscribe.models.tilesearch.tile_grid import tile_grid
from rasterscribe.models.tilesearch.tile_scores import LEVELS, Tally, best, scores
from rasterscribe.tests.models.colour_looker import colour_asked

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "resources" / "sample"
QUARTER = Affine(0.15, 0, 350000, 0, -0.15, 3060000)  # the scale at which buildings and roads are looked for, nearly


@pytest.fixture
def path(write_raster):
    """8 x 6 tiles of 32 pixels: a house (red) in the tile (1, 2), half a tile of houses in (4, 5), a road (blue) down (., 7)."""
    values = np.full((3, 192, 256), 10, "uint8")
    values[0, 40:50, 70:80] = 250
    values[0, 128:144, 160:192] = 250
    values[2, :, 230:240] = 250
    return write_raster(values, transform=QUARTER)


@pytest.fixture
def rank(path, tmp_path, vocabulary):
    """rank(text, ...) -> the reply, and the heat map as an open dataset."""

    def rank(text, raster=path, asked=None, **more):
        opened = open_raster(raster, stretch=((0.0, 255.0),) * 3)
        request = Tiles("", text, str(tmp_path / "heat ü.tif"), **more)
        rater = tiles.by_classes(opened, parse(text, vocabulary), asked or colour_asked())
        reply = without_pauses(tiles.steps(opened, request, vocabulary, rater))
        return reply, rasterio.open(reply.path)

    return rank


def counts(**pixels):
    """Of a tile with so many pixels of each value: v255=10, v1=100."""
    found = np.zeros(LEVELS, int)
    for name, count in pixels.items():
        found[int(name[1:])] = count
    return found


def test_a_small_thing_for_certain_comes_before_a_maybe_of_any_size():
    certain, maybe = scores(np.stack([counts(v255=40, v1=984), counts(v128=1024)]), 1024)
    assert certain > 0.5 > maybe


def test_where_there_is_something_for_certain_the_amount_decides():
    little, more, full = scores(np.stack([counts(v255=40, v1=984), counts(v255=300, v1=724), counts(v255=1024)]), 1024)
    assert 0.5 < little < more < full == 1


def test_a_few_likely_pixels_are_noise():
    assert scores(counts(v255=4, v1=1020), 1024) < 0.1


def test_the_sliver_of_a_tile_is_not_full_of_something_at_once():
    assert scores(counts(v255=64), 1024) < scores(counts(v255=512, v1=512), 1024)


def test_a_tile_without_data_has_no_score():
    assert np.isnan(scores(counts(v0=1024), 1024))


def test_the_best_come_first_from_top_left_and_none_is_without_data():
    assert best(np.float32([[0.2, np.nan], [0.9, 0.2]]), 20) == [(1, 0), (0, 0), (1, 1)]


def test_the_height_of_strips_does_not_matter(path):
    raster = open_raster(path)
    frame = frame_of(raster, 0, box(350003, 3059975, 350030, 3059998))
    values = np.random.default_rng(0).integers(0, 256, (2, frame.height, frame.width)).astype(np.uint8)
    found = []
    for height in (1, 7, 64, 999):
        tally = Tally(tile_grid(raster, 0, box(350003, 3059975, 350030, 3059998)), frame, 2)
        for row in range(0, frame.height, height):
            tally.take(Strip(row, values[:, row : row + height]))
        found.append(tally.finish())
    assert all(np.array_equal(each, found[0]) for each in found) and not np.isnan(found[0]).any()


def test_the_grid_is_that_of_the_raster_whatever_the_area(path):
    raster = open_raster(path)
    whole, part = tile_grid(raster, 0), tile_grid(raster, 0, box(350005, 3059985, 350015, 3059995))
    assert (whole.side, whole.width, whole.height) == (32, 8, 6)
    assert (part.side, part.col, part.row, part.width, part.height) == (32, 1, 1, 3, 3)
    assert part.extent(0, 0) == whole.extent(1, 1)


def test_a_large_raster_has_tiles_of_256_pixels_of_the_survey(write_raster):
    raster = open_raster(write_raster(np.zeros((1, 10, 5000), "uint8")))
    assert tile_grid(raster, 0).side == 256 and tile_grid(raster, 1).side == 512
    assert tile_grid(raster, 3).side == 512, "and a raster that is not, smaller ones"


def test_the_tiles_that_show_it_come_first_with_their_place(rank):
    reply, heat = rank("houses")
    scored = heat.read(1)
    assert (heat.width, heat.height) == (8, 6) and heat.crs.to_epsg() == 32645
    assert [round(tile.score, 3) for tile in reply.tiles[:3]] == sorted((round(float(one), 3) for one in scored.ravel()), reverse=True)[:3]
    assert reply.tiles[0].extent == pytest.approx((350024, 3059978.4 - 2.4, 350028.8, 3059980.8))
    assert reply.tiles[1].extent == pytest.approx((350009.6, 3059990.4, 350014.4, 3059995.2))
    assert scored[4, 5] > 0.7 and scored[1, 2] > 0.5 and (np.sort(scored.ravel())[:-2] < 0.1).all()
    assert len(reply.tiles) == tiles.BEST


def test_of_several_classes_the_one_shown_most_counts(rank):
    houses, roads, both = (rank(text)[1].read(1) for text in ("houses", "roads", "houses, roads"))
    assert np.array_equal(both, np.maximum(houses, roads)) and (both[:, 7] > 0.5).all()


def test_what_tiles_cannot_tell_is_said(rank, vocabulary):
    reply, _ = rank("large old houses near a road, no roads")
    assert reply.notes[0].startswith("Of 'building, area >") and "only 'building' counts" in reply.notes[0]
    assert any("'roads' does not count" in note for note in reply.notes)
    assert rank("houses")[0].notes == ()


def test_a_rotated_raster_has_a_rotated_heat_map(rank, write_raster):
    values = np.full((3, 64, 64), 10, "uint8")
    values[0, 4:28, 36:60] = 250
    turned = Affine.translation(350000, 3060000) @ Affine.rotation(30) @ Affine.scale(0.15, -0.15)
    reply, heat = rank("houses", raster=write_raster(values, "turned.tif", transform=turned))
    assert heat.transform.almost_equals(turned @ Affine.scale(32), 1e-6)
    xs, ys = zip(*(turned @ corner for corner in ((32, 0), (64, 0), (64, 32), (32, 32))), strict=True)
    assert reply.tiles[0].extent == pytest.approx((min(xs), min(ys), max(xs), max(ys)))


def test_where_there_are_no_data_there_is_no_score(rank, write_raster):
    values = np.full((3, 64, 96), 10, "uint8")
    values[:, :, :32] = 0
    reply, heat = rank("houses", raster=write_raster(values, "bare.tif", transform=QUARTER, nodata=0))
    assert (heat.read(1)[:, 0] == heat.nodata).all() and (heat.read(1)[:, 1:] >= 0).all() and len(reply.tiles) == 4


def test_an_area_is_ranked_alone(rank):
    reply, heat = rank("houses", area=box(350009.7, 3059990.5, 350014.3, 3059995.1).wkb_hex)
    assert (heat.width, heat.height, len(reply.tiles)) == (1, 1, 1) and reply.tiles[0].score > 0.5


def test_the_file_says_where_it_comes_from_and_brings_its_style(rank, path):
    reply, heat = rank("houses")
    said = heat.tags()
    assert (said["source"], said["prompt"], said["model"], json.loads(said["tile_side"])) == (path, "houses", "colour", 32)
    assert heat.descriptions == ("score",)
    assert 'type="singlebandpseudocolor"' in Path(reply.path).with_suffix(".qml").read_text()
    assert not list(Path(reply.path).parent.glob(".*")), "and leaves nothing else"


def test_a_search_that_is_cancelled_leaves_nothing_and_one_that_dies_goes_on(rank, path, tmp_path, vocabulary):
    looked = []

    def slow(names):
        looker = colour_asked().looker(names)
        return type(looker)(looker.side, looker.channels, looker.key, lambda views: looked.append(1) or looker.look(views))

    asked = Asked("colour", "c0", slow)
    raster = open_raster(path, stretch=((0.0, 255.0),) * 3)
    rater = tiles.by_classes(raster, parse("houses", vocabulary), asked)
    out = tmp_path / "heat ü.tif"

    def begun(steps):
        job = tiles.steps(raster, Tiles("", "houses", str(out)), vocabulary, rater)
        for _ in range(steps):
            next(job)
        return job

    with pytest.raises(Cancelled):
        begun(9).throw(Cancelled("No more."))
    assert not out.exists() and not list(tmp_path.glob(".*"))
    begun(15).close()
    assert list(tmp_path.glob(".*")) and not out.exists()
    looked.clear()
    resumed, _ = rank("houses", asked=asked)
    views, again = len(looked), looked.clear()
    whole, _ = rank("houses", asked=asked)
    assert again is None and views < len(looked) and resumed.tiles == whole.tiles


def test_what_cannot_be_is_said_before_any_network_looks(rank, path, tmp_path, vocabulary):
    def ask(text="houses", out=str(tmp_path / "o.tif"), **more):
        without_pauses(tiles.steps(open_raster(path), Tiles("", text, out, **more), vocabulary))

    for problem, what in (
        (AreaOutside, {"area": box(0, 0, 1, 1).wkb_hex}),
        (PhraseEmpty, {"text": " "}),
        (PhraseUnknown, {"text": "harbours of joy"}),
        (PhraseUnknown, {"text": "no houses"}),
        (OutputUnwritable, {"out": str(tmp_path / "nowhere" / "o.tif")}),
    ):
        with pytest.raises(problem):
            ask(**what)


def test_the_shipped_network_finds_the_ponds_of_the_sample(tmp_path, capsys):
    out = tmp_path / "ponds.tif"
    assert main(["tiles", str(SAMPLE / "scene.tif"), "ponds", "--out", str(out)]) == 0
    first = [line.split()[1] for line in capsys.readouterr().out.splitlines() if line[:2] == "0."][:5]
    extents = [box(*map(float, text.split(","))) for text in first]
    truth = json.loads((SAMPLE / "truth.geojson").read_text())["features"]
    ponds = [shape(feature["geometry"]) for feature in truth if feature["properties"]["class"] == "pond"]
    assert all(any(tile.intersects(pond) for pond in ponds) for tile in extents)
    assert main(["tiles", str(SAMPLE / "scene.tif"), "ponds", "--out", str(tmp_path / "ponds.jpg")]) == 1
