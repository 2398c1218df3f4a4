"""Asking changes nothing: by the words of the statement, and by the engine."""

import pytest

from graphrisk.errors import GraphRiskError
from graphrisk.stores.library import names, statement
from graphrisk.stores.readonly import faults_of
from tests.stores.places import everything, table

WRITES = [
    "CREATE (n:Account {account_id: 'X'})",
    "MATCH (n) SET n.tier = 'clear'",
    "MATCH (n) DETACH DELETE n",
    "MATCH (n) DELETE n",
    "MATCH (n) REMOVE n.status",
    "MERGE (n:Account {account_id: 'X'}) RETURN n",
    "INSERT (n:Account)",
    "MATCH (n) FOREACH (x IN [1] | SET n.x = x)",
    "CALL { CREATE (n:X) RETURN n } RETURN 1 AS one",
    "CREATE INDEX x IF NOT EXISTS FOR (n:Account) ON (n.x)",
    "/* reads */ CREATE /**/ (n:X) // RETURN",
    "mAtCh (n) sEt n.x = 1",
]
OUTSIDE = [
    "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line",
    "CALL dbms.listConfig() YIELD name RETURN name",
    "CALL apoc.load.json('https://example.org') YIELD value RETURN value",
    "SHOW USERS",
    "DROP CONSTRAINT account_id IF EXISTS",
    "CREATE USER eve SET PASSWORD 'x'",
    "TERMINATE TRANSACTION 'x'",
    "USE system MATCH (n) RETURN n",
    "MATCH (n) CALL (n) { RETURN 1 AS x } IN TRANSACTIONS RETURN n",
    "RETURN 1 AS x; MATCH (n) RETURN n",
    "RETURN '\\u0027 AS x RETURN \\u0027' AS x",
    "RETURN 'not closed",
    "",
    "// nothing but words",
]
READS = [
    "MATCH (a:Account) RETURN a.set AS set, a.create AS load",
    "MATCH (start)-[:USE]->(use) WITH start, use.k AS show RETURN start.k AS k",
    "MATCH (a:Set) WHERE a.k = 'CREATE (n) SET n.x = 1' RETURN a // DELETE",
    "MATCH (a) RETURN {create: 1, delete: a.k} AS drop",
    "MATCH (a) CALL (a) { MATCH (a)--(b) RETURN count(b) AS n } RETURN a.`SET` AS x, n",
]


@pytest.mark.parametrize("text", [*WRITES, *OUTSIDE])
def test_what_does_more_than_read_is_refused_by_its_words(text):
    assert faults_of(text)


@pytest.mark.parametrize("text", READS)
def test_names_are_not_taken_for_clauses(text):
    assert not faults_of(text)


@pytest.mark.parametrize("name", names())
def test_the_library_is_told_apart_rightly(name):
    one = statement(name)
    assert bool(faults_of(one.text)) == (one.access == "write")


@pytest.mark.xdist_group("neo4j")
def test_the_engine_refuses_writes_even_if_their_words_were_let_through(store):
    from tests.stores.places import dataset_of

    book = dataset_of({"accounts": table("accounts", [{"account_id": "A1", "status": "active"}])})
    store.writer().load(book)
    before = everything(store)
    for text in WRITES:
        with pytest.raises(GraphRiskError):
            print(text, store.view().ask(text, {}))
    assert everything(store) == before
