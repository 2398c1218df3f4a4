"""Files to ranked accounts with the libraries one would use instead."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from clock import DAMPING, MOST, STEP, Clock, Contender, seed_ids
from encoding import by_categorical
from numpy.typing import NDArray


def restart(names: pl.Series, folder: Path) -> NDArray[np.float64]:
    """Spread one over the seeds, shape (n_names,)."""
    seeds = seed_ids(folder)
    here = np.flatnonzero(names.is_in(seeds.implode()).to_numpy())
    return np.bincount(here, minlength=len(names)) / len(seeds)


def top(names: pl.Series, mass: NDArray[np.float64]) -> pl.DataFrame:
    """Return the highest accounts; ids of accounts begin with A."""
    mass = np.where(names.str.starts_with("A").to_numpy(), mass, -1.0)
    rows = np.argpartition(-mass, MOST)[:MOST]
    found = pl.DataFrame({"account_id": names.gather(rows).cast(pl.String), "mass": mass[rows]})
    return found.sort("mass", "account_id", descending=[True, False])


def with_solver(
    encode: Callable[[Path, Clock], tuple[Any, Any, pl.Series]],
    solve: Callable[[Any, Any, NDArray[np.float64], Clock], NDArray[np.float64]],
    modules: str,
) -> Contender:
    def run(folder: Path, clock: Clock) -> pl.DataFrame:
        for module in modules.split():
            import_module(module)
        source, target, names = encode(folder, clock)
        with clock("seeds"):
            start = restart(names, folder)
        mass = solve(source, target, start, clock)
        with clock("rank"):
            return top(names, mass)

    return run


def igraph_prpack(source: Any, target: Any, start: Any, clock: Clock) -> Any:
    """igraph's PRPACK; it solves to about 1e-10 and can't be told to stop earlier."""
    igraph: Any = import_module("igraph")
    with clock("build"):
        graph = igraph.Graph(n=len(start), edges=np.stack([source, target], axis=1))
    with clock("solve"):
        return np.array(graph.personalized_pagerank(damping=DAMPING, reset=start.tolist()))


def scipy_power(source: Any, target: Any, start: Any, clock: Clock) -> Any:
    """Power iteration on a scipy matrix in float32."""
    sparse: Any = import_module("scipy.sparse")
    with clock("build"):
        both = (np.concatenate([source, target]), np.concatenate([target, source]))
        ones = np.ones(len(both[0]), dtype=np.float32)
        tied = sparse.csr_array((ones, both), shape=(len(start), len(start)))
        share = (DAMPING / np.maximum(tied.sum(axis=0), 1)).astype(np.float32)
    with clock("solve"):
        x = start.astype(np.float32)
        fresh = ((1.0 - DAMPING) * start).astype(np.float32)
        while True:
            y = fresh + tied @ (share * x)
            moved = float(np.abs(y - x).sum(dtype=np.float64))
            x = y
            if moved < STEP:
                return x.astype(np.float64)


def graphblas_power(source: Any, target: Any, start: Any, clock: Clock) -> Any:
    """graphblas-algorithms."""
    gb: Any = import_module("graphblas")
    ga: Any = import_module("graphblas_algorithms")
    core: Any = import_module("graphblas_algorithms.algorithms.link_analysis.pagerank_alg")
    with clock("build"):
        both = (np.concatenate([source, target]), np.concatenate([target, source]))
        tied = gb.Matrix.from_coo(
            *both, np.ones(len(both[0])), nrows=len(start), ncols=len(start), dup_op=gb.binary.plus
        )
        graph = ga.DiGraph(tied)
        seeded = np.flatnonzero(start)
        given = gb.Vector.from_coo(seeded, start[seeded], size=len(start))
    with clock("solve"):
        found = core.pagerank(
            graph, alpha=DAMPING, personalization=given, tol=STEP / len(start), max_iter=1000
        )
        return found.to_dense(0.0)


def sknetwork_power(source: Any, target: Any, start: Any, clock: Clock) -> Any:
    """scikit-network's power iteration."""
    sparse: Any = import_module("scipy.sparse")
    ranking: Any = import_module("sknetwork.ranking")
    with clock("build"):
        both = (np.concatenate([source, target]), np.concatenate([target, source]))
        tied = sparse.csr_matrix((np.ones(len(both[0])), both), shape=(len(start), len(start)))
    with clock("solve"):
        solver = ranking.PageRank(
            damping_factor=DAMPING, solver="piteration", n_iter=1000, tol=STEP
        )
        return np.asarray(solver.fit_predict(tied, weights=start))


def networkit_global(source: Any, target: Any, start: Any, clock: Clock) -> Any:
    """networkit: it has no personalised form, so its global PageRank is timed, not compared."""
    networkit: Any = import_module("networkit")
    networkit.setNumberOfThreads(2)
    with clock("build"):
        graph = networkit.GraphFromCoo((source, target), n=len(start), directed=False)
    with clock("solve"):
        solver = networkit.centrality.PageRank(graph, DAMPING, STEP / len(start))
        solver.run()
        return np.array(solver.scores())


def networkx_power(source: Any, target: Any, start: Any, clock: Clock) -> Any:
    """networkx."""
    networkx: Any = import_module("networkx")
    with clock("build"):
        graph = networkx.MultiGraph()
        graph.add_nodes_from(range(len(start)))
        graph.add_edges_from(zip(source.tolist(), target.tolist(), strict=True))
    with clock("solve"):
        given = {int(i): float(start[i]) for i in np.flatnonzero(start)}
        found = networkx.pagerank(
            graph, alpha=DAMPING, personalization=given, tol=STEP / len(start), max_iter=1000
        )
        return np.array([found[i] for i in range(len(start))])


def parts_networkit(folder: Path, clock: Clock) -> None:
    """Connected components with networkit."""
    networkit: Any = import_module("networkit")
    networkit.setNumberOfThreads(2)
    source, target, names = by_categorical(folder, clock)
    graph = networkit.GraphFromCoo((source, target), n=len(names), directed=False)
    with clock("components"):
        found = networkit.components.ConnectedComponents(graph)
        found.run()
    clock.details["n_components"] = found.numberOfComponents()
