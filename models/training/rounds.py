"""Clicks as an analyst would place them on the network's own errors: RITM's loop (Sofiiuk et al., 2021, https://arxiv.org/abs/2102.06583)."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor

from ..nets.click_head import Prompts

CHANCES = (0.3, 0.22, 0.15, 0.11, 0.08, 0.06, 0.04, 0.04)  # of one, two, ... clicks: late ones must still count
PLACES = len(CHANCES) + 1  # points a prompt has room for
BOXED = 0.12  # of the prompts begin with a box


class Rounds:
    """The prompts of m objects, growing by one click a round."""

    def __init__(self, targets: np.ndarray, rng: np.random.Generator):
        self.targets, self.rng = targets, rng
        m = len(targets)
        self.points = np.zeros((m, PLACES, 2), np.float32)
        self.labels = np.full((m, PLACES), -1, np.int64)
        self.box = np.zeros((m, 4), np.float32)
        self.used = np.zeros(m, int)
        for index in range(m):
            self._start(index)

    def _start(self, index: int) -> None:
        boxed = self.rng.random() < BOXED
        if boxed:
            rows, columns = np.nonzero(self.targets[index])
            edges = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], np.float32)
            spread = 0.06 * max(edges[2] - edges[0], edges[3] - edges[1])
            self.box[index] = edges + self.rng.normal(0, spread, 4)
        if not boxed or self.rng.random() < 0.3:
            self._click(index, self.targets[index], 1)

    def _click(self, index: int, region: np.ndarray, label: int) -> None:
        """At the centre of the region's largest disc half of the time, else anywhere, sometimes just within its border."""
        distance = _depth(region)
        threshold = distance.max() * (1.0 if self.rng.random() < 0.5 else self.rng.uniform(0.1, 0.8))
        rows, columns = np.nonzero(distance >= max(threshold, 1e-3))
        if len(rows):
            place = self.rng.integers(len(rows))
            self.points[index, self.used[index]] = columns[place] + 0.5, rows[place] + 0.5
            self.labels[index, self.used[index]] = label
            self.used[index] += 1

    def correct(self, masks: np.ndarray) -> None:
        """Add to each prompt a click on the larger of its two kinds of error."""
        for index, (target, mask) in enumerate(zip(self.targets, masks, strict=True)):
            lacking, too_much = target & ~mask, mask & ~target
            worse = [_depth(region).max() for region in (lacking, too_much)]
            if max(worse) > 0:
                self._click(index, lacking if worse[0] >= worse[1] else too_much, int(worse[0] >= worse[1]))

    def prompts(self, previous: Tensor) -> Prompts:
        return Prompts(torch.from_numpy(self.points.copy()), torch.from_numpy(self.labels.copy()), torch.from_numpy(self.box), previous)


def _depth(region: np.ndarray) -> np.ndarray:
    """How far each pixel lies from the outside, the view's border included."""
    inside = np.pad(region.astype(np.uint8), 1)
    return np.asarray(cv2.distanceTransform(inside, cv2.DIST_L2, 3)[1:-1, 1:-1])
