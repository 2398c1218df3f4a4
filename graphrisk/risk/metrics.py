"""How well risks rank accounts, and how well they hold as probabilities.

Accounts of equal risk stand in no order among themselves: every figure here counts them together,
so that none depends on the order of rows. Figures that are not defined (no bad account, no good
one) are NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


def roc_auc(is_bad: Flags, risk: Floats) -> float:
    """Give the chance that a random bad account ranks above a random good one; ties count half.

    Parameters
    ----------
    is_bad, risk
        Outcome and risk (any rising scale) of each account, shape (n,).
    """
    n_bad, n_all = _blocks(is_bad, risk)
    n_good = n_all - n_bad
    below = n_good.sum() - np.cumsum(n_good)
    return _ratio((n_bad * (below + n_good / 2)).sum(), n_bad.sum() * n_good.sum())


def average_precision(is_bad: Flags, risk: Floats) -> float:
    """Give the precision at each distinct risk, weighted by the bad accounts found there."""
    n_bad, n_all = _blocks(is_bad, risk)
    precision = np.cumsum(n_bad) / np.cumsum(n_all)
    return _ratio((precision * n_bad).sum(), n_bad.sum())


def precision_at(is_bad: Flags, risk: Floats, n: int) -> float:
    """Give the share of bad among the first ``n``; of equal risks at the border, their mean."""
    n_bad, n_all = _blocks(is_bad, risk)
    before = np.concatenate(([0.0], np.cumsum(n_all)[:-1]))
    taken = np.clip(n - before, 0.0, n_all)
    return _ratio((n_bad * taken / n_all).sum(), min(n, len(is_bad)))


def recall_at_budget(is_bad: Flags, risk: Floats, most_good_share: float) -> float:
    """Give the share of the bad found while at most a share of the good is wronged.

    The line is drawn between two risks, never through accounts of one risk.

    Parameters
    ----------
    most_good_share
        The false-closure budget, in [0, 1].
    """
    n_bad, n_all = _blocks(is_bad, risk)
    wronged = np.cumsum(n_all - n_bad)
    allowed = wronged <= most_good_share * wronged[-1] if len(wronged) else np.zeros(0, dtype=bool)
    return _ratio(n_bad[allowed].sum(), n_bad.sum())


def brier(is_bad: Flags, risk_prob: Floats) -> float:
    """Give the mean squared distance of risk to outcome (Brier 1950)."""
    return _ratio(((risk_prob - is_bad) ** 2).sum(), len(is_bad))


@dataclass(frozen=True, slots=True)
class Reliability:
    """Risk told against outcome, in bins of equally many accounts; arrays of shape (n_bins,).

    Attributes
    ----------
    n_accounts
        Accounts of each bin.
    mean_prob, bad_share
        What was told, and what came about.
    """

    n_accounts: NDArray[np.int64]
    mean_prob: Floats
    bad_share: Floats

    @property
    def ece(self) -> float:
        """Expected calibration error: the mean distance of the two, over accounts."""
        off = np.abs(self.mean_prob - self.bad_share)
        return _ratio((off * self.n_accounts).sum(), self.n_accounts.sum())


def reliability(is_bad: Flags, risk_prob: Floats, n_bins: int = 10) -> Reliability:
    """Sort accounts by risk into bins of equally many; equal risks share a bin.

    Source: Naeini, Cooper and Hauskrecht 2015 (equal-mass bins).
    """
    order = np.sort(risk_prob)
    edges = order[(np.arange(1, n_bins) * len(order)) // n_bins] if len(order) else order
    place = np.searchsorted(np.unique(edges), risk_prob, side="right")
    n_all = np.bincount(place)
    used = n_all > 0
    sums = [np.bincount(place, weights=w)[used] for w in (risk_prob, is_bad.astype(np.float64))]
    return Reliability(n_all[used], sums[0] / n_all[used], sums[1] / n_all[used])


def _blocks(is_bad: Flags, risk: Floats) -> tuple[Floats, Floats]:
    """Count the bad, and all, of each distinct risk, from the highest risk down."""
    _, block = np.unique(-risk, return_inverse=True)
    n_bad = np.bincount(block, weights=is_bad)
    return n_bad.astype(np.float64), np.bincount(block).astype(np.float64)


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")
