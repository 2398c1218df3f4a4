"""Single kernels of graphrisk on a book in memory, for ``contenders.py``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from graphrisk.graph.build import build_graph
from graphrisk.graph.components import components
from graphrisk.graph.neighbourhood import around
from graphrisk.graph.pairs import read_pairs
from graphrisk.intake.read import read_dataset
from graphrisk.model.policy import Policy
from graphrisk.propagation.folded import fold
from graphrisk.propagation.linear import solve
from graphrisk.propagation.reach import reach
from graphrisk.propagation.seeds import seeds_of
from graphrisk.propagation.threads import available_threads
from graphrisk.propagation.weights import weigh

if TYPE_CHECKING:
    from contenders import Clock

N_ASKED = 1000
MOST_MET = 100_000
#: Entities with more links are met, and not walked through.
HUB = 1000


def measure(folder: Path, clock: Clock) -> None:
    """Time a linear pass, reach from both sides, components, and two-hop neighbourhoods."""
    n_threads = available_threads()
    pairs = read_pairs(folder / "links.parquet", "source_id", "target_id")
    folded = fold(pairs.source, pairs.target, len(pairs.accounts), pairs.n_numbers)
    clock.details["n_nodes"] = pairs.n_numbers
    clock.details["n_links"] = len(pairs.source)
    del pairs
    start = np.zeros(len(folded.account))
    start[:: len(start) // 100] = 0.01
    solve(folded, start, damping=0.85, tolerance=1e-1, n_threads=n_threads)
    with clock("solve"):
        solved = solve(folded, start, damping=0.85, tolerance=1e-6, n_threads=n_threads)
    clock.details["n_passes"] = solved.n_passes
    del folded

    dataset, policy = read_dataset(folder / "book"), Policy.default()
    graph = build_graph(dataset, as_of=dataset.newest_at)
    weights = weigh(graph, policy)
    seeds = seeds_of(dataset, graph, policy, as_of=dataset.newest_at)
    del dataset
    for label in ("compile", "reach"):
        with clock(label):
            for strength in (seeds.bad_strength, seeds.good_strength):
                reach(
                    graph.offsets, graph.neighbor, graph.reverse, weights.out_prob, strength,
                    n_hops=policy.reach.n_hops if label == "reach" else 1,
                    message_floor_prob=policy.reach.message_floor_prob,
                    own_only=weights.own_only, n_threads=n_threads,
                )  # fmt: skip
    components(graph, np.zeros(graph.n_links, dtype=bool))
    with clock("components"):
        found = components(graph)
    clock.details["n_components"] = len(np.unique(found))

    degree = np.diff(graph.offsets)
    follows = np.repeat(degree <= HUB, degree)
    asked = np.random.default_rng(0).choice(graph.accounts, N_ASKED)
    around(graph, int(asked[0]), follows, n_hops=2, most=MOST_MET)
    taken = []
    for account in asked.tolist():
        begun = time.perf_counter()
        around(graph, account, follows, n_hops=2, most=MOST_MET)
        taken.append(time.perf_counter() - begun)
    clock.details["two_hops_us"] = float(np.median(taken)) * 1e6
