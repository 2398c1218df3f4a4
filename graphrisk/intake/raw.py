"""A table as it was supplied, before anything is read into it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

#: Ragged rows: where each one is, and how many cells it has.
RAGGED_SCHEMA: dict[str, pl.DataType] = {"line": pl.Int64(), "n_cells": pl.Int64()}


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
    ragged
        Rows left out of ``frame``: they have more or fewer cells than the header.
    has_bom
        Whether a UTF-8 byte order mark was skipped.
    """

    file: str
    sha256: str
    header: tuple[str, ...]
    frame: pl.DataFrame
    lines: pl.Series
    ragged: pl.DataFrame
    has_bom: bool = False

    @property
    def n_rows(self) -> int:
        """All rows of the file, ragged ones included; the header and blank lines are not rows."""
        return self.frame.height + self.ragged.height


def no_ragged_rows() -> pl.DataFrame:
    """Return an empty table of ragged rows."""
    return pl.DataFrame(schema=RAGGED_SCHEMA)
