"""Where tables come from: the files of a folder, or DataFrames by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from graphrisk.errors import InputRefused
from graphrisk.intake.csvheader import CsvHeader, read_header
from graphrisk.intake.csvrows import read_rows
from graphrisk.intake.frames import frame_header, read_frame, read_parquet, read_parquet_header
from graphrisk.intake.raw import RawTable
from graphrisk.intake.rules import DatasetMapping

#: A file of this name in the folder says what the sender sent; ``sha256sum *.csv`` writes it.
CHECKSUMS = "SHA256SUMS"
#: Endings of formats that hold tables and are not read: packed ones, and other kinds of tables.
_NOT_READ = (
    *(".gz", ".zip", ".bz2", ".xz", ".zst", ".7z", ".rar", ".tar", ".tgz"),
    *(".xlsx", ".xls", ".ods", ".json", ".jsonl", ".ndjson", ".tsv", ".txt", ".feather", ".arrow"),
    *(".orc", ".avro", ".pkl", ".pickle", ".sqlite", ".db"),
)


class Supply(Protocol):
    """One table, not yet read. ``stem`` is the name that a mapping knows it by."""

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def stem(self) -> str: ...  # noqa: D102

    def header(self) -> tuple[str, ...]:
        """Return the column names; raise ``InputRefused`` when there can't be any."""

    def read(self, needed: Iterable[str]) -> RawTable:
        """Read the needed columns."""


@dataclass(slots=True)
class CsvFile:
    """A CSV file."""

    name: str
    stem: str
    path: Path
    delimiter: str
    encoding: str
    _header: CsvHeader | None = field(default=None, init=False)

    def header(self) -> tuple[str, ...]:
        """Return the trimmed column names; the file is scanned once."""
        self._header = self._header or read_header(self.path, self.delimiter, self.encoding)
        return self._header.names

    def read(self, needed: Iterable[str]) -> RawTable:
        """Read the needed columns as text."""
        header = self._header or read_header(self.path, self.delimiter, self.encoding)
        return read_rows(self.path, header, needed, self.delimiter)


@dataclass(frozen=True, slots=True)
class ParquetFile:
    """A Parquet file."""

    name: str
    stem: str
    path: Path

    def header(self) -> tuple[str, ...]:
        """Return the column names."""
        return read_parquet_header(self.path)

    def read(self, needed: Iterable[str]) -> RawTable:
        """Read the needed columns."""
        return read_parquet(self.path, self.header(), needed)


@dataclass(frozen=True, slots=True)
class Frame:
    """A pandas or polars DataFrame, or a pyarrow Table."""

    name: str
    stem: str
    table: object

    def header(self) -> tuple[str, ...]:
        """Return the column names."""
        return frame_header(self.name, self.table)

    def read(self, needed: Iterable[str]) -> RawTable:
        """Take the needed columns."""
        return read_frame(self.name, self.table, needed)


@dataclass(frozen=True, slots=True)
class Supplies:
    """All tables of one dataset.

    ``place`` says in words where they were looked for; ``faults`` what is missing there or is
    there twice; ``found`` and ``unread`` name what is there, and what no table of the mapping
    reads; ``checksums`` are those that the sender supplied, by file.
    """

    place: str
    tables: tuple[Supply, ...]
    found: tuple[str, ...]
    unread: tuple[str, ...]
    faults: tuple[str, ...]
    checksums: Mapping[str, str] = field(default_factory=dict)

    def altered(self, file: str, sha256: str) -> str | None:
        """Return a fault when a file is not the one that the sender named."""
        sent = self.checksums.get(file, sha256)
        if sent == sha256:
            return None
        return (
            f"{file}: SHA-256 {sha256[:12]}…, and {CHECKSUMS} has {sent[:12]}…; expected: the file "
            "as it was sent; next: transfer it again, it may have been cut short or changed"
        )


def from_folder(folder: Path, mapping: DatasetMapping) -> Supplies:
    """Find the files that a mapping reads in a folder; sub-folders are not looked into.

    Raises
    ------
    InputRefused
        When there is no such folder.
    """
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        raise InputRefused(
            f"{folder} {what}",
            expected="a folder of tables",
            hint="name the folder that holds the CSV or Parquet files",
            faults=(f"{folder} {what}",),
        )
    entries = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    found = tuple(path.name for path in entries if not path.is_dir())
    tables: list[Supply] = []
    faults: list[str] = []
    for stem in mapping.files:
        wanted = [f"{stem}.{extension}" for extension in mapping.extensions]
        present = [name for name in wanted if name in found]
        if len(present) > 1:
            faults.append(f"{' and '.join(present)}: the same table twice; expected: one of them; "
                          "next: move the other away")  # fmt: skip
        elif present:
            misplaced = _not_a_file_here(folder / present[0], folder)
            faults += misplaced
            if not misplaced:
                tables.append(_file(folder / present[0], stem, mapping))
        elif packed := _other_format(stem, found):
            faults.append(f"{packed}: the table {stem} in a format that is not read; expected: "
                          f"{wanted[0]}; next: unpack it, or export it as 'CSV UTF-8'")  # fmt: skip
        elif not _is_optional(stem, mapping):
            faults.append(f"{wanted[0]}: the file is missing; expected: it in {folder}")
    read = {CHECKSUMS, *(table.name for table in tables)}
    unread = tuple(name for name in found if name not in read)
    return Supplies(
        f"folder {folder}", tuple(tables), found, unread, tuple(faults), _checksums(folder)
    )


def from_frames(frames: Mapping[str, object], mapping: DatasetMapping) -> Supplies:
    """Match DataFrames to a mapping by name, with or without a file name ending."""
    by_stem = {_stem(name, mapping): name for name in frames}
    tables = tuple(Frame(by_stem[stem], stem, frames[by_stem[stem]])
                   for stem in mapping.files if stem in by_stem)  # fmt: skip
    faults = tuple(f"{stem}: the table is missing; expected: it among the tables given"
                   for stem in mapping.files
                   if stem not in by_stem and not _is_optional(stem, mapping))  # fmt: skip
    read = {table.name for table in tables}
    unread = tuple(name for name in frames if name not in read)
    return Supplies("the tables given", tables, tuple(frames), unread, faults)


def _file(path: Path, stem: str, mapping: DatasetMapping) -> Supply:
    """Return the supply for a file, by its ending."""
    if path.suffix == ".parquet":
        return ParquetFile(path.name, stem, path)
    return CsvFile(path.name, stem, path, mapping.delimiter, mapping.encoding)


def _checksums(folder: Path) -> dict[str, str]:
    """Read the sender's checksums, where there are any: lines as ``sha256sum`` writes them."""
    path = folder / CHECKSUMS
    if not path.is_file() or path.is_symlink():
        return {}
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    found = [line.split(maxsplit=1) for line in lines if line.strip()]
    return {parts[1].lstrip("*"): parts[0].lower() for parts in found if len(parts) > 1}


def _not_a_file_here(path: Path, folder: Path) -> list[str]:
    """Return a fault for a name that is no file of the folder: a link out of it, a pipe, a device.

    Opening a pipe would wait for ever, and a link may lead to what was never meant to be read.
    """
    if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
        return [f"{path.name}: a link that leads out of the folder; expected: the file itself; "
                "next: copy the file into the folder"]  # fmt: skip
    if not path.is_file():
        return [f"{path.name}: a pipe, a device or a broken link; expected: a regular file; "
                "next: write the table to a file"]  # fmt: skip
    return []


def _other_format(stem: str, found: Iterable[str]) -> str | None:
    """Return the file that may hold a table in a format that is not read."""
    return next(
        (name for name in found
         if name.partition(".")[0] == stem and name.lower().endswith(_NOT_READ)), None
    )  # fmt: skip


def _stem(name: str, mapping: DatasetMapping) -> str:
    """Return a table's name without the ending that the mapping's files have."""
    for extension in mapping.extensions:
        name = name.removesuffix(f".{extension}")
    return name


def _is_optional(stem: str, mapping: DatasetMapping) -> bool:
    """Return whether every table that the file feeds may be missing."""
    return all(rule.is_optional for rule in mapping.rules_for(stem))
