"""Change without a network: iteratively reweighted multivariate alteration detection.

IR-MAD (Nielsen, 2007, https://doi.org/10.1109/TIP.2006.888195): pixels that do not follow what the two dates have in common.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh
from scipy.stats import chi2

LEVEL = 0.001  # the share of unchanged pixels that are called changed, where the test's assumptions hold
ROUNDS = 50
SETTLED = 1e-3  # the largest step of a canonical correlation at which the weights count as found
RIDGE = 1e-6  # of a band's variance: grey images have bands that say the same


def alteration(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """(h, w): the sum of squared, standardised MAD variates of two images (h, w, bands), chi-squared where nothing changed.

    Pixels are weighted by how likely they are unchanged, over and over, until the canonical correlations no longer move.
    """
    shape, bands = before.shape[:2], before.shape[2]
    x, y = before.reshape(-1, bands).astype(float), after.reshape(-1, bands).astype(float)
    weights, last = np.ones(len(x)), np.zeros(bands)
    squares = np.zeros(len(x))
    for _ in range(ROUNDS):
        variates, correlations = _variates(x, y, weights)
        squares = (variates**2 / np.maximum(2 * (1 - correlations), 1e-9)).sum(1)
        weights = chi2.sf(squares, bands)
        if np.abs(correlations - last).max() < SETTLED:
            break
        last = correlations
    return squares.reshape(shape)


def irmad(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """bool (h, w): where two images (h, w, bands) differ by more than they would by chance, by the chi-squared test at LEVEL.

    Otsu's threshold of the logarithm, the other usual choice, was no better on cd_levir (F1 0.266 against 0.271): no pixel of fine ground
    is quite the same at another season and light, and most of a pair is called changed by either.
    """
    mask: np.ndarray = alteration(before, after) > chi2.isf(LEVEL, before.shape[2])
    return mask


def _variates(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Differences (n, bands) of paired canonical variates of unit variance, and their correlations (bands,), under weights."""
    bands = x.shape[1]
    total = max(weights.sum(), 1e-9)
    joint = np.hstack([x, y])
    centred = joint - weights @ joint / total
    covariance = (centred * weights[:, None]).T @ centred / total
    covariance += np.diag(RIDGE * np.diag(covariance) + 1e-9)
    xx, yy, xy = covariance[:bands, :bands], covariance[bands:, bands:], covariance[:bands, bands:]
    squared, a = eigh(xy @ np.linalg.solve(yy, xy.T), xx)  # a' xx a = 1
    correlations = np.sqrt(np.clip(squared, 0, 1 - 1e-9))
    b = np.linalg.solve(yy, xy.T @ a)
    b /= np.sqrt(np.maximum(np.einsum("ij,ik,kj->j", b, yy, b), 1e-12))
    return centred[:, :bands] @ a - centred[:, bands:] @ b, correlations
