"""Columns of text as records of whole words, and back, with no Python text on the way.

A record is a head, whose upper half is the length of the text in bytes, and then the text, eight
bytes to a word. The last word of a text of more than 12 bytes holds its last eight, which
overlap those before; that of a shorter text is filled up with zeros. So no byte outside a text
is ever read, and two texts are the same exactly if their records are.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
import pyarrow as pa

from graphrisk.compiled import Bytes, Ints, Words, compiled, set_word_at, word_at

#: Records one after another, and where each begins.
Records = tuple[Words, Ints]
#: Texts packed together: few enough to stay in the cache.
AT_ONCE = 1 << 13

_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)
_ONE, _THREE, _SEVEN, _EIGHT = np.uint64(1), np.uint64(3), np.uint64(7), np.uint64(8)
#: Arrow keeps texts of so many bytes in the view itself.
_INLINE = np.uint64(12)


def packed(column: pl.Series) -> Iterator[Records]:
    """Make records of a column of text without nulls, some rows at a time, in their order.

    What is yielded is overwritten by what is yielded next.
    """
    arrow = column.to_arrow(compat_level=pl.CompatLevel.newest())
    _, view, *text = arrow.buffers()
    views = np.frombuffer(view, dtype=np.uint64)[2 * arrow.offset :][: 2 * len(arrow)]
    addresses = np.array([part.address for part in text], dtype=np.uint64)
    records = np.empty(0, dtype=np.uint64)
    begins = np.empty(min(AT_ONCE, len(arrow)), dtype=np.int64)
    for first in range(0, len(arrow), AT_ONCE):
        some = views[2 * first : 2 * (first + AT_ONCE)]
        n_words = _n_words(some)
        if n_words > len(records):
            records = np.empty(n_words, dtype=np.uint64)
        _pack(some, addresses, records, begins)
        yield records[:n_words], begins[: len(some) // 2]


def unpacked(records: Words, begins: Ints) -> pl.Series:
    """Return the texts of records, shape (len(begins),)."""
    offsets = np.zeros(len(begins) + 1, dtype=np.int64)
    np.cumsum(records[begins] >> _HALF, out=offsets[1:])
    text = np.empty(int(offsets[-1]), dtype=np.uint8)
    _unpack(records, begins, offsets, text, np.uint64(text.ctypes.data))
    buffers = pa.py_buffer(offsets), pa.py_buffer(text)
    return pl.Series(values=pa.LargeStringArray.from_buffers(len(begins), *buffers))


def in_order_of_text(records: Words, begins: Ints) -> Ints:
    """Sort distinct texts byte by byte, as ``bytes`` are sorted.

    Eight bytes at a time are a number; only texts that are alike in these ask for the next
    eight. What all texts begin with is passed over.

    Returns
    -------
    numpy.ndarray
        Their places in that order, shape (len(begins),), int64.
    """
    order, tied = np.arange(len(begins)), np.arange(len(begins))
    group = np.zeros(len(begins), dtype=np.int64)
    at, longest = _n_common(records, begins)
    while len(tied):
        some = begins[order[tied]]
        is_over = at >= longest
        # Of two texts that are alike up to here, the shorter one comes first.
        key = records[some] >> _HALF if is_over else _numbers(records, some, at)
        by_key = np.argsort(key) if group[0] == group[-1] else np.lexsort((key, group))
        order[tied] = order[tied[by_key]]
        if is_over:
            break
        key, group = key[by_key], group[by_key]
        is_alike = (key[1:] == key[:-1]) & (group[1:] == group[:-1])
        follows, leads = np.append(False, is_alike), np.append(is_alike, False)
        group = np.cumsum(~follows)[follows | leads]
        tied = tied[follows | leads]
        at += 8
    return order


@compiled
def _byte(records: Words, begin: int, place: int) -> np.uint64:
    """Return a byte of a text, or 0 where it has ended."""
    length = int(records[begin] >> _HALF)
    if place >= length:
        return np.uint64(0)
    word = place >> 3
    if length > 12 and word == (length - 1) >> 3:
        place -= length - 8  # the last word holds the last eight bytes
    return np.uint64((records[begin + 1 + word] >> np.uint64(8 * (place & 7))) & np.uint64(0xFF))


@compiled
def _n_common(records: Words, begins: Ints) -> tuple[int, int]:
    """Count the bytes with which all texts begin, and those of the longest text."""
    n_common, longest = 0, 0
    for i in range(len(begins)):
        length = int(records[begins[i]] >> _HALF)
        longest = max(longest, length)
        if i == 0:
            n_common = length
        n_same = 0
        while n_same < min(n_common, length):
            if _byte(records, begins[i], n_same) != _byte(records, begins[0], n_same):
                break
            n_same += 1
        n_common = n_same
    return n_common, longest


@compiled
def _numbers(records: Words, begins: Ints, at: int) -> Words:
    """Read the eight bytes of each text from one on as a number, the first byte counting most."""
    numbers = np.zeros(len(begins), np.uint64)
    for i in range(len(begins)):
        for place in range(at, at + 8):
            numbers[i] = (numbers[i] << _EIGHT) | _byte(records, begins[i], place)
    return numbers


@compiled
def _n_words(views: Words) -> int:
    """Count the words of records."""
    n_words = np.int64(len(views) // 2)
    for i in range(0, len(views), 2):
        n_words += np.int64(((views[i] & _LOW) + _SEVEN) >> _THREE)
    return int(n_words)


@compiled
def _pack(views: Words, addresses: Words, records: Words, begins: Ints) -> None:
    """Write records of texts given as Arrow's string views."""
    n = 0
    for i in range(len(views) // 2):
        begins[i] = n
        head, tail = views[2 * i], views[2 * i + 1]
        length = head & _LOW
        records[n] = length << _HALF
        n += 1
        if length > _INLINE:
            at = addresses[tail & _LOW] + (tail >> _HALF)
            last = at + length - _EIGHT
            while at < last:
                records[n] = word_at(at)
                n += 1
                at += _EIGHT
            records[n] = word_at(last)
            n += 1
        elif length > 0:
            records[n] = (head >> _HALF) | (tail << _HALF)
            n += 1
            if length > _EIGHT:
                records[n] = tail >> _HALF
                n += 1


@compiled
def _unpack(records: Words, begins: Ints, offsets: Ints, text: Bytes, address: np.uint64) -> None:
    """Write texts one after another; ``address`` is where ``text`` lies."""
    for i in range(len(begins)):
        begin, at, length = begins[i] + 1, offsets[i], offsets[i + 1] - offsets[i]
        if length > 12:
            n_words = (length + 7) >> 3
            for k in range(n_words - 1):
                set_word_at(address + np.uint64(at + 8 * k), records[begin + k])
            set_word_at(address + np.uint64(at + length - 8), records[begin + n_words - 1])
        else:
            for k in range(length):
                shift = np.uint64(8 * (k & 7))
                text[at + k] = (records[begin + (k >> 3)] >> shift) & np.uint64(0xFF)
