"""Names of entities and links as text, column by column."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.graph.linkgraph import LinkGraph


def entity_names(graph: LinkGraph, numbers: NDArray[np.int32]) -> pl.Series:
    """Return ``kind:id`` for each number, null for negative ones, shape (n,)."""
    distinct, place = _distinct(numbers, graph.n_entities)
    kinds = pl.Series("kind", graph.kinds, dtype=pl.String).gather(graph.kind_code[distinct])
    ids = graph.entity_id.gather(distinct)
    names = pl.select(pl.concat_str(kinds, pl.lit(":"), ids)).to_series().alias("entity")
    return pl.concat([names, pl.Series("entity", [None], dtype=pl.String)]).gather(place)


#: Numbers are sorted to find the distinct ones, unless one in so many entities may be among them.
_FEW = 16


def _distinct(
    numbers: NDArray[np.int32], n_entities: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the distinct numbers from zero on, rising, and where each stands among them.

    Negative ones stand behind the last.
    """
    if _FEW * len(numbers) < n_entities:
        rising = np.sort(numbers[numbers >= 0])
        distinct = rising[np.diff(rising, prepend=-1) != 0]
        place = np.searchsorted(distinct, numbers)
    else:
        is_used = np.zeros(n_entities, dtype=bool)
        is_used[numbers[numbers >= 0]] = True
        distinct = np.flatnonzero(is_used).astype(np.int32)
        places = np.zeros(n_entities, dtype=np.int64)
        places[distinct] = np.arange(len(distinct))
        place = places[np.maximum(numbers, 0)]
    return distinct, np.where(numbers >= 0, place, len(distinct))
