"""Whether a score means what it says: of all that scored 0.8, about eight in ten should be right."""

from __future__ import annotations

import numpy as np

BINS = 10


class Reliability:
    """A reliability table that grows with what is added, so that a set's pixels need not be kept."""

    def __init__(self, bins: int = BINS) -> None:
        self.bins = bins
        self.count, self.scores, self.right = np.zeros(bins, np.int64), np.zeros(bins), np.zeros(bins)

    def add(self, scores: np.ndarray, right: np.ndarray) -> None:
        """scores: 0..1, any shape; right: of the same shape, 1 or True where it was right, or a share (an IoU)."""
        scores, right = np.asarray(scores, np.float64).ravel(), np.asarray(right, np.float64).ravel()
        place = np.clip((scores * self.bins).astype(int), 0, self.bins - 1)
        self.count += np.bincount(place, minlength=self.bins)
        self.scores += np.bincount(place, scores, self.bins)
        self.right += np.bincount(place, right, self.bins)

    def error(self) -> float:
        """Expected calibration error (Naeini et al., 2015): the mean gap between score and share right, weighted by the bins' counts."""
        return float(np.abs(self.scores - self.right).sum() / max(int(self.count.sum()), 1))

    def report(self) -> dict:
        """{"ece", "bins": [{"from", "to", "score", "right", "count"}]}; bins without a score have no means."""
        rows = [
            {
                "from": round(index / self.bins, 4),
                "to": round((index + 1) / self.bins, 4),
                "score": round(float(self.scores[index] / count), 4) if count else None,
                "right": round(float(self.right[index] / count), 4) if count else None,
                "count": int(count),
            }
            for index, count in enumerate(self.count)
        ]
        return {"ece": round(self.error(), 4), "bins": rows}


def probability(logits: np.ndarray) -> np.ndarray:
    """The scores 0..1 of logits."""
    scores: np.ndarray = 1 / (1 + np.exp(-np.clip(logits, -60, 60)))
    return scores
