"""A small renderer for ground seen from straight above: colour and height go in, a sunlit aerial photograph comes out.

`Ground` keeps two arrays on one grid: albedo (rows, columns, 3; 0..1, red green blue, linear light) and height above the terrain
(rows, columns; metres). Local coordinates are metres from the upper left corner, x to the right, y downwards.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from rasterio import features
from rasterio.transform import Affine
from scipy import ndimage

Colour = tuple[float, float, float]  # red, green, blue; 0..1, linear

STEEPEST = 2.5  # rise over run; past that it is a wall, which a view from above does not see


class Light(NamedTuple):
    """Where the sun stands, radians clockwise from north and above the horizon, and what the sun, the sky and the haze of the air add."""

    azimuth: float = math.radians(152)
    height: float = math.radians(46)
    sun: Colour = (0.98, 0.92, 0.82)
    sky: Colour = (0.23, 0.26, 0.31)
    haze: Colour = (0.014, 0.018, 0.026)  # most of it blue


NOON = Light()


class Ground:
    """What lies on a square of ground: its colours and heights."""

    def __init__(self, side: float, pixel: float, seed: int) -> None:
        """`side` and `pixel` in metres."""
        self.pixel, self.random = pixel, np.random.default_rng(seed)
        cells = round(side / pixel)
        self.albedo = np.zeros((cells, cells, 3), np.float32)
        self.height = np.zeros((cells, cells), np.float32)
        self.y, self.x = np.mgrid[0:cells, 0:cells].astype(np.float32) * pixel + pixel / 2
        self._clouds: dict[float, np.ndarray] = {}

    def mask(self, shape: Any) -> np.ndarray:
        """Where a shapely geometry lies: bool (rows, columns)."""
        return features.rasterize([shape], self.height.shape, transform=Affine.scale(self.pixel), dtype="uint8").astype(bool)

    def noise(self, scale: float, octaves: int = 3) -> np.ndarray:
        """Cloudy noise, mean 0 and deviation 1, float32 (rows, columns); `scale` is the largest cloud's size in metres."""
        total, weight = np.zeros_like(self.height), 1.0
        for octave in range(octaves):
            total += weight * self.clouds(scale / 2**octave)
            weight *= 0.6
        return total / total.std()

    def clouds(self, scale: float) -> np.ndarray:
        """One octave. Each scale is made once, wrapping round at the borders, and moved about at random after that."""
        cells = self.height.shape[0]
        if scale not in self._clouds:
            count = min(max(round(cells * self.pixel / scale), 2), cells)
            coarse = self.random.standard_normal((count, count)).astype(np.float32)
            self._clouds[scale] = ndimage.zoom(coarse, cells / count, order=min(3, cells // count), mode="grid-wrap", grid_mode=True)
        down, across = self.random.integers(0, cells, 2)
        return np.roll(self._clouds[scale], (int(down), int(across)), (0, 1))

    def paint(self, where: np.ndarray, colour: Colour, texture: np.ndarray | float = 0.0, tint: np.ndarray | float = 0.0) -> None:
        """Colour a mask; `texture` is brighter (+) or darker (-) by that share, `tint` yellower (+) or greener (-)."""
        shade = np.broadcast_to(1 + np.asarray(texture, np.float32), self.height.shape)[where, None]
        lean = np.broadcast_to(np.asarray(tint, np.float32), self.height.shape)[where, None] * np.array([1.0, 0.1, -0.4], np.float32)
        self.albedo[where] = np.clip(np.array(colour, np.float32) * shade * (1 + lean), 0.01, 1)

    def along(self, angle: float) -> tuple[np.ndarray, np.ndarray]:
        """Distances in metres along and across a direction (radians, clockwise from east)."""
        return self.x * math.cos(angle) + self.y * math.sin(angle), self.y * math.cos(angle) - self.x * math.sin(angle)


def photograph(ground: Ground, step: int, light: Light = NOON) -> np.ndarray:
    """The ground as a camera sees it: uint8 (rows / step, columns / step, 3), blurred and grainy as a survey camera's picture is."""
    lit = sunshine(ground, light)
    open_sky = np.exp(-0.10 * np.clip(ndimage.gaussian_filter(ground.height, 1.6 / ground.pixel) - ground.height, 0, None))
    shine = lit[..., None] * np.array(light.sun) + open_sky[..., None] * np.array(light.sky)
    seen = ndimage.gaussian_filter(ground.albedo * shine + np.array(light.haze), (0.55 * step, 0.55 * step, 0))
    rows, columns = seen.shape[0] // step, seen.shape[1] // step
    seen = seen[: rows * step, : columns * step].reshape(rows, step, columns, step, 3).mean(axis=(1, 3))
    grain = ndimage.gaussian_filter(ground.random.standard_normal(seen.shape), (0.45, 0.45, 0)) * 0.009
    bright = np.clip(seen * 1.25 + grain * np.sqrt(np.clip(seen, 0.05, 1)), 0, 1) ** (1 / 1.75)
    return np.round(np.clip(bright * 255, 0, 255)).astype(np.uint8)


def sunshine(ground: Ground, light: Light) -> np.ndarray:
    """How much sun each cell takes, 0 in the shade: float32 (rows, columns)."""
    along_y, along_x = np.gradient(ground.height, ground.pixel)
    wall = np.hypot(along_x, along_y) > STEEPEST
    along_x[wall] = along_y[wall] = 0
    level = math.cos(light.height)
    sun = np.array([math.sin(light.azimuth) * level, -math.cos(light.azimuth) * level, math.sin(light.height)])
    facing = (sun[2] - along_x * sun[0] - along_y * sun[1]) / np.sqrt(1 + along_x**2 + along_y**2)
    return np.clip(facing, 0, None) * (1 - shadows(ground.height, ground.pixel, light))


def shadows(height: np.ndarray, pixel: float, light: Light) -> np.ndarray:
    """Where something stands between a cell and the sun: 1 in the shade, float32 (rows, columns)."""
    hidden = np.zeros(height.shape, bool)
    reach = int(height.max() / math.tan(light.height) / pixel) + 1
    for distance in range(1, reach + 1, 2):
        across, down = round(math.sin(light.azimuth) * distance), round(-math.cos(light.azimuth) * distance)
        ahead = np.zeros_like(height)
        rows, columns = height.shape[0] - abs(down), height.shape[1] - abs(across)
        ahead[max(-down, 0) : max(-down, 0) + rows, max(-across, 0) : max(-across, 0) + columns] = height[
            max(down, 0) : max(down, 0) + rows, max(across, 0) : max(across, 0) + columns
        ]
        hidden |= ahead > height + distance * pixel * math.tan(light.height) + 0.05
    return ndimage.gaussian_filter(hidden.astype(np.float32), 1.0)
