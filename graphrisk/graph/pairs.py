"""Pairs of ids, straight from a file or a frame, as numbers: for ranking, not for deciding.

Ids are read in batches and numbered on the way, so memory follows the links and the distinct ids,
not the text of the file.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.compiled import Numbers, compiled
from graphrisk.errors import InputRefused
from graphrisk.intake.batches import text_batches
from graphrisk.intake.idtable import ABSENT, IdTable

#: Batches that wait for a worker: memory follows this.
MOST_UNDER_WAY = 1
#: Rows there is room for at first where their number is not known.
_ROOM = 1 << 24

#: A thread, what it does to a column, and the column.
Worker = tuple[ThreadPoolExecutor, Callable[[pl.Series], NDArray[np.int32]], str]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Links between numbered ids.

    An id that stands in the source column anywhere is an account; all others are things. So no
    link joins two things.

    Attributes
    ----------
    accounts
        The ids of accounts, numbered from 0 in the order in which they were met.
    things
        The ids of things; numbers go on from those of accounts, with gaps.
    number_of_thing
        For each id of ``things`` its number, which is an account's if it is one, int32.
    source, target
        Numbers of the ends, shape (n_links,), int32.
    n_numbers
        One more than the highest number.
    """

    accounts: IdTable
    things: IdTable
    number_of_thing: NDArray[np.int32]
    source: NDArray[np.int32]
    target: NDArray[np.int32]
    n_numbers: int

    def find(self, ids: pl.Series) -> NDArray[np.int32]:
        """Number ids; those that occur in no link are ``ABSENT``, shape (len(ids),), int32."""
        numbers = self.accounts.find(ids)
        thing = self.things.find(ids)
        other = (numbers == ABSENT) & (thing != ABSENT)
        numbers[other] = self.number_of_thing[thing[other]]
        return numbers


def read_pairs(links: str | Path | pl.DataFrame, source: str, target: str) -> Pairs:
    """Read two columns of ids and number them.

    Parameters
    ----------
    links
        A Parquet or CSV file, or a frame.
    source, target
        Names of the two columns.

    Raises
    ------
    InputRefused
        If there is no such file or column, an id is missing, or a link joins an id to itself.
    """
    accounts, things = IdTable(), IdTable()
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other:
        workers = ((one, accounts.add, source), (other, things.add, target))
        n_rows, batches = text_batches(links, (source, target))
        first, second = _numbered(batches, n_rows, workers)
        number_of_thing, n_numbers = _told_apart(accounts, things)
        half = len(first) // 2
        parts = [
            worker.submit(_renumber, first[rows], second[rows], number_of_thing)
            for worker, rows in ((one, slice(half)), (other, slice(half, None)))
        ]
        no_source, no_target, no_link = np.sum([part.result() for part in parts], axis=0)
    _check_none(no_source, f"rows without {source}")
    _check_none(no_target, f"rows without {target}")
    _check_none(no_link, "links from an id to itself")
    return Pairs(accounts, things, number_of_thing, first, second, n_numbers)


def _told_apart(accounts: IdTable, things: IdTable) -> tuple[NDArray[np.int32], int]:
    """Find the things that are accounts, and number the others after all accounts."""
    number_of_thing = np.full(len(things), ABSENT, dtype=np.int32)
    if len(things) <= len(accounts):
        number_of_thing = things.match(accounts)
    else:
        thing = accounts.match(things)  # fewer look-ups
        account = np.flatnonzero(thing != ABSENT)
        number_of_thing[thing[account]] = account
    others = np.flatnonzero(number_of_thing == ABSENT)
    n_numbers = len(accounts) + len(others)
    number_of_thing[others] = np.arange(len(accounts), n_numbers, dtype=np.int32)
    return number_of_thing, n_numbers


class _Numbers:
    """Numbers of a column, in one array: memory that is not written to is not taken."""

    def __init__(self, n_rows: int | None) -> None:
        self._room = np.empty(_ROOM if n_rows is None else n_rows, dtype=np.int32)
        self._n = 0

    def append(self, part: NDArray[np.int32]) -> None:
        end = self._n + len(part)
        if end > len(self._room):
            larger = np.empty(4 * end, dtype=np.int32)
            larger[: self._n] = self._room[: self._n]
            self._room = larger
        self._room[self._n : end] = part
        self._n = end

    def all(self) -> NDArray[np.int32]:
        return self._room[: self._n]


def _numbered(
    batches: Iterator[pl.DataFrame], n_rows: int | None, workers: Sequence[Worker]
) -> list[NDArray[np.int32]]:
    """Let each worker number its column, batch after batch, while the next ones are read."""
    columns = [_Numbers(n_rows) for _ in workers]
    under_way: deque[list[Future[None]]] = deque()
    for batch in batches:
        while len(under_way) > MOST_UNDER_WAY:
            for part in under_way.popleft():
                part.result()
        under_way.append(
            [
                pool.submit(_append, column, add, batch[name])
                for column, (pool, add, name) in zip(columns, workers, strict=True)
            ]
        )
    for parts in under_way:
        for part in parts:
            part.result()
    return [column.all() for column in columns]


def _append(
    column: _Numbers, add: Callable[[pl.Series], NDArray[np.int32]], ids: pl.Series
) -> None:
    column.append(add(ids))


def _check_none(n_rows: int, what: str) -> None:
    if n_rows:
        raise InputRefused(
            f"{n_rows:,} {what}",
            expected="two different ids in every row",
            hint="take these rows out, or use analyze, which sets them aside and says why",
        )


@compiled
def _renumber(source: Numbers, target: Numbers, number: Numbers) -> tuple[int, int, int]:
    """Replace numbers of things; count rows without source, without target, and without a link."""
    no_source = no_target = no_link = 0
    for k in range(len(source)):
        if source[k] < 0:
            no_source += 1
        if target[k] < 0:
            no_target += 1
        else:
            target[k] = number[target[k]]
            if target[k] == source[k]:
                no_link += 1
    return no_source, no_target, no_link
