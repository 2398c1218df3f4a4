"""The figures behind the decision records on sums, PageRank and threads.

    python benchmarks/kernels.py DATASET

DATASET is any dataset that ``graphrisk analyze`` reads, such as a book of ``graphrisk demo``.
Compares what the kernels do with the plain way of doing the same.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from graphrisk.graph.build import build_graph
from graphrisk.graph.hubs import is_identifier
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.intake.read import read_dataset
from graphrisk.model.policy import Policy
from graphrisk.propagation.fixed import MASS, nats_from_units
from graphrisk.propagation.flow import Flow
from graphrisk.propagation.pagerank import pagerank, transition
from graphrisk.propagation.reach import Reached, reach
from graphrisk.propagation.seeds import Seeds, seeds_of
from graphrisk.propagation.weights import Weights, weigh
from graphrisk.threads import over_rows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Case:
    """A book ready for the kernels."""

    policy: Policy
    graph: LinkGraph
    weights: Weights
    seeds: Seeds

    @classmethod
    def of(cls, dataset_path: Path) -> Case:
        """Read a dataset and build what the kernels take."""
        dataset, policy = read_dataset(dataset_path), Policy.default()
        graph = build_graph(dataset, as_of=dataset.newest_at)
        seeds = seeds_of(dataset, graph, policy, as_of=dataset.newest_at)
        return cls(policy, graph, weigh(graph, policy), seeds)

    def reach(self, n_threads: int) -> Reached:
        """Run reach from bad seeds."""
        return reach(
            self.graph.offsets, self.graph.neighbor, self.graph.reverse, self.weights.out_prob,
            self.seeds.bad_strength, n_hops=self.policy.reach.n_hops,
            message_floor_prob=self.policy.reach.message_floor_prob, n_threads=n_threads,
        )  # fmt: skip

    def in_share(self) -> Floats:
        """Give the transition shares of PageRank."""
        return transition(
            self.graph.offsets, self.graph.neighbor, self.graph.reverse, self.weights.out_prob,
            is_identifier(self.graph),
        )  # fmt: skip

    def pagerank(self, in_share: Floats, n_threads: int) -> Ints:
        """Run PageRank from bad seeds."""
        return pagerank(
            self.graph.offsets, self.graph.neighbor, in_share,
            (self.seeds.bad_strength > 0).astype(np.float64),
            damping=self.policy.pagerank.damping, n_threads=n_threads,
        )  # fmt: skip


def best_s(work: Callable[[], Any], times: int = 5) -> float:
    """Wall time of the best of several runs, in seconds."""
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return min(spent)


def row_sums(values: NDArray[Any], offsets: Ints) -> NDArray[Any]:
    """Add the values of each row up, one after the other, in their order."""
    sums = np.zeros(len(offsets) - 1, values.dtype)
    _add_rows(values, offsets, sums)
    return sums


@njit(nogil=True)
def _add_rows(values, offsets, sums):  # type: ignore[no-untyped-def]
    for v in range(len(sums)):
        total = sums[v]
        for j in range(offsets[v], offsets[v + 1]):
            total += values[j]
        sums[v] = total


@njit(nogil=True)
def _add_rows_parallel(values, offsets, sums):  # type: ignore[no-untyped-def]
    for v in prange(len(sums)):
        total = sums[v]
        for j in range(offsets[v], offsets[v + 1]):
            total += values[j]
        sums[v] = total


def sums(case: Case) -> None:
    """Compare sums of whole units with floating sums, in several orders."""
    print("\nSums: whole units of 2**-48 nats against floats")
    rng = np.random.default_rng(0)
    few = rng.uniform(0, 1, 50)
    units = np.rint(few * 2.0**48).astype(np.int64)
    orders = [rng.permutation(50) for _ in range(2_000)]
    as_floats = {float(np.add.accumulate(few[order])[-1]) for order in orders}
    as_units = {int(np.add.accumulate(units[order])[-1]) for order in orders}
    print(f"  50 numbers in 2,000 orders: {len(as_floats)} float sums, {len(as_units)} in units")

    offsets = case.graph.offsets
    told = case.reach(1).message_units
    order = np.lexsort((rng.random(len(told)), case.graph.row_of_slot()))
    as_nats = np.log1p(np.expm1(nats_from_units(told)))  # as floats would have it, unrounded
    busy = np.flatnonzero(np.diff(offsets) > 1)
    for name, values in (("floats", as_nats), ("units", told)):
        changed = row_sums(values, offsets) != row_sums(values[order], offsets)
        print(
            f"  rows of this book added in another order: {int(changed[busy].sum()):,} of "
            f"{len(busy):,} sums of {name} differ; "
            f"{1e3 * best_s(lambda values=values: row_sums(values, offsets)):.2f} ms"  # type: ignore[misc]
        )
    a, b = as_nats[rng.permutation(len(told))], as_nats
    print(f"  (a + b) - b is not a in {np.mean((a + b) - b != a):.1%} of pairs of float messages")


def ranks(case: Case) -> None:
    """Compare the least fixed point with power iteration in floats."""
    print("\nPageRank: least fixed point in units against float power iteration")
    in_share, damping = case.in_share(), case.policy.pagerank.damping
    with patch("graphrisk.propagation.pagerank.over_rows", wraps=over_rows) as swept:
        exact = case.pagerank(in_share, 1)
    exact_s = best_s(lambda: case.pagerank(in_share, 1), 3)
    n_exact = sum(call.args[0].__name__ == "sweep_rows" for call in swept.call_args_list)
    print(f"  units, to the fixed point: {n_exact} sweeps, {exact_s:.3f} s")

    seed_mass = (case.seeds.bad_strength > 0).astype(np.float64)
    for part in (1e-6, 1e-9):
        work = (case.graph, in_share, damping, seed_mass, part * seed_mass.sum())
        mass, n_sweeps = float_sweeps(*work)
        float_s = best_s(lambda work=work: float_sweeps(*work), 3)  # type: ignore[misc]
        difference = np.abs(mass - exact / MASS).max()
        print(
            f"  floats, stopped when a sweep moves {part:g} of the mass: {n_sweeps} sweeps, "
            f"{float_s:.3f} s, largest difference {difference:.1e} of a seed"
        )

    start = np.floor((1.0 - damping) * seed_mass * MASS).astype(np.int64)
    all_at_once, n_cold = climb(case.graph, damping * in_share, start, start)
    fewer = start.copy()
    fewer[np.flatnonzero(start)[0]] = 0
    before, _ = climb(case.graph, damping * in_share, fewer, fewer)
    warm, n_warm = climb(case.graph, damping * in_share, start, np.maximum(before, start))
    print(f"  all rows at once, from zero: {n_cold} sweeps, same bytes: {same(all_at_once, exact)}")
    print(f"  from the answer without one seed: {n_warm} sweeps, same bytes: {same(warm, exact)}")
    print(f"  two threads: same bytes: {same(case.pagerank(in_share, 2), exact)}")


def float_sweeps(
    graph: LinkGraph, in_share: Floats, damping: float, seed_mass: Floats, tolerance: float
) -> tuple[Floats, int]:
    """Sweep as the kernel does, in floats, until a sweep moves less than ``tolerance`` in all."""
    mass = np.floor((1.0 - damping) * seed_mass * MASS).astype(np.int64)
    flow = Flow.of(graph.offsets, graph.neighbor, in_share, mass > 0)
    rate, start = flow.rates(in_share, damping, 1), mass[flow.row] / MASS
    received, n_sweeps = start.copy(), 1
    while _float_sweep(flow.offsets, flow.near, rate, start, received) >= tolerance:
        n_sweeps += 1
    every = mass / MASS
    every[flow.row] = received
    return every, n_sweeps


@njit(nogil=True)
def _float_sweep(offsets, neighbor, rate, start, mass):  # type: ignore[no-untyped-def]
    moved = 0.0
    for i in range(len(start)):
        after = start[i]
        for j in range(offsets[i], offsets[i + 1]):
            after += rate[j] * mass[neighbor[j]]
        moved += abs(after - mass[i])
        mass[i] = after
    return moved


def climb(graph: LinkGraph, in_rate: Floats, start: Ints, mass: Ints) -> tuple[Ints, int]:
    """Iterate in whole units, all rows at once, until nothing moves."""
    n_sweeps = 0
    while True:
        arriving = (in_rate * mass[graph.neighbor]).astype(np.int64)
        after = start + row_sums(arriving, graph.offsets)
        n_sweeps += 1
        if same(after, mass):
            return mass, n_sweeps
        mass = after


def same(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """Whether two arrays hold the same numbers."""
    return bool(np.array_equal(a, b))


def threads(case: Case) -> None:
    """Compare plain threads over a compiled loop with the compiler's own parallel loop."""
    print("\nThreads: plain threads over compiled loops")
    for n_threads in (1, 2):
        print(f"  reach, {n_threads} thread(s): {best_s(lambda n=n_threads: case.reach(n)):.3f} s")  # type: ignore[misc]
    one, two = case.reach(1), case.reach(2)
    print(f"  same bytes: {same(one.message_units, two.message_units)}")
    given = (np.zeros(2), np.array([0, 2]), np.zeros(1))
    for name, is_parallel in (("a plain loop", False), ("prange", True)):
        fresh = njit(nogil=True, parallel=is_parallel)(_add_rows_parallel.py_func)
        start = time.perf_counter()
        fresh(*given)
        print(f"  compiling the same loop as {name}: {time.perf_counter() - start:.2f} s")


def main() -> None:
    """Print all three comparisons."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("dataset", type=Path)
    case = Case.of(parser.parse_args().dataset)
    n_seeds = int((case.seeds.bad_strength > 0).sum())
    print(
        f"{len(case.graph.accounts):,} accounts, {case.graph.n_entities:,} entities, "
        f"{case.graph.n_links:,} links, {n_seeds:,} bad seeds"
    )
    sums(case)
    ranks(case)
    threads(case)


if __name__ == "__main__":
    main()
