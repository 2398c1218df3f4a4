"""What a signal sees, and what it answers with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.graph.encode import ABSENT
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.intake.dataset import Dataset
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

    def by_account(self, rows: pl.DataFrame, value: str) -> NDArray[np.float64]:
        """Lay a column of ``rows`` (one row for each ``account_id``) out by account.

        Returns
        -------
        numpy.ndarray
            Shape (n_accounts,), float64, NaN for accounts without a row.
        """
        column = np.full(len(self.graph.accounts), np.nan)
        number = self.graph.index.encode("account", rows["account_id"])
        here = number != ABSENT
        first = int(self.graph.accounts[0])
        column[number[here] - first] = rows[value].cast(pl.Float64).to_numpy()[here]
        return column


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
