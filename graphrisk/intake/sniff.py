"""What the first bytes of a file tell: formats that are no table, and encodings."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from graphrisk.errors import InputRefused

UTF8_BOM = b"\xef\xbb\xbf"
#: Encodings that a mapping may declare.
ENCODINGS = ("utf-8", "gb18030")
_CHUNK_BYTES = 1 << 20

#: First bytes of formats that are no CSV: name, and what to do.
_UNPACK = "unpack it and supply the CSV; nothing is unpacked here, since an archive can hold more "
_UNPACK += "than any disk"
_EXPORT = "export the table as 'CSV UTF-8'"
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "a spreadsheet or a zip archive with another name", f"{_EXPORT}, or {_UNPACK}"),
    (b"PK\x05\x06", "an empty zip archive", _UNPACK),
    (b"\x1f\x8b", "compressed with gzip", _UNPACK),
    (b"BZh", "compressed with bzip2", _UNPACK),
    (b"\xfd7zXZ\x00", "compressed with xz", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"Rar!", "a rar archive", _UNPACK),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet (xls)", _EXPORT),
    (b"PAR1", "Parquet with another name", "name it .parquet"),
    (b"SQLite format 3\x00", "an SQLite database", _EXPORT),
    (b"%PDF", "a PDF", _EXPORT),
    (b"\x04\x22\x4d\x18", "compressed with lz4", _UNPACK),
    (b"version https://git-lfs", "a pointer of Git LFS, not the file itself", "fetch the file"),
    (b"\x80\x04", "a Python pickle, which runs code when it is read", _EXPORT),
    (b"\x80\x05", "a Python pickle, which runs code when it is read", _EXPORT),
)
#: The same for formats that are text, in lower case.
_TEXT_FORMATS: tuple[tuple[tuple[bytes, ...], str, str], ...] = (
    ((b"<!doctype html", b"<html"), "a web page", "look whether the download asked for a login"),
    ((b"<?xml",), "XML", _EXPORT),
    ((b'{"', b"[{", b"{\n", b"{\r"), "JSON", _EXPORT),
)
_TAR_AT = 257
#: Lead and trail bytes of the characters that nearly all Chinese text is made of (GB 2312).
_COMMON_CHINESE = re.compile(rb"[\xb0-\xf7][\xa1-\xfe]")
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")


def refuse_other_formats(file: str, head: bytes) -> None:
    """Raise for an empty file, and for one that is of another format than its name says."""
    if not head.removeprefix(UTF8_BOM).strip():
        raise InputRefused(
            f"{file}: the file is empty", expected="a header line", hint="export the file again"
        )
    for magic, what, hint in _MAGIC:
        if head.startswith(magic):
            raise InputRefused(f"{file}: the file is {what}", expected="CSV text", hint=hint)
    text = head[:64].removeprefix(UTF8_BOM).lstrip().lower()
    for starts, what, hint in _TEXT_FORMATS:
        if text.startswith(starts):
            raise InputRefused(f"{file}: the file is {what}", expected="CSV text", hint=hint)
    if head[_TAR_AT : _TAR_AT + 5] == b"ustar":
        raise InputRefused(f"{file}: the file is a tar archive", expected="CSV text", hint=_UNPACK)
    start = head[:64]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or start.count(0) * 4 >= len(start):
        raise InputRefused(
            f"{file}: the file is UTF-16, or not text at all",
            expected="UTF-8",
            hint="save it again as UTF-8 (in a spreadsheet: 'CSV UTF-8')",
        )


def refuse_other_encoding(
    path: Path, declared: str, *, is_utf8: bool, is_ascii: bool, has_utf8_bom: bool
) -> None:
    """Raise where the bytes of a whole file contradict the encoding that the mapping declares.

    Single bytes that are wrong are not a reason: their rows go to the quarantine.
    """
    if declared == "gb18030" and is_utf8 and not is_ascii:
        raise InputRefused(
            f"{path.name}: the mapping declares GB18030, and every byte is valid UTF-8",
            expected="what the mapping declares; Chinese text in GB18030 is not valid UTF-8",
            hint="remove encoding from the mapping",
        )
    if declared == "gb18030" and has_utf8_bom:
        raise InputRefused(
            f"{path.name}: the mapping declares GB18030, and the file begins as UTF-8 does",
            expected="what the mapping declares",
            hint="remove encoding from the mapping; if bytes are wrong then, export the file again",
        )
    if declared == "utf-8" and not is_utf8 and _looks_like_gb18030(path):
        raise InputRefused(
            f"{path.name}: the file is not UTF-8; it reads as GB18030 (GBK, GB2312)",
            expected="UTF-8, or the encoding that the mapping declares",
            hint="set encoding = 'gb18030' in the mapping, or save the file again as UTF-8",
        )


def _looks_like_gb18030(path: Path) -> bool:
    """Say whether a whole file is valid GB18030, and half of it or more is common Chinese."""
    decoder = codecs.getincrementaldecoder("gb18030")()
    n_common = n_high = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                return False
            n_common += len(_COMMON_CHINESE.findall(chunk))
            n_high += len(_HIGH_BYTE.findall(chunk))
    return n_common * 4 >= n_high > 1
