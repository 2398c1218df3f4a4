"""``Links``: one row for each link, whatever records it stands for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.model.column import kept_as_columns


@kept_as_columns("n_records")
@dataclass(frozen=True)
class Links:
    """The links of a graph, sorted by source, target and relation, one row for each.

    Attributes
    ----------
    source, target
        Entity numbers, shape (n_links,), int32.
    relation
        Positions in ``LinkGraph.relations``, shape (n_links,), int16.
    first_seen_at, last_seen_at
        Microseconds since 1970 in UTC, or ``NO_TIME``, shape (n_links,), int64.
    confidence
        How sure the source is of the link, in [0, 1], shape (n_links,), float64.
    n_records
        How many records of the input the link stands for, shape (n_links,), int32.
    origin
        Positions in ``LinkGraph.origins`` (which system said so), shape (n_links,), int16.
    """

    source: NDArray[np.int32]
    target: NDArray[np.int32]
    relation: NDArray[np.int16]
    first_seen_at: NDArray[np.int64]
    last_seen_at: NDArray[np.int64]
    confidence: NDArray[np.float64]
    n_records: NDArray[np.int32]
    origin: NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.source)
