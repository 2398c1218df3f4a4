"""The first look at a CSV file: its bytes, its encoding, its header."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from graphrisk.errors import InputRefused
from graphrisk.intake.csvlines import count_line_ends
from graphrisk.intake.sniff import UTF8_BOM, refuse_other_encoding, refuse_other_formats

_CHUNK_BYTES = 1 << 20
_HEAD_BYTES = 1 << 18
_DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a pipe"}
MAX_COLUMNS = 2_000


@dataclass(frozen=True, slots=True)
class CsvHeader:
    """What the first look found.

    ``raw_names`` are the header cells as they are in the file, ``names`` the same trimmed.
    ``n_lines`` counts physical lines; ``n_header_lines`` the lines of the header itself.
    ``is_utf8`` is false when there is a byte anywhere in the file that is not UTF-8.
    """

    raw_names: tuple[str, ...]
    names: tuple[str, ...]
    has_bom: bool
    sha256: str
    n_lines: int
    n_quotes: int
    n_header_lines: int
    is_utf8: bool
    encoding: str = "utf-8"


def read_header(path: Path, delimiter: str, encoding: str = "utf-8") -> CsvHeader:
    """Hash the file and read its header.

    Raises
    ------
    InputRefused
        When the file is empty, of another format or not in the encoding that the mapping
        declares, or its header is missing, has other delimiters or names a column twice.
    """
    scan = _scan(path)
    refuse_other_formats(path.name, scan.head)
    has_utf8_bom = scan.head.startswith(UTF8_BOM)
    refuse_other_encoding(
        path, encoding, is_utf8=scan.is_utf8, is_ascii=scan.is_ascii, has_utf8_bom=has_utf8_bom
    )
    decoded = scan.head.decode(encoding, errors="replace")
    text = decoded.removeprefix("\ufeff")
    rest = io.StringIO(text, newline="")
    reader = csv.reader(rest, delimiter=delimiter)
    try:
        raw_names = tuple(next(reader, ()))
    except csv.Error as error:
        raise InputRefused(
            f"{path.name}: the header can't be read ({error})",
            expected="a header line of column names",
        ) from error
    if len(scan.head) == _HEAD_BYTES and rest.tell() == len(text):
        raise InputRefused(
            f"{path.name}: the first line is longer than {_HEAD_BYTES >> 10} KiB",
            expected="a header line of column names",
            hint="look whether the file has line ends, and a quote that is never closed",
        )
    names = tuple(name.strip() for name in raw_names)
    _check_names(path.name, names, delimiter)
    return CsvHeader(
        raw_names=raw_names,
        names=names,
        has_bom=len(text) < len(decoded),
        sha256=scan.sha256,
        n_lines=scan.n_lines,
        n_quotes=scan.n_quotes,
        n_header_lines=reader.line_num,
        is_utf8=scan.is_utf8,
        encoding=encoding,
    )


@dataclass(frozen=True, slots=True)
class _Scan:
    """What one pass over the bytes tells. ``head`` is the first of them."""

    sha256: str
    head: bytes
    n_lines: int
    n_quotes: int
    is_utf8: bool
    is_ascii: bool


def _scan(path: Path) -> _Scan:
    """Read the file once: its hash, physical lines, quotes, and whether it is all UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    head = last = b""
    n_line_ends = n_quotes = 0
    is_utf8 = is_ascii = True
    with ThreadPoolExecutor(1) as pool, path.open("rb") as file:
        sha256 = pool.submit(file_sha256, path)
        while chunk := file.read(_CHUNK_BYTES):
            head = head or chunk[:_HEAD_BYTES]
            n_line_ends += count_line_ends(chunk, last)
            n_quotes += chunk.count(b'"')
            is_plain = chunk.isascii()
            # Bytes of ASCII end no character that was begun, and need no decoding.
            if not is_plain or decoder.getstate()[0]:
                is_utf8 = is_utf8 and _decodes(decoder, chunk)
            is_ascii = is_ascii and is_plain
            last = chunk[-1:]
    is_utf8 = is_utf8 and _decodes(decoder, b"", final=True)
    n_lines = n_line_ends + (last not in (b"", b"\n", b"\r"))
    return _Scan(sha256.result(), head, n_lines, n_quotes, is_utf8, is_ascii)


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    """Return whether the next bytes are UTF-8."""
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_names(file: str, names: tuple[str, ...], delimiter: str) -> None:
    """Raise for a header that can't be one."""
    if any("\ufffd" in name for name in names):
        raise InputRefused(
            f"{file}: the header is not UTF-8, nor what the mapping declares",
            expected="UTF-8, or encoding = 'gb18030' in the mapping",
            hint="save the file again as UTF-8",
        )
    if not any(names):
        raise InputRefused(
            f"{file}: the first line is blank", expected="the header in the first line"
        )
    others = [other for other in _DELIMITERS if other != delimiter and other in names[0]]
    if len(names) == 1 and others:
        expected = _DELIMITERS.get(delimiter, repr(delimiter))
        raise InputRefused(
            f"{file}: the cells seem to be separated by {_DELIMITERS[others[0]]}",
            expected=f"{expected} between cells, as the mapping says",
            hint=f"export with {expected}, or set delimiter = {others[0]!r} in the mapping",
        )
    if len(names) > MAX_COLUMNS:
        raise InputRefused(
            f"{file}: {len(names):,} columns",
            expected=f"{MAX_COLUMNS:,} columns at most",
            hint="export the columns that are read; look whether the delimiter is right",
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputRefused(
            f"{file}: the header has {', '.join(repr(name) for name in twice)} more than once",
            expected="every column name once",
            hint="rename or remove the columns that repeat",
        )
