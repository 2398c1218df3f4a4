"""Stores for tests: emptied, filled, and told apart node by node."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import neo4j
import polars as pl

from graphrisk import Analysis, analyze, read_dataset
from graphrisk.intake.columns import TABLES
from graphrisk.intake.dataset import Dataset
from graphrisk.stores.address import Credentials
from graphrisk.stores.base import Store
from graphrisk.stores.findings import RunRecords, run_records
from graphrisk.stores.opening import open_store
from tests.servers import Neo4jServer

FIXTURE = Path(__file__).parents[2] / "fixtures" / "demo_small"

NODES = "MATCH (n) RETURN labels(n) AS labels, properties(n) AS held"
LINKS = """
MATCH (a)-[r]->(b)
RETURN labels(a) AS of_start, properties(a) AS start, type(r) AS type, properties(r) AS held,
       labels(b) AS of_end, properties(b) AS end
"""


def empty(server: Neo4jServer) -> None:
    """Take everything out of a server's database."""
    with neo4j.GraphDatabase.driver(server.uri, auth=server.auth) as driver:
        driver.execute_query("MATCH (n) DETACH DELETE n", database_="neo4j")


def do(server: Neo4jServer, text: str, **parameters: Any) -> None:
    """Run a statement of somebody else's."""
    with neo4j.GraphDatabase.driver(server.uri, auth=server.auth) as driver:
        driver.execute_query(text, parameters_=parameters, database_="neo4j")


def at(server: Neo4jServer) -> Store:
    return open_store(server.uri, credentials=Credentials(*server.auth))


def everything(store: Store) -> tuple[list[str], list[str]]:
    """All nodes and relationships of a store as sorted text: two equal graphs give equal text."""
    view = store.view()
    return told(view.ask(NODES, {}).rows), told(view.ask(LINKS, {}).rows)


def told(rows: tuple[tuple[Any, ...], ...]) -> list[str]:
    def plain(one: Any) -> Any:
        if isinstance(one, list):  # labels, in the order that an engine has
            return sorted(one)
        return repr(one) if isinstance(one, float) else one

    return sorted(
        json.dumps(
            [{k: plain(v) for k, v in one.items()} if isinstance(one, dict) else plain(one)
             for one in row],
            sort_keys=True,
            default=str,
        )
        for row in rows
    )  # fmt: skip


def table(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """A table of the data standard, with all its columns; others are attributes."""
    spec = TABLES[name]
    extra = {key for row in rows for key in row} - set(spec.names)
    schema = {**spec.schema, **dict.fromkeys(sorted(extra), pl.Float64)}
    return pl.DataFrame([{key: row.get(key) for key in schema} for row in rows], schema)


def dataset_of(tables: Mapping[str, pl.DataFrame]) -> Dataset:
    """A dataset of tables as they are: no intake has looked at them."""
    return Dataset(dict(tables), pl.DataFrame(), (), {}, {}, "test")


@cache
def demo() -> Dataset:
    """The small sample book, read once."""
    return read_dataset(FIXTURE)


@cache
def analysed(as_of: datetime | None = None) -> Analysis:
    """Its analysis, made once for each moment."""
    return analyze(demo(), as_of=as_of)


def run_of(analysis: Analysis) -> RunRecords:
    return run_records(analysis.decisions, analysis.evidence, analysis.entities, analysis.policy)


def assert_equal(found: Mapping[str, pl.DataFrame], expected: Mapping[str, pl.DataFrame]) -> None:
    """The same tables with the same columns and the same rows, in any order."""
    assert set(found) == set(expected)
    for name, rows in expected.items():
        assert set(found[name].columns) == set(rows.columns), name
        mine = found[name].select(rows.columns)
        assert mine.schema == rows.schema, name
        assert mine.sort(pl.all()).equals(rows.sort(pl.all())), name
