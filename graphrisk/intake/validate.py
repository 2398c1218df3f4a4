"""Typed rows to accepted rows: references first, then identical rows, then conflicting keys.

Nothing here looks at the order of rows except to name a line: which content is accepted is a
function of the set of rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from graphrisk.intake.codes import FaultCode, NoLink
from graphrisk.intake.normalize import FILE, IS_FAULTY, LINE, NO_LINK, NO_LINK_COLUMN
from graphrisk.intake.quarantine import Fault, records
from graphrisk.intake.references import Registers, reference_faults
from graphrisk.intake.spec import TableSpec

_ROW = "__row"
_BESIDE = (FILE, LINE, IS_FAULTY, NO_LINK, NO_LINK_COLUMN)


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of the rows of one canonical table.

    ``accepted`` and ``quarantined`` are rows; ``accepted`` has canonical columns and attributes
    only. ``records`` are for the quarantine, ``unlinked`` for rows that were accepted and make no
    link: these are counted in ``n_accepted`` too, and are not among the rows of ``accepted``.
    The counts are by file.
    """

    accepted: pl.DataFrame
    quarantined: pl.DataFrame
    records: list[pl.DataFrame]
    unlinked: list[pl.DataFrame]
    n_accepted: dict[str, int]
    n_unlinked: dict[str, int]
    n_duplicates: dict[str, int]
    n_quarantined: dict[str, int]


def settle(table: TableSpec, rows: pl.DataFrame, registers: Registers | None) -> Settled:
    """Accept, recognise as a duplicate, or quarantine each row of a table.

    Parameters
    ----------
    table
        The canonical table.
    rows
        Typed rows of all files, in the order of the mapping, with ``FILE``, ``LINE`` and
        ``IS_FAULTY``.
    registers
        The entities that may be referred to; None for tables that list entities themselves.
    """
    found: list[pl.DataFrame] = []
    if registers is not None:
        rows, faults = reference_faults(table, rows, registers)
        rows = _set_aside(table, rows, faults, found)
    good = kept(rows, ~rows[IS_FAULTY])
    content = [name for name in rows.columns if name not in _BESIDE]
    distinct = repeats = good.clear()
    if _all_differ(good, table.key or content):
        distinct = good
    else:
        is_repeat = _is_repeat(good, content)
        distinct, repeats = kept(good, ~is_repeat), good.filter(is_repeat)
        conflicts = Fault(
            FaultCode.CONFLICTING_KEY,
            table[table.key[-1] if table.key else content[0]],
            _is_outdated(table, distinct, content),
        )
        distinct = _set_aside(table, distinct, [conflicts], found)
    accepted = kept(distinct, ~distinct[IS_FAULTY])
    quarantined = pl.concat([rows.filter(rows[IS_FAULTY]), distinct.filter(distinct[IS_FAULTY])])
    is_bare = accepted[NO_LINK].is_not_null()
    bare = accepted.filter(is_bare)
    return Settled(
        accepted=kept(accepted, ~is_bare).select(content),
        quarantined=quarantined.select(content),
        records=found,
        unlinked=_unlinked(table, bare),
        n_accepted=_by_file(accepted),
        n_unlinked=_by_file(bare),
        n_duplicates=_by_file(repeats),
        n_quarantined=_by_file(quarantined),
    )


def kept(rows: pl.DataFrame, mask: pl.Series) -> pl.DataFrame:
    """Return the rows where a mask is true: where it is true throughout, without a copy."""
    return rows if mask.all() else rows.filter(mask)


def _all_differ(rows: pl.DataFrame, names: Iterable[str]) -> bool:
    """Return whether no two rows have the same values in some columns, as their hashes tell."""
    return rows.select(names).hash_rows().n_unique() == rows.height


def _set_aside(
    table: TableSpec, rows: pl.DataFrame, faults: list[Fault], found: list[pl.DataFrame]
) -> pl.DataFrame:
    """Mark the faulty rows, and add their records to ``found``."""
    is_faulty = rows[IS_FAULTY]
    for fault in faults:
        if fault.mask.any():
            values = rows[fault.column.name]
            found.append(records(fault, table.name, rows[FILE], rows[LINE], values))
            is_faulty |= fault.mask
    return rows.with_columns(is_faulty.alias(IS_FAULTY))


def _unlinked(table: TableSpec, rows: pl.DataFrame) -> list[pl.DataFrame]:
    """Return the records of rows that are accepted and link nobody."""
    return [
        records(
            Fault(
                NoLink(code),
                table[column],
                (rows[NO_LINK] == code) & (rows[NO_LINK_COLUMN] == column),
            ),
            table.name,
            rows[FILE],
            rows[LINE],
            rows[column],
        )
        for column in rows[NO_LINK_COLUMN].unique().sort().to_list()
        for code in rows.filter(rows[NO_LINK_COLUMN] == column)[NO_LINK].unique().sort().to_list()
    ]


def _is_repeat(rows: pl.DataFrame, content: list[str]) -> pl.Series:
    """Return the rows equal to an earlier one in every stored column.

    Hashes tell which rows may be equal; only those are compared.
    """
    hashes = rows.select(content).hash_rows()
    suspects = rows.select(content).with_row_index(_ROW).filter(hashes.is_duplicated())
    first = suspects.unique(subset=content, keep="first", maintain_order=True)
    return _mark(suspects.filter(~suspects[_ROW].is_in(first[_ROW].implode())), rows.height)


def _is_outdated(table: TableSpec, rows: pl.DataFrame, content: list[str]) -> pl.Series:
    """Return the rows that lose their key to a newer row.

    The newest event time wins, then the greatest content, column by column: an order that
    belongs to the rows and not to the file.
    """
    if not table.key:
        return pl.Series([False]).new_from_index(0, rows.height)
    keys = rows.select(table.key).hash_rows()
    suspects = rows.select(content).with_row_index(_ROW).filter(keys.is_duplicated())
    event_times = [spec.name for spec in table.columns if spec.is_event_time]
    newest = pl.max_horizontal(event_times) if event_times else pl.lit(None)
    ranked = suspects.sort([newest, *content], descending=True, nulls_last=True)
    survivors = ranked.unique(subset=table.key, keep="first", maintain_order=True)
    return _mark(suspects.filter(~suspects[_ROW].is_in(survivors[_ROW].implode())), rows.height)


def _mark(rows: pl.DataFrame, n_rows: int) -> pl.Series:
    """Return a mask of ``n_rows`` that is true at the given rows."""
    return pl.Series([False]).new_from_index(0, n_rows).scatter(rows[_ROW], True)


def _by_file(rows: pl.DataFrame) -> dict[str, int]:
    """Return how many rows each file has; those of one file mostly stand together."""
    runs = rows.select(pl.col(FILE).rle()).unnest(FILE).group_by("value").agg(pl.col("len").sum())
    return dict(zip(runs["value"], runs["len"], strict=True))
