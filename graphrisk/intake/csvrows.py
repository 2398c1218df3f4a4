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
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from graphrisk.errors import InputRefused
from graphrisk.intake.csvheader import CsvHeader
from graphrisk.intake.raw import RAGGED_SCHEMA, RawTable

_BLOCK_BYTES = 8 << 20
_BOM_BYTES = 3  # a quote at the very start may stand behind the byte order mark

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
    if has_long_cells:
        _refuse_unpaired_quotes(path, delimiter, header.encoding)
    if has_long_cells or ragged:
        table, ragged = _parse(path, header, header.raw_names, delimiter, use_threads=False)
        lines, ragged_lines = _physical_lines(table, ragged, header)
        table = table.select(wanted)
    else:
        lines = np.arange(2, n_records + 1, dtype=np.int64)
        ragged_lines = lines[:0]
    frame = pl.DataFrame(pl.from_arrow(table))
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
        raise _unpaired_quotes(path.name, f"the rows can't be told apart ({error})") from error
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


def _refuse_unpaired_quotes(path: Path, delimiter: str, encoding: str) -> None:
    """Raise when cells run over several lines and the quotes don't pair up.

    A quote left open swallows the rows up to the next quote, and no count would show it. If all
    quotes pair up, every first of a pair stands at the start of a cell and every second at its
    end (or beside the quote that doubles it).
    """
    data: npt.NDArray[np.uint8] = np.memmap(path, dtype=np.uint8, mode="r")
    if encoding != "utf-8":  # half of a character may be the byte of a delimiter there
        text = path.read_bytes().decode(encoding, errors="replace")
        data = np.frombuffer(text.encode(), dtype=np.uint8)
    edges = np.frombuffer(b'"\r\n' + delimiter.encode(), dtype=np.uint8)
    n_before = 0
    for at in range(0, len(data), _BLOCK_BYTES):
        quotes = np.flatnonzero(data[at : at + _BLOCK_BYTES] == ord('"')) + at
        is_closing = (np.arange(len(quotes)) + n_before) % 2 == 1
        n_before += len(quotes)
        beside = np.where(is_closing, quotes + 1, quotes - 1)
        is_inside = (beside >= _BOM_BYTES) & (beside < len(data))
        beside = np.clip(beside, 0, len(data) - 1)
        stray = quotes[is_inside & ~np.isin(data[beside], edges)]
        if len(stray):
            line = int(np.count_nonzero(data[: stray[0]] == ord("\n"))) + 1
            raise _unpaired_quotes(path.name, f"line {line}: a quote in the middle of a cell")
    if n_before % 2:
        raise _unpaired_quotes(
            path.name, f"an odd number of quotes ({n_before:,}): one has no pair"
        )


def _unpaired_quotes(file: str, what: str) -> InputRefused:
    """Build the refusal of a file whose quotes can't be trusted."""
    return InputRefused(
        f"{file}: {what}",
        expected="every cell that starts with a quote to end with one, with quotes inside "
        "it doubled",
        hint="export the file again, or correct the quotes",
    )
