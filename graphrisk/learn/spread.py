"""Averages over neighbours, and walks from many sets of seeds at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Floats, Ints, Numbers, compiled
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.threads import over_rows


@dataclass(frozen=True, slots=True)
class Neighborhood:
    """Who is linked to whom, each neighbour once.

    Attributes
    ----------
    offsets, neighbor
        Rows of neighbours, sorted, shapes (n_entities + 1,) and (n_pairs,).
    """

    offsets: NDArray[np.int64]
    neighbor: NDArray[np.int32]

    @classmethod
    def of(cls, graph: LinkGraph) -> Neighborhood:
        """Take the rows of a graph, parallel links as one and links to oneself left out."""
        row = graph.row_of_slot()
        new = np.ones(len(row), dtype=bool)
        new[1:] = (row[1:] != row[:-1]) | (graph.neighbor[1:] != graph.neighbor[:-1])
        new &= row != graph.neighbor
        counts = np.bincount(row[new], minlength=graph.n_entities)
        return cls(np.concatenate(([0], np.cumsum(counts))), graph.neighbor[new])

    @property
    def degree(self) -> NDArray[np.int64]:
        """How many neighbours each entity has, shape (n_entities,)."""
        return np.diff(self.offsets)

    def total(self, of: NDArray[np.float64], n_threads: int) -> NDArray[np.float64]:
        """Add up a table over neighbours; shape (n_entities, n_columns) in and out.

        Each row is added in the order of its neighbours, by one thread.
        """
        into = np.zeros_like(of)
        over_rows(_total, self.offsets, n_threads, self.neighbor, np.ascontiguousarray(of), into)
        return into

    def mean(self, of: NDArray[np.float64], n_threads: int) -> NDArray[np.float64]:
        """Average what is known over neighbours; NaN where nothing is known of any."""
        known = ~np.isnan(of)
        sums = self.total(np.where(known, of, 0.0), n_threads)
        counts = self.total(known.astype(np.float64), n_threads)
        return np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)


@compiled
def _total(
    first: int, last: int, offsets: Ints, neighbor: Numbers, of: Floats, into: Floats
) -> int:
    for v in range(first, last):
        for slot in range(offsets[v], offsets[v + 1]):
            u = neighbor[slot]
            for c in range(of.shape[1]):
                into[v, c] += of[u, c]
    return 0


def triangles(around: Neighborhood, n_threads: int, most: int = 300) -> NDArray[np.float64]:
    """Count pairs of an entity's neighbours that are neighbours, shape (n_entities,).

    NaN for an entity of more than ``most`` neighbours, so that time follows the links.
    """
    into = np.zeros(len(around.degree))
    over_rows(_triangles, around.offsets, n_threads, around.neighbor, most, into)
    return into


@compiled
def _triangles(
    first: int, last: int, offsets: Ints, neighbor: Numbers, most: int, into: Floats
) -> int:
    for v in range(first, last):
        if offsets[v + 1] - offsets[v] > most:
            into[v] = np.nan
            continue
        for slot in range(offsets[v], offsets[v + 1]):
            u = neighbor[slot]
            if offsets[u + 1] - offsets[u] > most:
                continue
            i, j = offsets[v], offsets[u]
            while i < offsets[v + 1] and j < offsets[u + 1]:
                if neighbor[i] < neighbor[j]:
                    i += 1
                elif neighbor[i] > neighbor[j]:
                    j += 1
                else:
                    into[v] += 0.5
                    i += 1
                    j += 1
    return 0
