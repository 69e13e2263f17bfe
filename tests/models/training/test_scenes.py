"""Training views: what is cut, turned and enlarged stays on its object, and what is not known stays unknown."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("cv2", reason="OpenCV belongs to the training extra")

from models.classes import CLASSES  # noqa: E402
from models.training.framing import SIDE, SMALLEST_TARGET  # noqa: E402
from models.training.labels import RULES, UNKNOWN, Source  # noqa: E402
from models.training.scenes import Painter, cluster, finish  # noqa: E402
from models.training.sets import LabelledImage, objects_of  # noqa: E402

BUILDING = CLASSES.index("building")


def white_square_on_black(low: int, high: int) -> Source:
    ids = np.zeros((300, 300), np.uint16)
    ids[low:high, low:high] = 1
    rgb = np.repeat((ids * 255).astype(np.uint8)[..., None], 3, 2)
    image = LabelledImage("a", rgb, ids, tuple(objects_of(ids)), (ids > 0).astype(np.uint8), gsd=0.3)
    return Source([image], RULES["villages"], (0.3, 2.0))


def painter(source: Source, seed: int = 0) -> Painter:
    return Painter({"a": source}, np.random.default_rng(seed))


@pytest.mark.parametrize("size", [8, 60, 250])
def test_a_target_lies_on_its_object_at_every_scale_and_turn(size):
    paints = painter(white_square_on_black(20, 20 + size))
    for _ in range(20):
        scene = paints.object_scene({"a": 1.0})
        light = scene.rgb.astype(float).mean(2)
        for target in scene.targets:
            assert target.sum() >= SMALLEST_TARGET
            if not target.all():
                assert light[target].mean() > light[~target].mean() + 40


def test_what_is_known_of_pixels_lies_where_they_are():
    paints = painter(white_square_on_black(60, 200))
    for _ in range(20):
        scene = paints.class_scene({"a": 1.0}, mosaic=0.5)
        light = scene.rgb.mean(2)
        assert light[scene.known[..., BUILDING] == 1].mean() > 225
        assert light[scene.known[..., BUILDING] == 0].mean() < 30


def test_of_the_ground_outside_the_image_nothing_is_known():
    source = white_square_on_black(0, 300)
    scene = painter(Source(source.images, source.rules, (0.3, 0.3))).class_scene({"a": 1.0}, mosaic=0.0)
    unknown = (scene.known == UNKNOWN).all(2)
    assert unknown.mean() > 0.5 and (scene.known[~unknown][:, BUILDING] == 1).all()


def test_the_same_seed_draws_the_same_views():
    first, second = (painter(white_square_on_black(50, 120), 3).object_scene({"a": 1.0}) for _ in range(2))
    assert np.array_equal(first.rgb, second.rgb) and np.array_equal(first.known, second.known)


def test_a_cluster_holds_the_neighbours_over_a_gap_and_not_those_beyond():
    ids = np.zeros((SIDE, SIDE), np.uint16)
    ids[10:30, 10:30], ids[10:30, 33:50], ids[10:30, 80:100] = 1, 2, 3
    found = cluster(ids, 1, gap=5)
    assert set(np.unique(ids[found])) == {1, 2}


def test_a_finished_view_keeps_its_targets_and_its_size():
    scene = painter(white_square_on_black(50, 120)).object_scene({"a": 1.0})
    targets = [target.copy() for target in scene.targets]
    done = finish(scene, np.random.default_rng(0))
    assert done.rgb.shape == (SIDE, SIDE, 3) and all(map(np.array_equal, targets, done.targets))
