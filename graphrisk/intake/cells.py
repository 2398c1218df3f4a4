"""A column of cells on its way in: its values, the faults found, the changes counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import polars as pl

from graphrisk.intake.codes import FaultCode, Normalised
from graphrisk.intake.csvrows import REPLACEMENT
from graphrisk.intake.spec import ColumnSpec

#: Cells looked at together, so that their bytes stay in the cache.
_AT_ONCE = 1 << 16
_FIRST_VISIBLE, _LAST_VISIBLE = ord("!"), ord("~")


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


def trim(column: Column) -> bool:
    """Remove white space of any script around text; what is left empty is missing.

    Returns
    -------
    bool
        Whether all text is tidy, so that nothing else has to be looked for in it.
    """
    if is_tidy(column.values):
        return True
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
    return False


def is_tidy(text: pl.Series) -> bool:
    """Return whether no cell is empty, and all hold visible characters of ASCII and no other.

    Most columns do, and one look at their bytes then spares many looks at their cells.
    """
    if text.str.len_bytes().min() == 0:
        return False
    return all(_is_visible(text.slice(first, _AT_ONCE)) for first in range(0, text.len(), _AT_ONCE))


def _is_visible(text: pl.Series) -> bool:
    arrow = text.to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, data = arrow.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64)[[arrow.offset, arrow.offset + len(arrow)]]
    if ends[0] == ends[1]:
        return True
    chars = np.frombuffer(data, dtype=np.uint8)[ends[0] : ends[1]]
    return bool(chars.min() >= _FIRST_VISIBLE and chars.max() <= _LAST_VISIBLE)


def has_non_ascii(text: pl.Series) -> bool:
    """Return whether any cell has a character outside ASCII."""
    return bool((text.str.len_bytes() != text.str.len_chars()).any())
