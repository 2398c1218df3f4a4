"""One driver at a time for each analysis: its claim to the folder in which a checkpoint lies.

The claim is a lock of the operating system. It goes with the process that has it, however that
ends; the checkpoint stays for whoever claims the folder next.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from graphrisk.errors import GraphRiskError, Locked, StorageUnavailable, UsageError
from graphrisk.report.publish import storage_of
from graphrisk.spark.checkpoint import NAMED, RECORD, Asked, Checkpoint, sizes_in
from graphrisk.spark.stages import PUBLISHED, next_stage

LOCK = "lock"
_storage_of = partial(
    storage_of,
    failed="written or locked",
    expected="a file system with room, permission to write, and locks",
    hint="name another folder with --spark-dir",
)
#: A name that a run's folder may have.
_NAME = re.compile(r"\d{8}T\d{12}")
#: Errors after which the same command may come further. After all others of ours, which tell of the
#: dataset or of what was asked, it would end as it did.
_PASSING = (StorageUnavailable, Locked)


@dataclass(slots=True)
class Claim:
    """One driver's right to a folder.

    ``tell`` is told what becomes of an earlier driver's work. ``is_used`` once this one goes on
    with it or has begun anew; before, what is there is left as it is.
    """

    folder: Path
    tell: Callable[[str], None]
    is_used: bool = False

    def checkpoint(
        self,
        asked: Asked,
        now: datetime,
        n_blocks: int | None,
        *,
        usual_blocks: int,
        is_fresh: bool = False,
    ) -> Checkpoint:
        """Go on with the run of an earlier driver, or begin one.

        Parameters
        ----------
        asked
            What is asked; an earlier run that was asked something else goes.
        now
            When this driver began.
        n_blocks
            How many blocks are asked for; None for as many as the earlier run has.
        usual_blocks
            How many they are where there is no earlier run, and none are asked for.
        is_fresh
            Whether an earlier run goes in any case.
        """
        self.is_used = True
        with _storage_of(self.folder):
            earlier = self.earlier()
            if earlier is not None and not is_fresh:
                if not (unlike := _unlike(earlier, asked, n_blocks)):
                    return self._resume(earlier, now)
                self.tell(f"What an earlier run left is not used: {unlike}.")
            return self._begin(asked, now, n_blocks or usual_blocks)

    def earlier(self) -> Checkpoint | None:
        """Return the checkpoint of an earlier driver."""
        found = (Checkpoint.read(path) for path in sorted(self._runs(), reverse=True))
        return next(filter(None, found), None)

    def _resume(self, earlier: Checkpoint, now: datetime) -> Checkpoint:
        resumed = earlier.taken_over(now)
        for path in self._runs():
            if path != resumed.root:  # what a task of a dead driver has left meanwhile
                shutil.rmtree(path, ignore_errors=True)
        self.tell(
            f"An earlier run was cut short at stage {resumed.resumed_from[-1]}; this one goes on "
            f"from there, in {resumed.n_blocks} blocks."
        )
        return resumed

    def clear(self) -> None:
        """Remove what earlier drivers left; records first, as half a run is not gone on with."""
        for path in self._runs():
            (path / RECORD).unlink(missing_ok=True)
        for path in self._runs():
            shutil.rmtree(path, ignore_errors=True)

    def remove(self) -> None:
        """Remove the folder."""
        with suppress(OSError):
            self.clear()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _begin(self, asked: Asked, now: datetime, n_blocks: int) -> Checkpoint:
        self.clear()
        begun = Checkpoint(self.folder / now.strftime(NAMED), asked, now, n_blocks)
        begun.root.mkdir()
        begun.write()
        return begun

    def _runs(self) -> list[Path]:
        return [path for path in self.folder.iterdir() if _NAME.fullmatch(path.name)]


def _unlike(earlier: Checkpoint, asked: Asked, n_blocks: int | None) -> str:
    """Say why an earlier run can't be gone on with; empty text if it can."""
    if unlike := earlier.unlike(asked, n_blocks):
        return f"it was asked with other {', '.join(unlike)}"
    return "files of it are empty" if earlier.is_damaged() else ""


@contextmanager
def claimed(folder: Path, tell: Callable[[str], None]) -> Iterator[Claim]:
    """Claim a folder, and make it if need be.

    It is removed at the end, unless there is a checkpoint, and an error on its way after which the
    same command may come further.

    Parameters
    ----------
    folder
        Where a checkpoint is or will be; it holds nothing else.
    tell
        Told what becomes of an earlier run's work, and of this one's if it is cut short.

    Raises
    ------
    Locked
        If another driver has it.
    UsageError
        If it holds something that is not ours.
    StorageUnavailable
        If it can't be made or locked.
    """
    with _storage_of(folder):
        lock = _lock(folder)
    claim = Claim(folder, tell)
    with lock:
        try:
            yield claim
        except BaseException as error:
            with suppress(OSError):  # the storage may be what failed
                kept = claim.earlier()
                if kept is None or (claim.is_used and _is_final(error, kept)):
                    claim.remove()
                elif claim.is_used:
                    tell(_told(folder, kept))
            raise
        claim.remove()


def _is_final(error: BaseException, kept: Checkpoint) -> bool:
    """Whether the same command would end so again; once all is decided, only the place matters."""
    is_ours = isinstance(error, GraphRiskError) and not isinstance(error, _PASSING)
    return is_ours and next_stage(kept.marks) != PUBLISHED


def _told(folder: Path, kept: Checkpoint) -> str:
    n_bytes = sum(size for _, size in sizes_in(folder))
    return (
        f"What is done lies in {folder} ({n_bytes / 1e9:,.2f} GB). The same command goes on at "
        f"stage {next_stage(kept.marks)}; with --spark-fresh it begins anew."
    )


def _lock(folder: Path) -> IO[str]:
    """Make a folder if need be, and lock it."""
    while True:
        _check_ours(folder)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / LOCK
        try:
            file = path.open("a+", encoding="utf-8")
        except FileNotFoundError:  # whoever had it has removed it just now
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            with file:
                holder = file.read() or "it has just begun"
            raise Locked(
                f"another run works in {folder} ({holder})",
                expected="one run at a time for each analysis",
                hint="wait for it; a killed run's lock frees itself",
            ) from error
        if path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
            break
        file.close()
    if folder.stat().st_uid != _user_in(folder):
        file.close()
        raise UsageError(
            f"{folder} belongs to somebody else",
            expected="a folder of your own: what lies there is gone on with, and trusted",
            hint="have it removed, or name another folder with --spark-dir",
        )
    file.truncate(0)
    file.write(f"process {os.getpid()} on {socket.gethostname()}")
    file.flush()
    return file


def _user_in(folder: Path) -> int:
    """Return the number that the file system knows this user by; shares may have their own."""
    with TemporaryFile(dir=folder) as mine:
        return os.fstat(mine.fileno()).st_uid


def _check_ours(folder: Path) -> None:
    """Raise ``UsageError`` if a folder holds what no run of ours has left."""
    if not folder.exists():
        return
    others = (
        sorted(path.name for path in folder.iterdir()
               if path.name != LOCK and not _NAME.fullmatch(path.name))
        if folder.is_dir() else [folder.name]
    )  # fmt: skip
    if others:
        raise UsageError(
            f"{folder} holds something else ({', '.join(others[:3])})",
            expected="a place for what blocks exchange: nothing, or what a run of ours left",
            hint="move it away, or name another folder with --spark-dir",
        )
