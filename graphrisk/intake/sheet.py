"""``Sheet``: a table kept as codes, whose text is made for the rows and columns asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

#: Places of rows, or a range of them.
Chosen = slice | NDArray[np.integer]
#: Rows made at a time where all are wanted.
PART_ROWS = 250_000


class Words:
    """Makes a column of few words from the code of each row.

    Parameters
    ----------
    words
        What each code stands for; several may stand for one word, or for none.
    codes
        Gives the codes of some rows; ``-1`` is the last.
    """

    def __init__(
        self, words: Iterable[str | None], codes: Callable[[Chosen], NDArray[np.integer]]
    ) -> None:
        self._words, self._codes = pl.Series(words, dtype=pl.String), codes
        self._coded = self._words.cast(
            pl.Enum(self._words.drop_nulls().unique(maintain_order=True))
        )

    def __call__(self, rows: Chosen) -> pl.Series:
        """Make the cells of some rows."""
        return self._words.gather(self._codes(rows))

    def coded(self, rows: Chosen) -> pl.Series:
        """Make the cells of some rows as an ``Enum``, without any text."""
        return self._coded.gather(self._codes(rows))


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

    def coded(self, first: int, last: int) -> pl.DataFrame:
        """Make the rows from one place up to another; columns of few words as ``Enum``."""
        rows = slice(first, last)
        return pl.DataFrame(
            {
                name: make.coded(rows) if isinstance(make, Words) else make(rows)
                for name, make in self.makers.items()
            }
        )

    def parts(self, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """Make all rows, some at a time; one empty part where there are none."""
        for first in range(0, max(self.height, 1), PART_ROWS):
            yield self.take(slice(first, min(first + PART_ROWS, self.height)), columns)

    def table(self, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Make all rows."""
        return pl.concat(self.parts(columns))
