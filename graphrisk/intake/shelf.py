"""``Shelf``: tables by name, the large ones of which can lie in files until they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

#: Tables with fewer rows stay in memory.
FEWEST_ROWS = 100_000
#: Rows of a table that are read together where one part after the other will do.
PART_ROWS = 500_000


class Shelf(Mapping[str, pl.DataFrame]):
    """Tables by name. Everybody who holds the shelf sees what was put away."""

    def __init__(self, tables: Mapping[str, pl.DataFrame]) -> None:
        self._places: dict[str, pl.DataFrame | Path] = dict(tables)

    def __getitem__(self, name: str) -> pl.DataFrame:
        place = self._places[name]
        return pl.read_parquet(place, glob=False) if isinstance(place, Path) else place

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def scan(self, name: str) -> pl.LazyFrame:
        """Read a table lazily: only the columns and rows that are asked for."""
        place = self._places[name]
        return pl.scan_parquet(place, glob=False) if isinstance(place, Path) else place.lazy()

    def put_away(self, name: str, path: Path) -> None:
        """Let a large table go: from now on it is read from ``path``, where all its rows lie."""
        place = self._places[name]
        if isinstance(place, pl.DataFrame) and place.height >= FEWEST_ROWS:
            self._places[name] = path

    def moved(self, folder: Path) -> None:
        """Look for the files in another folder from now on."""
        for name, place in self._places.items():
            if isinstance(place, Path):
                self._places[name] = folder / place.name


def scan(tables: Mapping[str, pl.DataFrame], name: str) -> pl.LazyFrame:
    """Read one of some tables lazily, wherever it lies."""
    return tables.scan(name) if isinstance(tables, Shelf) else tables[name].lazy()


def scan_parts(tables: Mapping[str, pl.DataFrame], name: str) -> Iterator[pl.LazyFrame]:
    """Read one of some tables lazily, some rows at a time; an empty one in one part."""
    rows = scan(tables, name)
    n_rows = int(rows.select(pl.len()).collect().item())
    for first in range(0, max(n_rows, 1), PART_ROWS):
        yield rows.slice(first, PART_ROWS)
