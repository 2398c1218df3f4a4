"""Every record of a link by itself: who, whom, when and how much, as of a moment.

A link of the graph stands for all its records together; counts, amounts and rhythms need each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.graph.build import known_by
from graphrisk.graph.encode import ABSENT
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.intake.dataset import Dataset
from graphrisk.model.kinds import IDENTIFIER_RELATION, EntityKind
from graphrisk.model.times import NO_TIME

#: Tables whose rows are records of links: columns, relation, time and amount.
_TABLES = (
    ("applications", "account_id", "lender_id", "applied_to", "applied_at", "amount_minor"),
    ("repayments", "account_id", "lender_id", "borrows_from", "due_at", "amount_due_minor"),
    ("transfers", "from_account_id", "to_account_id", "transfer", "at", "amount_minor"),
    ("guarantees", "guarantor_id", "borrower_id", "guarantees", "at", "amount_minor"),
)


@dataclass(frozen=True, slots=True)
class Records:
    """The records of one relation between entities of a graph, sorted by their content.

    Attributes
    ----------
    relation
        Its name.
    source, target
        Entity numbers, shape (n,), int64.
    at_days
        Days since 1970, NaN where there is no date, shape (n,).
    amount
        In a unit of the relation's own, NaN where there is none, shape (n,).
    """

    relation: str
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    at_days: NDArray[np.float64]
    amount: NDArray[np.float64]

    def both_ways(self) -> Iterator[tuple[str, NDArray[np.int64], NDArray[np.int64]]]:
        """Yield ``out`` and ``in``, and who is at this end and at the other."""
        yield "out", self.source, self.target
        yield "in", self.target, self.source


def records_of(dataset: Dataset, graph: LinkGraph, as_of: datetime | None) -> tuple[Records, ...]:
    """Collect the records known by ``as_of``, by relation, in the order of their names."""
    parts: dict[str, list[pl.DataFrame]] = {}
    for relation, rows in _parts(dataset, graph, as_of):
        inside = (pl.col("source") != ABSENT) & (pl.col("target") != ABSENT)
        parts.setdefault(relation, []).append(rows.filter(inside))
    return tuple(_joined(name, parts[name]) for name in sorted(parts))


def _joined(relation: str, parts: list[pl.DataFrame]) -> Records:
    rows = pl.concat(parts).sort("source", "target", "at", "amount")
    at = rows["at"].to_numpy().astype(np.float64)
    return Records(
        relation,
        rows["source"].to_numpy(),
        rows["target"].to_numpy(),
        np.where(at == NO_TIME, np.nan, at / 86_400e6),
        rows["amount"].to_numpy(),
    )


def _parts(
    dataset: Dataset, graph: LinkGraph, as_of: datetime | None
) -> Iterator[tuple[str, pl.DataFrame]]:
    tables, account = dataset.tables, EntityKind.ACCOUNT.value

    def numbered(
        rows: pl.DataFrame, ends: tuple[tuple[str, str], ...], times: tuple[str, ...], amount: str
    ) -> pl.DataFrame:
        rows = rows.filter(known_by(as_of, *times))
        numbers = {
            name: graph.index.encode_mixed(
                rows[kind] if kind in rows.columns else pl.Series([kind] * len(rows)), rows[column]
            )
            for name, (kind, column) in zip(("source", "target"), ends, strict=True)
        }
        value = pl.col(amount).cast(pl.Float64) if amount in rows.columns else pl.lit(np.nan)
        return rows.select(
            **{name: pl.Series(number.astype(np.int64)) for name, number in numbers.items()},
            at=pl.coalesce(times).dt.epoch("us").fill_null(NO_TIME),
            amount=value.fill_null(np.nan),
        )

    if "identifiers" in tables:
        for (kind,), rows in tables["identifiers"].group_by("kind"):
            ends = ((account, "account_id"), ("kind", "value"))
            times = ("first_seen_at", "last_seen_at")
            relation = IDENTIFIER_RELATION[EntityKind(str(kind))]
            yield relation, numbered(rows, ends, times, "")
    for table, first, second, relation, time, amount in _TABLES:
        if table in tables:
            kind = EntityKind.LENDER.value if second == "lender_id" else account
            yield relation, numbered(tables[table], ((account, first), (kind, second)), (time,),
                                     amount)  # fmt: skip
    if "links" in tables:
        for (relation,), rows in tables["links"].group_by("relation"):
            both = (("source_kind", "source_id"), ("target_kind", "target_id"))
            seen = ("observed_at", "first_seen_at", "last_seen_at")
            value = "amount" if _says_anything(rows, "amount") else "weight"
            yield str(relation), numbered(rows, both, seen, value)


def _says_anything(rows: pl.DataFrame, column: str) -> bool:
    return column in rows.columns and rows[column].null_count() < len(rows)
