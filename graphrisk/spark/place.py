"""The folder that all workers share: what a block keeps, and what blocks send one another.

Every file is written under another name and renamed when it is whole, so a task that is run
twice, or dies on the way, leaves either the same file or none.
"""

from __future__ import annotations

import os
import pickle
import shutil
from collections import OrderedDict
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from graphrisk.spark.files import in_place, write_whole
from graphrisk.spark.mail import Bag, Outgoing, Senders, received

#: What one worker process remembers of the things that it kept or recalled, in bytes on disk, so
#: that a round finds what it left: a share of its processor's part of the memory, within limits.
REMEMBERED_SHARE, LEAST_REMEMBERED_BYTES, MOST_REMEMBERED_BYTES = 1 / 6, 2**29, 2**31

#: The folders of what is sent and of what is kept.
POST, KEPT = "post", "kept"
#: The folder of tables that blocks write in parts.
PARTS = "parts"
#: The folder of what tasks say that wait for each other.
MET = "met"


@dataclass(frozen=True, slots=True)
class Site:
    """Where a task works: its block among all, and the folder that all of them share.

    ``bag`` gathers what the blocks of a task send in a round; without one, each sends by itself.
    """

    root: str
    block: int
    n_blocks: int
    bag: Bag | None = None

    def keep(self, name: str, thing: object) -> None:
        """Keep a thing of this block under a name."""
        packed = pickle.dumps(thing, protocol=5)
        write_whole(self._kept(name), packed)
        _memory.put(self, name, len(packed), thing)

    def recall(self, name: str) -> Any:  # noqa: ANN401
        """Return a thing of this block, from memory if this process has it."""
        remembered = _memory.get(self, name)
        if remembered is not None:
            return remembered[1]
        packed = self._kept(name).read_bytes()
        thing = pickle.loads(packed)  # written by a task of this run, in a folder of its own
        _memory.put(self, name, len(packed), thing)
        return thing

    def drop(self, name: str) -> None:
        """Forget a thing that no later step asks for."""
        _memory.drop(self, name)
        self._kept(name).unlink(missing_ok=True)

    def shared(self, name: str) -> Any:  # noqa: ANN401
        """Return a thing that the driver told all blocks."""
        return Site(self.root, ALL, self.n_blocks).recall(name)

    def send(
        self, post: str, outgoing: Outgoing, *, sender: int | None = None, lasts: bool = False
    ) -> None:
        """Send things to blocks; a block that is sent nothing need not be named.

        What is sent in a round is there for the next one only, unless it ``lasts``.
        """
        number = self.block if sender is None else sender
        if self.bag is not None and not lasts:
            self.bag.put(post, number, outgoing)
            return
        alone = Bag(Senders(0, number, number), self.n_blocks)
        alone.put(post, number, outgoing)
        alone.deliver(Path(self.root) / POST)

    def receive(self, post: str) -> Iterator[tuple[int, Any]]:
        """Yield the senders, rising, and what each of them sent to this block.

        Raises
        ------
        Gone
            In a round of blocks that send in bags, if what one of them sent is not there any more.
        """
        in_rounds = self.bag is not None
        return received(
            Path(self.root) / POST / post, self.block, self.n_blocks, from_all=in_rounds
        )

    def write_part(self, table: str, rows: pl.DataFrame, *, folder: str = PARTS) -> None:
        """Write this block's rows of a table, in the place where others write theirs."""
        in_place(self.part(table, folder=folder), rows.write_parquet)

    def part(self, table: str, *, folder: str = PARTS) -> Path:
        """Name the file of this block's rows of a table."""
        return Path(self.root) / folder / table / f"{self.block:06}.parquet"

    def _kept(self, name: str) -> Path:
        return Path(self.root) / KEPT / name / str(self.block)


#: In place of a block: told to all of them.
ALL = -1


def tell_all(root: Path, name: str, thing: object) -> None:
    """Keep a thing that every block may ask for."""
    Site(str(root), ALL, 0).keep(name, thing)


def forget(root: Path, *, post: str = "", kept: str = "", but: Container[str] = ()) -> None:
    """Remove what no later step asks for: all of a name, or of a pattern, but some."""
    for kind, pattern in ((POST, post), (KEPT, kept)):
        if pattern:
            for found in sorted((root / kind).glob(pattern)):
                if found.name not in but:
                    shutil.rmtree(found, ignore_errors=True)


def _most_remembered_bytes() -> int:
    """Say how much a process may remember; the least where the system does not tell its memory."""
    try:
        n_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return LEAST_REMEMBERED_BYTES
    share = int(REMEMBERED_SHARE * n_bytes / (os.cpu_count() or 1))
    return min(max(share, LEAST_REMEMBERED_BYTES), MOST_REMEMBERED_BYTES)


class _Memory:
    """What a worker process remembers of one run; those not asked for longest go first."""

    def __init__(self) -> None:
        self._root = ""
        self._n_bytes, self._most_bytes = 0, _most_remembered_bytes()
        self._things: OrderedDict[tuple[str, int], tuple[int, Any]] = OrderedDict()

    def put(self, site: Site, name: str, n_bytes: int, thing: object) -> None:
        """Remember a thing; of another run all goes at once."""
        if site.root != self._root:
            self._root, self._n_bytes = site.root, 0
            self._things.clear()
        self.drop(site, name)
        self._things[name, site.block] = n_bytes, thing
        self._n_bytes += n_bytes
        while self._n_bytes > self._most_bytes and len(self._things) > 1:
            self._n_bytes -= self._things.popitem(last=False)[1][0]

    def get(self, site: Site, name: str) -> tuple[int, Any] | None:
        """Return a thing and its size, None if it is not remembered."""
        if site.root != self._root or (name, site.block) not in self._things:
            return None
        self._things.move_to_end((name, site.block))
        return self._things[name, site.block]

    def drop(self, site: Site, name: str) -> None:
        """Forget a thing."""
        if site.root == self._root:
            self._n_bytes -= self._things.pop((name, site.block), (0, None))[0]


_memory = _Memory()
