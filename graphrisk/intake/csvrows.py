"""The rows of a CSV file as text, each with its physical line.

pyarrow parses the text. What it would pass over in silence is looked after here: ragged rows,
quotes that never close, bytes that are not UTF-8, blank lines, and cells that hold line ends
(which move every later row down). Each has a slow path that is taken only when it is needed.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from graphrisk.errors import InputRefused
from graphrisk.intake.codes import FaultCode
from graphrisk.intake.csvheader import CsvHeader
from graphrisk.intake.csvlines import (
    Positions,
    first_stray_quote,
    hold_rows,
    is_blank,
    lines_with_odd_quotes,
    physical_lines,
    unpaired_quotes,
)
from graphrisk.intake.raw import RawTable, no_unread_rows, unread_rows

_BLOCK_BYTES = 8 << 20

#: Stands for bytes that are not UTF-8; cleaning rejects the cells that have it.
REPLACEMENT = "\ufffd"


def read_rows(path: Path, header: CsvHeader, needed: Iterable[str], delimiter: str) -> RawTable:
    """Read the needed columns of a CSV file as text; empty cells are null.

    Parameters
    ----------
    path, delimiter
        The file, and the character between its cells.
    header
        What ``read_header`` found.
    needed
        Trimmed names of the columns to read.

    Raises
    ------
    InputRefused
        When quotes do not pair up, so that rows can't be told apart.
    """
    wanted = [raw for raw, name in zip(header.raw_names, header.names, strict=True)
              if name in set(needed)]  # fmt: skip
    table, ragged = _parse(path, header, wanted, delimiter)
    n_records = 1 + table.num_rows + len(ragged)
    has_long_cells = header.n_quotes > 0 and header.n_lines > n_records
    is_astray = header.n_quotes > 0 and _has_stray_quotes(path, header, delimiter, has_long_cells)
    unread = [no_unread_rows()]
    holds_rows = None
    if has_long_cells or ragged:
        table, ragged = _parse(path, header, header.raw_names, delimiter, use_threads=False)
        lines, n_lines, ragged_lines = _physical_lines(table, ragged, header)
        table = table.select(wanted)
        unread.append(unread_rows(FaultCode.RAGGED_ROW, ragged_lines,
                                  [row.actual_columns for row in ragged]))  # fmt: skip
        if has_long_cells:
            holds_rows = hold_rows(physical_lines(path, header.encoding), lines, n_lines,
                                   delimiter, len(header.names))  # fmt: skip
    else:
        lines = np.arange(2, n_records + 1, dtype=np.int64)
    frame = pl.DataFrame(pl.from_arrow(table))
    is_row = _is_row(path, frame, lines, header.encoding)
    faults = {FaultCode.REPEATED_HEADER: _repeats_header(frame)}
    if holds_rows is not None:
        faults[FaultCode.ROWS_IN_CELL] = pl.Series(holds_rows)
    if is_astray:
        faults[FaultCode.STRAY_QUOTE] = _at_stray_quotes(path, header, delimiter, lines)
    for code, mask in faults.items():
        if mask.any():
            unread.append(unread_rows(code, lines[(mask & is_row).to_numpy()]))
            is_row &= ~mask
    return RawTable(
        file=path.name,
        sha256=header.sha256,
        header=header.names,
        frame=frame.filter(is_row).rename(dict(zip(header.raw_names, header.names, strict=True)),
                                          strict=False),
        lines=pl.Series("line", lines).filter(is_row),
        unread=pl.concat(unread),
        has_bom=header.has_bom,
    )  # fmt: skip


def _parse(
    path: Path,
    header: CsvHeader,
    wanted: Iterable[str],
    delimiter: str,
    *,
    use_threads: bool = True,
) -> tuple[pa.Table, list[pacsv.InvalidRow]]:
    """Parse the wanted columns; return them, and the ragged rows."""
    ragged: list[pacsv.InvalidRow] = []

    def set_aside(row: pacsv.InvalidRow) -> str:
        ragged.append(row)
        return "skip"

    names = list(wanted)
    try:
        table = pacsv.read_csv(
            _bytes(path, header),
            read_options=pacsv.ReadOptions(use_threads=use_threads, block_size=_BLOCK_BYTES),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter, newlines_in_values=header.n_quotes > 0,
                ignore_empty_lines=False, invalid_row_handler=set_aside,
            ),
            convert_options=pacsv.ConvertOptions(
                include_columns=names, column_types=dict.fromkeys(names, pa.string()),
                null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=True,
            ),
        )  # fmt: skip
    except pa.ArrowInvalid as error:
        if header.n_lines <= header.n_header_lines:  # a header and nothing else
            return pa.table({name: pa.array([], pa.string()) for name in names}), []
        if "straddling" in str(error):
            raise InputRefused(
                f"{path.name}: a row of more than {_BLOCK_BYTES >> 20} MiB",
                expected="rows that fit into memory many times over",
                hint="look for a quote that is never closed, or leave the column of that cell out",
            ) from error
        raise unpaired_quotes(path.name, f"the rows can't be told apart ({error})") from error
    return table, ragged


def _bytes(path: Path, header: CsvHeader) -> pa.NativeFile:
    """Open the file as UTF-8, with ``REPLACEMENT`` in place of bytes that are not text."""
    file = pa.OSFile(str(path))
    if header.is_utf8 and header.encoding == "utf-8":
        return file
    decoder = codecs.getincrementaldecoder(header.encoding)(errors="replace")
    return pa.TransformInputStream(
        file, lambda chunk: decoder.decode(chunk, final=not chunk).encode()
    )


def _physical_lines(
    table: pa.Table, ragged: list[pacsv.InvalidRow], header: CsvHeader
) -> tuple[Positions, Positions, Positions]:
    """Return the lines on which the rows start, how many each takes, and those of ragged rows.

    Records are numbered in file order, the header being 1; a record takes one line, and one more
    for every line end in its cells.
    """
    n_records = 1 + table.num_rows + len(ragged)
    ragged_records = np.array([row.number for row in ragged], dtype=np.int64)
    is_ragged = np.zeros(n_records + 1, dtype=bool)
    is_ragged[ragged_records] = True
    records = np.flatnonzero(~is_ragged)[2:]  # record 0 does not exist, record 1 is the header
    n_lines = np.ones(n_records + 1, dtype=np.int64)
    n_lines[1] = header.n_header_lines
    for cells in table.columns:
        n_lines[records] += _line_ends_in(cells)
    n_lines[ragged_records] += _line_ends_in(pa.array([row.text for row in ragged], pa.string()))
    starts = np.cumsum(n_lines) - n_lines
    return starts[records], n_lines[records], starts[ragged_records]


def _line_ends_in(cells: pa.Array | pa.ChunkedArray) -> Positions:
    """Count the line ends in each cell, lone carriage returns among them."""
    n_ends = np.zeros(len(cells), dtype=np.int64)
    for end, sign in (("\n", 1), ("\r", 1), ("\r\n", -1)):
        found = pc.fill_null(pc.count_substring(cells, end), 0)
        n_ends += sign * np.asarray(found, dtype=np.int64)
    return n_ends


def _is_row(path: Path, frame: pl.DataFrame, lines: Positions, encoding: str) -> pl.Series:
    """Return which rows are rows: a blank line parses as empty cells, and so does ``,,,``."""
    is_row = pl.Series([True]).new_from_index(0, frame.height)
    if not frame.width:
        return is_row
    maybe_blank = np.flatnonzero(frame.select(pl.all_horizontal(pl.all().is_null())).to_series())
    if len(maybe_blank):
        blank = maybe_blank[is_blank(physical_lines(path, encoding), lines[maybe_blank])]
        is_row = is_row.scatter(blank, False)
    return is_row


def _repeats_header(frame: pl.DataFrame) -> pl.Series:
    """Return the rows that are the header once more, as where files were put end to end."""
    repeats = pl.Series([bool(frame.width)]).new_from_index(0, frame.height)
    for name in frame.columns:
        repeats &= (frame[name] == name).fill_null(False)
        if not repeats.any():
            break
    return repeats


def _has_stray_quotes(path: Path, header: CsvHeader, delimiter: str, has_long_cells: bool) -> bool:
    """Say whether some quote stands astray; refuse the file if rows can't be told apart by it.

    Where cells run over several lines, a quote left open swallows the rows up to the next quote,
    and no count would show it.
    """
    stray = first_stray_quote(path, delimiter, header.encoding)
    if stray is None or not has_long_cells:
        return stray is not None
    if stray.line:
        raise unpaired_quotes(path.name, f"line {stray.line}: a quote in the middle of a cell")
    raise unpaired_quotes(
        path.name, f"an odd number of quotes ({stray.n_quotes:,}): one has no pair"
    )


def _at_stray_quotes(path: Path, header: CsvHeader, delimiter: str, lines: Positions) -> pl.Series:
    """Return the rows of which a cell goes on behind its closing quote; each row is a line."""
    every = physical_lines(path, header.encoding)
    try:
        odd = lines_with_odd_quotes(every, delimiter, header.n_header_lines)
    except ValueError as error:
        raise unpaired_quotes(path.name, str(error)) from error
    return pl.Series(np.isin(lines, np.array(odd, dtype=np.int64)))
