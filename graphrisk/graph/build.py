"""From valid tables to a ``LinkGraph``, as of a time: what was not known then is not in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import numpy as np
import polars as pl
import polars.selectors as cs
from numpy.typing import NDArray

from graphrisk.graph.encode import IdIndex
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.graph.merge import NumberedRecords, merge
from graphrisk.graph.rows import build_rows
from graphrisk.intake.dataset import Dataset
from graphrisk.intake.idtable import ABSENT, IdTable
from graphrisk.intake.shelf import scan
from graphrisk.model.kinds import IDENTIFIER_RELATION, EntityKind
from graphrisk.model.times import NO_TIME, to_microseconds
from graphrisk.threads import side_by_side


@dataclass(frozen=True, slots=True)
class Records:
    """Link records of one table between two kinds.

    ``rows`` has ``source_id, target_id, first_seen_at, last_seen_at``, and ``weight`` and
    ``origin`` where any record has one.
    """

    source_kind: str
    target_kind: str
    relation: str
    rows: pl.DataFrame


def build_graph(
    dataset: Dataset, *, as_of: datetime | None = None, n_threads: int = 1
) -> LinkGraph:
    """Build the graph of a dataset.

    Parameters
    ----------
    dataset
        Valid tables, from :func:`graphrisk.intake.read.read_dataset`.
    as_of
        Nothing that became known later enters. None takes the dataset as a whole.
    n_threads
        Threads to use; the graph does not depend on it.

    Returns
    -------
    LinkGraph
        Entities in the order of kind and id; the same for any order of rows.
    """
    index, relations, origins, parts = _numbered(dataset, as_of, n_threads)
    links = merge(parts, index.n_entities, n_threads=n_threads)
    del parts
    offsets, neighbor, link, reverse = build_rows(
        links.source, links.target, index.n_entities, n_threads=n_threads
    )
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


def link_records(dataset: Dataset, as_of: datetime | None) -> Iterator[Records]:
    """Yield the link records of every table that holds links."""
    account = EntityKind.ACCOUNT
    tables = dataset.tables
    if "identifiers" in tables:
        yield from _uses(tables["identifiers"], as_of)
    for table, first, second, relation, time in _DIRECT:
        if table in tables:
            kinds = (account, EntityKind.LENDER if second == "lender_id" else account)
            wanted = cs.by_name(first, second, time, *_SAID, require_all=False)
            rows = scan(tables, table).select(wanted).collect()
            seen = _records(rows, first, second, time, time, as_of)
            yield Records(*kinds, relation, seen)
    if "links" in tables:
        by_ends = tables["links"].with_columns(
            first_seen_at=pl.min_horizontal("first_seen_at", "observed_at"),
            last_seen_at=pl.max_horizontal("last_seen_at", "observed_at"),
        )
        for ends, rows in by_ends.group_by("source_kind", "target_kind", "relation"):
            source_kind, target_kind, relation = (str(end) for end in ends)
            seen = _records(rows, "source_id", "target_id", "first_seen_at", "last_seen_at", as_of)
            yield Records(source_kind, target_kind, relation, seen)


def _uses(identifiers: pl.DataFrame, as_of: datetime | None) -> Iterator[Records]:
    """Yield the uses of things, one kind at a time: cut up, the table would be there twice."""
    for kind in sorted(identifiers["kind"].unique()):
        rows = identifiers.filter(pl.col("kind") == kind)
        seen = _records(rows, "account_id", "value", "first_seen_at", "last_seen_at", as_of)
        yield Records(EntityKind.ACCOUNT, kind, IDENTIFIER_RELATION[EntityKind(kind)], seen)


#: What any record may say of itself.
_SAID = ("weight", "source")
#: Tables whose rows link an account to an account or a lender: columns, relation, time.
_DIRECT = (
    ("applications", "account_id", "lender_id", "applied_to", "applied_at"),
    ("repayments", "account_id", "lender_id", "borrows_from", "due_at"),
    ("transfers", "from_account_id", "to_account_id", "transfer", "at"),
    ("guarantees", "guarantor_id", "borrower_id", "guarantees", "at"),
)
#: Tables whose rows link two entities, other than uses of identifiers, and the relation that they
#: become; None where a row names it.
LINK_TABLES: dict[str, str | None] = {
    "links": None,
    **{table: relation for table, _, _, relation, _ in _DIRECT},
}


def _records(
    rows: pl.DataFrame, source: str, target: str, first: str, last: str, as_of: datetime | None
) -> pl.DataFrame:
    """Bring rows to the columns of link records, without what was not yet known."""
    last_seen = pl.coalesce(last, first)
    if as_of is not None:
        last_seen = pl.min_horizontal(last_seen, pl.lit(as_of, pl.Datetime("us", "UTC")))
    columns = {
        "source_id": pl.col(source),
        "target_id": pl.col(target),
        "first_seen_at": _microseconds(pl.coalesce(first, last)),
        "last_seen_at": _microseconds(last_seen),
    }
    if _says_anything(rows, "weight"):
        columns["weight"] = pl.col("weight").fill_null(1.0)
    if _says_anything(rows, "source"):
        columns["origin"] = pl.col("source").fill_null("")
    return rows.lazy().filter(known_by(as_of, first, last)).select(**columns).collect()


def _says_anything(rows: pl.DataFrame, name: str) -> bool:
    return name in rows.columns and int(rows.select(pl.col(name).count()).item()) > 0


def _microseconds(time: pl.Expr) -> pl.Expr:
    return time.dt.epoch("us").fill_null(NO_TIME)


def _numbered(
    dataset: Dataset, as_of: datetime | None, n_threads: int
) -> tuple[IdIndex, tuple[str, ...], tuple[str, ...], list[NumberedRecords]]:
    """Number the ends of all link records, one table at a time.

    Returns
    -------
    index, relations, origins, parts
        The ids of all kinds, the names that codes stand for, and the records.
    """
    tables = _registered(dataset, as_of)
    origins = IdTable()
    seen: list[tuple[Records, NumberedRecords]] = []
    for record in link_records(dataset, as_of):
        rows = record.rows
        source, target = _ends(tables, record, n_threads)
        numbers = NumberedRecords(
            relation=0,
            source=source,
            target=target,
            first_seen_at=rows["first_seen_at"].to_numpy(),
            last_seen_at=rows["last_seen_at"].to_numpy(),
            confidence=rows["weight"].to_numpy() if "weight" in rows.columns else None,
            origin=origins.add(rows["origin"]).astype(np.int16)
            if "origin" in rows.columns
            else None,
        )
        seen.append((replace(record, rows=rows.clear()), numbers))
    if any(part.origin is None for _, part in seen):
        origins.add(pl.Series([""]))
    relations = tuple(sorted({record.relation for record, _ in seen}))
    named, place = IdIndex.of_tables({"origin": origins})
    index, number = IdIndex.of_tables(tables, n_threads=n_threads)
    parts = [
        replace(
            part,
            relation=relations.index(record.relation),
            source=_renumbered(part.source, number[record.source_kind]),
            target=_renumbered(part.target, number[record.target_kind]),
            origin=None if part.origin is None else place["origin"][part.origin].astype(np.int16),
        )
        for record, part in seen
    ]
    return index, relations, tuple(named.entity_ids().to_list()), parts


def _registered(dataset: Dataset, as_of: datetime | None) -> dict[str, IdTable]:
    """Collect, for each kind, the ids that exist by a record or a label of their own.

    An account exists by its own record only; a label or a link does not make one.
    """
    tables = dataset.tables
    registered: dict[str, IdTable] = {}

    def add(kind: str, ids: pl.Series) -> None:
        registered.setdefault(kind, IdTable()).add(ids)

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
    return registered


def _ends(tables: dict[str, IdTable], record: Records, n_threads: int) -> list[NDArray[np.int32]]:
    """Number both ends of link records. A link makes its ends exist, other than accounts."""
    kinds = (record.source_kind, record.target_kind)
    tasks: list[Callable[[], NDArray[np.int32]]] = []
    for kind, name in zip(kinds, ("source_id", "target_id"), strict=True):
        table = tables.setdefault(kind, IdTable())
        number = table.find if kind == EntityKind.ACCOUNT else table.add
        tasks.append(partial(number, record.rows[name]))
    # Only of accounts, which are looked up and never added, may both ends be one table's.
    apart = kinds[0] != kinds[1] or kinds[0] == EntityKind.ACCOUNT
    return side_by_side(n_threads if apart else 1, *tasks)


def _renumbered(end: NDArray[np.int32], number: NDArray[np.int32]) -> NDArray[np.int32]:
    """Replace numbers in the order met by final ones."""
    return number[end] if end.min(initial=0) >= 0 else np.where(end < 0, ABSENT, number[end])


def _usages(dataset: Dataset, index: IdIndex) -> tuple[tuple[str, ...], NDArray[np.int16]]:
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
