"""From valid tables to a ``LinkGraph``, as of a time: what was not known then is not in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from graphrisk.graph.encode import ABSENT, IdIndex
from graphrisk.graph.linkgraph import LinkGraph, Links
from graphrisk.graph.rows import build_rows
from graphrisk.intake.dataset import Dataset
from graphrisk.model.kinds import IDENTIFIER_RELATION, EntityKind
from graphrisk.model.times import NO_TIME, to_microseconds


@dataclass(frozen=True, slots=True)
class _Records:
    """Link records of one table between two kinds: ids, times, confidence, origin."""

    source_kind: str
    target_kind: str
    relation: str
    rows: pl.DataFrame  # source_id, target_id, first_seen_at, last_seen_at, weight, origin


def build_graph(dataset: Dataset, *, as_of: datetime | None = None) -> LinkGraph:
    """Build the graph of a dataset.

    Parameters
    ----------
    dataset
        Valid tables, from :func:`graphrisk.intake.read.read_dataset`.
    as_of
        Nothing that became known later enters. None takes the dataset as a whole.

    Returns
    -------
    LinkGraph
        Entities in the order of kind and id; the same for any order of rows.
    """
    records = list(_link_records(dataset, as_of))
    index = IdIndex.of(_ids_by_kind(dataset, records, as_of))
    relations = tuple(sorted({r.relation for r in records}))
    origins = _origins(records)
    links = _aggregate([_numbered(r, index, relations.index(r.relation), origins) for r in records])
    offsets, neighbor, link, reverse = build_rows(links.source, links.target, index.n_entities)
    usages, usage_code = _usages(dataset, index)
    return LinkGraph(
        index=index,
        kind_code=index.kind_codes(),
        usages=usages,
        usage_code=usage_code,
        relations=relations,
        origins=origins,
        links=links,
        offsets=offsets,
        neighbor=neighbor,
        link=link,
        reverse=reverse,
        as_of_us=to_microseconds(as_of),
    )


def known_by(as_of: datetime | None, *columns: str) -> pl.Expr:
    """Rows whose first known time among ``columns`` is not after ``as_of``; undated rows stay."""
    if as_of is None:
        return pl.lit(True)
    return (pl.coalesce(columns) <= as_of).fill_null(True)


def _link_records(dataset: Dataset, as_of: datetime | None) -> Iterator[_Records]:
    """Yield the link records of every table that holds links."""
    account = EntityKind.ACCOUNT
    tables = dataset.tables
    if "identifiers" in tables:
        for (kind,), rows in tables["identifiers"].group_by("kind"):
            seen = _records(rows, "account_id", "value", "first_seen_at", "last_seen_at", as_of)
            yield _Records(account, str(kind), IDENTIFIER_RELATION[EntityKind(str(kind))], seen)
    for table, first, second, relation, time in _DIRECT:
        if table in tables:
            kinds = (account, EntityKind.LENDER if second == "lender_id" else account)
            seen = _records(tables[table], first, second, time, time, as_of)
            yield _Records(*kinds, relation, seen)
    if "links" in tables:
        by_ends = tables["links"].with_columns(
            first_seen_at=pl.min_horizontal("first_seen_at", "observed_at"),
            last_seen_at=pl.max_horizontal("last_seen_at", "observed_at"),
        )
        for ends, rows in by_ends.group_by("source_kind", "target_kind", "relation"):
            source_kind, target_kind, relation = (str(end) for end in ends)
            seen = _records(rows, "source_id", "target_id", "first_seen_at", "last_seen_at", as_of)
            yield _Records(source_kind, target_kind, relation, seen)


#: Tables whose rows link an account to an account or a lender: columns, relation, time.
_DIRECT = (
    ("applications", "account_id", "lender_id", "applied_to", "applied_at"),
    ("repayments", "account_id", "lender_id", "borrows_from", "due_at"),
    ("transfers", "from_account_id", "to_account_id", "transfer", "at"),
    ("guarantees", "guarantor_id", "borrower_id", "guarantees", "at"),
)


def _records(
    rows: pl.DataFrame, source: str, target: str, first: str, last: str, as_of: datetime | None
) -> pl.DataFrame:
    """Bring rows to the columns of link records, without what was not yet known."""
    weight = pl.col("weight") if "weight" in rows.columns else pl.lit(None, pl.Float64)
    origin = pl.col("source") if "source" in rows.columns else pl.lit(None, pl.String)
    last_seen = pl.coalesce(last, first)
    if as_of is not None:
        last_seen = pl.min_horizontal(last_seen, pl.lit(as_of, pl.Datetime("us", "UTC")))
    return rows.filter(known_by(as_of, first, last)).select(
        source_id=pl.col(source),
        target_id=pl.col(target),
        first_seen_at=_microseconds(pl.coalesce(first, last)),
        last_seen_at=_microseconds(last_seen),
        weight=weight.fill_null(1.0),
        origin=origin.fill_null(""),
    )


def _microseconds(time: pl.Expr) -> pl.Expr:
    return time.dt.epoch("us").fill_null(NO_TIME)


def _ids_by_kind(
    dataset: Dataset, records: list[_Records], as_of: datetime | None
) -> dict[str, list[pl.Series]]:
    """Collect, for each kind, the columns that say which entities exist.

    An account exists by its own record only; a label or a link does not make one.
    """
    tables = dataset.tables
    seen: dict[str, list[pl.Series]] = {}

    def add(kind: str, ids: pl.Series) -> None:
        seen.setdefault(kind, []).append(ids)

    if "accounts" in tables:
        opened = tables["accounts"].filter(known_by(as_of, "opened_at"))
        add(EntityKind.ACCOUNT, opened["account_id"])
    if "devices" in tables:
        add(EntityKind.DEVICE, tables["devices"]["device_id"])
    if "lenders" in tables:
        add(EntityKind.LENDER, tables["lenders"]["lender_id"])
    if "entities" in tables:
        for (kind,), rows in tables["entities"].group_by("kind"):
            add(str(kind), rows["entity_id"])
    if "labels" in tables:
        known = tables["labels"].filter(known_by(as_of, "known_at", "event_at"))
        for (kind,), rows in known.group_by("entity_kind"):
            if kind != EntityKind.ACCOUNT:
                add(str(kind), rows["entity_id"])
    for record in records:
        if record.source_kind != EntityKind.ACCOUNT:
            add(record.source_kind, record.rows["source_id"])
        if record.target_kind != EntityKind.ACCOUNT:
            add(record.target_kind, record.rows["target_id"])
    return seen


def _origins(records: list[_Records]) -> tuple[str, ...]:
    names: set[str] = set()
    for record in records:
        names.update(record.rows["origin"].unique().to_list())
    return tuple(sorted(names))


def _numbered(
    record: _Records, index: IdIndex, relation: int, origins: tuple[str, ...]
) -> pl.DataFrame:
    """Replace ids by numbers; records with an end outside the book are left out."""
    rows = record.rows
    numbered = pl.DataFrame(
        {
            "source": index.encode(record.source_kind, rows["source_id"]),
            "target": index.encode(record.target_kind, rows["target_id"]),
            "first_seen_at": rows["first_seen_at"],
            "last_seen_at": rows["last_seen_at"],
            "weight": rows["weight"],
            "origin": rows["origin"].cast(pl.Enum(origins)).to_physical().cast(pl.Int16),
        }
    ).with_columns(relation=pl.lit(relation, pl.Int16))
    return numbered.filter((pl.col("source") != ABSENT) & (pl.col("target") != ABSENT))


def _aggregate(parts: list[pl.DataFrame]) -> Links:
    """One link for each source, target and relation; sorted, whatever the order of rows."""
    if not parts:
        none = np.zeros(0)
        return Links(
            none.astype(np.int32),
            none.astype(np.int32),
            none.astype(np.int16),
            none.astype(np.int64),
            none.astype(np.int64),
            none.astype(np.float64),
            none.astype(np.int32),
            none.astype(np.int16),
        )
    known_first = pl.col("first_seen_at").filter(pl.col("first_seen_at") != NO_TIME)
    joined = (
        pl.concat(parts)
        .lazy()
        .group_by("source", "target", "relation")
        .agg(
            first_seen_at=known_first.min().fill_null(NO_TIME),
            last_seen_at=pl.col("last_seen_at").max(),
            weight=pl.col("weight").max(),
            n_records=pl.len().cast(pl.Int32),
            origin=pl.col("origin").min(),
        )
        .sort("source", "target", "relation")
        .collect()
    )
    columns = [
        joined[name].to_numpy()
        for name in (
            "source",
            "target",
            "relation",
            "first_seen_at",
            "last_seen_at",
            "weight",
            "n_records",
            "origin",
        )
    ]
    for column in columns:
        column.setflags(write=False)
    return Links(*columns)


def _usages(
    dataset: Dataset, index: IdIndex
) -> tuple[tuple[str, ...], np.ndarray[tuple[int], np.dtype[np.int16]]]:
    """Declared usage (kiosk, campus, …) of devices and of long-table entities."""
    codes = np.full(index.n_entities, -1, dtype=np.int16)
    declared = []
    for table, kind, ids in (("devices", None, "device_id"), ("entities", "kind", "entity_id")):
        rows = dataset.tables.get(table)
        if rows is None or "usage" not in rows.columns:
            continue
        rows = rows.filter(pl.col("usage").is_not_null() & (pl.col("usage") != ""))
        kinds = rows[kind] if kind else pl.Series([EntityKind.DEVICE.value] * len(rows))
        declared.append((index.encode_mixed(kinds, rows[ids]), rows["usage"]))
    usages = tuple(sorted({usage for _, column in declared for usage in column.unique()}))
    for numbers, column in declared:
        names = column.cast(pl.Enum(usages)).to_physical().cast(pl.Int16).to_numpy()
        here = numbers != ABSENT
        codes[numbers[here]] = names[here]
    return usages, codes
