"""String ids to dense integers: each kind's ids sorted, kinds one after another.

The number of an entity depends only on which entities there are, never on the order of rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

ABSENT = -1


@dataclass(frozen=True, slots=True)
class IdIndex:
    """Dense numbers for the ids of every kind.

    Attributes
    ----------
    kinds
        Kinds in alphabetical order.
    ids
        For each kind its ids, sorted and distinct.
    starts
        First number of each kind, shape (n_kinds + 1,), int64.
    """

    kinds: tuple[str, ...]
    ids: tuple[pl.Series, ...]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, seen: Mapping[str, Sequence[pl.Series]]) -> IdIndex:
        """Collect the distinct ids of each kind from the columns where they occur."""
        kinds = tuple(sorted(seen))
        ids = tuple(
            pl.concat([column.cast(pl.String).drop_nulls() for column in seen[kind]])
            .unique()
            .sort()
            .alias("entity_id")
            for kind in kinds
        )
        starts = np.concatenate(([0], np.cumsum([len(column) for column in ids]))).astype(np.int64)
        return cls(kinds, ids, starts)

    @property
    def n_entities(self) -> int:
        """How many entities there are, of all kinds."""
        return int(self.starts[-1])

    def entity_ids(self) -> pl.Series:
        """Return all ids in the order of their numbers, shape (n_entities,)."""
        if not self.ids:
            return pl.Series("entity_id", [], dtype=pl.String)
        return pl.concat(self.ids).alias("entity_id")

    def kind_codes(self) -> NDArray[np.int16]:
        """Return the kind of every entity as a position in ``kinds``, shape (n_entities,)."""
        sizes = np.diff(self.starts)
        return np.repeat(np.arange(len(self.kinds), dtype=np.int16), sizes)

    def encode(self, kind: str, column: pl.Series) -> NDArray[np.int32]:
        """Number a column of ids of one kind; ids not in the index become ``ABSENT``."""
        if kind not in self.kinds:
            return np.full(len(column), ABSENT, dtype=np.int32)
        position = self.kinds.index(kind)
        known = self.ids[position]
        if len(column) == 1:  # one id: search the sorted ids rather than hash them all
            place = known.search_sorted(column[0]) if column[0] is not None else len(known)
            found = place < len(known) and known[place] == column[0]
            return np.array([place + self.starts[position] if found else ABSENT], dtype=np.int32)
        codes = column.cast(pl.Enum(known), strict=False).to_physical().cast(pl.Int64)
        numbers = codes.fill_null(ABSENT - int(self.starts[position])).to_numpy()
        return np.asarray(numbers + self.starts[position], dtype=np.int32)

    def encode_mixed(self, kinds: pl.Series, column: pl.Series) -> NDArray[np.int32]:
        """Number a column of ids whose kind differs from row to row."""
        numbers = np.full(len(column), ABSENT, dtype=np.int32)
        for kind in kinds.unique().drop_nulls().to_list():
            rows = np.flatnonzero((kinds == kind).fill_null(False).to_numpy())
            numbers[rows] = self.encode(kind, column.gather(rows))
        return numbers
