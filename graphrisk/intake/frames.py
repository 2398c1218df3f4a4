"""Parquet files and DataFrames as raw tables. What is given is never changed."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from graphrisk.errors import InputRefused
from graphrisk.intake.csvheader import MAX_COLUMNS, file_sha256
from graphrisk.intake.raw import RawTable, no_unread_rows

if TYPE_CHECKING:
    import pandas as pd

#: A Parquet file above both figures of a pair is refused before it is unpacked.
_MAX_UNPACKED_RATIO, _ALWAYS_UNPACKED_BYTES = 1_000, 256 << 20
_MAX_ROWS_PER_BYTE, _ALWAYS_ROWS = 100, 10_000_000
_MOST_CHARS = 200
#: Cells of these have a text that is their own; that of a list or of an object is an accident.
_PLAIN = (str, int, float, Decimal, date, np.integer, np.floating, np.bool_, type(None))
#: Mixtures of Python types that Arrow refuses to guess at; they are read as text.
_MIXED = {"mixed", "mixed-integer", "mixed-integer-float"}


def read_parquet_header(path: Path) -> tuple[str, ...]:
    """Return the column names of a Parquet file; raise ``InputRefused`` if it isn't one."""
    if path.stat().st_size == 0:
        raise InputRefused(f"{path.name}: the file is empty", hint="export the file again")
    try:
        described = pq.read_metadata(path)
        names = tuple(described.schema.to_arrow_schema().names)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    _refuse_repeats(path.name, names)
    _refuse_bombs(path, described)
    _refuse_gaps(path, described)
    return names


def _refuse_bombs(path: Path, described: pq.FileMetaData) -> None:
    """Raise for a file that says it holds far more than its bytes can.

    Equal values are packed a thousandfold and more, so a few kilobytes may become more rows than
    memory has room for. Nothing has been unpacked at this point.
    """
    n_bytes = sum(described.row_group(at).total_byte_size for at in range(described.num_row_groups))
    size = path.stat().st_size
    if n_bytes > max(_MAX_UNPACKED_RATIO * size, _ALWAYS_UNPACKED_BYTES):
        raise InputRefused(
            f"{path.name}: {size:,} bytes that unpack to {n_bytes:,}",
            expected=f"at most {_MAX_UNPACKED_RATIO:,} times the size of the file",
            hint="look at where the file is from; write it again as several smaller files",
        )
    if described.num_rows > max(_MAX_ROWS_PER_BYTE * size, _ALWAYS_ROWS):
        raise InputRefused(
            f"{path.name}: {size:,} bytes that hold {described.num_rows:,} rows",
            expected=f"at most {_MAX_ROWS_PER_BYTE:,} rows for each byte of the file",
            hint="look at where the file is from; write it again as several smaller files",
        )
    if described.num_columns > MAX_COLUMNS:
        raise InputRefused(
            f"{path.name}: {described.num_columns:,} columns",
            expected=f"{MAX_COLUMNS:,} columns at most",
        )


def read_parquet(path: Path, header: tuple[str, ...], needed: Iterable[str]) -> RawTable:
    """Read the needed columns of a Parquet file.

    With pyarrow: polars is quicker, and ends the whole process at some damaged files, where this
    raises. Sums of pages are checked where the file has them.
    """
    wanted = [name for name in header if name in set(needed)]
    with ThreadPoolExecutor(1) as pool:
        sha256 = pool.submit(file_sha256, path)
        try:
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                parts = [
                    pl.DataFrame(pl.from_arrow(file.read_row_group(group, columns=wanted)))
                    for group in range(file.num_row_groups)
                ] or [pl.DataFrame(pl.from_arrow(file.schema_arrow.empty_table().select(wanted)))]
            frame = pl.concat(parts, rechunk=False)
        except (
            pa.ArrowException,
            pl.exceptions.PolarsError,
            pl.exceptions.PanicException,
            OSError,
            ValueError,
        ) as error:
            raise _unreadable(path, error) from error
        return _raw(path.name, frame, header, sha256=sha256.result())


def read_frame(name: str, table: object, needed: Iterable[str]) -> RawTable:
    """Take the needed columns of a pandas or polars DataFrame, or of a pyarrow Table."""
    frame = _to_polars(name, table)
    wanted = [column for column in frame.columns if column in set(needed)]
    return _raw(name, frame.select(wanted), tuple(frame.columns))


def frame_header(name: str, table: object) -> tuple[str, ...]:
    """Return the column names of a DataFrame; raise ``InputRefused`` when one repeats."""
    if isinstance(table, pa.Table):
        header = tuple(table.column_names)
    elif not isinstance(table, pl.LazyFrame | pa.RecordBatch) and hasattr(table, "columns"):
        header = tuple(str(column) for column in table.columns)
    else:
        raise InputRefused(
            f"{name}: a {type(table).__name__}",
            expected="a pandas or polars DataFrame, or a pyarrow Table",
            hint="convert it, for example with .collect() or pa.Table.from_batches",
        )
    _refuse_repeats(name, header)
    return header


def _refuse_repeats(name: str, header: tuple[str, ...]) -> None:
    """Raise for a column that is there twice."""
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        raise InputRefused(
            f"{name}: {', '.join(twice)} more than once",
            expected="every column name once",
            hint="rename or remove the columns that repeat",
        )


def _refuse_gaps(path: Path, described: pq.FileMetaData) -> None:
    """Raise where the file's own index names bytes beyond its end, or a zone that there is not."""
    size = path.stat().st_size
    for group in range(described.num_row_groups):
        for at in range(described.num_columns):
            chunk = described.row_group(group).column(at)
            start = min(chunk.data_page_offset, chunk.dictionary_page_offset or size)
            if start < 0 or start + chunk.total_compressed_size > size:
                raise InputRefused(
                    f"{path.name}: {size:,} bytes, and column {chunk.path_in_schema!r} should lie "
                    "beyond them",
                    expected="a whole Parquet file",
                    hint="write the file again; it may have been cut short",
                )
    for field in described.schema.to_arrow_schema():
        zone = getattr(field.type, "tz", None)
        if zone is not None:
            try:
                pl.Series([], dtype=pl.Datetime("us", zone))
            except pl.exceptions.PolarsError as error:
                raise InputRefused(
                    f"{path.name}: column {field.name!r} is in the time zone {zone!r}",
                    expected="an IANA name, such as UTC or Asia/Shanghai",
                    hint="write the column in UTC",
                ) from error


def _to_polars(name: str, table: object) -> pl.DataFrame:
    """Return the table as polars, without a copy where none is needed."""
    if isinstance(table, pl.DataFrame):
        return table
    try:
        arrow = (
            table if isinstance(table, pa.Table) else _pandas_to_arrow(cast("pd.DataFrame", table))
        )
        return pl.DataFrame(pl.from_arrow(arrow))
    except (pa.ArrowException, pl.exceptions.PolarsError, TypeError, AttributeError) as error:
        raise InputRefused(
            f"{name}: the table can't be read ({error})",
            expected="columns of text, numbers or times",
            hint="convert the column named, for example with .astype(str)",
        ) from error


def _pandas_to_arrow(table: pd.DataFrame) -> pa.Table:
    """Convert pandas to Arrow; columns that mix numbers and text become text."""
    import pandas as pd

    frame = table.set_axis([str(column) for column in table.columns], axis="columns")
    mixed = [
        column
        for column in frame.columns
        if frame[column].dtype == object
        and pd.api.types.infer_dtype(frame[column], skipna=True) in _MIXED
    ]
    for column in mixed:
        odd = {
            type(cell).__name__
            for cell in frame[column]
            if not (isinstance(cell, _PLAIN) or cell is pd.NA)
        }
        if odd:
            raise TypeError(f"column {column!r} holds {', '.join(sorted(odd))}")
    return pa.Table.from_pandas(frame.astype(dict.fromkeys(mixed, "string")), preserve_index=False)


def _raw(file: str, frame: pl.DataFrame, header: tuple[str, ...], sha256: str = "") -> RawTable:
    """Number the rows from 1: a table has no physical lines."""
    lines = pl.int_range(1, frame.height + 1, dtype=pl.Int64, eager=True).alias("line")
    return RawTable(file, sha256, header, frame, lines, no_unread_rows())


def _unreadable(path: Path, error: Exception) -> InputRefused:
    """Build the refusal of a Parquet file that does not open."""
    if "encrypt" in str(error) or "decrypt" in str(error):
        return InputRefused(
            f"{path.name}: the file is encrypted",
            expected="a Parquet file without encryption",
            hint="write it again without; nothing here asks for keys",
        )
    why = str(error).partition("\n")[0][:_MOST_CHARS]
    return InputRefused(
        f"{path.name}: not a Parquet file that can be read ({why})",
        expected="a whole Parquet file",
        hint="write the file again; it may have been cut short",
    )
