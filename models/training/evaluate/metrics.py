"""Figures of masks and maps, as the literature defines them, from pixel counts. Rows of a confusion matrix are the truth."""

from __future__ import annotations

import numpy as np


def confusion(truth: np.ndarray, said: np.ndarray, classes: int) -> np.ndarray:
    """int64 (classes, classes): how many pixels of each true class (rows) were said to be of each (columns).

    Both of one shape, integers; pixels whose truth is not within 0..classes - 1 are left out.
    """
    known = (truth >= 0) & (truth < classes)
    pairs = truth[known].astype(np.int64) * classes + said[known]
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def class_iou(matrix: np.ndarray) -> np.ndarray:
    """float (classes,): intersection over union of each class of a confusion matrix; NaN for a class without true pixels."""
    both, true, said = np.diag(matrix), matrix.sum(1), matrix.sum(0)
    return np.where(true > 0, both / np.maximum(true + said - both, 1), np.nan)


def mask_iou(both: np.ndarray, either: np.ndarray) -> np.ndarray:
    """IoU from the pixels of intersections and of unions; two empty masks agree, so their IoU is 1."""
    return np.where(either > 0, both / np.maximum(either, 1), 1.0)


def giou(both: np.ndarray, either: np.ndarray) -> float:
    """The mean IoU of single masks, one an image and class (GRES; Liu et al., 2023, https://arxiv.org/abs/2306.00968)."""
    return float(mask_iou(both, either).mean())


def ciou(both: np.ndarray, either: np.ndarray) -> float:
    """All intersections over all unions: large masks count for more."""
    return float(both.sum() / max(int(either.sum()), 1))


def detection(right: int, wrong: int, missed: int) -> dict[str, float]:
    """Precision, recall, F1 and IoU from the counts of true positives, false positives and false negatives; 0 where there is none."""
    return {
        "precision": right / max(right + wrong, 1),
        "recall": right / max(right + missed, 1),
        "f1": 2 * right / max(2 * right + wrong + missed, 1),
        "iou": right / max(right + wrong + missed, 1),
    }


def kappa(matrix: np.ndarray) -> float:
    """Cohen's agreement beyond chance; 0 where chance alone explains everything."""
    total = matrix.sum()
    if not total:
        return 0.0
    agreed, chance = np.trace(matrix) / total, float(matrix.sum(0) @ matrix.sum(1)) / total**2
    return float((agreed - chance) / (1 - chance)) if chance < 1 else 0.0


def changed_iou(matrix: np.ndarray) -> float:
    """IoU of "changed", whatever into: class 0 of a from-to confusion matrix is "unchanged"."""
    found = matrix[1:, 1:].sum()
    return float(found / max(matrix.sum() - matrix[0, 0], 1))


def sek(matrix: np.ndarray) -> float:
    """Separated kappa of a from-to confusion matrix (SECOND; Yang et al., 2020, https://arxiv.org/abs/2010.05687).

    Kappa without the pixels that are rightly unchanged, which would drown the rest, times exp(IoU of the changed - 1).
    """
    without = matrix.copy()
    without[0, 0] = 0
    return kappa(without) * float(np.exp(changed_iou(matrix) - 1))


def f_scd(matrix: np.ndarray) -> float:
    """F1 of changed pixels with the right class (Bi-SRNet; Ding et al., 2022, https://arxiv.org/abs/2108.06103)."""
    right = int(np.trace(matrix[1:, 1:]))
    return detection(right, int(matrix[:, 1:].sum()) - right, int(matrix[1:].sum()) - right)["f1"]
