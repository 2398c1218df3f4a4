"""A finished folder brought to a file system of Spark's: whole, and in place of one of ours only.

The rules are those of ``report.publish``. Where a rename moves file by file, as in object stores,
the record goes first and comes last: a folder there is whole when it holds its ``run.json``.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from graphrisk.errors import GraphRiskError
from graphrisk.report.layout import MAY_HOLD, RECORD, REFUSAL_NAMES, REFUSED
from graphrisk.report.publish import foreign, is_running, not_replaceable, record_in
from graphrisk.spark.remote import Remote, side_by_side
from graphrisk.spark.uri import Uri

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: File systems in which a folder takes another name at once, with all that it holds.
RENAME_AT_ONCE = frozenset(("hdfs", "webhdfs", "swebhdfs", "viewfs", "ofs"))
#: What the record is called while its folder is renamed file by file.
_WAITING = f".{RECORD}"


def deliver(session: SparkSession, folder: Path, target: Uri, names: Collection[str]) -> None:
    """Bring a finished folder of this machine to a place that Spark reaches.

    It is written under a hidden name beside ``target``, then renamed. An earlier analysis goes
    when the new one is whole; on any error it stays, or comes back.

    Parameters
    ----------
    session
        Spark, whose settings say how the file system is reached.
    folder
        The finished folder, with its record.
    target
        The name to publish under.
    names
        What such a folder may hold. A folder with anything else is never replaced.

    Raises
    ------
    UsageError
        If ``target`` is not ours to replace.
    StorageUnavailable
        If it can't be written.
    """
    remote = Remote(session, target)
    _recover(remote, target)
    check_replaceable(remote, target, names)
    partial = _hidden(target, "partial")
    try:
        _put_all(remote, folder, partial)
        _put_in_place(remote, partial, target, names)
    finally:
        with suppress(GraphRiskError):
            remote.delete(partial)


def check_target(session: SparkSession, target: Uri) -> None:
    """Find out, before any work is done, whether an analysis or a refusal may be written."""
    remote = Remote(session, target)
    check_replaceable(remote, target, MAY_HOLD)
    check_replaceable(remote, refusal_of(target), REFUSAL_NAMES)


def refusal_of(target: Uri) -> Uri:
    """Return where the refusal of an analysis into ``target`` is written: beside it."""
    return target.beside(f"{target.name}{REFUSED}")


def check_replaceable(remote: Remote, target: Uri, names: Collection[str]) -> None:
    """Raise ``UsageError`` unless ``target`` is new, empty, or was written by us."""
    entry = remote.look(target)
    if entry is None:
        return
    if not entry.is_folder:
        raise not_replaceable(target, "a file")
    if target.is_root:
        raise not_replaceable(target, "the root of its file system")
    there = [one.name for one in remote.entries(target)]
    if found := foreign(there, names, lambda: _record(remote, target)):
        raise not_replaceable(target, found)


def remove(remote: Remote, target: Uri, names: Collection[str]) -> None:
    """Remove an earlier folder of ours; anything else stays."""
    there = [one.name for one in remote.entries(target)]
    if there and not foreign(there, names, lambda: _record(remote, target)):
        remote.delete(target)


def _record(remote: Remote, folder: Uri) -> object | None:
    file = folder.inside(RECORD)
    entry = remote.look(file)
    return None if entry is None or entry.is_folder else record_in(remote.read(file))


def _hidden(target: Uri, ending: str) -> Uri:
    """Name a hidden sibling, by the machine and the process that makes it."""
    return target.beside(f".{target.name}.{_machine()}.{os.getpid()}.{ending}")


def _machine() -> str:
    return re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())


def _recover(remote: Remote, target: Uri) -> None:
    """Put right what killed runs left; those of other machines may still be at work.

    An earlier analysis that nothing took the place of comes back, whoever put it aside.
    """
    begins = f".{target.name}."
    for entry in remote.entries(target.folder):
        parts = entry.name.removeprefix(begins).split(".")
        if not entry.name.startswith(begins) or len(parts) != 3 or not parts[1].isdigit():
            continue
        machine, number, ending = parts
        is_ours = machine == _machine()
        if is_ours and is_running(int(number)):
            continue
        left = target.beside(entry.name)
        if ending == "earlier" and remote.look(target) is None:
            _move(remote, left, target)
        elif is_ours and ending in ("earlier", "partial"):
            remote.delete(left)


def _put_all(remote: Remote, folder: Path, partial: Uri) -> None:
    remote.make_folder(partial)
    side_by_side(
        lambda path: remote.put(path, partial.inside(path.relative_to(folder).as_posix())),
        [path for path in sorted(folder.rglob("*")) if path.is_file()],
    )


def _put_in_place(remote: Remote, partial: Uri, target: Uri, names: Collection[str]) -> None:
    """Rename the finished folder to its name; an earlier one steps aside first."""
    aside = _hidden(target, "earlier")
    is_there = remote.look(target) is not None
    try:
        if is_there:
            _move(remote, target, aside)
        _move(remote, partial, target)
    except GraphRiskError:
        with suppress(GraphRiskError):
            is_aside = remote.look(aside) is not None
            if is_aside or not is_there:
                _remove_half(remote, target, names)
            if is_aside:
                _move(remote, aside, target)
            _give_back(remote, target)
        raise
    if is_there:
        with suppress(GraphRiskError):
            remote.delete(aside)


def _move(remote: Remote, source: Uri, target: Uri) -> None:
    """Rename a folder; its record is there only while all else is."""
    is_slow = source.scheme not in RENAME_AT_ONCE
    if is_slow and remote.look(source.inside(RECORD)) is not None:
        remote.rename(source.inside(RECORD), source.inside(_WAITING))
    remote.rename(source, target)
    _give_back(remote, target)


def _give_back(remote: Remote, folder: Uri) -> None:
    """Give the record of a folder that is whole its name."""
    if folder.scheme not in RENAME_AT_ONCE and remote.look(folder.inside(_WAITING)) is not None:
        remote.rename(folder.inside(_WAITING), folder.inside(RECORD))


def _remove_half(remote: Remote, target: Uri, names: Collection[str]) -> None:
    """Remove what a slow rename left on its way; a folder with a record, or of others, stays."""
    there = [entry.name for entry in remote.entries(target)]
    is_half = RECORD not in there and not foreign(there, (*names, _WAITING), lambda: there)
    if is_half and target.scheme not in RENAME_AT_ONCE:
        remote.delete(target)
