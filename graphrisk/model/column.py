"""``Column``: numbers most of which are alike, kept as the others and where they stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Shorter columns are kept as they are.
FEWEST = 4096


@dataclass(frozen=True, slots=True)
class Column:
    """A column of float64, to the last bit.

    Attributes
    ----------
    length
        How many numbers there are.
    usual
        What stands wherever nothing else does.
    place
        Where others stand, rising, shape (n_others,), int32; None if all are in ``others``.
    others
        The numbers there, shape (n_others,).
    """

    length: int
    usual: float
    place: NDArray[np.int32] | None
    others: NDArray[np.float64]

    @classmethod
    def of(cls, numbers: NDArray[np.float64], usual: float | None = None) -> Column:
        """Keep numbers, shape (n,). ``usual`` is guessed, zero or NaN, if none is given."""
        n = len(numbers)
        if n < FEWEST:
            return cls(n, 0.0, None, numbers)
        bits = np.ascontiguousarray(numbers).view(np.int64)
        guesses = [0.0, np.nan] if usual is None else [usual]
        unlike = [bits != np.array(guess).view(np.int64) for guess in guesses]
        n_unlike = [int(np.count_nonzero(one)) for one in unlike]
        best = int(np.argmin(n_unlike))
        if n_unlike[best] > n // 2:
            return cls(n, 0.0, None, np.ascontiguousarray(numbers))
        place = np.flatnonzero(unlike[best]).astype(np.int32)
        return cls(n, guesses[best], place, numbers[place])

    def all(self) -> NDArray[np.float64]:
        """Return all numbers, shape (n,)."""
        if self.place is None:
            return self.others
        numbers = np.full(self.length, self.usual)
        numbers[self.place] = self.others
        return numbers

    def __getitem__(self, rows: slice | NDArray[np.integer]) -> NDArray[np.float64]:
        """Return the numbers of some rows."""
        if isinstance(rows, slice) or rows.dtype == bool or 8 * len(rows) > self.length:
            laid_out: NDArray[np.float64] = self.all()[rows]
            return laid_out
        if self.place is None:
            kept: NDArray[np.float64] = self.others[rows]
            return kept
        numbers = np.full(len(rows), self.usual)
        if len(self.place):
            at = np.minimum(np.searchsorted(self.place, rows), len(self.place) - 1)
            found = self.place[at] == rows
            numbers[found] = self.others[at[found]]
        return numbers
