"""``Column``: numbers most of which are alike, kept as the others and where they stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

#: Shorter columns are kept as they are.
FEWEST = 4096
#: What most numbers may be, by the kind of their type: nothing, one, and what stands for none.
_GUESSES: dict[str, tuple[float, ...]] = {
    "f": (0.0, np.nan), "i": (0, 1, -1, -2), "b": (False,),
}  # fmt: skip

Class = TypeVar("Class", bound=type)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of numbers of any one type, to the last bit.

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
    others: NDArray[Any]

    @classmethod
    def of(cls, numbers: NDArray[Any], usual: float | None = None) -> Column:
        """Keep numbers, shape (n,). ``usual`` is guessed if none is given."""
        n = len(numbers)
        if n < FEWEST:
            return cls(n, 0.0, None, numbers)
        whole = f"i{numbers.itemsize}"
        bits = np.ascontiguousarray(numbers).view(whole)
        guesses = _GUESSES[numbers.dtype.kind] if usual is None else (usual,)
        for guess in guesses:
            unlike = bits != np.array(guess, numbers.dtype).view(whole)
            # Of most numbers alike, as of half of them, no other guess is true.
            if np.count_nonzero(unlike) <= n // 2:
                place = np.flatnonzero(unlike).astype(np.int32)
                return cls(n, guess, place, numbers[place])
        return cls(n, 0.0, None, np.ascontiguousarray(numbers))

    @classmethod
    def beside(
        cls, length: int, usual: float, place: NDArray[np.integer], others: NDArray[Any]
    ) -> Column:
        """Keep numbers that are ``usual`` but at some places, rising, shape (n_others,)."""
        kept = cls(length, usual, place.astype(np.int32), others)
        is_dense = length < FEWEST or len(place) > length // 2
        return cls(length, 0.0, None, kept.all()) if is_dense else kept

    def all(self) -> NDArray[Any]:
        """Return all numbers, shape (n,)."""
        return self.others if self.place is None else self._between(0, self.length)

    def __getitem__(self, rows: slice | NDArray[np.integer]) -> NDArray[Any]:
        """Return the numbers of some rows."""
        if self.place is None:
            return np.asarray(self.others[rows])
        if isinstance(rows, slice):
            first, last, step = rows.indices(self.length)
            return self._between(first, last) if step == 1 else self.all()[rows]
        if rows.dtype == bool or 8 * len(rows) > self.length:
            return np.asarray(self.all()[rows])
        numbers = self._alike(len(rows))
        if len(self.place):
            at = np.minimum(_places(self.place, rows), len(self.place) - 1)
            found = self.place[at] == rows
            numbers[found] = self.others[at[found]]
        return numbers

    def _between(self, first: int, last: int) -> NDArray[Any]:
        numbers = self._alike(max(last - first, 0))
        if self.place is not None:
            some = slice(*_places(self.place, [first, first + len(numbers)]).tolist())
            numbers[self.place[some] - first] = self.others[some]
        return numbers

    def _alike(self, n: int) -> NDArray[Any]:
        return np.full(n, self.usual, dtype=self.others.dtype)


def _places(place: NDArray[np.int32], rows: NDArray[np.integer] | list[int]) -> NDArray[np.integer]:
    """Find where rows are among places; of another type, all places would be copied to it first."""
    return np.searchsorted(place, np.asarray(rows, dtype=place.dtype))


def kept_as_columns(*names: str) -> Callable[[Class], Class]:
    """Keep fields of a dataclass, which has no slots, as columns; who reads one gets all numbers.

    Whoever needs the numbers of a field more than once reads it once.
    """

    def decorate(owner: Class) -> Class:
        for name in names:
            setattr(owner, name, _Kept(f"_{name}"))
        return owner

    return decorate


class _Kept:
    """A field that is kept as a column under another name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, owner: object, _: type | None = None) -> NDArray[Any]:
        numbers: NDArray[Any] = vars(owner)[self._name].all()
        return numbers

    def __set__(self, owner: object, numbers: NDArray[Any]) -> None:
        vars(owner)[self._name] = Column.of(numbers)
