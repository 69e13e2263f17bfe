"""From pixels that are of the examples, and pixels that are not, to prototypes and to what likeness to them is worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.cluster.vq import kmeans2
from scipy.optimize import minimize
from scipy.special import expit

from ..errors import ExamplesUnusable
from ..nets.resembling import Prototypes

# Prototypes at most: of the examples, of what is around them, of the ground elsewhere. More of the examples learn them by heart: with four,
# three houses of Banepa find others with IoU 0.21, with two 0.43, with one 0.49; one pond the others with 0.65, 0.66 and 0.65 at least.
LIKE, UNLIKE_AROUND, UNLIKE = 2, 4, 8
EACH = 25  # pixels a prototype: with fewer there are fewer prototypes
MOST = 2000  # pixels of a kind that are looked at
AS_LIKELY = 0.1  # ground that is more like the examples than this share of their own pixels may be more of the same
# What all but a TENTH of the examples' own pixels have to spare; STRICT of it is asked of others, which have less. Without it one pond of
# the generated scene finds the others with IoU 0.26 to 0.34 in place of 0.66 to 0.80, and two houses others with 0.43 in place of 0.38.
TENTH, STRICT = 0.1, 0.5
TOLD = 0.2  # by how much larger the share of the examples' pixels must be that is found than that of the others
PRIOR = 1e-3  # keeps a perfect split finite


@dataclass(frozen=True, eq=False)
class Samples:
    """float32 (n, d) unit vectors of pixels."""

    inside: np.ndarray  # of the examples
    around: np.ndarray  # of the ring around them
    ground: np.ndarray  # of elsewhere; some may be of what is looked for


def fitted(samples: Samples) -> Prototypes:
    """Prototypes, and slope and offset by logistic regression; the same for the same samples.

    The offset of the regression, in which examples weigh as much as all else, would find too much, for what is looked for is rare; one that
    just keeps the examples would find them alone. It is lowered half way between the two. Raises ExamplesUnusable.
    """
    inside, around, ground = (_some(each) for each in (samples.inside, samples.around, samples.ground))
    like = centres(inside, LIKE)
    own = (inside @ like.T).max(1)
    ground = ground[(ground @ like.T).max(1, initial=-1.0) < np.quantile(own, AS_LIKELY)]
    unlike = np.concatenate([centres(around, UNLIKE_AROUND), centres(ground, UNLIKE)])
    if not len(unlike):
        raise ExamplesUnusable("There is nothing on the raster that the examples could be told from.", "Choose fewer or smaller ones.")

    def lead(pixels: np.ndarray) -> np.ndarray:
        found: np.ndarray = (pixels @ like.T).max(1, initial=-1.0) - (pixels @ unlike.T).max(1, initial=-1.0)
        return found

    measures = [lead(each) for each in (inside, around, ground)]
    others = sum(1 for each in (around, ground) if len(each))
    weights = [
        np.full(len(each), share / max(len(each), 1)) for each, share in zip(measures, (0.5, 0.5 / others, 0.5 / others), strict=True)
    ]
    truth = np.concatenate([np.full(len(each), kind) for each, kind in zip(measures, (True, False, False), strict=True)])
    slope, offset = regression(np.concatenate(measures), truth, np.concatenate(weights))
    found = [each * slope + offset > 0 for each in (measures[0], np.concatenate(measures[1:]))]
    if not slope > 0 or found[0].mean() - found[1].mean() < TOLD:
        raise ExamplesUnusable("The examples do not look different from what is around them.")
    spare = slope * float(np.quantile(measures[0], TENTH)) + offset
    return Prototypes(like, unlike, slope, offset - STRICT * max(spare, 0.0))


def centres(units: np.ndarray, most: int) -> np.ndarray:
    """float32 (k, d) unit vectors in the middle of as many clusters as there are pixels for; none of none."""
    count = min(most, max(1, len(units) // EACH))
    if not len(units):
        return units
    middles = units.mean(0, keepdims=True) if count == 1 else kmeans2(units, count, minit="++", rng=np.random.default_rng(0))[0]
    unit: np.ndarray = (middles / np.linalg.norm(middles, axis=1, keepdims=True).clip(1e-6)).astype(np.float32)
    return unit


def regression(measures: np.ndarray, truth: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Slope and offset of the logistic regression of a bool (n,) on float (n,) measures that weigh as given."""
    signs = np.where(truth, 1.0, -1.0)

    def loss(both: np.ndarray) -> tuple[float, np.ndarray]:
        margin = signs * (both[0] * measures + both[1])
        pull = -signs * expit(-margin) * weights
        value = (np.logaddexp(0, -margin) * weights).sum() + PRIOR * both @ both
        return float(value), np.array([(pull * measures).sum(), pull.sum()]) + 2 * PRIOR * both

    slope, offset = minimize(loss, np.array([5.0, 0.0]), jac=True, method="BFGS").x
    return float(slope), float(offset)


def _some(units: np.ndarray) -> np.ndarray:
    """At most MOST of them, evenly spread."""
    return units if len(units) <= MOST else units[np.linspace(0, len(units) - 1, MOST).astype(int)]
