"""Sorting by counting: as fast as memory allows, and stable."""

from __future__ import annotations

import numpy as np

from graphrisk.compiled import Numbers, compiled


@compiled
def in_order(key: Numbers, n_keys: int, order: Numbers) -> Numbers:
    """Sort places by their keys, by counting; equal keys stay in the order given.

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
    begins = np.zeros(n_keys + 1, np.int64)
    for i in range(len(order)):
        begins[key[order[i]] + 1] += 1
    for k in range(n_keys):
        begins[k + 1] += begins[k]
    sorted_order = np.empty_like(order)
    for i in range(len(order)):
        k = key[order[i]]
        sorted_order[begins[k]] = order[i]
        begins[k] += 1
    return sorted_order
