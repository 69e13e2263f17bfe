"""Views lie on a grid fixed to the raster, and as many stay encoded as memory allows."""

from __future__ import annotations

import numpy as np
import pytest

from rasterscribe.models.clicks.views import Memory, View, ViewCache, coarsest
from rasterscribe.models.errors import ViewEmpty
from rasterscribe.models.raster import open_raster
from rasterscribe.tests.models.colour_model import ColourModel


class Weight:
    def __init__(self, nbytes):
        self.nbytes = nbytes


@pytest.mark.parametrize("level", [-2, -1, 0, 1, 5])
@pytest.mark.parametrize("quarters", [1, 2])
def test_the_view_around_a_place_is_the_nearest_of_the_grid(level, quarters):
    step = 256 * 2.0**level * quarters / 4
    for at in np.linspace(-3, 3, 41) * step + 1000:
        view = View.around((at, 0), level, 256, quarters)
        middle = view.origin[0] + view.span / 2
        assert abs(middle - at) <= step / 2
        assert view.origin[0] % step == 0


def test_places_near_each_other_share_a_view():
    assert View.around((1000, 1000), 0, 256) == View.around((1010, 990), 0, 256)


def test_native_positions_and_view_positions_are_each_others_inverse():
    view = View(3, -1, 5, 256)
    native = np.array(view.to_native @ (10.0, 20.5))
    assert view.from_native(native).tolist() == [[10.0, 20.5]]


def test_one_view_holds_the_whole_raster_at_the_coarsest_level(write_raster):
    for width, height in [(20, 10), (256, 256), (1000, 300)]:
        raster = open_raster(write_raster(np.zeros((1, height, width), "uint8"), f"{width}.tif"))
        view = View.around((width / 2, height / 2), coarsest(raster, 256), 256)
        assert not any(view.open_sides(raster))


def test_a_view_knows_beyond_which_sides_the_raster_goes_on(write_raster):
    raster = open_raster(write_raster(np.zeros((1, 300, 1000), "uint8")))
    assert View(0, 0, 0, 256).open_sides(raster) == (False, False, True, True)
    assert View(0, 4, 1, 256).open_sides(raster) == (True, True, True, False)


def test_the_memory_lets_go_of_what_was_used_longest_ago():
    memory = Memory(100)
    for name in "abc":
        memory.put(name, Weight(33))
    memory.get("a")
    memory.put("d", Weight(33))
    assert memory.get("b") is None and memory.get("a") is not None
    assert memory.nbytes <= 100


def test_the_memory_counts_a_replaced_value_once():
    memory = Memory(100)
    memory.put("a", Weight(60))
    memory.put("a", Weight(70))
    assert (len(memory), memory.nbytes) == (1, 70)


def test_a_value_larger_than_the_memory_is_kept_alone():
    memory = Memory(100)
    memory.put("a", Weight(10))
    memory.put("b", Weight(1000))
    assert memory.get("a") is None and memory.get("b") is not None


def test_a_view_is_encoded_once(write_raster):
    raster, model, cache = open_raster(write_raster(np.full((3, 300, 300), 9, "uint8"))), ColourModel(), ViewCache()
    first = cache.encoded(raster, model, View(0, 0, 0, 256))
    assert cache.encoded(raster, model, View(0, 0, 0, 256)) is first
    assert model.encoded == 1


def test_the_cache_stays_within_its_bytes(write_raster):
    raster, model = open_raster(write_raster(np.full((3, 900, 900), 9, "uint8"))), ColourModel()
    cache = ViewCache(4 << 20)
    for col in range(0, 8):
        cache.encoded(raster, model, View(0, col, 0, 256))
    assert 0 < cache.nbytes <= 4 << 20
    assert cache.known(raster, model, View(0, 7, 0, 256)) is not None
    assert cache.known(raster, model, View(0, 0, 0, 256)) is None


def test_rasters_and_models_do_not_share_views(write_raster):
    one, other = (open_raster(write_raster(np.full((3, 300, 300), 9, "uint8"), name)) for name in ("a.tif", "b.tif"))
    model, cache = ColourModel(), ViewCache()
    cache.encoded(one, model, View(0, 0, 0, 256))
    assert cache.known(other, model, View(0, 0, 0, 256)) is None


def test_a_view_without_data_is_empty(write_raster):
    values = np.zeros((3, 600, 600), "uint8")
    values[:, 300:] = 7
    raster, cache = open_raster(write_raster(values, nodata=0)), ViewCache()
    with pytest.raises(ViewEmpty):
        cache.encoded(raster, ColourModel(), View(0, 0, 0, 256))
    cache.encoded(raster, ColourModel(), View(0, 0, 2, 256))


def test_a_raster_smaller_than_a_view_is_not_empty(write_raster):
    raster = open_raster(write_raster(np.full((3, 20, 20), 9, "uint8")))
    ViewCache().encoded(raster, ColourModel(), View(0, -2, -2, 256))
