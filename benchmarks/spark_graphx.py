"""Time a round of GraphX's own PageRank on the links of an analysis.

    PYTHONPATH=. python benchmarks/spark_graphx.py BOOK.analysis --partitions 2

GraphX is called over pyspark's gateway, on the same master and workers as ``spark_equal.py``. The
links of the graph are read both ways, from text; what reading costs is not counted. Prints the
time of one round: that of 12 rounds less that of 2, divided by 10.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import polars as pl
from pages import machine
from spark_cluster import cluster_of

from graphrisk.spark.session import connect

FEW, MANY = 2, 12
RESET_PROB = 0.15


def write_edges(analysis: Path, to: Path) -> int:
    """Write ``from to`` for every link and its way back, entities numbered; return how many."""
    graph = analysis / "graph"
    number = pl.scan_parquet(graph / "entities.parquet").select("kind", "entity_id")
    number = number.with_row_index("number")
    links = pl.scan_parquet(graph / "links.parquet")
    for end in ("source", "target"):
        links = links.join(
            number.rename(
                {"kind": f"{end}_kind", "entity_id": f"{end}_id", "number": f"{end}_number"}
            ),
            on=[f"{end}_kind", f"{end}_id"],
        )
    ways = links.select(one="source_number", other="target_number").collect()
    back = ways.select(one="other", other="one")
    edges = pl.concat([ways, back])
    edges.write_csv(to, separator=" ", include_header=False)
    return edges.height


def s_per_round(session: Any, edges: Path, n_partitions: int) -> float:
    context = session.sparkContext
    jvm = context._jvm
    graphx = jvm.org.apache.spark.graphx
    level = jvm.org.apache.spark.storage.StorageLevel.MEMORY_AND_DISK()
    graph = graphx.GraphLoader.edgeListFile(
        context._jsc.sc(), edges.resolve().as_uri(), False, n_partitions, level, level
    )
    graph.edges().count()
    tag = jvm.scala.reflect.ClassTag.Int()
    took = {}
    for n_rounds in (FEW, FEW, MANY):  # the first time is that of starting
        start = time.perf_counter()
        ranks = graphx.lib.PageRank.run(graph, n_rounds, RESET_PROB, tag, tag)
        ranks.vertices().count()
        took[n_rounds] = time.perf_counter() - start
    return (took[MANY] - took[FEW]) / (MANY - FEW)


def main() -> None:
    """Print the time of one round."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("analysis", type=Path)
    parser.add_argument("--partitions", type=int, default=2)
    parser.add_argument("--master")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, cluster_of(given.master) as master:
        edges = Path(folder) / "edges.txt"
        n_edges = write_edges(given.analysis, edges)
        session = connect(master)
        try:
            seconds = s_per_round(session, edges, given.partitions)
        finally:
            session.stop()
    print(f"{n_edges:,} edges, {given.partitions} partitions: {seconds:.3f} s a round; {machine()}")


if __name__ == "__main__":
    main()
