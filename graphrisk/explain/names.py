"""Names of entities and links as text, column by column."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.graph.linkgraph import LinkGraph


def entity_names(graph: LinkGraph, numbers: NDArray[np.int32]) -> pl.Series:
    """Return ``kind:id`` for each number, null for negative ones, shape (n,).

    Kind by kind, from ids that lie in one piece: to gather from several takes ten times as long.
    Of numbers that repeat one after another, the first is named.
    """
    firsts = np.flatnonzero(np.diff(numbers, prepend=np.int32(-2)))
    distinct = numbers[firsts]
    kind = np.where(distinct >= 0, graph.kind_code[distinct], np.int16(-1))
    place, n_names = np.full(len(distinct), -1), 0  # -1: the last, which is none
    parts: list[pl.Series] = []
    for code, (name, ids) in enumerate(zip(graph.kinds, graph.index.ids, strict=True)):
        rows = np.flatnonzero(kind == code)
        if len(rows):
            some = ids.gather(distinct[rows] - graph.index.starts[code])
            parts.append(pl.select(entity=pl.lit(f"{name}:") + some).to_series())
            place[rows] = np.arange(n_names, n_names + len(rows))
            n_names += len(rows)
    names = pl.concat([*parts, pl.Series("entity", [None], dtype=pl.String)], rechunk=True)
    return names.gather(np.repeat(place, np.diff(firsts, append=len(numbers))))
