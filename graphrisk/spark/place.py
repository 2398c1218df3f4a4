"""The folder that all workers share: what a block keeps, and what blocks send one another.

Every file is written under another name and renamed when it is whole, so a task that is run
twice, or dies on the way, leaves either the same file or none. What a round needs is on disk
when the round before it ends: a lost worker costs its tasks of one round and nothing else.
"""

from __future__ import annotations

import os
import pickle
import platform
import shutil
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

#: What one worker process remembers of the things that it kept or recalled, in bytes on disk.
MOST_REMEMBERED_BYTES = 512 * 2**20

_remembered: OrderedDict[tuple[str, str, int], tuple[int, Any]] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Site:
    """Where a task works: its block among all, and the folder that all of them share."""

    root: str
    block: int
    n_blocks: int

    def keep(self, name: str, thing: object) -> None:
        """Keep a thing of this block under a name."""
        packed = pickle.dumps(thing, protocol=5)
        write_whole(self._kept(name), packed)
        _remember((self.root, name, self.block), len(packed), thing)

    def recall(self, name: str) -> Any:  # noqa: ANN401
        """Return a thing of this block, from memory if this process has it."""
        key = (self.root, name, self.block)
        if key in _remembered:
            _remembered.move_to_end(key)
            return _remembered[key][1]
        packed = self._kept(name).read_bytes()
        thing = pickle.loads(packed)  # written by a task of this run, in a folder of its own
        _remember(key, len(packed), thing)
        return thing

    def drop(self, name: str) -> None:
        """Forget a thing that no later step asks for."""
        _remembered.pop((self.root, name, self.block), None)
        self._kept(name).unlink(missing_ok=True)

    def shared(self, name: str) -> Any:  # noqa: ANN401
        """Return a thing that the driver told all blocks."""
        return Site(self.root, ALL, self.n_blocks).recall(name)

    def send(self, post: str, outgoing: Mapping[int, object], *, sender: int | None = None) -> None:
        """Send things to blocks; a block that is sent nothing need not be named."""
        parts = [
            pickle.dumps(outgoing[to], protocol=5) if to in outgoing else b""
            for to in range(self.n_blocks)
        ]
        ends = np.cumsum([len(part) for part in parts], dtype=np.int64)
        path = self._post(post) / f"{self.block if sender is None else sender}"
        write_whole(path, ends.tobytes() + b"".join(parts))

    def receive(self, post: str) -> Iterator[tuple[int, Any]]:
        """Yield the senders, rising, and what each of them sent to this block."""
        folder = self._post(post)
        for sender in sorted(int(one.name) for one in folder.iterdir() if one.name.isdigit()):
            with (folder / str(sender)).open("rb") as file:
                head = np.frombuffer(file.read(8 * self.n_blocks), dtype=np.int64)
                begin = int(head[self.block - 1]) if self.block else 0
                size = int(head[self.block]) - begin
                if size:
                    file.seek(8 * self.n_blocks + begin)
                    yield sender, pickle.loads(file.read(size))

    def write_part(self, table: str, rows: pl.DataFrame, *, folder: str = "parts") -> None:
        """Write this block's rows of a table of the result, in the place where others write."""
        path = Path(self.root) / folder / table / f"{self.block:06}.parquet"
        _in_place(path, rows.write_parquet)

    def _kept(self, name: str) -> Path:
        return Path(self.root) / "kept" / name / str(self.block)

    def _post(self, post: str) -> Path:
        return Path(self.root) / "post" / post


#: In place of a block: told to all of them.
ALL = -1


def tell_all(root: Path, name: str, thing: object) -> None:
    """Keep a thing that every block may ask for."""
    Site(str(root), ALL, 0).keep(name, thing)


def forget(root: Path, *, post: str = "", kept: str = "") -> None:
    """Remove what no later step asks for."""
    for kind, name in (("post", post), ("kept", kept)):
        if name:
            shutil.rmtree(root / kind / name, ignore_errors=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all."""
    _in_place(path, lambda partial: partial.write_bytes(content))


def _in_place(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file under a name of this process, and give it its own when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.{platform.node()}.partial")
    write(partial)
    partial.replace(path)


def _remember(key: tuple[str, str, int], n_bytes: int, thing: object) -> None:
    """Remember a thing; those not asked for longest go first, and another run's all at once."""
    if _remembered and next(iter(_remembered))[0] != key[0]:
        _remembered.clear()
    _remembered[key] = n_bytes, thing
    _remembered.move_to_end(key)
    total = sum(size for size, _ in _remembered.values())
    while total > MOST_REMEMBERED_BYTES and len(_remembered) > 1:
        total -= _remembered.popitem(last=False)[1][0]
