"""Principal reasons: at most four factors without which the decision would be another one.

A factor is what the customer is told as one reason: the account's own label, a behaviour, or all
that arrived over one family of links. Its effect is what leaving it out does to the decision.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.decisions.tiers import decide
from graphrisk.explain.reasons import factor_of
from graphrisk.model.decision import Backing, Decisions
from graphrisk.model.evidence import BASE_RATE, PREVALENCE, Group, Term
from graphrisk.model.kinds import Tier
from graphrisk.model.policy import Policy
from graphrisk.risk.additive import score

MOST_REASONS = 4
#: A factor that brings less is not worth a customer's time, unless the tier hangs on it.
LEAST_NATS = 0.1
#: Where the four that rank first do not lower the tier, four of this many are tried together.
MOST_TRIED = 8
#: Accounts looked at together, so that memory follows this and not the book.
CHUNK = 200_000

Mask = NDArray[np.bool_]


def principal_factors(
    terms: Sequence[Term],
    backing: Backing,
    decided: Decisions,
    policy: Policy,
    witness: Sequence[Term] | None = None,
) -> pl.Series:
    """Name the principal reasons of every account above clear.

    Factors are ranked by the tiers that leaving one out takes away, then by its nats. Where the
    first four, left out together, do not lower the tier, the four that lower it most are named.

    Parameters
    ----------
    terms, backing, decided, policy, witness
        What was decided, and from what; see :func:`graphrisk.decisions.tiers.decide`.

    Returns
    -------
    polars.Series
        At most four reason codes, separated by ``;``, the strongest first; of a factor with two
        terms the code of the larger. Empty for clear. Shape (n_accounts,).
    """
    above = np.flatnonzero(decided.tier > Tier.CLEAR)
    raising = [term for term in terms if _may_raise(term)]
    codes = [term.reason.code for term in raising]
    factors = list(dict.fromkeys(map(factor_of, codes)))
    factor = np.array([factors.index(factor_of(code)) for code in codes], dtype=np.intp)

    def doubt(rows: NDArray[np.intp]) -> _Doubt:
        here, seen = ([term.of(rows) for term in some] for some in (terms, witness or ()))
        return _Doubt(here, backing.of(rows), decided.tier[rows], policy, factors, seen or None)

    texts = [
        _codes(doubt(rows), codes, factor)
        for rows in np.split(above, range(CHUNK, len(above), CHUNK))
    ]
    told = pl.DataFrame({"row": above, "codes": pl.concat(texts)})
    every = pl.DataFrame({"row": np.arange(len(decided.tier))})
    joined = every.join(told, on="row", how="left", maintain_order="left")
    return joined["codes"].fill_null("").alias("reason_codes")


@dataclass(frozen=True, slots=True)
class _Doubt:
    """Some accounts, decided again with factors left out."""

    terms: Sequence[Term]
    backing: Backing
    tier: NDArray[np.int8]
    policy: Policy
    factors: Sequence[str]
    witness: Sequence[Term] | None

    def tiers_lost(self, which: NDArray[np.intp], left_out: Mask) -> NDArray[np.int8]:
        """Count the tiers that an account falls without its factors of ``left_out``.

        Parameters
        ----------
        which
            Their places, shape (n,).
        left_out
            Shape (n, n_factors).
        """
        terms = [self._without(term, which, left_out) for term in self.terms]
        risk = score(terms, len(which), self.policy.prior.risk_prob)
        witness = self.witness and [term.of(which) for term in self.witness]
        again = decide(terms, risk, self.backing.of(which), self.policy, witness)
        return self.tier[which] - again.tier

    def _without(self, term: Term, which: NDArray[np.intp], left_out: Mask) -> Term:
        kept = term.of(which)
        if not _may_raise(term):
            return kept
        column = self.factors.index(factor_of(term.reason.code))
        return kept.with_nats(np.where(left_out[:, column], 0.0, kept.nats))


def _may_raise(term: Term) -> bool:
    """Whether a term can be a reason: what is common to a whole book is nobody's."""
    of_all = term.reason.family == BASE_RATE or term.reason.code == PREVALENCE
    return term.reason.group != Group.GOOD and not of_all


def _codes(doubt: _Doubt, codes: Sequence[str], factor: NDArray[np.intp]) -> pl.Series:
    """Write the reasons of some accounts, shape (n_rows,)."""
    n_rows, n_factors = len(doubt.tier), len(doubt.factors)
    nats, most = np.zeros((n_rows, n_factors)), np.zeros((n_rows, n_factors))
    heaviest = np.zeros((n_rows, n_factors), dtype=np.int32)
    raising = (term for term in doubt.terms if _may_raise(term))
    for number, term in enumerate(raising):
        brought, column = term.nats, factor[number]
        heavier = brought > most[:, column]
        heaviest[heavier, column] = number
        most[heavier, column] = brought[heavier]
        nats[:, column] += brought
    chosen, order = _chosen(doubt, nats)
    places = np.argsort(np.where(chosen, order, n_factors), axis=1, kind="stable")
    names = pl.Series(codes, dtype=pl.String)
    parts = []
    for place in places.T[:MOST_REASONS]:
        here = (np.arange(n_rows), place)
        name = names.gather(heaviest[here])
        parts.append(pl.select(pl.when(pl.Series(chosen[here])).then(name)).to_series())
    return pl.select(pl.concat_str(parts, separator=";", ignore_nulls=True)).to_series()


def _chosen(doubt: _Doubt, nats: NDArray[np.float64]) -> tuple[Mask, NDArray[np.intp]]:
    """Choose factors, and give each its place in the order of their effect; (n, n_factors)."""
    lost = np.zeros(nats.shape, dtype=np.int8)
    for column in range(nats.shape[1]):
        speaking = np.flatnonzero(nats[:, column] > 0)
        lost[speaking, column] = doubt.tiers_lost(speaking, _only(column, len(speaking), nats))
    ranked = np.lexsort((-nats, -lost), axis=1)
    order = np.argsort(ranked, axis=1, kind="stable")
    worth = (nats >= LEAST_NATS) | (lost > 0) | ((order == 0) & (nats > 0))
    chosen = worth & (order < MOST_REASONS)
    every = np.arange(len(nats))
    lasting = every[doubt.tiers_lost(every, chosen) <= 0]
    chosen[lasting] = _most_together(doubt, lasting, nats[lasting])
    return chosen, order


def _most_together(doubt: _Doubt, which: NDArray[np.intp], nats: NDArray[np.float64]) -> Mask:
    """Choose the four factors that lower the tier most, and then the risk most."""
    heaviest = np.argsort(-nats, axis=1, kind="stable")[:, :MOST_TRIED]
    best, chosen = np.full(len(which), -np.inf), np.zeros(nats.shape, dtype=bool)
    for four in _fours(heaviest.shape[1]):
        tried = np.zeros(nats.shape, dtype=bool)
        np.put_along_axis(tried, heaviest[:, four], True, axis=1)
        tried &= nats > 0
        gain = doubt.tiers_lost(which, tried) * 1e6 + (nats * tried).sum(axis=1)
        better = gain > best
        best[better], chosen[better] = gain[better], tried[better]
    return chosen


def _fours(n_factors: int) -> Iterator[list[int]]:
    for four in combinations(range(n_factors), min(MOST_REASONS, n_factors)):
        yield list(four)


def _only(column: int, n_rows: int, nats: NDArray[np.float64]) -> Mask:
    mask = np.zeros((n_rows, nats.shape[1]), dtype=bool)
    mask[:, column] = True
    return mask
