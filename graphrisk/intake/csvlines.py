"""The bytes of a CSV file as physical lines: where they end, and which quotes stand astray.

A parser passes over a quote in the wrong place in silence: it joins rows, or takes the quote out.
What it can't tell is told here from the bytes themselves.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from graphrisk.errors import InputRefused
from graphrisk.intake.sniff import UTF8_BOM

_BLOCK_BYTES = 8 << 20
_QUOTE, _LF, _CR = ord('"'), ord("\n"), ord("\r")

Positions = npt.NDArray[np.int64]


def count_line_ends(data: bytes, before: bytes = b"") -> int:
    r"""Count ``\n``, ``\r\n`` and lone ``\r``; ``before`` is the byte ahead of the data."""
    split = before == b"\r" and data.startswith(b"\n")  # counted with the data before
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n") - split


@dataclass(frozen=True, slots=True)
class Lines:
    """The physical lines of a file: ``data`` its bytes in UTF-8, ``ends`` where each one ends.

    The last end is that of the file; a file that ends with a line end has an empty last line.
    """

    data: npt.NDArray[np.uint8]
    ends: Positions

    def starts(self) -> Positions:
        """Return where each line starts."""
        return np.concatenate([np.zeros(1, np.int64), self.ends[:-1] + 1])

    def text(self, line: int) -> str:
        """Return the text of a line (from 1), without its end."""
        start = 0 if line == 1 else int(self.ends[line - 2]) + 1
        return bytes(self.data[start : self.ends[line - 1]]).decode(errors="replace").rstrip("\r")


def physical_lines(path: Path, encoding: str) -> Lines:
    """Find the lines of a file, block by block."""
    data = _bytes(path, encoding)
    ends = [np.flatnonzero(_ends_line(data, at)) + at for at in _blocks(data)]
    return Lines(data, np.concatenate([*ends, np.array([len(data)])]))


def is_blank(lines: Lines, numbers: Positions) -> npt.NDArray[np.bool_]:
    """Return which of the given lines (from 1) hold nothing."""
    is_within = numbers <= len(lines.ends)
    at = np.where(is_within, numbers, 1) - 1
    starts = np.where(at > 0, lines.ends[at - 1] + 1, 0)
    n_bytes = lines.ends[at] - starts
    first = lines.data[np.minimum(starts, len(lines.data) - 1)]
    blank: npt.NDArray[np.bool_] = is_within & ((n_bytes <= 0) | ((n_bytes == 1) & (first == _CR)))
    return blank


def hold_rows(
    lines: Lines, starts: Positions, n_lines: Positions, delimiter: str, n_columns: int
) -> npt.NDArray[np.bool_]:
    """Return the records of several lines of which every line looks like a row of its own.

    A quote that was left open joins rows up to the next quote. Where that one stands at the end
    of a cell, all is in order to a parser: only the lines tell, each with as many cells as the
    header.
    """
    found = np.zeros(len(starts), dtype=bool)
    several = np.flatnonzero(n_lines > 1)
    if n_columns < 2 or not len(several):
        return found
    delimiters = np.concatenate(
        [np.flatnonzero(lines.data[at : at + _BLOCK_BYTES] == ord(delimiter)) + at
         for at in _blocks(lines.data)] or [np.zeros(0, np.int64)]
    )  # fmt: skip
    n_cells = np.diff(np.searchsorted(delimiters, lines.ends), prepend=0) + 1
    n_like_rows = np.concatenate([np.zeros(1, np.int64), np.cumsum(n_cells == n_columns)])
    first = starts[several] - 1
    last = np.minimum(first + n_lines[several], len(lines.ends))
    found[several] = n_like_rows[last] - n_like_rows[first] == n_lines[several]
    return found


class StrayQuote(NamedTuple):
    """The first quote of a file that stands neither at an edge of a cell nor beside another.

    ``line`` is 0 where only the number of quotes tells that one has no pair.
    """

    line: int
    n_quotes: int


def first_stray_quote(path: Path, delimiter: str, encoding: str) -> StrayQuote | None:
    """Find out whether all quotes of a file pair up at the edges of cells.

    If they do, every first of a pair stands at the start of a cell and every second at its end
    (or beside the quote that doubles it).
    """
    data = _bytes(path, encoding)
    n_before = 0
    for at in _blocks(data):
        quotes = np.flatnonzero(data[at : at + _BLOCK_BYTES] == _QUOTE) + at
        stray = quotes[_is_stray(data, quotes, np.arange(len(quotes)) + n_before, delimiter)]
        if len(stray):
            head = bytes(data[: stray[0]])
            return StrayQuote(count_line_ends(head) + 1, n_before)
        n_before += len(quotes)
    return StrayQuote(0, n_before) if n_before % 2 else None


def lines_with_odd_quotes(lines: Lines, delimiter: str, n_header_lines: int) -> list[int]:
    """Return the lines of which a cell begins with a quote and does not end with its pair.

    For files in which every row is a line. Quotes inside a cell that does not begin with one are
    text, as in ``5" disk``.

    Raises
    ------
    ValueError
        Naming the line on which a quote is opened and never closed.
    """
    quotes = np.flatnonzero(lines.data == _QUOTE)
    at_line = np.searchsorted(lines.ends, quotes)
    is_first = np.r_[True, at_line[1:] != at_line[:-1]]
    nth = np.arange(len(quotes)) - np.maximum.accumulate(
        np.where(is_first, np.arange(len(quotes)), 0)
    )
    n_in_line = np.bincount(at_line)
    doubtful = np.union1d(
        at_line[_is_stray(lines.data, quotes, nth, delimiter)], np.flatnonzero(n_in_line % 2)
    )
    found = []
    for line in (doubtful + 1).tolist():
        if line > n_header_lines and _breaks_off(lines.text(line), line, delimiter):
            found.append(line)
    return found


def _breaks_off(text: str, line: int, delimiter: str) -> bool:
    """Say whether something follows a closing quote; raise when there is none."""
    try:
        next(csv.reader([text], delimiter=delimiter, strict=True), None)
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise ValueError(f"line {line}: a quote is opened and never closed") from error
        return "expected after" in str(error)
    return False


def unpaired_quotes(file: str, what: str) -> InputRefused:
    """Build the refusal of a file whose quotes can't be trusted."""
    return InputRefused(
        f"{file}: {what}",
        expected="every cell that starts with a quote to end with one, with quotes inside "
        "it doubled",
        hint="export the file again, or correct the quotes",
    )


def _bytes(path: Path, encoding: str) -> npt.NDArray[np.uint8]:
    """Return the bytes of a file in UTF-8."""
    if encoding != "utf-8":  # half of a character may be the byte of a delimiter there
        text = path.read_bytes().decode(encoding, errors="replace")
        return np.frombuffer(text.encode(), dtype=np.uint8)
    mapped: npt.NDArray[np.uint8] = np.memmap(path, dtype=np.uint8, mode="r")
    return mapped


def _blocks(data: npt.NDArray[np.uint8]) -> Iterator[int]:
    """Return where each block starts: one at a time keeps the masks small."""
    return iter(range(0, len(data), _BLOCK_BYTES))


def _ends_line(data: npt.NDArray[np.uint8], at: int) -> npt.NDArray[np.bool_]:
    r"""Mark the bytes of a block that end a line: ``\n``, and ``\r`` without one."""
    block = data[at : at + _BLOCK_BYTES]
    ends: npt.NDArray[np.bool_] = block == _LF
    is_cr = block == _CR
    if is_cr.any():
        following = data[at + 1 : at + 1 + _BLOCK_BYTES]
        is_cr[: len(following)] &= following != _LF
        ends = ends | is_cr
    return ends


def _is_stray(
    data: npt.NDArray[np.uint8], quotes: Positions, nth: Positions, delimiter: str
) -> npt.NDArray[np.bool_]:
    """Mark quotes with text on the side where the edge of a cell should be.

    ``nth`` counts the quotes from one at which no cell is open: even ones open, odd ones close.
    """
    edges = np.frombuffer(b'"\r\n' + delimiter.encode(), dtype=np.uint8)
    beside = np.where(nth % 2 == 1, quotes + 1, quotes - 1)
    first = len(UTF8_BOM) if bytes(data[: len(UTF8_BOM)]) == UTF8_BOM else 0
    is_inside = (beside >= first) & (beside < len(data))
    stray: npt.NDArray[np.bool_] = is_inside & ~np.isin(
        data[np.clip(beside, 0, max(len(data) - 1, 0))], edges
    )
    return stray
