"""String ids to dense integers: each kind's ids sorted, kinds one after another.

The number of an entity depends only on which entities there are, never on the order of rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.intake.idtable import ABSENT, IdTable
from graphrisk.threads import side_by_side

__all__ = ["ABSENT", "IdIndex"]

#: A column this many times shorter than a kind is searched for, and no table is made for it.
FEW = 16


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
    #: Tables of the kinds looked up so far.
    _tables: dict[str, IdTable] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, seen: Mapping[str, Sequence[pl.Series]]) -> IdIndex:
        """Collect the distinct ids of each kind from the columns where they occur."""
        tables = {kind: IdTable() for kind in seen}
        for kind, columns in seen.items():
            for column in columns:
                tables[kind].add(column.cast(pl.String))
        return cls.of_tables(tables)[0]

    @classmethod
    def of_tables(
        cls, tables: Mapping[str, IdTable], *, n_threads: int = 1
    ) -> tuple[IdIndex, dict[str, NDArray[np.int32]]]:
        """Number the ids that tables hold.

        Returns
        -------
        index, numbers
            The index, and for each kind the number of each id of its table, int32.
        """
        kinds = tuple(sorted(tables))
        sizes = [len(tables[kind]) for kind in kinds]
        starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)

        def sorted_ids(kind: str, start: int) -> tuple[pl.Series, NDArray[np.int32]]:
            table = tables[kind]
            order = table.order()
            number = np.empty(len(table), dtype=np.int32)
            number[order] = np.arange(start, start + len(table))
            return table.ids(order).alias("entity_id"), number

        tasks = [partial(sorted_ids, *of) for of in zip(kinds, starts.tolist(), strict=False)]
        found = side_by_side(n_threads, *tasks)
        ids, numbers = tuple(i for i, _ in found), [number for _, number in found]
        return cls(kinds, ids, starts), dict(zip(kinds, numbers, strict=True))

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
        position, text = self.kinds.index(kind), column.cast(pl.String)
        known = self.ids[position]
        if kind not in self._tables and FEW * len(text) < len(known):
            return _searched(known, text, int(self.starts[position]))
        if kind not in self._tables:
            self._tables[kind] = IdTable()
            self._tables[kind].add(known)  # sorted, so that numbers are places
        numbers = self._tables[kind].find(text)
        numbers[numbers != ABSENT] += np.int32(self.starts[position])
        return numbers

    def encode_mixed(self, kinds: pl.Series, column: pl.Series) -> NDArray[np.int32]:
        """Number a column of ids whose kind differs from row to row."""
        numbers = np.full(len(column), ABSENT, dtype=np.int32)
        for kind in kinds.unique().drop_nulls().to_list():
            rows = np.flatnonzero((kinds == kind).fill_null(False).to_numpy())
            numbers[rows] = self.encode(kind, column.gather(rows))
        return numbers


def _searched(known: pl.Series, text: pl.Series, start: int) -> NDArray[np.int32]:
    """Search sorted ids for a few."""
    place = np.asarray(known.search_sorted(text.fill_null("")), dtype=np.int64)
    here = known.gather(np.minimum(place, len(known) - 1))
    found = (place < len(known)) & (here == text).fill_null(False).to_numpy()
    return np.where(found, place + start, ABSENT).astype(np.int32)
