"""A column of cells on its way in: its values, the faults found, the changes counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from graphrisk.intake.codes import FaultCode, Normalised
from graphrisk.intake.csvrows import REPLACEMENT
from graphrisk.intake.spec import ColumnSpec


@dataclass(slots=True)
class Column:
    """One column on its way in. ``values`` shrinks to null where ``reject`` finds a fault.

    The first fault of a cell is the one reported, so cleaners check from the outside in:
    bytes, characters, form, meaning.
    """

    spec: ColumnSpec
    values: pl.Series
    faults: list[tuple[FaultCode, pl.Series]] = field(default_factory=list)
    counts: Counter[Normalised] = field(default_factory=Counter)

    def reject(self, code: FaultCode, mask: pl.Series) -> None:
        """Set the masked cells aside under a code."""
        mask = mask.fill_null(False)
        if mask.any():
            self.faults.append((code, mask))
            self.values = blank(self.values, mask)

    def change(self, code: Normalised, values: pl.Series) -> None:
        """Replace the values by normalised ones, and count the cells that differ."""
        n_changed = int(values.ne_missing(self.values).sum())
        if n_changed:
            self.counts[code] += n_changed
            self.values = values


def blank(values: pl.Series, mask: pl.Series) -> pl.Series:
    """Return the values with null where the mask is true."""
    return pl.select(pl.when(~mask).then(values)).to_series().alias(values.name)


@dataclass(frozen=True, slots=True)
class Moment:
    """What reading times needs to know: the declared zone, and the moment of reading."""

    timezone: str | None = None
    received_at: datetime | None = None


def any_of(masks: list[pl.Series], n_rows: int) -> pl.Series:
    """Return the rows where any mask is true (Boolean, ``n_rows``)."""
    found = pl.Series([False]).new_from_index(0, n_rows)
    for mask in masks:
        found |= mask
    return found


def trim(column: Column) -> None:
    """Remove white space of any script around text; what is left empty is missing."""
    stripped = column.values.str.strip_chars()
    is_trimmed = stripped.str.len_bytes() != column.values.str.len_bytes()
    if is_trimmed.any():
        column.counts[Normalised.TRIMMED] += int(is_trimmed.sum())
        column.values = stripped
    is_empty = column.values.str.len_bytes() == 0
    if is_empty.any():
        column.values = blank(column.values, is_empty)
    if has_non_ascii(column.values):
        column.reject(FaultCode.BAD_UTF8, column.values.str.contains(REPLACEMENT, literal=True))


def has_non_ascii(text: pl.Series) -> bool:
    """Return whether any cell has a character outside ASCII."""
    return bool((text.str.len_bytes() != text.str.len_chars()).any())
