"""The rows of a CSV file as text, each with its physical line.

pyarrow parses the text. What it would pass over in silence is looked after here: ragged rows,
quotes that never close, bytes that are not UTF-8, blank lines, and cells that hold line ends
(which move every later row down). Each has a slow path that is taken only when it is needed.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from graphrisk.errors import InputRefused
from graphrisk.intake.csvheader import CsvHeader
from graphrisk.intake.raw import RAGGED_SCHEMA, RawTable

_BLOCK_BYTES = 8 << 20

#: Well-formed UTF-8 (Unicode 16, table 3-7), as a pattern over bytes.
_UTF8_CELL = (
    r"^(?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]"
    r"|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    r"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})*\z"
)

#: Stands for a cell whose bytes are not UTF-8; cleaning rejects it.
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
    if has_long_cells:
        _refuse_unpaired_quotes(path, header, delimiter)
    if has_long_cells or ragged:
        table, ragged = _parse(path, header, header.raw_names, delimiter, use_threads=False)
        lines, ragged_lines = _physical_lines(table, ragged, header)
        table = table.select(wanted)
    else:
        lines = np.arange(2, n_records + 1, dtype=np.int64)
        ragged_lines = lines[:0]
    frame = _as_text(table)
    is_row = _is_row(path, frame, lines)
    return RawTable(
        file=path.name,
        sha256=header.sha256,
        header=header.names,
        frame=frame.filter(is_row).rename(dict(zip(header.raw_names, header.names, strict=True)),
                                          strict=False),
        lines=pl.Series("line", lines).filter(is_row),
        ragged=pl.DataFrame(
            {"line": ragged_lines, "n_cells": [row.actual_columns for row in ragged]},
            schema=RAGGED_SCHEMA,
        ),
        has_bom=header.has_bom,
    )  # fmt: skip


def _parse(
    path: Path,
    header: CsvHeader,
    wanted: Iterable[str],
    delimiter: str,
    *,
    use_threads: bool = True,
    cell_type: pa.DataType | None = None,
) -> tuple[pa.Table, list[pacsv.InvalidRow]]:
    """Parse the wanted columns; return them, and the ragged rows."""
    ragged: list[pacsv.InvalidRow] = []

    def set_aside(row: pacsv.InvalidRow) -> str:
        ragged.append(row)
        return "skip"

    names = list(wanted)
    cell_type = cell_type or pa.string()
    try:
        table = pacsv.read_csv(
            path,
            read_options=pacsv.ReadOptions(use_threads=use_threads, block_size=_BLOCK_BYTES),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter, newlines_in_values=header.n_quotes > 0,
                ignore_empty_lines=False, invalid_row_handler=set_aside,
            ),
            convert_options=pacsv.ConvertOptions(
                include_columns=names, column_types=dict.fromkeys(names, cell_type),
                null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=True,
            ),
        )  # fmt: skip
    except pa.ArrowInvalid as error:
        if "invalid UTF8" in str(error):
            return _parse(path, header, names, delimiter, use_threads=use_threads,
                          cell_type=pa.binary())  # fmt: skip
        if header.n_lines <= header.n_header_lines:  # a header and nothing else
            return pa.table({name: pa.array([], pa.string()) for name in names}), []
        raise _unpaired_quotes(path.name, f"the rows can't be told apart ({error})") from error
    return table, ragged


def _as_text(table: pa.Table) -> pl.DataFrame:
    """Return the cells as text; cells that are not UTF-8 become ``REPLACEMENT``."""
    columns = dict(zip(table.column_names, table.columns, strict=True))
    for name, cells in columns.items():
        if pa.types.is_binary(cells.type):
            is_text = pc.match_substring_regex(cells, _UTF8_CELL)
            marked = pc.if_else(is_text, cells, pa.scalar(REPLACEMENT.encode(), pa.binary()))
            columns[name] = marked.cast(pa.string())
    return pl.DataFrame(pl.from_arrow(pa.table(columns)))


def _physical_lines(
    table: pa.Table, ragged: list[pacsv.InvalidRow], header: CsvHeader
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the lines on which the rows, and the ragged rows, start.

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
        n_lines[records] += pc.fill_null(pc.count_substring(cells, "\n"), 0).to_numpy()
    texts = pa.array([row.text for row in ragged], pa.string())
    n_lines[ragged_records] += pc.count_substring(texts, "\n").to_numpy(zero_copy_only=False)
    starts = np.cumsum(n_lines) - n_lines
    return starts[records], starts[ragged_records]


def _is_row(path: Path, frame: pl.DataFrame, lines: npt.NDArray[np.int64]) -> pl.Series:
    """Return which rows are rows: a blank line parses as empty cells, and so does ``,,,``."""
    is_row = pl.Series([True]).new_from_index(0, frame.height)
    if not frame.width:
        return is_row
    maybe_blank = np.flatnonzero(frame.select(pl.all_horizontal(pl.all().is_null())).to_series())
    if len(maybe_blank):
        blank = maybe_blank[_is_blank_line(path, lines[maybe_blank])]
        is_row = is_row.scatter(blank, False)
    return is_row


def _is_blank_line(path: Path, lines: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return which of the given physical lines hold nothing."""
    data = np.memmap(path, dtype=np.uint8, mode="r")
    step = _BLOCK_BYTES  # one block at a time keeps the mask of line ends small
    ends = np.concatenate(
        [np.flatnonzero(data[at : at + step] == ord("\n")) + at
         for at in range(0, len(data), step)] + [np.array([len(data)])]
    )  # fmt: skip
    is_within = lines <= len(ends)  # lone carriage returns end rows, not physical lines
    at = np.where(is_within, lines, 1) - 1
    starts = np.where(at > 0, ends[at - 1] + 1, 0)
    n_bytes = ends[at] - starts
    first = data[np.minimum(starts, len(data) - 1)]
    is_bare = (n_bytes <= 0) | ((n_bytes == 1) & (first == ord("\r")))
    blank: npt.NDArray[np.bool_] = is_within & is_bare
    return blank


def _refuse_unpaired_quotes(path: Path, header: CsvHeader, delimiter: str) -> None:
    """Raise when cells run over several lines and some quote neither opens nor closes a cell.

    A quote left open swallows the rows up to the next quote, and no count would show it.
    """
    if header.n_quotes % 2:
        raise _unpaired_quotes(path.name, f"{header.n_quotes} quote characters: one has no pair")
    edge = re.escape(delimiter.encode())
    stray = re.compile(rb'[^"\r\n%b]"[^"\r\n%b]' % (edge, edge))
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        found = stray.search(data)
        line = data[: found.start() + 1].count(b"\n") + 1 if found else 0
    if found:
        raise _unpaired_quotes(path.name, f"line {line}: a quote in the middle of a cell")


def _unpaired_quotes(file: str, what: str) -> InputRefused:
    """Build the refusal of a file whose quotes can't be trusted."""
    return InputRefused(
        f"{file}: {what}",
        expected="every cell that starts with a quote to end with one, with quotes inside "
        "it doubled",
        hint="export the file again, or correct the quotes",
    )
