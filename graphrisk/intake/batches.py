"""Columns of text from a file or a frame, some rows at a time, in little fresh memory.

Memory that a process has not had before is dear: every page of it is asked for and filled with
zeros. So rows are read group by group, where a group's memory can serve the next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from graphrisk.errors import InputRefused

#: Rows read together, about: small groups of a file are taken together.
ROWS_AT_ONCE = 500_000
#: A file with larger groups of rows is read as polars' streams cut it.
MOST_ROWS = 2_000_000


def text_batches(
    links: str | Path | pl.DataFrame, columns: Sequence[str]
) -> tuple[int | None, Iterator[pl.DataFrame]]:
    """Read columns as text, some rows at a time, in their order.

    Returns
    -------
    n_rows, batches
        How many rows there are, None if that is not known before; and the rows.

    Raises
    ------
    InputRefused
        If there is no such file or column.
    """
    wanted = [pl.col(name).cast(pl.String) for name in columns]
    if isinstance(links, pl.DataFrame):
        _check_columns(links.columns, columns, "the frame")
        slices = links.select(columns).iter_slices(ROWS_AT_ONCE)
        return links.height, (part.select(wanted) for part in slices)
    path = Path(links)
    if not path.is_file():
        raise InputRefused(f"{path} is no file", expected="a Parquet or CSV file of links")
    if path.suffix.lower() == ".csv":
        rows, groups = pl.scan_csv(path, infer_schema=False, glob=False), None
    else:
        rows = pl.scan_parquet(path, glob=False)
        groups = _row_groups(path)
    _check_columns(rows.collect_schema().names(), columns, path.name)
    rows = rows.select(wanted)
    if groups is None:
        return None, rows.collect_batches(chunk_size=ROWS_AT_ONCE, maintain_order=True)
    if max(groups, default=0) > MOST_ROWS:
        return sum(groups), rows.collect_batches(chunk_size=ROWS_AT_ONCE, maintain_order=True)
    return sum(groups), (rows.slice(*part).collect() for part in _taken_together(groups))


def _row_groups(path: Path) -> list[int]:
    """List how many rows each group of a Parquet file has."""
    from pyarrow.parquet import read_metadata

    metadata = read_metadata(path)
    return [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]


def _taken_together(groups: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Give the first row and the number of rows of whole groups, no more than wanted at once."""
    first = n_rows = 0
    for n_of_group in groups:
        if n_rows and n_rows + n_of_group > ROWS_AT_ONCE:
            yield first, n_rows
            first, n_rows = first + n_rows, 0
        n_rows += n_of_group
    if n_rows:
        yield first, n_rows


def _check_columns(names: Sequence[str], columns: Sequence[str], where: str) -> None:
    missing = [name for name in columns if name not in names]
    if missing:
        raise InputRefused(
            f"{where} has no column {', '.join(missing)}",
            expected=f"columns {' and '.join(columns)}; it has {', '.join(names)}",
            hint="name the columns with source= and target=",
        )
