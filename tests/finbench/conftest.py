"""One generated graph in a real Neo4j, and in the embedded engine."""

import logging

import pytest
from neo4j import GraphDatabase

from benchmarks.finbench.engine import Engine
from graphrisk.stores.address import Address
from graphrisk.stores.embedded import DATABASE, open_embedded
from tests.finbench.generated import crowd

SEED, N_GRAPHS = 1, 5


@pytest.fixture(scope="session")
def neo4j(neo4j_server):
    """A database on the real server, with FinBench's constraints."""
    logging.getLogger("neo4j.notifications").setLevel(logging.ERROR)
    with GraphDatabase.driver(neo4j_server.uri, auth=neo4j_server.auth) as driver:
        engine = Engine(driver)
        engine.write("clear")
        engine.define()
        yield engine
        engine.write("clear")


@pytest.fixture(scope="session")
def embedded(tmp_path_factory):
    """The product's own embedded engine, in this process, with FinBench's constraints."""
    address = Address(folder=tmp_path_factory.mktemp("finbench"))
    with open_embedded(address) as store:
        engine = Engine(store._bolt._driver, DATABASE)
        engine.define()
        yield engine


@pytest.fixture(scope="session")
def generated():
    return crowd(N_GRAPHS, SEED)
