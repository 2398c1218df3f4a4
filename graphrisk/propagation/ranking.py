"""Rank the accounts of a file of links by how close they are to seeds: one number, no decision."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.errors import InputRefused, UsageError
from graphrisk.graph.pairs import Pairs, read_pairs
from graphrisk.intake.idtable import ABSENT, IdTable
from graphrisk.propagation.folded import fold
from graphrisk.propagation.linear import solve
from graphrisk.threads import available_threads


def rank_accounts(
    links: str | Path | pl.DataFrame,
    seeds: pl.Series | Iterable[str],
    *,
    source: str = "source_id",
    target: str = "target_id",
    damping: float = 0.85,
    tolerance: float = 1e-6,
    most: int | None = None,
    n_threads: int | None = None,
) -> pl.DataFrame:
    """Rank accounts by personalised PageRank from seeds, over links taken as undirected.

    Every link counts once. This is the bare linear ranking, without relations, ages, hubs or
    labels of two signs; ``analyze`` weighs all of these, and explains and decides.

    Parameters
    ----------
    links
        A Parquet or CSV file, or a frame; every row joins two different ids.
    seeds
        Ids at which mass starts, in equal parts: accounts or things.
    source, target
        Columns of the ids. Whatever stands in the source column is an account.
    damping
        Share of its mass that everybody passes on, in (0, 1).
    tolerance
        The masses of all accounts and things together are off by at most this.
    most
        How many of the highest to return; all by default.
    n_threads
        Threads for the solver; all processors by default. The bytes do not depend on it. The
        order of rows may change last digits, far below ``tolerance``.

    Returns
    -------
    polars.DataFrame
        ``account_id``, ``mass``: highest first, equal ones by id. Mass is the share of all mass.

    Raises
    ------
    InputRefused
        If a column is missing, a row does not join two different ids, or a seed has no link.
    NotConverged
        If ``tolerance`` is not reached.
    UsageError
        If ``damping`` or ``tolerance`` is out of range.

    Examples
    --------
    >>> import polars as pl
    >>> used = pl.DataFrame({"source_id": ["A1", "A2", "A3"], "target_id": ["D1", "D1", "D2"]})
    >>> rank_accounts(used, ["A1"])["account_id"].to_list()
    ['A1', 'A2', 'A3']
    """
    if not 0.0 < damping < 1.0 or not tolerance > 0.0:
        raise UsageError(
            f"damping {damping} and tolerance {tolerance}",
            expected="a damping between 0 and 1, and a tolerance above 0",
        )
    pairs = read_pairs(links, source, target)
    n_threads = n_threads or available_threads()
    folded = fold(
        pairs.source, pairs.target, len(pairs.accounts), pairs.n_numbers, n_threads=n_threads
    )
    start = _start(pairs, pl.Series(seeds, dtype=pl.String), damping)[folded.account]
    accounts = pairs.accounts
    del pairs
    solved = solve(folded, start, damping=damping, tolerance=tolerance, n_threads=n_threads)
    mass = np.empty(len(accounts))
    mass[folded.account] = solved.mass
    return _highest(accounts, mass, most)


def _start(pairs: Pairs, seeds: pl.Series, damping: float) -> NDArray[np.float64]:
    """Say how much mass starts at each account, or arrives there from a seeded thing."""
    number = pairs.find(seeds.unique(maintain_order=True))
    if not len(number) or (number == ABSENT).any():
        unknown = seeds.unique(maintain_order=True).filter(number == ABSENT)
        raise InputRefused(
            f"{len(unknown):,} seeds without a link, such as {', '.join(unknown[:3])}"
            if len(unknown)
            else "no seed",
            expected="one seed or more, each with a link",
            hint="leave out seeds that occur in no link",
        )
    n_accounts = len(pairs.accounts)
    seeded = np.zeros(pairs.n_numbers)
    seeded[number] = 1.0 / len(number)
    start = seeded[:n_accounts].copy()
    if (number >= n_accounts).any():
        from_thing = np.flatnonzero(seeded[pairs.target] * (pairs.target >= n_accounts))
        thing = pairs.target[from_thing]
        n_links = np.bincount(thing, minlength=pairs.n_numbers)[thing]
        part = damping * seeded[thing] / n_links
        start += np.bincount(pairs.source[from_thing], weights=part, minlength=n_accounts)
    return start


def _highest(accounts: IdTable, mass: NDArray[np.float64], most: int | None) -> pl.DataFrame:
    """Sort by mass and then by id, only as many as are asked for."""
    rows = np.arange(len(mass))
    if most is not None and most < len(mass):
        least = np.partition(mass, len(mass) - most)[len(mass) - most] if most else np.inf
        rows = np.flatnonzero(mass >= least)
    table = pl.DataFrame({"account_id": accounts.ids(rows), "mass": mass[rows]})
    ranked = table.sort("mass", "account_id", descending=[True, False])
    return ranked if most is None else ranked.head(most)
