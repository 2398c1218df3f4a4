"""Sorting by counting: as fast as memory allows, and stable.

Large arrays are made by numpy, here as elsewhere, and not in compiled loops: numpy asks the system
for large pages, which cost much less to come by.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Ints, Numbers, compiled

#: Bits of a key that are sorted by in one pass: so many counters stay in the cache.
_DIGIT_BITS = 12
_HALF, _LOW = 32, 0xFFFFFFFF


def in_order(key: NDArray[np.int32], n_keys: int, order: NDArray[np.int32]) -> NDArray[np.int32]:
    """Sort places by their keys, by counting; equal keys stay in the order given.

    Long keys are sorted by their lower digits first (radix sort).

    Parameters
    ----------
    key
        Whole numbers in [0, n_keys), shape (n,).
    n_keys
        How many keys there are.
    order
        The places to sort, any of 0 … n - 1.

    Returns
    -------
    numpy.ndarray
        The same places, sorted, shape of ``order``, int32.
    """
    words, by_digit = np.empty(len(order), dtype=np.int64), np.empty(len(order), dtype=np.int64)
    sorted_order = np.empty_like(order)
    _sort_by_digits(key, n_keys, order, words, by_digit, sorted_order)
    return sorted_order


@compiled
def _sort_by_digits(
    key: Numbers, n_keys: int, order: Numbers, words: Ints, by_digit: Ints, sorted_order: Numbers
) -> None:
    n_bits = 1
    while 1 << n_bits < n_keys:
        n_bits += 1
    n_digits = (n_bits + _DIGIT_BITS - 1) // _DIGIT_BITS
    width = (n_bits + n_digits - 1) // n_digits
    # Key and place in one word: each pass then reads and writes one after the other.
    for i in range(len(order)):
        words[i] = np.int64(key[order[i]]) << _HALF | order[i]
    for digit in range(n_digits):
        shift, mask = _HALF + digit * width, (1 << width) - 1
        begins = np.zeros((1 << width) + 1, np.int64)
        for i in range(len(words)):
            begins[((words[i] >> shift) & mask) + 1] += 1
        for k in range(1 << width):
            begins[k + 1] += begins[k]
        for i in range(len(words)):
            k = (words[i] >> shift) & mask
            by_digit[begins[k]] = words[i]
            begins[k] += 1
        words, by_digit = by_digit, words
    for i in range(len(order)):
        sorted_order[i] = words[i] & _LOW
