"""Where runs are published, and the folder, the first such place. The other is a store.

A destination is told of a run three times: it is prepared, where no reader looks; its actions
are delivered, batch by batch; and the pointer to the current run is flipped, last and at once.
Each call may come again after a crash, and then changes nothing.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from graphrisk.errors import StorageUnavailable
from graphrisk.report.publish import flush, sync

CURRENT = "current"
HALTED = "HALTED"
RUNS = "runs"
ACTIONS = "actions"


@dataclass(frozen=True, slots=True)
class Action:
    """What is to be done about an account: it is to stand in the tier ``action``."""

    run: str
    account_id: str
    action: str
    was: str
    reason_codes: str


class Destination(Protocol):
    """A place that readers read runs from. ``fence`` is the writer's token: newer ones are higher.

    A place of its own should refuse a token that is lower than one it has seen. The ledger has
    checked the token in the transaction that surrounds ``deliver`` and ``flip``.
    """

    def prepare(self, run: str, archived: Path, fence: int) -> None:
        """Take over what a run found, from its folder in the archive; show it to nobody."""

    def deliver(self, run: str, batch: int, actions: Sequence[Action], fence: int) -> None:
        """Take over one batch of a run's actions; the same batch again changes nothing."""

    def flip(self, run: str, fence: int) -> None:
        """Make a run that is whole the current one, at once."""

    def current(self) -> str | None:
        """Return the run that readers see, None for none."""

    def halt(self, text: str) -> None:
        """Tell readers to stop acting; empty text tells them to go on. Any writer may."""

    def forget(self, run: str, fence: int) -> None:
        """Remove a run that nobody needs any more."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder in which ``current`` is a link to the newest whole run.

    ::

        current -> runs/000012-3fa9c1d2
        runs/000012-3fa9c1d2/run.json, decisions.parquet, decisions.csv, analysis/
        runs/000012-3fa9c1d2/actions/00001.jsonl
        HALTED                                    (only while actions are halted)
    """

    root: Path

    def prepare(self, run: str, archived: Path, fence: int) -> None:
        """Link the archived files into a folder of the run's name."""
        del fence
        place = self._run(run)
        with self._writable():
            if place.is_dir():
                return
            partial = place.with_name(f".{run}.{os.getpid()}.partial")
            shutil.rmtree(partial, ignore_errors=True)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(archived, partial, copy_function=_link)
            flush(partial)
            partial.rename(place)
            sync(place.parent)

    def deliver(self, run: str, batch: int, actions: Sequence[Action], fence: int) -> None:
        """Write one file of JSON lines."""
        del fence
        with self._writable():
            folder = self._run(run) / ACTIONS
            folder.mkdir(exist_ok=True)
            lines = [json.dumps(asdict(action), ensure_ascii=False) for action in actions]
            write_whole(folder / f"{batch:05d}.jsonl", "".join(f"{line}\n" for line in lines))

    def flip(self, run: str, fence: int) -> None:
        """Point ``current`` at the run by renaming a link over it."""
        del fence
        with self._writable():
            link = self.root / f".{CURRENT}.{os.getpid()}.partial"
            link.unlink(missing_ok=True)
            link.symlink_to(Path(RUNS) / run, target_is_directory=True)
            link.replace(self.root / CURRENT)
            sync(self.root)

    def current(self) -> str | None:
        """Return the name of the run that ``current`` points to."""
        link = self.root / CURRENT
        return link.readlink().name if link.is_symlink() else None

    def halt(self, text: str) -> None:
        """Write or remove the file ``HALTED``."""
        place = self.root / HALTED
        with self._writable():
            if text:
                self.root.mkdir(parents=True, exist_ok=True)
                write_whole(place, text)
            elif place.exists():
                place.unlink()
                sync(self.root)

    def forget(self, run: str, fence: int) -> None:
        """Remove the run's folder, unless ``current`` points to it."""
        del fence
        if self.current() != run:
            shutil.rmtree(self._run(run), ignore_errors=True)

    def _run(self, run: str) -> Path:
        return self.root / RUNS / run

    @contextmanager
    def _writable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StorageUnavailable(
                f"{self.root} can't be written ({error.strerror or error})",
                expected="a place with room, and permission to write",
                hint="free some room or bring it back; the next run goes on where this one was",
            ) from error


def write_whole(path: Path, text: str) -> None:
    """Write a text file that is there whole or as it was, also after a power cut."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.write_text(text, encoding="utf-8", newline="\n")
    sync(partial)
    partial.replace(path)
    sync(path.parent)


def _link(source: str, target: str) -> None:
    """Give a file a second name, or copy it where that can't be."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
