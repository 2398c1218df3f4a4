"""What blocks send one another: a file for each task and sending, with a part for each block.

A file is named after the attempt that wrote it and the first and last of its senders. It begins
with the places at which the parts end, so that a block reads what is for it and nothing else.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from graphrisk.spark.files import write_whole

Outgoing = Mapping[int, object]
_END_BYTES = 8


class Gone(Exception):
    """What was sent has been read by all and removed: a task that begins again comes too late."""


class Senders(NamedTuple):
    """Who sent what is in a file: numbers ``first`` to ``last``, in one of several attempts."""

    attempt: int
    first: int
    last: int

    @property
    def file(self) -> str:
        """Name the file."""
        return ".".join(map(str, self))


@dataclass(slots=True)
class Bag:
    """What the blocks of one task send in one round, until all of it is written.

    Attributes
    ----------
    senders
        Who they are.
    n_blocks
        How many blocks there are to send to.
    posts
        By the name of the sending and by sender, what is sent to whom.
    """

    senders: Senders
    n_blocks: int
    posts: dict[str, dict[int, Outgoing]] = field(default_factory=dict)

    def put(self, post: str, sender: int, outgoing: Outgoing) -> None:
        """Put in what one block sends."""
        self.posts.setdefault(post, {})[sender] = outgoing

    def deliver(self, folder: Path) -> tuple[Path, ...]:
        """Write one file for each sending, and return them."""
        written = []
        for post, by_sender in self.posts.items():
            path = folder / post / self.senders.file
            write_whole(path, _packed(by_sender, self.n_blocks))
            written.append(path)
        self.posts = {}
        return tuple(written)


def _packed(by_sender: Mapping[int, Outgoing], n_blocks: int) -> bytes:
    """Lay out the ends of all parts, and then the parts."""
    parts = []
    for to in range(n_blocks):
        told = [(sender, by_sender[sender][to]) for sender in sorted(by_sender)
                if to in by_sender[sender]]  # fmt: skip
        parts.append(pickle.dumps(told, protocol=5) if told else b"")
    ends = np.cumsum([0, *map(len, parts)], dtype=np.int64)
    return ends.tobytes() + b"".join(parts)


def received(folder: Path, to: int, n_blocks: int, *, from_all: bool) -> Iterator[tuple[int, Any]]:
    """Yield the senders, rising, and what each of them sent to a block.

    Parameters
    ----------
    folder
        Where the files of a sending are.
    to, n_blocks
        Which block asks, and how many there are.
    from_all
        Whether every block must have sent something, if only to others.

    Raises
    ------
    Gone
        If it must and has not: it did, and the file was removed.
    """
    files = _newest(_senders(path.name) for path in folder.iterdir())
    if from_all and sum(one.last - one.first + 1 for one in files) < n_blocks:
        raise Gone(folder.name)
    for senders in files:
        with _opened(folder / senders.file) as file:
            file.seek(_END_BYTES * to)
            begin, end = np.frombuffer(file.read(2 * _END_BYTES), dtype=np.int64).tolist()
            if end > begin:
                file.seek(_END_BYTES * (n_blocks + 1) + begin)
                yield from pickle.loads(file.read(end - begin))  # written by a task of this run


def _senders(name: str) -> Senders | None:
    """Read the name of a file; None for one that is not whole yet."""
    return None if name.startswith(".") else Senders(*map(int, name.split(".")))


def _newest(files: Iterable[Senders | None]) -> list[Senders]:
    """Choose files so that nobody is heard twice: those of the newest attempt first.

    Attempts say the same, but an older one's files may be removed by a task that is late.
    """
    chosen: list[Senders] = []
    for one in sorted(filter(None, files), key=lambda one: (-one.attempt, one.first)):
        if all(one.last < other.first or one.first > other.last for other in chosen):
            chosen.append(one)
    return sorted(chosen, key=lambda one: one.first)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise Gone(path.parent.name) from error
