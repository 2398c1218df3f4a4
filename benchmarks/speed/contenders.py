"""The contenders, each in its own process: the same work on the same files.

    python benchmarks/speed/contenders.py NAME FOLDER RESULT

FOLDER is one that ``books.py`` wrote. Prints a JSON object of seconds by step, measured after
imports and after compiling on a toy, and writes what was found to RESULT.

Ranking is personalised PageRank at damping 0.85 over undirected links, from 1% of the accounts,
until a step moves less than 1e-6 of the mass (libraries that test against ``n * tol`` get
1e-6 / n); graphrisk stops at a proven error below 1e-6. Each peer gets its ids in the fastest
way measured for it.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

DAMPING = 0.85
STEP = 1e-6
MOST = 1000


class Clock:
    """Seconds of named steps."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.details: dict[str, float] = {}

    @contextmanager
    def __call__(self, step: str) -> Iterator[None]:
        """Time a step."""
        start = time.perf_counter()
        yield
        self.seconds[step] = self.seconds.get(step, 0.0) + time.perf_counter() - start


Contender = Callable[[Path, Clock], pl.DataFrame | None]


def seeds_of(folder: Path) -> pl.Series:
    """Read the seeds."""
    return pl.read_parquet(folder / "seeds.parquet")["entity_id"]


# ── Ids to numbers ───────────────────────────────────────────────────────────────────────


def by_categorical(folder: Path, clock: Clock) -> tuple[Any, Any, pl.Series]:
    """Number both columns with polars: the fastest exact route of a library."""
    with clock("read"):
        links = pl.read_parquet(folder / "links.parquet", columns=["source_id", "target_id"])
    with clock("encode"):
        both = pl.concat([links["source_id"], links["target_id"]])
        numbers = both.cast(pl.Categorical).to_physical().to_numpy().astype(np.int32)
        row = np.empty(int(numbers.max()) + 1, dtype=np.int64)
        row[numbers] = np.arange(len(numbers))
        names = both.gather(row)
    n = links.height
    return numbers[:n], numbers[n:], names


def by_factorize(folder: Path, clock: Clock) -> tuple[Any, Any, pl.Series]:
    """Number both columns with pandas: what most people write."""
    pd: Any = import_module("pandas")
    with clock("read"):
        links = pd.read_parquet(folder / "links.parquet", columns=["source_id", "target_id"])
    with clock("encode"):
        numbers, names = pd.factorize(pd.concat([links["source_id"], links["target_id"]]))
    n = len(links)
    return numbers[:n].astype(np.int32), numbers[n:].astype(np.int32), pl.Series(np.asarray(names))


def encode_polars(folder: Path, clock: Clock) -> None:
    """Only number, with polars categories."""
    by_categorical(folder, clock)


def encode_pandas(folder: Path, clock: Clock) -> None:
    """Only number, with pandas."""
    by_factorize(folder, clock)


def encode_duckdb(folder: Path, clock: Clock) -> None:
    """Only number, by duckdb's 64-bit hash, which is believed: fast, and not exact."""
    duckdb: Any = import_module("duckdb")
    links = f"read_parquet('{folder / 'links.parquet'}')"
    with clock("encode"):
        hashed = duckdb.sql(
            f"select hash(source_id) s, hash(target_id) t from {links}"
        ).fetchnumpy()
        both = np.concatenate([hashed["s"], hashed["t"]])
        import_module("pandas").factorize(both)


def encode_graphrisk(folder: Path, clock: Clock) -> None:
    """Only number, with graphrisk: exact."""
    pairs: Any = import_module("graphrisk.graph.pairs")
    toy = pl.DataFrame({"source_id": ["A1", "A2"], "target_id": ["D1", "D1"]})
    pairs.read_pairs(toy, "source_id", "target_id")
    with clock("encode"):
        pairs.read_pairs(folder / "links.parquet", "source_id", "target_id")


# ── Files to ranked accounts ─────────────────────────────────────────────────────────────


def restart(names: pl.Series, folder: Path) -> NDArray[np.float64]:
    """Spread one over the seeds, shape (n_names,)."""
    seeds = seeds_of(folder)
    here = np.flatnonzero(names.is_in(seeds.implode()).to_numpy())
    return np.bincount(here, minlength=len(names)) / len(seeds)


def top(names: pl.Series, mass: NDArray[np.float64]) -> pl.DataFrame:
    """Return the highest accounts; ids of accounts begin with A."""
    mass = np.where(names.str.starts_with("A").to_numpy(), mass, -1.0)
    rows = np.argpartition(-mass, MOST)[:MOST]
    found = pl.DataFrame({"account_id": names.gather(rows).cast(pl.String), "mass": mass[rows]})
    return found.sort("mass", "account_id", descending=[True, False])


def rank_graphrisk(folder: Path, clock: Clock) -> pl.DataFrame:
    """graphrisk.rank_accounts."""
    graphrisk: Any = import_module("graphrisk")
    toy = pl.DataFrame({"source_id": ["A1", "A2", "A3"], "target_id": ["D1", "D1", "A1"]})
    graphrisk.rank_accounts(toy, ["A1"])
    with clock("all"):
        found: pl.DataFrame = graphrisk.rank_accounts(
            folder / "links.parquet", seeds_of(folder), damping=DAMPING, tolerance=STEP, most=MOST
        )
    return found


def _with(
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


# ── The product as a whole, and parts of it ──────────────────────────────────────────────


def analyze_graphrisk(folder: Path, clock: Clock) -> None:
    """``graphrisk analyze``: read, validate, decide, explain, write the folder, in one process."""
    main: Any = import_module("graphrisk.cli.main")
    runner: Any = import_module("click.testing").CliRunner()
    with clock("all"):
        done = runner.invoke(
            main.main,
            ["analyze", str(folder / "book"), "--out", str(folder / "analysis"), "--json"],
        )
    if done.exit_code not in (0, 3):
        raise RuntimeError(done.output)
    record = json.loads((folder / "analysis" / "run.json").read_text(encoding="utf-8"))
    clock.details |= record["seconds"]


def parts_graphrisk(folder: Path, clock: Clock) -> None:
    """One linear pass, reach, components and two-hop neighbourhoods, on graphs in memory."""
    parts: Any = import_module("parts")
    parts.measure(folder, clock)


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


CONTENDERS: dict[str, Contender] = {
    "encode-graphrisk": encode_graphrisk,
    "encode-duckdb": encode_duckdb,
    "encode-polars": encode_polars,
    "encode-pandas": encode_pandas,
    "rank-graphrisk": rank_graphrisk,
    "rank-scipy": _with(by_categorical, scipy_power, "scipy.sparse"),
    "rank-graphblas": _with(by_categorical, graphblas_power, "graphblas graphblas_algorithms"),
    "rank-igraph": _with(by_categorical, igraph_prpack, "igraph"),
    "rank-igraph-pandas": _with(by_factorize, igraph_prpack, "igraph pandas pyarrow.parquet"),
    "rank-sknetwork": _with(by_categorical, sknetwork_power, "sknetwork.ranking"),
    "rank-networkit": _with(by_categorical, networkit_global, "networkit"),
    "rank-networkx": _with(by_categorical, networkx_power, "networkx scipy.sparse"),
    "parts-graphrisk": parts_graphrisk,
    "parts-networkit": parts_networkit,
    "analyze-graphrisk": analyze_graphrisk,
}


def main() -> None:
    """Run one contender."""
    name, folder, result = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    clock, before = Clock(), time.process_time()
    found = CONTENDERS[name](folder, clock)
    if found is not None:
        found.write_parquet(result)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "seconds": clock.seconds,
                "details": clock.details,
                "cpu_s": time.process_time() - before,
                "peak_mb": used.ru_maxrss / 1000,
            }
        )
    )


if __name__ == "__main__":
    main()
