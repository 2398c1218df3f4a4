"""What a signal sees, and what it answers with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.compiled import Floats, Ints, Numbers, compiled
from graphrisk.graph.build import known_by
from graphrisk.graph.encode import ABSENT
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.graph.uses import Uses, uses_of
from graphrisk.intake.dataset import Dataset
from graphrisk.intake.idtable import IdTable
from graphrisk.intake.shelf import scan, scan_parts
from graphrisk.model.kinds import EntityKind
from graphrisk.model.policy import SignalRule


@dataclass(frozen=True, slots=True)
class Applied:
    """Who applied to whom, and when, laid out by account.

    Attributes
    ----------
    begins
        Where the applications of each account begin, shape (n_accounts + 1,), int64.
    lender
        Numbers of lenders, from 0; one that is not named is one more, shape (n_rows,), int32.
    at_us
        Microseconds since 1970, same shape, int64.
    n_lenders
        How many lenders there are.
    """

    begins: Ints
    lender: Numbers
    at_us: Ints
    n_lenders: int


@dataclass(frozen=True)
class Book:
    """Everything a signal may look at.

    Attributes
    ----------
    dataset
        Valid tables.
    graph
        The graph built from them as of the same time.
    protected
        Protected hubs, shape (n_entities,), int8, ``-1`` for none.
    as_of
        Nothing later may be used; None when nothing is dated.
    """

    dataset: Dataset
    graph: LinkGraph
    protected: NDArray[np.int8]
    as_of: datetime | None

    def scan(self, table: str) -> pl.LazyFrame | None:
        """Read a table lazily; None if it was not supplied."""
        tables = self.dataset.tables
        return scan(tables, table) if table in tables else None

    def parts(self, table: str) -> Iterator[pl.LazyFrame]:
        """Read a table lazily, some rows at a time; nothing if it was not supplied."""
        tables = self.dataset.tables
        return scan_parts(tables, table) if table in tables else iter(())

    @cached_property
    def applied(self) -> Applied:
        """The applications that were known, read once for all signals that look at them."""
        lenders, known = IdTable(), known_by(self.as_of, "applied_at")
        found = []
        for part in self.parts("applications"):
            rows = part.filter(known).select("account_id", "lender_id", "applied_at").collect()
            place = self.place_of(rows["account_id"]).astype(np.int32)
            lender = lenders.add(rows["lender_id"]) - np.int32(ABSENT)
            found.append((place, lender, rows["applied_at"].dt.epoch("us").to_numpy()))
        place, lender, at_us = (np.concatenate(column) for column in zip(*found, strict=True))
        n_accounts = len(self.graph.accounts)
        return Applied(*_by_account(place, lender, at_us, n_accounts), len(lenders) + 1)

    def uses_of(self, kind: str) -> Uses:
        """Collect who uses the identifiers of a kind: made anew, and let go, by each signal."""
        return uses_of(self.graph, kind)

    def by_account(self, rows: pl.DataFrame, value: str) -> NDArray[np.float64]:
        """Lay a column of ``rows`` (one row for each ``account_id``) out by account.

        Returns
        -------
        numpy.ndarray
            Shape (n_accounts,), float64, NaN for accounts without a row.
        """
        column = np.full(len(self.graph.accounts), np.nan)
        place = self.place_of(rows["account_id"])
        here = place >= 0
        column[place[here]] = rows[value].cast(pl.Float64).to_numpy()[here]
        return column

    def place_of(self, account_id: pl.Series) -> NDArray[np.int64]:
        """Give the place of each account among all, below zero where the graph has it not."""
        number = self.graph.index.encode(EntityKind.ACCOUNT, account_id).astype(np.int64)
        return np.where(number == ABSENT, ABSENT, number - int(self.graph.accounts[0]))

    def sum_by_account(
        self, place: NDArray[np.integer], value: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Add up whole numbers by account.

        Returns
        -------
        numpy.ndarray
            Shape (n_accounts,), float64, NaN for accounts without an entry.
        """
        return _sum_by_account(place, value, len(self.graph.accounts))


@compiled
def _sum_by_account(place: NDArray[np.integer], value: Ints, n_accounts: int) -> Floats:
    total = np.full(n_accounts, np.nan)
    for i in range(len(place)):
        before = total[place[i]]
        total[place[i]] = value[i] + (0.0 if np.isnan(before) else before)
    return total


@compiled
def _by_account(
    place: Numbers, lender: Numbers, at_us: Ints, n_accounts: int
) -> tuple[Ints, Numbers, Ints]:
    """Lay rows out by account, in the order given; those of no account are left out."""
    begins = np.zeros(n_accounts + 1, np.int64)
    for i in range(len(place)):
        if place[i] >= 0:
            begins[place[i] + 1] += 1
    for a in range(n_accounts):
        begins[a + 1] += begins[a]
    free = begins[:-1].copy()
    lenders, moments = np.empty(begins[-1], np.int32), np.empty(begins[-1], np.int64)
    for i in range(len(place)):
        if place[i] >= 0:
            at = free[place[i]]
            free[place[i]] = at + 1
            lenders[at], moments[at] = lender[i], at_us[i]
    return begins, lenders, moments


#: A measure returns the observed value of every account, NaN where the input is missing.
Measure = Callable[[Book, SignalRule], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Signal:
    """One row of the catalog.

    Attributes
    ----------
    code
        Reason code.
    family
        What it speaks of: the account's own facts, or a family of links. A signal about shared
        devices speaks of the same links as the device family, so they never count as two.
    rule
        Key of its settings in the policy's ``[signals]``.
    measure
        Pure function from book and settings to one value for each account.
    unit
        Unit of the value.
    text
        The reason in words, for an analyst.
    origin
        Literature or rule it comes from.
    table
        Table its input comes from.
    """

    code: str
    family: str
    rule: str
    measure: Measure
    unit: str
    text: str
    origin: str
    table: str
