"""Change without a network: change vector analysis.

The length of the vector between a pixel's values at two dates (Malila, 1980, https://docs.lib.purdue.edu/lars_symp/385), once both dates
are brought to one light by the pixels that changed least.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ROUNDS = 20
STABLE = 0.5  # of the pixels: those that both dates are matched by
TO_DEVIATION = 1.4826  # from the median of absolute values of normal ones
LEAST_NOISE = 1e-3  # of a band's standard deviation: two copies of one file have none


@dataclass(frozen=True, eq=False)
class Vectors:
    """How both dates are brought to one light, and the noise that is left. The same whichever of the two comes first."""

    centres: tuple[np.ndarray, np.ndarray]  # float64 (bands,) each: means of stable pixels
    scales: tuple[np.ndarray, np.ndarray]  # float64 (bands,) each: their standard deviations
    noise: np.ndarray  # float64 (bands,): how far stable pixels lie apart, in those deviations

    @classmethod
    def learnt(cls, before: np.ndarray, after: np.ndarray) -> Vectors:
        """From pixels (n, bands) of both dates: matched by those that differ least, over and over, until these stay the same."""
        stable = np.ones(len(before), bool)
        for _ in range(ROUNDS):
            found = cls._matched(before, after, stable)
            squares = found.squares(before, after)
            stable, last = squares <= np.quantile(squares, STABLE), stable
            if (stable == last).all():
                break
        return found

    @classmethod
    def _matched(cls, before: np.ndarray, after: np.ndarray, stable: np.ndarray) -> Vectors:
        kept = [date[stable].astype(np.float64) for date in (before, after)]
        centres = (kept[0].mean(0), kept[1].mean(0))
        deviations = (kept[0].std(0), kept[1].std(0))
        scales = (np.where(deviations[0] > 0, deviations[0], 1.0), np.where(deviations[1] > 0, deviations[1], 1.0))
        one, other = ((date - centre) / scale for date, centre, scale in zip(kept, centres, scales, strict=True))
        noise = np.maximum(TO_DEVIATION * np.median(np.abs(one - other), axis=0), LEAST_NOISE)
        return cls(centres, scales, noise)

    def squares(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """(n, bands) of both dates -> float64 (n,): the squared length of the change vector, in units of the noise of each band."""
        dates = zip((before, after), self.centres, self.scales, strict=True)
        one, other = ((date.astype(np.float64) - centre) / scale for date, centre, scale in dates)
        summed: np.ndarray = (((one - other) / self.noise) ** 2).sum(1)
        return summed
