"""The population stability index: how far a distribution has moved between two runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Bins of the values; those that are missing have one of their own beside them.
N_BINS = 10
#: Added to each bin's count, so that a bin that is empty on one side stays finite.
_SMOOTHING = 0.5


def population_stability(
    earlier: NDArray[np.float64], later: NDArray[np.float64], *, n_bins: int = N_BINS
) -> float:
    """Compare how values are distributed, then and now.

    The index is the sum over bins of ``(later - earlier) * log(later / earlier)``, of shares.
    Bins are quantiles of the earlier values, equal ones merged; NaN, for a value that is not
    there, has a bin of its own. By convention below 0.1 little has changed, above 0.25 much.

    Parameters
    ----------
    earlier, later
        Values of two populations, shapes (n_earlier,) and (n_later,), any unit.
    n_bins
        Quantile bins.

    Returns
    -------
    float
        At least 0, in nats; 0 where either population is empty.

    Notes
    -----
    N. Siddiqi, *Credit Risk Scorecards*, Wiley 2006, section 6 (system stability report).
    """
    if not len(earlier) or not len(later):
        return 0.0
    return population_of(earlier, n_bins=n_bins).moved_to(later)


@dataclass(frozen=True, slots=True)
class Population:
    """How values of a population are distributed, to hold a later one against.

    Attributes
    ----------
    edges
        Rising; bin ``i`` is for values above ``edges[i - 1]`` and at most ``edges[i]``.
    shares
        Of each bin, the missing values last, two more than edges; they sum to 1.
    """

    edges: tuple[float, ...]
    shares: tuple[float, ...]

    def moved_to(self, later: NDArray[np.float64]) -> float:
        """Give the stability index of later values against these, in nats."""
        then, now = np.array(self.shares), _shares(later, np.array(self.edges))
        return float(np.sum((now - then) * np.log(now / then)))


def population_of(values: NDArray[np.float64], *, n_bins: int = N_BINS) -> Population:
    """Take the bins of a population, and the share of each."""
    known = values[~np.isnan(values)]
    inner = np.linspace(0.0, 1.0, n_bins + 1)[1:-1]
    edges = np.empty(0)
    if len(known):  # values that are there: none lies beside its own edge by a rounding
        edges = np.unique(np.quantile(known, inner, method="inverted_cdf"))
    return Population(tuple(edges.tolist()), tuple(_shares(values, edges).tolist()))


def _shares(values: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of each bin, the missing values last, shape (len(edges) + 2,)."""
    missing = np.isnan(values)
    bins = np.where(missing, len(edges) + 1, np.searchsorted(edges, values, side="left"))
    counted = np.bincount(bins, minlength=len(edges) + 2) + _SMOOTHING
    shares: NDArray[np.float64] = counted / counted.sum()
    return shares
