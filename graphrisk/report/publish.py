"""A folder that appears whole or not at all, in the place of an earlier one of ours."""

from __future__ import annotations

import glob
import json
import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from graphrisk.errors import StorageUnavailable, UsageError
from graphrisk.report.layout import MADE_BY, RECORD


@contextmanager
def published(folder: Path, names: Collection[str]) -> Iterator[Path]:
    """Lend a hidden sibling folder to write into; at the end it takes the name of ``folder``.

    Files are flushed to the disk before the name changes. On any error the sibling is removed
    and ``folder`` stays as it was; what a killed run left behind is put right by the next one.

    Parameters
    ----------
    folder
        The name to publish under.
    names
        What such a folder may hold. A folder with anything else is never replaced.

    Raises
    ------
    UsageError
        If ``folder`` is not ours to replace.
    StorageUnavailable
        If it can't be written.
    """
    folder = folder.resolve()
    check_replaceable(folder, names)
    partial = folder.parent / f".{folder.name}.{os.getpid()}.partial"
    with storage_of(folder):
        try:
            _recover(folder)
            folder.parent.mkdir(parents=True, exist_ok=True)
            partial.mkdir()
            yield partial
            flush(partial)
            _put_in_place(partial, folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def check_replaceable(folder: Path, names: Collection[str]) -> None:
    """Raise ``UsageError`` unless ``folder`` is new, empty, or was written by us."""
    with storage_of(folder):
        if not folder.exists():
            return
        found = "a file" if not folder.is_dir() else _foreign(folder, names)
    if found:
        raise not_replaceable(folder, found)


def not_replaceable(folder: object, found: str) -> UsageError:
    """Say what stands where an analysis should go, wherever that is."""
    return UsageError(
        f"{folder} is {found}",
        expected="a folder that is new, empty, or holds an earlier analysis",
        hint="name another folder with --out, or move this one away",
    )


def record_of(folder: Path) -> dict[str, Any] | None:
    """Return the record of a folder that we wrote; None for any other folder."""
    try:
        return record_in((folder / RECORD).read_bytes())
    except OSError:
        return None


def record_in(content: bytes) -> dict[str, Any] | None:
    """Return the record that a file holds, if we wrote it."""
    try:
        record = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    is_ours = isinstance(record, dict) and record.get("made_by") == MADE_BY
    return record if is_ours else None


def remove(folder: Path, names: Collection[str]) -> None:
    """Remove an earlier folder of ours; anything else stays."""
    if folder.is_dir() and not folder.is_symlink() and not _foreign(folder, names):
        shutil.rmtree(folder, ignore_errors=True)


def _recover(folder: Path) -> None:
    """Put right what killed runs left: bring back the last good state, remove half-written ones."""
    name = glob.escape(folder.name)
    for partial in folder.parent.glob(f".{name}.*.partial"):
        if not _is_running(partial):
            shutil.rmtree(partial, ignore_errors=True)
    for earlier in sorted(folder.parent.glob(f".{name}.*.earlier")):
        if _is_running(earlier):
            continue
        if folder.exists():
            shutil.rmtree(earlier, ignore_errors=True)
        else:
            earlier.rename(folder)


@contextmanager
def storage_of(
    folder: Path,
    *,
    failed: str = "written",
    expected: str = "a place with room, and permission to write",
    hint: str = "free some room, or name another folder with --out",
) -> Iterator[None]:
    """Turn what the operating system says of a folder into an error of ours."""
    try:
        yield
    except OSError as error:
        raise StorageUnavailable(
            f"{folder} can't be {failed} ({error.strerror or error})", expected=expected, hint=hint
        ) from error


def _foreign(folder: Path, names: Collection[str]) -> str:
    """Say what in a folder is not ours; empty text if all of it is."""
    return foreign([path.name for path in folder.iterdir()], names, lambda: record_of(folder))


def foreign(
    there: Collection[str], names: Collection[str], record: Callable[[], object | None]
) -> str:
    """Say what of the names in a folder is not ours; ``record`` is asked for if all may be."""
    others = sorted(name for name in there if name not in names)
    if others:
        return f"a folder that holds something else ({', '.join(others[:3])})"
    if there and record() is None:
        return f"a folder without a {RECORD} of ours"
    return ""


def _is_running(path: Path) -> bool:
    """Whether the process that made a hidden folder is still there, by the number in its name."""
    number = path.name.split(".")[-2]
    return number.isdigit() and is_running(int(number))


def is_running(pid: int) -> bool:
    """Whether another process of this machine has a number."""
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def flush(folder: Path) -> None:
    """Ask the disk to keep every file and the folder itself."""
    for path in (*folder.rglob("*"), folder, folder.parent):
        sync(path)


def sync(path: Path) -> None:
    """Ask the disk to keep one file or folder."""
    if path.is_dir() and os.name == "nt":
        return  # a folder can't be opened there
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _put_in_place(partial: Path, folder: Path) -> None:
    """Rename the finished folder to its name; an earlier one steps aside first."""
    aside = partial.with_suffix(".earlier")
    if folder.exists():
        folder.rename(aside)
    try:
        partial.rename(folder)
    except OSError:
        if aside.exists() and not folder.exists():
            aside.rename(folder)
        raise
    sync(folder.parent)
    with suppress(OSError):
        shutil.rmtree(aside)
