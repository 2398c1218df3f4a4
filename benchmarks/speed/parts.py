"""Single steps and kernels of graphrisk on a book, for ``product.py``."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import polars as pl
from clock import DAMPING, MOST, STEP, Clock, seed_ids

from graphrisk import rank_accounts
from graphrisk.graph.build import build_graph
from graphrisk.graph.components import components
from graphrisk.graph.pairs import read_pairs
from graphrisk.intake.read import read_dataset
from graphrisk.model.policy import Policy
from graphrisk.propagation.folded import fold
from graphrisk.propagation.linear import solve
from graphrisk.propagation.reach import reach
from graphrisk.propagation.seeds import seeds_of
from graphrisk.propagation.weights import weigh
from graphrisk.threads import available_threads

N_ASKED = 1000


def measure(folder: Path, clock: Clock) -> None:
    """Time the steps of a ranking, reach from both sides, components, and neighbourhoods."""
    n_threads = available_threads()
    toy = pl.DataFrame({"source_id": ["A1", "A2", "A3"], "target_id": ["D1", "D1", "A1"]})
    rank_accounts(toy, ["A1"], most=MOST)
    measure_ranking(folder, clock, n_threads)
    measure_graph(folder, clock, n_threads)


def measure_ranking(folder: Path, clock: Clock, n_threads: int) -> None:
    """Time what ``rank_accounts`` does, step by step, and count what a pass reads."""
    with clock("encode"):
        pairs = read_pairs(folder / "links.parquet", "source_id", "target_id")
    clock.details["n_nodes"] = pairs.n_numbers
    clock.details["n_links"] = len(pairs.source)
    with clock("fold"):
        folded = fold(
            pairs.source, pairs.target, len(pairs.accounts), pairs.n_numbers, n_threads=n_threads
        )
    seeds = pairs.find(seed_ids(folder))
    del pairs
    start = np.isin(folded.account, seeds) / len(seeds)
    with clock("solve"):
        solved = solve(folded, start, damping=DAMPING, tolerance=STEP, n_threads=n_threads)
    clock.details["n_passes"] = solved.n_passes
    clock.details["n_gathers"] = (
        len(folded.peer) + len(folded.mate) + len(folded.shared) + len(folded.user)
    )
    clock.details["n_hub_links"] = len(folded.hub)


def measure_graph(folder: Path, clock: Clock, n_threads: int) -> None:
    """Time kernels on the graph of an analysis."""
    dataset, policy = read_dataset(folder / "book"), Policy.default()
    graph = build_graph(dataset, as_of=dataset.newest_at)
    weights = weigh(graph, policy)
    seeds = seeds_of(dataset, graph, policy, as_of=dataset.newest_at)
    del dataset
    sides = (
        (seeds.bad_strength, policy.reach.n_hops),
        (seeds.good_strength, policy.reach.good_n_hops),
    )
    for label in ("compile", "reach"):
        with clock(label):
            for strength, n_hops in sides:
                reach(
                    graph.offsets, graph.neighbor, graph.reverse, weights.out_prob, strength,
                    n_hops=n_hops if label == "reach" else 1,
                    message_floor_prob=policy.reach.message_floor_prob,
                    own_only=weights.own_only, n_threads=n_threads,
                )  # fmt: skip
    components(graph)
    with clock("components"):
        found = components(graph)
    clock.details["n_components"] = len(np.unique(found))

    clock.details["n_slots"] = len(graph.neighbor)
    clock.details["n_rounds"] = sum(n_hops for _, n_hops in sides)
    asked = np.random.default_rng(0).choice(graph.accounts, N_ASKED)
    graph.neighbourhood(int(asked[0]))
    taken = []
    for account in asked.tolist():
        begun = time.perf_counter()
        graph.neighbourhood(account)
        taken.append(time.perf_counter() - begun)
    clock.details["two_hops_us"] = float(np.median(taken)) * 1e6
