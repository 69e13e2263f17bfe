"""A class raster becomes polygons that share their borders."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine

from rasterscribe.models.landcover.vectorise import vectorise

MAP = Affine(0.5, 0, 1000, 0, -0.5, 2000)
NORTH_UP = Affine(1, 0, 0, 0, -1, 0)


def outlined(classes, smallest=0, reach=1.0, portion=1000, transform=NORTH_UP, confidence=None):
    """The coverage, its polygons by patch, and their areas in pixels."""
    classes = np.asarray(classes, np.uint8)
    confidence = np.full(classes.shape, 255, np.uint8) if confidence is None else np.asarray(confidence, np.uint8)
    rows = ((classes[top : top + portion], confidence[top : top + portion]) for top in range(0, len(classes), portion))
    steps = vectorise(rows, np.ones(len(classes)), transform, smallest, reach)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            coverage = end.value
            break
    parts = [*coverage.polygons(), (np.zeros(0, int), np.zeros(0, object), np.zeros(0))]
    return coverage, *(np.concatenate(column) for column in zip(*parts, strict=True))


def noise(seed, classes, shape=(45, 38)):
    """The hardest of rasters: every border is next to another."""
    return np.random.default_rng(seed).integers(*classes, shape).astype(np.uint8)


def blobs(seed, shape=(160, 130), count=4):
    """A raster as networks make them: patches of all sizes, nowhere of one pixel."""
    from scipy.ndimage import gaussian_filter

    fields = np.random.default_rng(seed).standard_normal((count, *shape))
    return np.stack([gaussian_filter(field, 5) for field in fields]).argmax(0).astype(np.uint8) + 1


@pytest.mark.parametrize("smallest", [0, 5])
@pytest.mark.parametrize("reach", [0, 0.5, 1, 5])
@pytest.mark.parametrize("classes", [(1, 3), (0, 4), (1, 9)])
def test_there_is_no_gap_and_no_overlap_however_much_borders_move(classes, reach, smallest) -> None:
    raster = noise(1, classes)
    coverage, _, polygons, areas = outlined(raster, smallest, reach)
    assert shapely.is_valid(polygons).all()
    assert shapely.coverage_is_valid(polygons)
    assert np.allclose(shapely.area(polygons), areas)
    if classes[0]:
        assert areas.sum() == pytest.approx(raster.size)
        assert shapely.union_all(polygons).equals(shapely.box(0, -45, 38, 0))


@pytest.mark.parametrize("raster", [noise(2, (0, 4)), blobs(3)], ids=["noise", "blobs"])
@pytest.mark.parametrize("portion", [1, 7, 64])
def test_how_many_rows_are_looked_at_together_makes_no_difference(raster, portion) -> None:
    whole, parts = outlined(raster, smallest=4), outlined(raster, smallest=4, portion=portion)
    assert shapely.equals_identical(whole[2], parts[2]).all()
    assert np.array_equal(whole[0].patches.classes, parts[0].patches.classes)
    assert np.allclose(whole[0].patches.confidence, parts[0].patches.confidence)


def test_a_raster_of_one_class_is_its_frame() -> None:
    _, _, polygons, areas = outlined(np.ones((3, 4)), transform=MAP)
    assert polygons[0].equals(shapely.box(1000, 1998.5, 1002, 2000))
    assert len(polygons) == 1 and shapely.get_num_coordinates(polygons[0]) == 5
    assert areas[0] == 12


def test_a_raster_without_classes_has_no_polygons() -> None:
    assert len(outlined(np.zeros((5, 6)))[2]) == 0


def test_stairs_become_a_straight_line() -> None:
    rows, cols = np.mgrid[:60, :60]
    _, _, polygons, _ = outlined(np.where(cols + 0.3 * rows < 40, 1, 2))
    assert shapely.get_num_coordinates(polygons).max() <= 8


def test_a_border_moves_no_further_than_asked() -> None:
    raster = blobs(4)
    traced, moved = outlined(raster, reach=0)[2], outlined(raster, reach=0.8)[2]
    for before, after in zip(traced, moved, strict=True):
        assert shapely.hausdorff_distance(before.boundary, after.boundary, densify=0.05) <= 0.8001
    assert shapely.get_num_coordinates(moved).sum() < shapely.get_num_coordinates(traced).sum() * 0.6


def test_an_island_is_a_hole_of_what_surrounds_it() -> None:
    raster = np.ones((20, 20))
    raster[5:12, 6:14] = 2
    _, _, (around, island), areas = outlined(raster)
    assert len(around.interiors) == 1
    assert shapely.Polygon(around.interiors[0]).equals(island)
    assert areas.tolist() == pytest.approx([400 - areas[1], areas[1]])
    assert areas[1] == pytest.approx(56, abs=4)


def test_where_pixels_meet_like_a_chessboard_the_larger_class_is_joined() -> None:
    _, _, polygons, _ = outlined([[1, 2], [2, 1]])
    assert len(polygons) == 3
    assert sorted(polygon.area > 1 for polygon in polygons) == [False, False, True]


def test_outer_rings_run_counter_clockwise_on_north_up_and_south_up_rasters() -> None:
    for transform in (NORTH_UP, Affine(1, 0, 0, 0, 1, 0), Affine(0.8, 0.6, 5, 0.6, -0.8, 7)):
        polygons = outlined(blobs(5), transform=transform)[2]
        assert all(polygon.exterior.is_ccw for polygon in polygons)
        assert shapely.coverage_is_valid(polygons)


def test_small_patches_go_to_the_neighbour_with_the_longest_common_border() -> None:
    raster = np.repeat([[1] * 6 + [2] * 6], 8, axis=0)
    raster[3:5, 5] = 3  # four sides to the left, two to the right
    raster[0, 0] = 4
    coverage, _, polygons, _ = outlined(raster, smallest=3)
    assert coverage.patches.classes.tolist() == [1, 2]
    assert coverage.patches.pixels.tolist() == [48, 48]
    assert len(polygons) == 2


def test_two_patches_of_a_class_that_a_small_one_kept_apart_become_one() -> None:
    raster = np.array([[1, 1, 1, 2, 1, 1, 1]] * 2)
    assert len(outlined(raster, smallest=3)[2]) == 1


def test_what_has_no_class_neither_takes_small_patches_nor_is_taken() -> None:
    raster = np.ones((9, 9))
    raster[4, 4] = 0
    assert len(outlined(raster, smallest=5)[2][0].interiors) == 1
    assert len(outlined(1 - raster, smallest=5)[2]) == 1


def test_a_patch_knows_its_pixels_their_confidence_and_their_ground() -> None:
    classes = [[1, 1, 2], [1, 2, 2]]
    coverage = outlined(classes, confidence=[[10, 20, 100], [30, 200, 0]])[0]
    assert coverage.patches.pixels.tolist() == [3, 3]
    assert coverage.patches.confidence.tolist() == [60, 300]


def test_rows_that_are_missing_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="2 of 3 rows"):
        list(vectorise([(np.ones((2, 2), np.uint8),) * 2], np.ones(3), NORTH_UP, 0, 1.0))
