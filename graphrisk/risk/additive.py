"""The additive risk model: prior plus terms, in log-odds, and the probability they make."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.errors import IntegrityFailure
from graphrisk.model.evidence import Group, Term, whole

#: Terms and risk may differ by this much, in probability, before a run is stopped.
TOLERANCE_PROB = 1e-9


@dataclass(frozen=True, slots=True)
class Risk:
    """Risk of every account and the three sums behind it.

    ``log_odds = prior_log_odds + own_nats + linked_nats + good_nats`` and
    ``risk_prob = 1 / (1 + exp(-log_odds))``; ``good_nats`` is never positive.
    """

    prior_log_odds: float
    own_nats: NDArray[np.float64]
    linked_nats: NDArray[np.float64]
    good_nats: NDArray[np.float64]
    log_odds: NDArray[np.float64]
    risk_prob: NDArray[np.float64]


def log_odds_of(probability: float) -> float:
    """Log-odds of a probability in (0, 1)."""
    return math.log(probability) - math.log1p(-probability)


def probability_of(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability of log-odds, any shape."""
    with np.errstate(over="ignore"):  # odds too small to write down are a probability of zero
        return np.asarray(1.0 / (1.0 + np.exp(-log_odds)), dtype=np.float64)


def add_up(terms: Iterable[Term], n_accounts: int) -> NDArray[np.float64]:
    """Add the nats of terms, each in whole units, shape (n_accounts,); any order is the same."""
    total = np.zeros(n_accounts)
    for term in terms:
        where, nats = term.told()
        total[where] += whole(nats)
    return total


def log_odds_with(terms: Iterable[Term], n_accounts: int, prior_prob: float) -> NDArray[np.float64]:
    """Add terms up from the prior, shape (n_accounts,): the log-odds of ``score``, and no more."""
    log_odds = add_up(terms, n_accounts)
    log_odds += whole(np.array(log_odds_of(prior_prob)))
    return log_odds


def score(terms: Sequence[Term], n_accounts: int, prior_prob: float) -> Risk:
    """Combine terms into risk.

    Raises
    ------
    IntegrityFailure
        If the terms, added on their own, do not make the risk, or a risk is not in [0, 1].
    """
    prior = float(whole(np.array(log_odds_of(prior_prob))))
    own, linked, good = (
        add_up((t for t in terms if t.reason.group == group), n_accounts)
        for group in (Group.OWN, Group.LINKED, Group.GOOD)
    )
    log_odds = prior + own + linked + good
    risk = Risk(prior, own, linked, good, log_odds, probability_of(log_odds))
    check_sums(terms, risk)
    return risk


def check_sums(terms: Sequence[Term], risk: Risk) -> None:
    """Stop unless every account's terms, added from the prior, make its risk.

    Raises
    ------
    IntegrityFailure
        With the number of accounts concerned and the largest difference.
    """
    from_terms = probability_of(risk.prior_log_odds + add_up(terms, len(risk.risk_prob)))
    difference = np.abs(from_terms - risk.risk_prob)
    broken = ~(difference <= TOLERANCE_PROB)  # NaN is broken too
    if broken.any():
        raise IntegrityFailure(
            f"the terms of {int(broken.sum()):,} account(s) do not add up to their risk "
            f"(largest difference {np.max(difference):.3g})",
            expected=f"a difference of at most {TOLERANCE_PROB:g}",
            hint="this is a fault in graphrisk, not in the data: keep the input and report it",
        )
