"""A FinBench graph in a database over Bolt: loaded, asked and read back whole."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Any

from neo4j import READ_ACCESS, Driver

from benchmarks.finbench.graph import EDGES, NODES, Graph
from benchmarks.finbench.spec import Row, Values
from graphrisk.stores.library import names, statement

#: Rows in one statement of a load.
N_BATCH = 10_000


@dataclass
class Engine:
    """A database that holds nothing else."""

    driver: Driver
    database: str = "neo4j"

    def write(self, name: str, **values: Any) -> int:
        """Run a statement that writes; return what it says it wrote, 0 if it says nothing."""
        found = statement(f"finbench/{name}")
        taken = {one.name: values[one.name] for one in found.parameters}
        with self.driver.session(database=self.database) as session:
            rows = session.execute_write(
                lambda tx: [record.data() for record in tx.run(found.text, taken)]
            )
        return int(rows[0]["written"]) if rows else 0

    def define(self) -> None:
        """Make the constraints. Each is a transaction of its own."""
        for name in names("finbench/schema"):
            self.driver.execute_query(statement(name).text, database_=self.database)

    def load(self, graph: Graph) -> None:
        """Replace all that the database holds."""
        self.write("clear")
        for kind in NODES:
            rows = [
                {f"{kind}_id": key, "properties": values}
                for key, values in graph.nodes[kind].items()
            ]
            self._in_batches(kind, rows)
        for kind in EDGES:
            rows = [
                {"from_id": e.source, "to_id": e.target, "properties": e.properties()}
                for e in graph.edges[kind]
            ]
            self._in_batches(kind, rows)

    def _in_batches(self, name: str, rows: list[Values]) -> None:
        for start in range(0, len(rows), N_BATCH):
            self.write(f"load/{name}", rows=rows[start : start + N_BATCH])

    def ask(self, name: str, values: Values) -> tuple[list[Row], float]:
        """Run a read; return its rows, in order, and how many milliseconds they took."""
        found = statement(f"finbench/{name}")
        taken = {one.name: values[one.name] for one in found.parameters}
        started = perf_counter()
        with self.driver.session(
            database=self.database, default_access_mode=READ_ACCESS
        ) as session:
            rows = session.execute_read(
                lambda tx: [tuple(record.values()) for record in tx.run(found.text, taken)]
            )
        return rows, 1000 * (perf_counter() - started)

    def export(self) -> tuple[list[Any], list[Any]]:
        """Everything it holds, as ``Graph.export`` tells it."""
        nodes = []
        for kind, properties in self.ask("read/nodes", {})[0]:
            key = f"{kind.lower()}_id"
            rest = {word: value for word, value in properties.items() if word != key}
            nodes.append((kind.lower(), properties[key], sorted(rest.items())))
        edges = [
            (word, begins.lower(), source, ends.lower(), target, sorted(properties.items()))
            for word, begins, source, ends, target, properties in self.ask("read/edges", {})[0]
        ]
        return sorted(nodes), sorted(edges)
