"""How much is called changed where nothing was built: `evaluate unchanged` over real years, or over single images and altered copies.

Real years come from a set's multitemporal_pairs.json (site -> year -> name); with --light or --shift every image is set against itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from ...classes import CLASSES, MAPPED
from ...errors import RequestInvalid
from ..augment import compressed
from .bootstrap import interval
from .methods import Pairwise
from .truth import Selection, paths_of, read_rgb

YEARS = "multitemporal_pairs.json"

Views = tuple[np.ndarray, np.ndarray]  # of the two dates, uint8 (h, w, 3)


def year_pairs(folder: Path, selection: Selection) -> Iterator[tuple[str, Views]]:
    """(site, two years of it), each year with each later one. Raises RequestInvalid where the set has no years."""
    paths = {path.stem: path for path in selection.of(paths_of(folder, "images"))}
    try:
        sites = json.loads((folder / YEARS).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RequestInvalid(f"{folder} has no {YEARS}.", "Give --light or --shift for single images.") from error
    for site, years in sorted(sites.items()):
        seen = [read_rgb(paths[name])[0] for _, name in sorted(years.items()) if name in paths]
        for first, before in enumerate(seen):
            for after in seen[first + 1 :]:
                yield site, (before, after)


def altered_pairs(folder: Path, selection: Selection, light: bool, shift: int) -> Iterator[tuple[str, Views]]:
    """(image, itself and an altered copy): `shift` pixels away to four sides, or in every one of LIGHTS."""
    for path in selection.of(paths_of(folder, "images")):
        rgb = read_rgb(path)[0]
        for copy in (change(rgb) for change in LIGHTS.values()) if light else ():
            yield path.stem, (rgb, copy)
        for down, right in ((0, 1), (1, 0), (0, -1), (-1, 0)) if shift else ():
            yield path.stem, _apart(rgb, down * shift, right * shift)


def evaluate(pairs: Iterator[tuple[str, Views]], asked: dict[str, Pairwise]) -> dict:
    """asked: by name, ways to compare. {"n": places, "share": {name: of the area}, "interval"}; intervals are over places."""
    shares: dict[str, list[list[float]]] = {}
    for place, (before, after) in pairs:
        row = [float((compare(before, after, None)[0] > 0).mean()) for compare in asked.values()]
        shares.setdefault(place, []).append(row)
    if not shares:
        raise RequestInvalid("There is no pair of years of what was chosen.", "Give other parts of names to --only, or --light.")
    means = np.array([np.mean(rows, axis=0) for rows in shares.values()])
    counts = np.array([len(rows) for rows in shares.values()])

    def share(index: int) -> Callable[[np.ndarray], float]:
        return lambda drawn: float(np.average(means[drawn, index], weights=counts[drawn]))

    everywhere = np.arange(len(means))
    return {
        "n": len(means),
        "share": {name: round(share(index)(everywhere), 5) for index, name in enumerate(asked)},
        "interval": {f"share_{name}": interval(share(index), len(means)) for index, name in enumerate(asked)},
    }


def watched() -> dict[str, list[int]]:
    """By name, the classes that are looked at together: all of them, and each by itself."""
    each = {name: [CLASSES.index(name)] for name in MAPPED}
    return {"any": [index for indices in each.values() for index in indices], **each}


def _apart(rgb: np.ndarray, down: int, right: int) -> Views:
    """Two cuts of an image that lie so many pixels apart; no pixel is made up."""
    most = max(abs(down), abs(right))
    height, width = rgb.shape[0] - 2 * most, rgb.shape[1] - 2 * most
    moved = rgb[most + down : most + down + height, most + right : most + right + width]
    return rgb[most : most + height, most : most + width], moved


def _clipped(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _season(rgb: np.ndarray) -> np.ndarray:
    """What is green dries."""
    green = 2.0 * rgb[..., 1] - rgb[..., 0] - rgb[..., 2] > 10
    return _clipped(rgb + green[..., None] * np.array([50.0, 5.0, -10.0]))


def _shadow(rgb: np.ndarray) -> np.ndarray:
    """A cloud's shadow over a third of the view."""
    columns = np.arange(rgb.shape[1]) / rgb.shape[1]
    dark = 1 - 0.4 / (1 + np.exp((np.abs(columns - 0.5) - 1 / 6) * 60))
    return _clipped(rgb * dark[None, :, None])


def _jpeg(rgb: np.ndarray) -> np.ndarray:
    return compressed(rgb, 30)


LIGHTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "darker": lambda rgb: _clipped(255 * (rgb / 255) ** 1.5),
    "lighter": lambda rgb: _clipped(255 * (rgb / 255) ** 0.67),
    "haze": lambda rgb: _clipped(0.7 * rgb + 0.3 * np.array([196, 206, 222])),
    "white balance": lambda rgb: _clipped(rgb * np.array([1.2, 1.0, 0.8])),
    "season": _season,
    "shadow": _shadow,
    "JPEG": _jpeg,
    "1 px": lambda rgb: np.roll(rgb, 1, 1),
}
