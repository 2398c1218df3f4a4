"""``Sheet``: a table kept as codes, whose text is made for the rows and columns asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

#: Places of rows, or a range of them.
Chosen = slice | NDArray[np.integer]
#: Rows made at a time where all are wanted.
PART_ROWS = 250_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table that is made when it is asked for.

    A cell of text takes 16 bytes and more, its code 1 to 4. On a large book the difference is
    most of the memory of an analysis.

    Attributes
    ----------
    height
        How many rows there are.
    makers
        Column name to the function that makes its cells for some rows.
    """

    height: int
    makers: Mapping[str, Callable[[Chosen], pl.Series]]

    @classmethod
    def of(cls, table: pl.DataFrame) -> Sheet:
        """Take the rows of a table as they are."""
        return cls(table.height, {name: table[name].__getitem__ for name in table.columns})

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(self.makers)

    def take(self, some: Chosen, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Make some rows, of some columns or of all."""
        names = self.columns if columns is None else columns
        return pl.DataFrame({name: self.makers[name](some) for name in names})

    def between(self, first: int, last: int) -> pl.DataFrame:
        """Make the rows from one place up to another."""
        return self.take(slice(first, last))

    def parts(self, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """Make all rows, some at a time; one empty part where there are none."""
        for first in range(0, max(self.height, 1), PART_ROWS):
            yield self.take(slice(first, min(first + PART_ROWS, self.height)), columns)

    def table(self, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Make all rows."""
        return pl.concat(self.parts(columns))
