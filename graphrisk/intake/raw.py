"""A table as it was supplied, before anything is read into it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

#: Rows that can't be read cell by cell: where each is, why, and how many cells a ragged one has.
UNREAD_SCHEMA: dict[str, pl.DataType] = {
    "line": pl.Int64(),
    "code": pl.String(),
    "n_cells": pl.Int64(),
}


@dataclass(frozen=True, slots=True)
class RawTable:
    """One file or DataFrame.

    Attributes
    ----------
    file
        Name of the file, or of the DataFrame.
    sha256
        Hash of the file's bytes; empty for a DataFrame.
    header
        Every column that was seen, trimmed, in order.
    frame
        The columns that the mapping asks for, of any dtype; all text for CSV.
    lines
        Int64, one per row of ``frame``: the physical line from 1, or the row number.
    unread
        Rows left out of ``frame``, since their cells can't be told or trusted: ragged ones, the
        header once more, a quote astray.
    has_bom
        Whether a UTF-8 byte order mark was skipped.
    """

    file: str
    sha256: str
    header: tuple[str, ...]
    frame: pl.DataFrame
    lines: pl.Series
    unread: pl.DataFrame
    has_bom: bool = False

    @property
    def n_rows(self) -> int:
        """All rows of the file, unread ones included; the header and blank lines are not rows."""
        return self.frame.height + self.unread.height


def unread_rows(
    code: str, lines: Iterable[int], n_cells: Iterable[int] | None = None
) -> pl.DataFrame:
    """Return a table of unread rows that have the same fault."""
    at = pl.Series("line", lines, dtype=pl.Int64)
    return pl.DataFrame(
        {"line": at, "code": pl.Series([str(code)]).new_from_index(0, len(at)),
         "n_cells": pl.Series(n_cells, dtype=pl.Int64) if n_cells is not None else
         pl.Series([None], dtype=pl.Int64).new_from_index(0, len(at))},
        schema=UNREAD_SCHEMA,
    )  # fmt: skip


def no_unread_rows() -> pl.DataFrame:
    """Return an empty table of unread rows."""
    return pl.DataFrame(schema=UNREAD_SCHEMA)
