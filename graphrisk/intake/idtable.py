"""Text ids to numbers by a hash table that compares the ids themselves.

The hash only says where to look. Two ids are the same if all their bytes are, so ids whose hashes
collide cost time and are never taken for each other. No Python text is made on the way. See
docs/adr/0014-ids-by-hash-then-compare.md.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.compiled import Ints, Numbers, Words, compiled, folded_product, read_ahead
from graphrisk.intake.texts import AT_ONCE, Records, in_order_of_text, packed, unpacked

ABSENT = -1
_ALL = slice(None)

#: Gives each record a 64-bit number. Any function of the record is correct; a good one is fast.
Hash = Callable[[Words, Ints], Words]


class IdTable:
    """Distinct ids, numbered in the order in which they were first met.

    Parameters
    ----------
    hashed
        The hash to look ids up by.
    """

    def __init__(self, hashed: Hash | None = None) -> None:
        self._hashed: Hash = hashed or hash_records
        # A slot holds the upper half of a hash, and where the id's record begins; 0 is empty.
        # Eight slots fill a cache line, and are filled from the first to the last.
        self._slots = _in_lines(np.zeros, 1 << 10)
        # Records of the ids in the order of their numbers, which stand in the lower halves of
        # their heads.
        self._records = _in_lines(np.empty, 1 << 10)
        self._records[0] = ~np.uint64(0)  # where empty slots point: the record of no text
        self._n_ids, self._n_words = 0, _FIRST

    def __len__(self) -> int:
        return self._n_ids

    def ids(self, numbers: NDArray[np.int64] | slice = _ALL) -> pl.Series:
        """Return the distinct ids with the given numbers; all, in their order, if none are."""
        begins = np.empty(len(self), dtype=np.int64)
        _list_begins(self._records, _FIRST, begins)
        return unpacked(self._records, begins[numbers])

    def order(self) -> NDArray[np.int64]:
        """Sort the ids byte by byte: their numbers in that order, shape (len(self),)."""
        begins = np.empty(len(self), dtype=np.int64)
        _list_begins(self._records, _FIRST, begins)
        return in_order_of_text(self._records, begins)

    def add(self, column: pl.Series) -> NDArray[np.int32]:
        """Number a column, with new numbers for new ids; null is ``ABSENT``.

        Returns
        -------
        numpy.ndarray
            Shape (len(column),), int32.
        """
        return _over_known(column, self._add)

    def find(self, column: pl.Series) -> NDArray[np.int32]:
        """Number a column; ids that are not in the table, and null, are ``ABSENT``.

        Returns
        -------
        numpy.ndarray
            Shape (len(column),), int32.
        """
        return _over_known(column, self._find)

    def match(self, other: IdTable) -> NDArray[np.int32]:
        """Look all ids up in another table.

        Returns
        -------
        numpy.ndarray
            For each id its number there, or ``ABSENT``, shape (len(self),), int32.
        """
        numbers = np.empty(len(self), dtype=np.int32)
        at = _FIRST
        for first in range(0, len(self), AT_ONCE):
            here = numbers[first : first + AT_ONCE]
            begins = np.empty(len(here), dtype=np.int64)
            at = _list_begins(self._records, at, begins)
            other._find((self._records, begins), here)
        return numbers

    def _find(self, some: Records, numbers: NDArray[np.int32]) -> None:
        _number(self._hashed(*some), *some, self._slots, self._records, 0, 0, False, numbers)

    def _add(self, some: Records, numbers: NDArray[np.int32]) -> None:
        self._make_room(len(numbers), len(some[0]))
        self._n_ids, self._n_words = _number(
            self._hashed(*some), *some, self._slots, self._records, self._n_ids, self._n_words,
            True, numbers,
        )  # fmt: skip

    def _make_room(self, n_new: int, n_new_words: int) -> None:
        """Make room for so many further ids and words; at most two slots of three are filled."""
        n_ids, n_words = self._n_ids + n_new, self._n_words + n_new_words
        if n_words > len(self._records):
            # Memory that is not written to is not taken, so make much room and copy seldom.
            larger = _in_lines(np.empty, 16 * n_words)
            larger[: self._n_words] = self._records[: self._n_words]
            self._records = larger
        if 3 * n_ids > 2 * len(self._slots):
            old = self._slots
            self._slots = _in_lines(np.zeros, 1 << (3 * n_ids // 2).bit_length())
            _move(old, self._slots)


def _in_lines(make: Callable[..., Words], n_words: int) -> Words:
    """Make an array that begins where a cache line does."""
    words = make(n_words + 7, dtype=np.uint64)
    begin = -words.ctypes.data % 64 // 8
    return words[begin : begin + n_words]


def _over_known(
    column: pl.Series, number: Callable[[Records, NDArray[np.int32]], None]
) -> NDArray[np.int32]:
    """Number all of a column but its nulls, some rows at a time."""
    numbers = np.empty(len(column), dtype=np.int32)
    known = column
    if column.null_count():
        is_known = column.is_not_null().to_numpy()
        known = column.filter(is_known)
    first = 0
    for some in packed(known):
        last = first + len(some[1])
        number(some, numbers[first:last])
        first = last
    if first == len(column):
        return numbers
    spread = np.full(len(column), ABSENT, dtype=np.int32)
    spread[is_known] = numbers[:first]
    return spread


#: Where the first record begins: those of 17 to 24 bytes then lie in one cache line each.
_FIRST = 4
_SEED, _FACTOR = np.uint64(0xA0761D6478BD642F), np.uint64(0xE7037ED1A0B428DB)
#: The lower half of a slot, or of a record's head.
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_ONE, _TWO = np.uint64(1), np.uint64(2)
_THREE, _SEVEN = np.uint64(3), np.uint64(7)


@compiled
def hash_records(records: Words, begins: Ints) -> Words:
    """Mix the words of each text and its length into 64 bits.

    Words are mixed by folded products, two at a time, as in wyhash (Wang Yi 2019).
    """
    hashes = np.empty(len(begins), np.uint64)
    for i in range(len(begins)):
        at = np.uint64(begins[i])
        length = records[at] >> _HALF
        last = at + ((length + _SEVEN) >> _THREE)
        mixed = length ^ _SEED
        while at + _ONE < last:
            mixed = folded_product(mixed ^ records[at + _ONE], _FACTOR ^ records[at + _TWO])
            at += _TWO
        if at < last:
            mixed ^= records[last]
        hashes[i] = folded_product(mixed ^ _SEED, _FACTOR)
    return hashes


@compiled
def _list_begins(records: Words, at: int, begins: Ints) -> int:
    """List where records begin, from one on; return where the next one would."""
    for i in range(len(begins)):
        begins[i] = at
        at += 1 + int(((records[at] >> _HALF) + _SEVEN) >> _THREE)
    return at


#: Texts looked up together, so that many reads from memory are under way at once.
_TOGETHER = 32


@compiled
def _number(
    hashes: Words, some: Words, begins: Ints, slots: Words, records: Words, n_ids: int,
    n_words: int, adds: bool, numbers: Numbers,
) -> tuple[int, int]:  # fmt: skip
    """Number texts, with new numbers for new ones or ``ABSENT``; return how many ids and words."""
    lines, likely = np.uint64(len(slots) - 8), np.empty(_TOGETHER, np.uint64)
    for first in range(0, len(hashes), _TOGETHER):
        last = min(first + _TOGETHER, len(hashes))
        for i in range(first, last):
            read_ahead(slots, (hashes[i] >> _HALF) & lines)
        for i in range(first, last):
            line = (hashes[i] >> _HALF) & lines
            # The first slot that is empty or has the same half of a hash, or else the last. No
            # branch: it would be ill foreseen.
            place = _SEVEN
            for k in range(7, -1, -1):
                slot = slots[line + np.uint64(k)]
                is_likely = (slot == 0) | ((slot ^ hashes[i]) >> _HALF == 0)
                place = np.uint64(k) if is_likely else place
            likely[i - first] = line + place
            read_ahead(records, slots[likely[i - first]] & _LOW)
        for i in range(first, last):
            begin = np.uint64(begins[i])
            length = some[begin] >> _HALF
            slot = likely[i - first]
            if slots[slot] != 0:  # an empty one is the first still, and the text is new
                record = slots[slot] & _LOW
                differs = (records[record] >> _HALF) ^ length
                if differs == 0:
                    for k in range(_ONE, ((length + _SEVEN) >> _THREE) + _ONE):
                        differs |= records[record + k] ^ some[begin + k]
                if differs != 0:
                    slot = _slot_of(hashes[i], some, begin, slots, records)
            record = slots[slot] & _LOW
            if record == 0 and adds:
                record = np.uint64(n_words)
                slots[slot] = (hashes[i] & ~_LOW) | record
                records[record] = (length << _HALF) | np.uint64(n_ids)
                for k in range(_ONE, ((length + _SEVEN) >> _THREE) + _ONE):
                    records[record + k] = some[begin + k]
                n_words += 1 + int((length + _SEVEN) >> _THREE)
                n_ids += 1
            numbers[i] = np.int32(records[record] & _LOW) if record else np.int32(ABSENT)
    return n_ids, n_words


@compiled
def _slot_of(
    hashed: np.uint64, some: Words, begin: np.uint64, slots: Words, records: Words
) -> np.uint64:
    """Find the slot of a text, or the empty one where it belongs."""
    slot = (hashed >> _HALF) & np.uint64(len(slots) - 8)
    while slots[slot] != 0:
        if (slots[slot] ^ hashed) >> _HALF == 0 and _are_same(
            some, begin, records, slots[slot] & _LOW
        ):
            return slot
        slot = (slot + _ONE) & np.uint64(len(slots) - 1)
    return slot


@compiled
def _are_same(records: Words, record: np.uint64, others: Words, other: np.uint64) -> bool:
    """Compare two texts, byte by byte."""
    length = records[record] >> _HALF
    if others[other] >> _HALF != length:
        return False
    for _ in range((length + _SEVEN) >> _THREE):
        record += _ONE
        other += _ONE
        if records[record] != others[other]:
            return False
    return True


@compiled
def _move(old: Words, slots: Words) -> None:
    """Put slots that hold different ids into an empty table."""
    mask = np.uint64(len(slots) - 1)
    for i in range(len(old)):
        if old[i] != 0:
            slot = (old[i] >> _HALF) & np.uint64(len(slots) - 8)
            while slots[slot] != 0:
                slot = (slot + _ONE) & mask
            slots[slot] = old[i]
