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

from graphrisk.compiled import Ints, Numbers, Words, compiled

ABSENT = -1
#: Ids taken out of a column at a time, so that memory follows this and not the column.
BATCH = 1 << 16

#: Texts as words of eight bytes, and the byte at which each text begins and the last one ends.
Texts = tuple[Words, Ints]
#: Gives each text a 64-bit number. Any function of the text is correct; a good one is fast.
Hash = Callable[[Words, Ints], Words]


class IdTable:
    """Distinct ids, numbered in the order in which they were first met.

    Parameters
    ----------
    hashed
        The hash to look ids up by.
    keeps_ids
        Whether :meth:`ids` will be asked for.
    """

    def __init__(self, hashed: Hash | None = None, *, keeps_ids: bool = True) -> None:
        self._hashed: Hash = hashed or hash_texts
        # A slot holds the upper half of a hash, and where the id's record lies; 0 is empty.
        self._slots = np.zeros(1 << 10, dtype=np.uint64)
        # A record is one word of length and number, and the words of the text.
        self._records = np.zeros(1 << 10, dtype=np.uint64)
        self._n_ids, self._n_words = 0, 1
        self._parts = [pl.Series([], dtype=pl.String)]
        self._keeps_ids = keeps_ids

    def __len__(self) -> int:
        return self._n_ids

    def ids(self) -> pl.Series:
        """Return the distinct ids, in the order of their numbers, shape (len(self),)."""
        return pl.concat(self._parts)

    def add(self, column: pl.Series) -> NDArray[np.int32]:
        """Number a column, with new numbers for new ids; null is ``ABSENT``.

        Returns
        -------
        numpy.ndarray
            Shape (len(column),), int32.
        """
        return self._in_batches(column, self._add)

    def find(self, column: pl.Series) -> NDArray[np.int32]:
        """Number a column; ids that are not in the table, and null, are ``ABSENT``.

        Returns
        -------
        numpy.ndarray
            Shape (len(column),), int32.
        """
        return self._in_batches(column, self._find)

    def match(self, other: IdTable) -> NDArray[np.int32]:
        """Look all ids up in another table with the same hash.

        Returns
        -------
        numpy.ndarray
            For each id its number there, or ``ABSENT``, shape (len(self),), int32.
        """
        numbers = np.full(len(self), ABSENT, dtype=np.int32)
        _match(self._slots, self._records, other._slots, other._records, numbers)
        return numbers

    @staticmethod
    def _in_batches(
        column: pl.Series, number: Callable[[pl.Series, NDArray[np.int32]], None]
    ) -> NDArray[np.int32]:
        numbers = np.full(len(column), ABSENT, dtype=np.int32)
        for first in range(0, len(column), BATCH):
            batch, here = column.slice(first, BATCH), numbers[first : first + BATCH]
            if batch.null_count():
                known = np.flatnonzero(batch.is_not_null().to_numpy())
                packed = np.empty(len(known), dtype=np.int32)
                number(batch.gather(known), packed)
                here[known] = packed
            else:
                number(batch, here)
        return numbers

    def _find(self, batch: pl.Series, numbers: NDArray[np.int32]) -> None:
        texts = texts_of(batch)
        _look_up(self._hashed(*texts), *texts, self._slots, self._records, numbers)

    def _add(self, batch: pl.Series, numbers: NDArray[np.int32]) -> None:
        texts = texts_of(batch)
        self._make_room(len(batch), len(texts[0]) + 2 * len(batch))
        rows = np.empty(len(batch), dtype=np.int64)
        n_ids, self._n_words = _look_up_or_add(
            self._hashed(*texts), *texts, self._slots, self._records, self._n_ids, self._n_words,
            numbers, rows,
        )  # fmt: skip
        if n_ids > self._n_ids:
            if self._keeps_ids:
                self._parts.append(batch.gather(rows[: n_ids - self._n_ids]))
            self._n_ids = n_ids

    def _make_room(self, n_new: int, n_new_words: int) -> None:
        """Make room for so many further ids and words; at most two slots of three are filled."""
        n_ids, n_words = self._n_ids + n_new, self._n_words + n_new_words
        if n_words > len(self._records):
            larger = np.empty(max(n_words, len(self._records) * 3 // 2), dtype=np.uint64)
            larger[: self._n_words] = self._records[: self._n_words]
            self._records = larger
        if 3 * n_ids > 2 * len(self._slots):
            old = self._slots
            self._slots = np.zeros(1 << (3 * n_ids // 2).bit_length(), dtype=np.uint64)
            _move(old, self._slots)


def texts_of(column: pl.Series) -> Texts:
    """Return the text of a column without nulls, packed into words."""
    arrow = column.to_arrow()
    _, offsets, data = arrow.buffers()
    begins = np.frombuffer(offsets, dtype=np.int64)[arrow.offset :][: len(arrow) + 1]
    first, last = int(begins[0]), int(begins[-1])
    words = np.zeros((last - first) // 8 + 2, dtype=np.uint64)  # a word more than there is
    if last > first:
        words.view(np.uint8)[: last - first] = np.frombuffer(data, dtype=np.uint8)[first:last]
    return words, begins - first


_FACTOR = np.uint64(0xC6A4A7935BD1E995)
_SHIFT = np.uint64(47)
#: The lower half of a slot, or of a record's first word.
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_ONE, _THREE, _SEVEN, _EIGHT = np.uint64(1), np.uint64(3), np.uint64(7), np.uint64(8)


@compiled
def hash_texts(words: Words, offsets: Ints) -> Words:
    """Mix the bytes of each text, eight at a time, and its length into 64 bits.

    The steps are those of MurmurHash64A (Appleby 2008).
    """
    hashes = np.empty(len(offsets) - 1, np.uint64)
    for i in range(len(hashes)):
        at, end = np.uint64(offsets[i]), np.uint64(offsets[i + 1])
        mixed = (end - at) * _FACTOR
        while at < end:
            word = _word(words, at, end) * _FACTOR
            word ^= word >> _SHIFT
            mixed = (mixed ^ (word * _FACTOR)) * _FACTOR
            at += _EIGHT
        mixed ^= mixed >> _SHIFT
        mixed *= _FACTOR
        hashes[i] = mixed ^ (mixed >> _SHIFT)
    return hashes


@compiled
def _word(words: Words, at: np.uint64, end: np.uint64) -> np.uint64:
    """Read the eight bytes that begin at any byte, with zeros from ``end`` on."""
    place, shift = at >> _THREE, (at & _SEVEN) << _THREE
    # Two shifts to the left: by 64 at once is not defined.
    word = (words[place] >> shift) | ((words[place + _ONE] << _ONE) << (np.uint64(63) - shift))
    if end - at < _EIGHT:
        word &= (_ONE << ((end - at) << _THREE)) - _ONE
    return np.uint64(word)


#: Texts looked up together, so that many reads from memory are under way at once.
_TOGETHER = 64


@compiled
def _look_up(
    hashes: Words, words: Words, offsets: Ints, slots: Words, records: Words, numbers: Numbers
) -> None:
    ahead = np.empty(_TOGETHER, np.uint64)
    for first in range(0, len(hashes), _TOGETHER):
        last = min(first + _TOGETHER, len(hashes))
        _read_ahead(hashes[first:last], slots, records, ahead)
        for i in range(first, last):
            slot = _slot_of(hashes[i], words, offsets[i], offsets[i + 1], slots, records)
            record = slots[slot] & _LOW
            numbers[i] = np.int64(records[record] & _LOW) if record else ABSENT


@compiled
def _look_up_or_add(
    hashes: Words, words: Words, offsets: Ints, slots: Words, records: Words, n_ids: int,
    n_words: int, numbers: Numbers, rows: Ints,
) -> tuple[int, int]:  # fmt: skip
    """Number the texts; list the rows of new ones; return how many ids and words there are."""
    n_before = n_ids
    ahead = np.empty(_TOGETHER, np.uint64)
    for first in range(0, len(hashes), _TOGETHER):
        last = min(first + _TOGETHER, len(hashes))
        _read_ahead(hashes[first:last], slots, records, ahead)
        for i in range(first, last):
            slot = _slot_of(hashes[i], words, offsets[i], offsets[i + 1], slots, records)
            if slots[slot] == 0:
                slots[slot] = (hashes[i] & ~_LOW) | np.uint64(n_words)
                at, end = np.uint64(offsets[i]), np.uint64(offsets[i + 1])
                records[n_words] = ((end - at) << _HALF) | np.uint64(n_ids)
                n_words += 1
                while at < end:
                    records[n_words] = _word(words, at, end)
                    n_words += 1
                    at += _EIGHT
                rows[n_ids - n_before] = i
                n_ids += 1
            numbers[i] = records[slots[slot] & _LOW] & _LOW
    return n_ids, n_words


@compiled
def _read_ahead(hashes: Words, slots: Words, records: Words, ahead: Words) -> None:
    """Touch what a lookup will read, without waiting for any of it."""
    mask = np.uint64(len(slots) - 1)
    for i in range(len(hashes)):
        ahead[i] = slots[(hashes[i] >> _HALF) & mask]
    for i in range(len(hashes)):
        ahead[i] = records[ahead[i] & _LOW]


@compiled
def _slot_of(
    hashed: np.uint64, words: Words, begin: int, end: int, slots: Words, records: Words
) -> np.uint64:
    """Find the slot of a text, or the empty one where it belongs."""
    mask = np.uint64(len(slots) - 1)
    slot = (hashed >> _HALF) & mask
    while slots[slot] != 0:
        if (slots[slot] ^ hashed) >> _HALF == 0 and _is_record(
            words, np.uint64(begin), np.uint64(end), records, slots[slot] & _LOW
        ):
            return slot
        slot = (slot + _ONE) & mask
    return slot


@compiled
def _is_record(
    words: Words, at: np.uint64, end: np.uint64, records: Words, record: np.uint64
) -> bool:
    """Compare a text with a record, byte by byte."""
    if records[record] >> _HALF != end - at:
        return False
    while at < end:
        record += _ONE
        if _word(words, at, end) != records[record]:
            return False
        at += _EIGHT
    return True


@compiled
def _move(old: Words, slots: Words) -> None:
    """Put slots that hold different ids into an empty table."""
    mask = np.uint64(len(slots) - 1)
    for i in range(len(old)):
        if old[i] != 0:
            slot = (old[i] >> _HALF) & mask
            while slots[slot] != 0:
                slot = (slot + _ONE) & mask
            slots[slot] = old[i]


@compiled
def _match(
    slots: Words, records: Words, other_slots: Words, other_records: Words, numbers: Numbers
) -> None:
    mask = np.uint64(len(other_slots) - 1)
    for i in range(len(slots)):
        if slots[i] == 0:
            continue
        record = slots[i] & _LOW
        slot = (slots[i] >> _HALF) & mask
        while other_slots[slot] != 0:
            found = other_slots[slot] & _LOW
            if (other_slots[slot] ^ slots[i]) >> _HALF == 0 and _are_same(
                records, record, other_records, found
            ):
                numbers[records[record] & _LOW] = other_records[found] & _LOW
                break
            slot = (slot + _ONE) & mask


@compiled
def _are_same(records: Words, record: np.uint64, others: Words, other: np.uint64) -> bool:
    """Compare two records, byte by byte; words are filled up with zeros."""
    length = records[record] >> _HALF
    if others[other] >> _HALF != length:
        return False
    for k in range((length + _SEVEN) >> _THREE):
        step = np.uint64(k) + _ONE
        if records[record + step] != others[other + step]:
            return False
    return True
