"""Parquet files whose bytes depend on their rows alone, written some rows at a time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

#: Left alone, row groups would follow the number of threads, and the bytes with them.
ROWS_PER_GROUP = 250_000
#: Of Zstandard. Most of a table are ids, which are random: a higher level takes longer, and makes
#: files that are larger.
LEVEL = 1
#: A dictionary pays for a column of which so large a share of the rows differ, and no larger.
_REPEATING_SHARE = 0.4
#: Types are those of Parquet, so that no reader finds codes where a text is. Dictionaries and
#: pages are never cut off for their size before the row group ends.
_OPTIONS: Any = {
    "compression": "zstd", "compression_level": LEVEL, "store_schema": False,
    "dictionary_pagesize_limit": 1 << 26, "max_rows_per_page": ROWS_PER_GROUP,
}  # fmt: skip
RowsBetween = Callable[[int, int], pl.DataFrame]


def write_parquet(table: pl.DataFrame, path: Path) -> None:
    """Write a table as Parquet: equal rows, equal bytes."""
    write_in_parts(lambda first, last: table[first:last], table.height, path)


def write_in_parts(rows: RowsBetween, n_rows: int, path: Path) -> None:
    """Write a table that is made some rows at a time, in the bytes of :func:`write_parquet`.

    With pyarrow, which takes columns of few words (``Enum``) by their codes, and stores them as
    text; rows are made while those before them are written.

    Parameters
    ----------
    rows
        Makes the rows from one place to another.
    n_rows
        How many rows there are.
    path
        The file.
    """

    def made(first: int) -> pa.Table:
        return _arrow(rows(first, min(first + ROWS_PER_GROUP, n_rows)))

    start = rows(0, min(ROWS_PER_GROUP, n_rows))
    part, repeating = _arrow(start), _repeating(start)
    with (
        ThreadPoolExecutor(1) as ahead,
        pq.ParquetWriter(path, part.schema, use_dictionary=repeating, **_OPTIONS) as file,
    ):
        for first in range(ROWS_PER_GROUP, n_rows, ROWS_PER_GROUP):
            coming = ahead.submit(made, first)
            file.write_table(part, ROWS_PER_GROUP)
            part = coming.result()
        file.write_table(part, ROWS_PER_GROUP)


def _arrow(table: pl.DataFrame) -> pa.Table:
    """Lay texts one after another: they lie scattered, and the writer goes over them often."""
    return table.to_arrow(compat_level=pl.CompatLevel.oldest())


def _repeating(part: pl.DataFrame) -> list[str]:
    """Name the columns whose values repeat, as the first rows tell."""
    most = _REPEATING_SHARE * part.height
    return [
        column.name
        for column in part
        if isinstance(column.dtype, pl.Enum)
        or not (column.dtype.is_float() or column.n_unique() > most)
    ]
