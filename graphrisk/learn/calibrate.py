"""From log-odds of a model to log-odds that hold as probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.risk.additive import probability_of

Floats = NDArray[np.float64]
#: The slope is never nothing: a model that ranks keeps its ranking.
LEAST_SLOPE = 0.05
_STEPS = 100


@dataclass(frozen=True, slots=True)
class Platt:
    """A rising straight line in log-odds, so that what adds up goes on adding up."""

    slope: float
    shift: float

    def of(self, log_odds: Floats) -> Floats:
        """Calibrate, any shape."""
        return self.slope * log_odds + self.shift


def platt(log_odds: Floats, is_bad: NDArray[np.bool_]) -> Platt:
    """Fit the line by Newton's method, with Platt's smoothed targets.

    Source: Platt 1999; Lin, Lin and Weng 2007.
    """
    n_bad = float(is_bad.sum())
    n_good = len(is_bad) - n_bad
    target = np.where(is_bad, (n_bad + 1.0) / (n_bad + 2.0), 1.0 / (n_good + 2.0))
    slope, shift = 1.0, 0.0
    for _ in range(_STEPS):
        prob = probability_of(slope * log_odds + shift)
        off, bend = prob - target, prob * (1.0 - prob) + 1e-12
        pull = np.array([(off * log_odds).sum(), off.sum()])
        cross = float((bend * log_odds).sum())
        curve = np.array([[(bend * log_odds**2).sum() + 1e-6, cross], [cross, bend.sum() + 1e-6]])
        step = np.linalg.solve(curve, pull)
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        slope, shift = slope - float(step[0]), shift - float(step[1])
        if np.abs(step).max() < 1e-10:
            break
    if slope >= LEAST_SLOPE:
        return Platt(slope, shift)
    return Platt(LEAST_SLOPE, _shift_for(LEAST_SLOPE * log_odds, float(target.mean())))


def _shift_for(log_odds: Floats, mean_prob: float) -> float:
    """Find the shift at which the mean probability is right, by halving."""
    low, high = -40.0, 40.0
    for _ in range(80):
        middle = (low + high) / 2.0
        if probability_of(log_odds + middle).mean() < mean_prob:
            low = middle
        else:
            high = middle
    return low
