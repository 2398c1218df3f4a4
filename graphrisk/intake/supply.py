"""Where tables come from: the files of a folder, or DataFrames by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from graphrisk.errors import InputRefused, UsageError, harmless
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


def files_read(mapping: DatasetMapping) -> frozenset[str]:
    """Name the files of a folder whose bytes are read; of all others the names are enough."""
    return frozenset((CHECKSUMS, *_tables_of(mapping)))


def _tables_of(mapping: DatasetMapping) -> frozenset[str]:
    return frozenset(f"{stem}.{ending}" for stem in mapping.files for ending in mapping.extensions)


def from_folder(folder: Path, mapping: DatasetMapping, called: str | None = None) -> Supplies:
    """Find the files that a mapping reads in a folder; sub-folders are not looked into.

    Parameters
    ----------
    folder, mapping
        Where to look, and for what.
    called
        What the sender calls the folder, if this is a copy of it.

    Raises
    ------
    InputRefused
        When there is no such folder.
    """
    called = called or str(folder)
    try:
        is_folder, is_there = folder.is_dir(), folder.exists()
    except OSError:  # too long to be a path
        is_folder = is_there = False
    if not is_folder:
        what = "is a file" if is_there else "does not exist"
        raise InputRefused(
            f"{folder} {what}",
            expected="a folder of tables",
            hint="name the folder that holds the CSV or Parquet files",
            faults=(f"{folder} {what}",),
        )
    try:
        entries = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    except OSError as error:
        raise InputRefused(
            f"{folder} can't be read ({error.strerror})",
            expected="a folder that you may list",
            hint="ask for permission to read it, or copy the files to a folder of your own",
        ) from error
    files = [path.name for path in entries if not path.is_dir()]
    folders = [path.name for path in entries if path.is_dir()]
    tables: list[Supply] = []
    faults: list[str] = []
    every = _tables_of(mapping)
    for stem in mapping.files:
        wanted = [f"{stem}.{extension}" for extension in mapping.extensions]
        present = [name for name in wanted if name in files]
        strays = [
            *_other_case(wanted, set(files) - every),
            *_in_folders(stem, wanted, folder, folders),
        ]
        faults += strays
        if len(present) > 1:
            faults.append(f"{' and '.join(present)}: the same table twice; expected: one of them; "
                          "next: move the other away")  # fmt: skip
        elif present:
            misplaced = _not_a_file_here(folder / present[0], folder)
            faults += misplaced
            if not misplaced:
                tables.append(_file(folder / present[0], stem, mapping))
        elif packed := _other_format(stem, files):
            faults.append(f"{packed}: the table {stem} in a format that is not read; expected: "
                          f"{wanted[0]}; next: unpack it, or export it as 'CSV UTF-8'")  # fmt: skip
        elif not strays and not _is_optional(stem, mapping):
            faults.append(f"{wanted[0]}: the file is missing; expected: it in {called}; next: "
                          "supply it, or set optional = true in the mapping")  # fmt: skip
    checksums, unlike = _checksums(folder)
    read = {CHECKSUMS, *(table.name for table in tables)}
    inside = [f"{name}/" for name in folders if _holds_tables(folder / name)]
    found = tuple(harmless(name, one_line=True) for name in [*files, *inside])
    unread = [name for name in files if name not in read] + inside
    return Supplies(
        f"folder {called}", tuple(tables), found,
        tuple(harmless(name, one_line=True) for name in unread), (*faults, *unlike), checksums,
    )  # fmt: skip


def from_frames(frames: Mapping[str, object], mapping: DatasetMapping) -> Supplies:
    """Match DataFrames to a mapping by name, with or without a file name ending."""
    if odd := [name for name in frames if not isinstance(name, str)]:
        raise UsageError(
            f"tables by the name {odd[0]!r}",
            expected="names that are text, such as 'accounts'",
            hint="name every table by the file that it stands for",
        )
    by_stem: dict[str, str] = {}
    twice = []
    for name in frames:
        first = by_stem.setdefault(_stem(name, mapping), name)
        if first != name and _stem(name, mapping) in mapping.files:
            twice.append(f"{first} and {name}: the same table twice; expected: one of them; next: "
                         "leave the other out")  # fmt: skip
    tables = tuple(Frame(by_stem[stem], stem, frames[by_stem[stem]])
                   for stem in mapping.files if stem in by_stem)  # fmt: skip
    faults = tuple(f"{stem}: the table is missing; expected: it among the tables given; next: "
                   "add it, or set optional = true in the mapping"
                   for stem in mapping.files
                   if stem not in by_stem and not _is_optional(stem, mapping))  # fmt: skip
    read = {table.name for table in tables}
    unread = tuple(name for name in frames if name not in read)
    return Supplies("the tables given", tables, tuple(frames), unread, (*twice, *faults))


def _file(path: Path, stem: str, mapping: DatasetMapping) -> Supply:
    """Return the supply for a file, by its ending."""
    if path.suffix == ".parquet":
        return ParquetFile(path.name, stem, path)
    return CsvFile(path.name, stem, path, mapping.delimiter, mapping.encoding)


#: A line as ``sha256sum`` writes it.
_CHECKSUM = re.compile(r"([0-9A-Fa-f]{64}) [ *]?(?:\./)?(.+)")


def _checksums(folder: Path) -> tuple[dict[str, str], list[str]]:
    """Read the sender's checksums, where there are any, and find what was sent and is not here."""
    path = folder / CHECKSUMS
    if not path.is_file() or path.is_symlink():
        return {}, []
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    sent: dict[str, str] = {}
    faults = []
    for number, line in enumerate(lines, start=1):
        if read := _CHECKSUM.fullmatch(line.strip()):
            sent[read[2]] = read[1].lower()
        elif line.strip():
            faults.append(f"{CHECKSUMS}: line {number} can't be read; expected: 64 hexadecimal "
                          "digits, two spaces and a file's name, as sha256sum writes them; next: "
                          "transfer the file again")  # fmt: skip
    return sent, faults + [
        f"{name}: {CHECKSUMS} names it, and there is no such file; expected: every file as it was "
        "sent; next: transfer it again"
        for name in sent if not (folder / name).is_file()
    ]  # fmt: skip


def _other_case(wanted: list[str], others: set[str]) -> list[str]:
    """Return a fault for every file that is named as a table, but for capital letters."""
    spelt = {name.lower(): name for name in wanted}
    return [
        f"{name}: is not read under this name; expected: {spelt[name.lower()]}; next: rename it, "
        "or move it away"
        for name in sorted(others) if name.lower() in spelt
    ]  # fmt: skip


def _in_folders(stem: str, wanted: list[str], folder: Path, folders: list[str]) -> list[str]:
    """Return a fault for every folder that is named as a table, as programs write one in parts."""
    return [
        f"{name}/: a folder in place of a table; expected: a file {wanted[0]}; next: join its "
        "parts into one file, or move the folder away"
        for name in folders
        if name.lower() in {one.lower() for one in wanted}
        or (name.lower() == stem.lower() and _holds_tables(folder / name))
    ]


def _holds_tables(folder: Path) -> bool:
    """Say whether a folder has files that could be the parts of a table."""
    try:
        return any(path.suffix.lower() in (".csv", ".parquet") for path in folder.iterdir())
    except OSError:
        return True  # who can't look can't say that nothing is left out


def _not_a_file_here(path: Path, folder: Path) -> list[str]:
    """Return a fault for a name that is no file of the folder: a link out of it, a pipe, a device.

    Opening a pipe would wait for ever, and a link may lead to what was never meant to be read.
    """
    try:
        leads_out = path.is_symlink() and not path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # links that lead to one another
        leads_out = False
    if leads_out:
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
