"""Records of the rows that were set aside, or link nobody, with values masked."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from graphrisk.intake.codes import FaultCode, NoLink, reason
from graphrisk.intake.dataset import QUARANTINE_SCHEMA
from graphrisk.intake.spec import ColumnSpec

_MASK = "****"
_MIN_CHARS_TO_SHOW_ENDS = 8
_MAX_CHARS_SHOWN = 64
_UNSAFE_IN_A_REPORT = r"[\p{Cc}\p{Cf}\x{2028}\x{2029}]"


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault in one column: which rows, and what to say of them."""

    code: FaultCode | NoLink
    column: ColumnSpec
    mask: pl.Series
    reason: str = ""


def records(
    fault: Fault, table: str, files: pl.Series | str, lines: pl.Series, values: pl.Series
) -> pl.DataFrame:
    """Return one quarantine record per row that has the fault.

    Parameters
    ----------
    fault
        The fault, with its mask over all rows.
    table
        The canonical table the rows were for.
    files, lines, values
        Where each row comes from and what its cell held, over all rows.
    """
    n_faulty = int(fault.mask.sum())
    text = values.filter(fault.mask).cast(pl.String)
    return pl.DataFrame(
        {
            "file": files.filter(fault.mask).cast(pl.String) if isinstance(files, pl.Series)
            else pl.Series([files]).new_from_index(0, n_faulty),
            "line": lines.filter(fault.mask),
            "column": pl.Series([fault.column.name]).new_from_index(0, n_faulty),
            "code": pl.Series([fault.code.value]).new_from_index(0, n_faulty),
            "reason": pl.Series([fault.reason or reason(fault.code, fault.column)])
            .new_from_index(0, n_faulty),
            "value": masked(text) if fault.column.is_masked else shown(text),
            "table": pl.Series([table]).new_from_index(0, n_faulty),
        },
        schema=QUARANTINE_SCHEMA,
    )  # fmt: skip


def masked(text: pl.Series) -> pl.Series:
    """Return no more than the first and last two characters; short values not at all."""
    safe = pl.lit(text.str.replace_all(_UNSAFE_IN_A_REPORT, "?"))
    ends = safe.str.head(2) + _MASK + safe.str.tail(2)
    return pl.select(
        pl.when(safe.str.len_chars() >= _MIN_CHARS_TO_SHOW_ENDS)
        .then(ends)
        .when(safe.is_not_null())
        .then(pl.lit(_MASK))
    ).to_series()


def shown(text: pl.Series) -> pl.Series:
    """Return values that tell nothing of a person: cut short, with nothing that moves a cursor."""
    return text.str.replace_all(_UNSAFE_IN_A_REPORT, "?").str.slice(0, _MAX_CHARS_SHOWN)


def gather(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Return all records as one table, in the order of file, line, table and column."""
    empty = pl.DataFrame(schema=QUARANTINE_SCHEMA)
    return pl.concat([empty, *parts]).sort("file", "line", "table", "column", "code")
