"""What simple methods make of the same graph: what a model has to beat.

Each is one number for each account, higher for riskier, from the links and the visible labels
alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphrisk.graph.hubs import is_identifier
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.propagation.pagerank import pagerank, transition
from graphrisk.propagation.seeds import Seeds

Floats = NDArray[np.float64]

#: Damping of the baseline; Page et al. 1999.
_DAMPING = 0.85


def baselines(graph: LinkGraph, seeds: Seeds, *, n_threads: int = 1) -> dict[str, Floats]:
    """Score every account by each baseline.

    Returns
    -------
    dict
        Name to scores, shape (n_accounts,): the number of links; bad accounts one and two links
        away, each counted less at a busy neighbour; PageRank from bad seeds; the same as a share
        of PageRank from bad and good seeds.
    """
    bad = (seeds.bad_strength > 0).astype(np.float64)
    good = (seeds.good_strength > 0).astype(np.float64)
    from_bad, from_good = (_arrived(graph, seed, n_threads) for seed in (bad, good))
    n_seeds = max(bad.sum() + good.sum(), 1.0)
    smoothing = 0.03 * bad.sum() / n_seeds, 0.03 * good.sum() / n_seeds
    share = (from_bad + smoothing[0]) / (from_bad + from_good + sum(smoothing) + 1e-12)
    accounts = graph.accounts
    return {
        "degree": np.diff(graph.offsets)[accounts].astype(np.float64),
        "seed count": _seed_count(graph, bad)[accounts],
        "PageRank from bad": from_bad[accounts],
        "PageRank, bad against good": share[accounts],
    }


def _seed_count(graph: LinkGraph, bad: Floats) -> Floats:
    """Count bad seeds within two links, divided by the neighbour's links; own label left out."""
    row = graph.row_of_slot()
    per_link = 1.0 / np.maximum(np.diff(graph.offsets), 1)

    def arriving(at: Floats) -> Floats:
        sent = (at * per_link)[graph.neighbor]
        return np.bincount(row, weights=sent, minlength=graph.n_entities).astype(np.float64)

    first = arriving(bad)
    returned = (
        bad
        * per_link
        * np.bincount(row, weights=per_link[graph.neighbor], minlength=graph.n_entities)
    )
    return np.asarray(first + arriving(first) - returned, dtype=np.float64)


def _arrived(graph: LinkGraph, seed: Floats, n_threads: int) -> Floats:
    """Spread mass over links of equal weight; what arrives, the account's own left out."""
    rows = (graph.offsets, graph.neighbor)
    in_share = transition(*rows, graph.reverse, np.ones(len(graph.neighbor)), is_identifier(graph))
    units = pagerank(*rows, in_share, seed, damping=_DAMPING, n_threads=n_threads)
    mass = units / 2.0**40
    return np.asarray(np.maximum(mass - (1.0 - _DAMPING) * seed, 0.0))
