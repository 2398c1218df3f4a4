"""The engines that the library is tried on, each behind the same three words: load, run, close."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphrisk.stores.address import Credentials
from graphrisk.stores.bolt_store import BoltStore
from graphrisk.stores.opening import open_store

Row = dict[str, Any]


@dataclass
class Picture:
    """A graph as docs/graph-model.md says: nodes by a key of the test's own, and links."""

    nodes: dict[str, tuple[tuple[str, ...], Row]] = field(default_factory=dict)
    links: list[tuple[str, str, str, Row]] = field(default_factory=list)

    def node(self, key: str, labels: tuple[str, ...], /, **values: Any) -> str:
        self.nodes[key] = (labels, known(values))
        return key

    def link(self, source: str, word: str, target: str, /, **values: Any) -> None:
        self.links.append((source, word, target, known(values)))

    def node_batches(self) -> dict[tuple[str, ...], list[Row]]:
        batches = defaultdict(list)
        for key, (labels, values) in self.nodes.items():
            batches[labels].append({"key": key, "values": values})
        return batches

    def link_batches(self) -> dict[str, list[Row]]:
        batches = defaultdict(list)
        for source, word, target, values in self.links:
            batches[word].append({"source": source, "target": target, "values": values})
        return batches


def known(values: Mapping[str, Any]) -> Row:
    """Leave out what is not known: a missing property is unknown."""
    return {name: value for name, value in values.items() if value is not None}


class OverBolt:
    """A store, with a way around its Writer: a picture is drawn as it is."""

    def __init__(self, store: BoltStore) -> None:
        store.writer()  # makes constraints and indexes, as for a book
        self.name, self.close = store.engine, store.close
        self.database = store._bolt._address.database
        self.driver, self.reader = store._bolt._driver, store._reader._driver
        if self.name == "neo4j":
            for label in ("Entity", "RiskLabel", "Decision", "Evidence", "Flag", "Assessment"):
                self.write(f"CREATE INDEX IF NOT EXISTS FOR (n:{label}) ON (n.test_key)")

    def write(self, text: str, **values: Any) -> None:
        self.driver.execute_query(text, values, database_=self.database)

    def load(self, picture: Picture) -> None:
        """Replace all that the engine holds."""
        self.write("MATCH (n) DETACH DELETE n")
        for labels, rows in picture.node_batches().items():
            self.write(
                f"UNWIND $rows AS row CREATE (n:{':'.join(labels)} {{test_key: row.key}}) "
                "SET n += row.values",
                rows=rows,
            )
        for word, rows in picture.link_batches().items():
            ends = defaultdict(list)
            for row in rows:
                one = picture.nodes[row["source"]][0][0], picture.nodes[row["target"]][0][0]
                ends[one].append(row)
            for (first, second), some in ends.items():
                self.write(
                    f"UNWIND $rows AS row MATCH (a:{first} {{test_key: row.source}}), "
                    f"(b:{second} {{test_key: row.target}}) "
                    f"CREATE (a)-[r:{word}]->(b) SET r += row.values",
                    rows=some,
                )

    def run(self, text: str, values: Mapping[str, Any]) -> list[Row]:
        with self.reader.session(database=self.database, default_access_mode="READ") as session:
            return session.execute_read(lambda tx: [r.data() for r in tx.run(text, dict(values))])


def neo4j(uri: str, auth: tuple[str, str]) -> OverBolt:
    """Return a Neo4j that runs already."""
    return OverBolt(open_store(uri, credentials=Credentials(*auth)))


def embedded(folder: Path) -> OverBolt:
    """Return the embedded store's engine, on a folder of its own."""
    return OverBolt(open_store(f"embedded:{folder / 'store'}"))


class Kglite:
    """kglite, in this process."""

    name = "kglite"

    def __init__(self) -> None:
        import kglite

        self.new, self.graph = kglite.KnowledgeGraph, kglite.KnowledgeGraph()

    def load(self, picture: Picture) -> None:
        self.graph = self.new()
        for labels, rows in picture.node_batches().items():
            self.graph.cypher(
                f"UNWIND $rows AS row CREATE (n:{':'.join(labels)} {{test_key: row.key}}) "
                "SET n += row.values",
                params={"rows": rows},
            )
        for word, rows in picture.link_batches().items():
            self.graph.cypher(
                "UNWIND $rows AS row MATCH (a {test_key: row.source}), (b {test_key: row.target}) "
                f"CREATE (a)-[r:{word}]->(b) SET r += row.values",
                params={"rows": rows},
            )

    def run(self, text: str, values: Mapping[str, Any]) -> list[Row]:
        return [dict(row) for row in self.graph.cypher(text, params=dict(values)).to_list()]

    def close(self) -> None:
        pass
