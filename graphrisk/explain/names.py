"""Names of entities and links as text, column by column."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.graph.linkgraph import LinkGraph


def entity_names(graph: LinkGraph, numbers: NDArray[np.int32]) -> pl.Series:
    """Return ``kind:id`` for each number, null for negative ones, shape (n,)."""
    known = np.maximum(numbers, 0)
    kinds = pl.Series("kind", graph.kinds, dtype=pl.String).gather(graph.kind_code[known])
    names = pl.select(pl.concat_str(kinds, pl.lit(":"), graph.entity_id.gather(known))).to_series()
    return pl.select(pl.when(pl.Series(numbers >= 0)).then(names)).to_series().alias("entity")
