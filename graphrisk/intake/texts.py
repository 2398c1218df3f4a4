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
