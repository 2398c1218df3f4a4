"""What a signal sees, and what it answers with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.graph.encode import ABSENT
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.graph.uses import Uses, uses_of
from graphrisk.intake.dataset import Dataset
from graphrisk.intake.shelf import scan, scan_parts
from graphrisk.model.kinds import EntityKind
from graphrisk.model.policy import SignalRule


@dataclass(frozen=True, slots=True)
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
        self, place: NDArray[np.int64], value: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Add up whole numbers by account.

        Returns
        -------
        numpy.ndarray
            Shape (n_accounts,), float64, NaN for accounts without an entry.
        """
        n_accounts = len(self.graph.accounts)
        total = np.bincount(place, weights=value, minlength=n_accounts)
        return np.where(np.bincount(place, minlength=n_accounts) > 0, total, np.nan)


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
