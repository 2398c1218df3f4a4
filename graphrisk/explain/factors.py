"""Principal reasons: at most four factors without which the decision would be another one.

A factor is what the customer is told as one reason: the account's own label, a behaviour, or all
that arrived over one family of links. Its effect is what leaving it out does to the decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import polars as pl

from graphrisk.compiled import Codes, Flags, Floats, Ints, Numbers, Shorts, compiled
from graphrisk.decisions.grounds import Grounds
from graphrisk.decisions.tiers import Case, Sum, sums_with
from graphrisk.explain.reasons import factor_of
from graphrisk.model.decision import Backing, Decisions
from graphrisk.model.evidence import BASE_RATE, PREVALENCE, Group, Term, whole
from graphrisk.model.kinds import Tier
from graphrisk.model.policy import Policy
from graphrisk.risk.additive import log_odds_with

MOST_REASONS = 4
#: A factor that brings less is not worth a customer's time, unless the tier hangs on it.
LEAST_NATS = 0.1
#: Where the four that rank first do not lower the tier, four of this many are tried together.
MOST_TRIED = 8
#: Accounts looked at together, so that memory follows this and not the book.
CHUNK = 200_000


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
    log_odds = log_odds_with(terms, len(decided.tier), policy.prior.risk_prob)
    texts = [pl.Series("", [], dtype=pl.String)]
    for rows in np.split(above, range(CHUNK, len(above), CHUNK)):
        case = Case.of(terms, log_odds, backing, policy, witness or None, rows)
        same = None if witness else _Same([term.of(rows) for term in terms], backing.of(rows))
        brought = _brought(raising, rows, len(decided.tier))
        texts.append(_codes(_Doubt(case, decided.tier[rows], brought, same), codes))
    # Where nothing is told stands what comes after the last: no reason.
    place = np.full(len(decided.tier), len(above), dtype=np.int32)
    place[above] = np.arange(len(above))
    told = pl.concat([*texts, pl.Series("", [""], dtype=pl.String)])
    return told.gather(place).alias("reason_codes")


@dataclass(frozen=True, slots=True)
class _Brought:
    """What one factor brought to some accounts.

    Attributes
    ----------
    name
        The factor.
    rows
        Where it brought anything, rising, shape (n,).
    nats
        How much, shape (n,).
    heaviest
        Its largest term, by its place among the terms that may raise, shape (n,).
    sums
        What it brought to each ``Sum``, in whole units, shape (n_sums, n).
    """

    name: str
    rows: Ints
    nats: Floats
    heaviest: Shorts
    sums: Floats


def _brought(raising: Sequence[Term], rows: Ints, n_accounts: int) -> list[_Brought]:
    """Put the terms of each factor together, for some accounts by their places, rising."""
    row_of = np.full(n_accounts, -1, dtype=np.int32)
    row_of[rows] = np.arange(len(rows))
    told: dict[str, list[tuple[int, Ints, Floats]]] = {}
    for number, term in enumerate(raising):
        where, nats = term.told()
        at = row_of[where]
        here = (at >= 0) & (nats != 0)
        told.setdefault(factor_of(term.reason.code), []).append((number, at[here], nats[here]))
    return [_together(name, parts, raising, len(rows)) for name, parts in told.items()]


def _together(
    name: str, parts: Sequence[tuple[int, Ints, Floats]], raising: Sequence[Term], n_rows: int
) -> _Brought:
    """Put together what the terms of a factor told: their numbers, rows and nats."""
    speaks = np.zeros(n_rows, dtype=bool)
    for _, at, _ in parts:
        speaks[at] = True
    rows = np.flatnonzero(speaks)
    nats, most = np.zeros(len(rows)), np.zeros(len(rows))
    heaviest, sums = np.zeros(len(rows), dtype=np.int16), np.zeros((len(Sum), len(rows)))
    for number, at, brought in parts:
        place = np.searchsorted(rows, at)
        nats[place] += brought
        heavier = brought > most[place]
        heaviest[place[heavier]], most[place[heavier]] = number, brought[heavier]
        for one in sums_with(raising[number].reason):
            sums[one, place] += whole(brought)
    return _Brought(name, rows, nats, heaviest, sums)


@dataclass(frozen=True, slots=True)
class _Same:
    """Some accounts whose terms are the witness too: the rules hear what is left of them."""

    terms: Sequence[Term]
    backing: Backing

    def grounds(
        self, which: Ints, left_out: Flags, factors: Sequence[str], policy: Policy
    ) -> Grounds:
        """Ask what is left without factors, of some accounts by their places."""
        terms = []
        for term in self.terms:
            kept = term.of(which)
            if _may_raise(term):
                column = factors.index(factor_of(term.reason.code))
                kept = kept.with_nats(np.where(left_out[:, column], 0.0, kept.nats))
            terms.append(kept)
        return Grounds.of(terms, self.backing.of(which), policy.guards)


@dataclass(frozen=True, slots=True)
class _Doubt:
    """Some accounts, decided again with factors left out."""

    case: Case
    tier: Codes
    brought: Sequence[_Brought]
    same: _Same | None

    def tiers_lost(self, which: Ints, less: Floats, left_out: Flags) -> Codes:
        """Count the tiers that an account falls without some factors.

        Parameters
        ----------
        which
            Their places, shape (n,).
        less
            What these factors brought to each ``Sum``, shape (n_sums, n).
        left_out
            Which these are, shape (n, n_factors).
        """
        case = self.case.at(which, less)
        if self.same is not None:
            factors = [one.name for one in self.brought]
            grounds = self.same.grounds(which, left_out, factors, case.policy)
            case = replace(case, grounds=grounds)
        return self.tier[which] - case.decisions().tier


def _may_raise(term: Term) -> bool:
    """Whether a term can be a reason: what is common to a whole book is nobody's."""
    of_all = term.reason.family == BASE_RATE or term.reason.code == PREVALENCE
    return term.reason.group != Group.GOOD and not of_all


def _codes(doubt: _Doubt, codes: Sequence[str]) -> pl.Series:
    """Write the reasons of some accounts, shape (n_rows,)."""
    shape = (len(doubt.tier), len(doubt.brought))
    nats, heaviest = np.zeros(shape), np.zeros(shape, dtype=np.int16)
    for column, one in enumerate(doubt.brought):
        nats[one.rows, column], heaviest[one.rows, column] = one.nats, one.heaviest
    chosen, order = _chosen(doubt, nats)
    names = pl.Series([*codes, None], dtype=pl.String)
    told = _told(chosen, order, heaviest, MOST_REASONS, len(codes))
    parts = [names.gather(number) for number in told]
    return pl.select(pl.concat_str(parts, separator=";", ignore_nulls=True)).to_series()


@compiled
def _told(chosen: Flags, order: Shorts, heaviest: Shorts, most: int, none: int) -> Numbers:
    """List for each row its chosen factors by their order, as terms; shape (most, n_rows)."""
    told = np.full((most, len(chosen)), none, dtype=np.int32)
    n_factors = chosen.shape[1]
    for row in range(len(chosen)):
        for factor in range(n_factors):
            if chosen[row, factor]:
                n_before = 0
                for other in range(n_factors):
                    n_before += chosen[row, other] and order[row, other] < order[row, factor]
                told[n_before, row] = heaviest[row, factor]
    return told


def _chosen(doubt: _Doubt, nats: Floats) -> tuple[Flags, Shorts]:
    """Choose factors, and give each its place in the order of their effect; (n, n_factors)."""
    lost = np.zeros(nats.shape, dtype=np.int8)
    for column, one in enumerate(doubt.brought):
        speaks = one.nats > 0
        which = one.rows[speaks]
        alone = np.broadcast_to(np.arange(nats.shape[1]) == column, (len(which), nats.shape[1]))
        lost[which, column] = doubt.tiers_lost(which, one.sums[:, speaks], alone)
    order = _ranked(lost, nats)
    worth = (nats >= LEAST_NATS) | (lost > 0) | ((order == 0) & (nats > 0))
    chosen = worth & (order < MOST_REASONS)
    less = np.zeros((len(Sum), len(nats)))
    for column, one in enumerate(doubt.brought):
        out = chosen[one.rows, column]
        less[:, one.rows[out]] += one.sums[:, out]
    every = np.arange(len(nats))
    lasting = every[doubt.tiers_lost(every, less, chosen) <= 0]
    chosen[lasting] = _most_together(doubt, lasting, nats[lasting])
    return chosen, order


@compiled
def _ranked(lost: Codes, nats: Floats) -> Shorts:
    """Give each factor of a row its place: by tiers lost, then by nats, then as they stand."""
    order, n_factors = np.empty(nats.shape, np.int16), nats.shape[1]
    ranked = np.empty(n_factors, np.int16)
    for row in range(len(nats)):
        for factor in range(n_factors):
            at = factor
            while at > 0:
                other = ranked[at - 1]
                more = lost[row, factor] - lost[row, other]
                if more < 0 or (more == 0 and not nats[row, factor] > nats[row, other]):
                    break
                ranked[at] = other
                at -= 1
            ranked[at] = factor
        for place in range(n_factors):
            order[row, ranked[place]] = place
    return order


def _most_together(doubt: _Doubt, which: Ints, nats: Floats) -> Flags:
    """Choose the four factors that lower the tier most, and then the risk most."""
    heaviest = np.argsort(-nats, axis=1, kind="stable")[:, :MOST_TRIED]
    sums = _sums_of(doubt, which, heaviest)
    best, chosen = np.full(len(which), -np.inf), np.zeros(nats.shape, dtype=bool)
    n_tried = heaviest.shape[1]
    for four in map(list, combinations(range(n_tried), min(MOST_REASONS, n_tried))):
        tried = np.zeros(nats.shape, dtype=bool)
        np.put_along_axis(tried, heaviest[:, four], True, axis=1)
        tried &= nats > 0
        less = sums[:, :, four].sum(axis=2)
        lost = doubt.tiers_lost(which, less, tried)
        gain = lost * 1e6 + (nats * tried).sum(axis=1)
        better = gain > best
        best[better], chosen[better] = gain[better], tried[better]
    return chosen


def _sums_of(doubt: _Doubt, which: Ints, factors: Ints) -> Floats:
    """Lay out what some factors of some rows brought to each ``Sum``, where it is above zero.

    ``factors`` has shape (n_rows, n), the answer (n_sums, n_rows, n).
    """
    sums = np.zeros((len(Sum), *factors.shape))
    row_of = np.full(len(doubt.tier), -1, dtype=np.int32)
    row_of[which] = np.arange(len(which))
    for column, one in enumerate(doubt.brought):
        here = np.flatnonzero((row_of[one.rows] >= 0) & (one.nats > 0))
        row = row_of[one.rows[here]]
        found, place = np.nonzero(factors[row] == column)
        sums[:, row[found], place] = one.sums[:, here[found]]
    return sums
