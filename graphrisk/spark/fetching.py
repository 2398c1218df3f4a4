"""A dataset that lies in a file system of Spark's, copied to the folder that all workers see.

Only files that the mapping reads are copied; of all else only the names are made, so that intake
finds, and tells of, what is there. A file that is there already, with the same size and time, is
not copied again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from graphrisk.errors import StorageUnavailable, UsageError
from graphrisk.intake.mapping import load_mapping
from graphrisk.intake.supply import CHECKSUMS, files_read
from graphrisk.spark.remote import Entry, Remote, side_by_side
from graphrisk.spark.uri import Uri

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def fetch(session: SparkSession, source: Uri, mapping: str | Path | None, folder: Path) -> Path:
    """Copy a dataset's folder, and return where the copy lies.

    Parameters
    ----------
    session
        Spark, whose settings say how the file system is reached.
    source
        The folder of tables.
    mapping
        As :func:`graphrisk.intake.read.read_dataset`: it says which files are read.
    folder
        Where to; made unless it is there. What is there and not in ``source`` is removed.

    Raises
    ------
    UsageError
        If there is no such folder.
    StorageUnavailable
        If it can't be read, or the copy can't be written.
    """
    remote = Remote(session, source)
    check_folder(remote, source)
    wanted = files_read(load_mapping(mapping))
    there = remote.entries(source)
    is_deep = any(entry.name == CHECKSUMS for entry in there)
    try:
        _only(folder, (entry.name for entry in there))
        copied = [entry for entry in there if not entry.is_folder and entry.name in wanted]
        _name_others(remote, source, folder, (e for e in there if e not in copied), is_deep)
        side_by_side(lambda entry: _copy(remote, source, entry, folder), copied)
    except OSError as error:
        raise StorageUnavailable(
            f"{source} can't be copied to {folder} ({error.strerror or error})",
            expected="room for the dataset in the folder that the workers share",
            hint="free some room, or name another folder with --spark-dir",
        ) from error
    return folder


def check_folder(remote: Remote, source: Uri) -> None:
    """Raise ``UsageError`` unless there is a folder."""
    found = remote.look(source)
    if found is None or not found.is_folder:
        raise UsageError(
            f"{source} {'does not exist' if found is None else 'is a file'}",
            expected="a folder of CSV or Parquet tables",
            hint="name the folder that holds them",
        )


def listed(session: SparkSession, source: Uri) -> list[tuple[str, int, int]]:
    """List what lies in a folder, but for what is hidden: name, bytes, last change in ns."""
    return [
        (entry.name, entry.n_bytes, entry.modified_ns)
        for entry in Remote(session, source).entries(source)
        if not entry.name.startswith(".")
    ]


def _only(folder: Path, names: Iterable[str]) -> None:
    """Make the folder, and remove from it all but what bears one of these names."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = set(names)
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in kept:
            path.unlink()


def _name_others(
    remote: Remote, source: Uri, folder: Path, entries: Iterable[Entry], is_deep: bool
) -> None:
    """Make empty files of the names that are there; in folders one level down, or all of them.

    The sender's checksums may name a file however deep it lies.
    """
    for entry in entries:
        path = _within(folder, entry.name)
        if not entry.is_folder:
            path.unlink(missing_ok=True)
            path.touch()
            continue
        path.mkdir()
        inside = source.inside(entry.name)
        if is_deep:
            _name_others(remote, inside, path, remote.entries(inside), is_deep)
        else:
            for one in _files(remote.entries(inside)):
                _within(path, one.name).touch()


def _files(entries: Iterable[Entry]) -> Iterator[Entry]:
    return (entry for entry in entries if not entry.is_folder)


def _copy(remote: Remote, source: Uri, entry: Entry, folder: Path) -> None:
    """Copy one file; it takes its name, and the time that the other side has, when it is whole."""
    path = _within(folder, entry.name)
    if path.is_file():
        told = path.stat()
        if (told.st_size, told.st_mtime_ns) == (entry.n_bytes, entry.modified_ns):
            return
    partial = path.with_name(f".{path.name}.partial")
    remote.fetch(source.inside(entry.name), partial)
    if partial.stat().st_size != entry.n_bytes:
        raise StorageUnavailable(
            f"{source.inside(entry.name)} had {entry.n_bytes:,} bytes, and "
            f"{partial.stat().st_size:,} were read",
            expected="a dataset that stays as it is while it is read",
            hint="run the command again when its files are whole",
        )
    os.utime(partial, ns=(entry.modified_ns, entry.modified_ns))
    partial.rename(path)


def _within(folder: Path, name: str) -> Path:
    """Return the place of a name in a folder; a store may hold names that lead out of it."""
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        raise StorageUnavailable(
            f"a file by the name {name!r}",
            expected="a name that a file may have",
            hint="rename it",
        )
    return folder / name
