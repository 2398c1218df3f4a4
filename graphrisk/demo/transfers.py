"""Money sent between accounts, and who stands in for whose loan.

Frames of whole numbers, as in ``loans``: account numbers, seconds, minor units.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from graphrisk.demo.loans import loan_amounts
from graphrisk.demo.roles import Role
from graphrisk.demo.roster import AS_OF_S, DAY_S, Ints, Roster, after


def draw_transfers(roster: Roster, rng: np.random.Generator) -> pl.DataFrame:
    """``sender, receiver, at_s, amount_minor`` of money sent between accounts."""
    sender = np.repeat(np.arange(roster.n_accounts), rng.poisson(0.85 * roster.activity))
    reach = np.cumsum(roster.activity)
    receiver = np.searchsorted(reach, rng.random(len(sender)) * reach[-1])
    home = roster.honest[Role.HOUSEHOLD]
    helper = (home.rank > 0) & (rng.random(len(home.rank)) < 0.3)
    disguised = np.repeat(np.flatnonzero(roster.is_camouflaged), 2)
    praised = rng.choice(np.flatnonzero(roster.is_good_standing), len(disguised))
    victim = roster.honest[Role.VICTIM].account[::2]
    giver = _pick_namers(roster, len(victim), rng)
    one = np.concatenate([sender, home.account[helper], disguised, giver])
    other = np.concatenate([receiver, (home.account - home.rank)[helper], praised, victim])
    at_s = after(rng, np.maximum(roster.opened_s[one], roster.opened_s[other]), 730)
    everyday = pl.DataFrame(
        {
            "sender": one,
            "receiver": other,
            "at_s": at_s,
            "amount_minor": _transfer_amounts(len(one), rng),
        }
    )
    everyday = everyday.filter(pl.col("sender") != pl.col("receiver"))
    return pl.concat([everyday, _mule_runs(roster, rng)])


def _transfer_amounts(n_rows: int, rng: np.random.Generator) -> Ints:
    return np.maximum(np.exp(rng.normal(11.0, 1.3, n_rows)), 100.0).astype(np.int64)


def _mule_runs(roster: Roster, rng: np.random.Generator) -> pl.DataFrame:
    """Money runs down a chain within hours; each mule keeps a few per cent."""
    chain = roster.bad[Role.MULE_CHAIN]
    sends = chain.rank < chain.group_size[chain.group] - 1
    account, group, rank = chain.account[sends], chain.group[sends], chain.rank[sends]
    first_mule = (account - rank).astype(np.int64)
    runs = []
    for _ in range(2):
        amount_minor = np.exp(rng.normal(12.3, 0.7, chain.n_groups))
        # Steps of 1 to 5 hours keep the order rising down the chain.
        at_s = roster.turned_bad_s[first_mule] + rng.integers(0, 5 * DAY_S, chain.n_groups)[group]
        at_s = (
            np.minimum(at_s, AS_OF_S - DAY_S * 3)
            + rank * 18_000
            - rng.integers(0, 14_400, len(rank))
        )
        runs.append(
            pl.DataFrame(
                {
                    "sender": account,
                    "receiver": account + 1,
                    "at_s": at_s,
                    "amount_minor": (amount_minor[group] * 0.97**rank).astype(np.int64),
                }
            )
        )
    return pl.concat(runs)


def _pick_namers(roster: Roster, n_wanted: int, rng: np.random.Generator) -> Ints:
    """Fraudsters who name an honest person, or send money to one: known and hidden ones."""
    fraudsters = roster.pick_known_and_hidden(roster.fraudsters, n_wanted, rng)
    return rng.permutation(np.resize(fraudsters, n_wanted))


def draw_guarantees(roster: Roster, rng: np.random.Generator) -> pl.DataFrame:
    """``guarantor, borrower, at_s, amount_minor``; circles, couples, friends and victims."""
    circle = roster.bad[Role.GUARANTEE_CIRCLE]
    first = circle.account - circle.rank
    next_in_circle = first + (circle.rank + 1) % circle.group_size[circle.group]
    home = roster.honest[Role.HOUSEHOLD]
    spouse = home.with_rank(1)
    spouse = spouse[rng.random(len(spouse)) < 0.15]
    friend = np.flatnonzero(rng.random(roster.n_accounts) < 0.015)
    befriended = (friend + rng.integers(1, roster.n_accounts, len(friend))) % roster.n_accounts
    victim = roster.honest[Role.VICTIM].account[1::2]
    guarantor = np.concatenate([circle.account, spouse, friend, victim])
    borrower = np.concatenate(
        [next_in_circle, spouse - 1, befriended, _pick_namers(roster, len(victim), rng)]
    )
    since_s = np.maximum(roster.opened_s[guarantor], roster.opened_s[borrower])
    return pl.DataFrame(
        {
            "guarantor": guarantor,
            "borrower": borrower,
            "at_s": after(rng, since_s, 730),
            "amount_minor": loan_amounts(len(guarantor), rng),
        }
    )
