"""What only a server can do: refuse, be gone, be shared with others, deadlock."""

import threading

import neo4j
import pytest

from graphrisk.errors import IntegrityFailure, StorageUnavailable, UsageError
from graphrisk.stores.address import Credentials, address_of
from graphrisk.stores.bolt import Step, connect
from graphrisk.stores.library import queries
from graphrisk.stores.opening import open_store
from graphrisk.stores.records import records_of
from tests.stores.places import at, dataset_of, demo, do, empty, everything, table

pytestmark = pytest.mark.xdist_group("neo4j")

SECRET = "correct-horse-battery-staple"


@pytest.fixture
def server(neo4j_server):
    empty(neo4j_server)
    return neo4j_server


def words_of(error):
    """All that an error and what lies behind it say."""
    told = []
    while error is not None:
        told.append(f"{error!r} {error}")
        error = error.__cause__ or error.__context__
    return " ".join(told)


def test_a_wrong_password_is_refused_and_not_told(server):
    with pytest.raises(StorageUnavailable, match="refused the name or the password") as refused:
        open_store(server.uri, credentials=Credentials("neo4j", SECRET))
    assert SECRET not in words_of(refused.value)
    assert SECRET not in repr(Credentials("neo4j", SECRET))


def test_no_password_is_refused_too(server):
    with pytest.raises(StorageUnavailable):
        open_store(server.uri, credentials=Credentials("neo4j", ""))


def test_a_server_that_is_down_is_said_to_be():
    with pytest.raises(StorageUnavailable, match="can't be reached"):
        open_store("bolt://127.0.0.1:1", credentials=Credentials("neo4j", SECRET))


def test_a_database_that_is_not_there_is_named(server):
    with pytest.raises(StorageUnavailable, match="no database 'nowhere'"):
        open_store(server.uri, database="nowhere", credentials=Credentials(*server.auth))


@pytest.mark.parametrize("scheme", ["bolt+s", "bolt+ssc", "neo4j+s", "neo4j+ssc"])
def test_a_scheme_with_tls_is_taken_and_asks_for_tls(server, scheme):
    """This server speaks none, so the handshake fails; it is not the URL that is refused."""
    _, _, place = server.uri.partition("://")
    with pytest.raises(StorageUnavailable):
        open_store(f"{scheme}://{place}", credentials=Credentials(*server.auth))


def test_the_neo4j_scheme_finds_the_server(server):
    url = server.uri.replace("bolt://", "neo4j://")
    with open_store(url, credentials=Credentials(*server.auth)) as store:
        assert store.view().current_run() is None


def test_what_others_keep_in_the_database_stays(server):
    do(server, "CREATE (:Customer {number: 7})-[:KNOWS {since: 1}]->(:Customer {number: 8})")
    small = dataset_of({"accounts": table("accounts", [{"account_id": "A1"}])})
    with at(server) as store:
        store.writer().load(demo())
        do(server, "MATCH (c:Customer {number: 7}), (a:Account {account_id: 'A00204637'}) "
                   "CREATE (c)-[:OWNS]->(a) SET a.note = 'call back'")  # fmt: skip
        store.writer().load(demo())
        view = store.view()
        kept = view.ask("MATCH (c:Customer)-[r:OWNS]->(a) RETURN c.number AS c, a.note AS n", {})
        assert kept.rows == ((7, "call back"),)
        store.writer().load(small)
        view = store.view()
        assert view.ask(
            "MATCH (c:Customer)-[r]->(d) RETURN type(r) AS r, r.since AS s", {}
        ).rows == (("KNOWS", 1),)
        assert view.ask("MATCH (n:Entity) RETURN count(n) AS n", {}).rows == ((1,),)


@pytest.mark.parametrize(
    "node", [":Account {account_id: 'A1'}", ":Entity {entity_key: 'account:A1'}"]
)
def test_nodes_of_others_with_our_keys_are_an_error_that_says_so(server, node):
    do(server, f"CREATE ({node})")
    small = dataset_of({"accounts": table("accounts", [{"account_id": "A1"}])})
    with at(server) as store, pytest.raises(IntegrityFailure, match="another origin"):
        store.writer().load(small)


def test_two_loads_at_the_same_time_make_what_one_makes(server):
    dataset, faults = demo(), []
    with at(server) as store:
        store.writer().load(dataset)
        clean = everything(store)
    empty(server)
    barrier = threading.Barrier(2)

    def load():
        try:
            with at(server) as store:
                writer = store.writer()
                barrier.wait()
                writer.load(dataset, n_batch=150)
        except Exception as error:  # told below, where the test can see it
            faults.append(error)

    threads = [threading.Thread(target=load) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    with at(server) as store:
        assert everything(store) == clean
        assert store.writer().load(dataset).is_nothing


def test_a_deadlock_is_tried_again(server):
    """Two transactions that lock the same nodes in opposite orders, again and again."""
    records = records_of(demo().tables)
    lenders = next(part for part in records.links if part.word == "applied_to")
    rows = lenders.rows.to_dicts()
    with at(server) as store:
        store.writer().load(demo())
        clean = everything(store)
    do(server, "MATCH ()-[r:APPLIED_TO]->() DELETE r")
    address, faults = address_of(server.uri), []
    barrier = threading.Barrier(2)

    def write(mine):
        bolt = connect(address, Credentials(*server.auth))
        try:
            barrier.wait()
            for first in range(0, len(mine), 300):
                bolt.write(Step("load/links/applied_to", {"rows": mine[first : first + 300]}))
        except Exception as error:
            faults.append(error)
        finally:
            bolt.close()

    threads = [threading.Thread(target=write, args=(way,)) for way in (rows, rows[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    with at(server) as store:
        assert everything(store) == clean


def test_a_batch_whose_answer_was_lost_changes_nothing_when_sent_again(server, monkeypatch):
    """Every transaction is committed, its answer dropped, and then sent again."""
    dataset = demo()
    with at(server) as store:
        store.writer().load(dataset)
        clean = everything(store)
    empty(server)
    commit = neo4j.ManagedTransaction._commit
    lost = []

    def commit_and_forget(self):
        commit(self)
        if len(lost) % 2 == 0:
            lost.append(self)
            raise neo4j.exceptions.ServiceUnavailable("the answer was lost")
        lost.append(None)

    monkeypatch.setattr(neo4j.ManagedTransaction, "_commit", commit_and_forget)
    with at(server) as store:
        store.writer().load(dataset, n_batch=2000)
        assert len(lost) > 10
        monkeypatch.undo()
        assert everything(store) == clean


def test_the_url_may_not_hold_a_password(server):
    with pytest.raises(UsageError) as refused:
        open_store(f"bolt://neo4j:{SECRET}@127.0.0.1:7687")
    assert SECRET not in words_of(refused.value)


def operators_of(plan):
    """All operators of a plan, by their names."""
    below = [name for child in plan.get("children", []) for name in operators_of(child)]
    return [plan["operatorType"].partition("@")[0], *below]


def scans_of(server):
    """For each question about one entity, what it reads from its first to its last."""
    about_one = [
        one for one in queries()
        if {"account_id", "entity_key"} & {asked.name for asked in one.parameters if asked.required}
    ]  # fmt: skip
    scans = {}
    with neo4j.GraphDatabase.driver(
        server.uri, auth=server.auth, notifications_min_severity="OFF"
    ) as driver:
        for one in about_one:
            asked = {name.name: name.default or "A1" for name in one.parameters}
            plan = driver.execute_query("EXPLAIN " + one.text, asked).summary.plan
            scans[one.name] = [name for name in operators_of(plan) if name.endswith("Scan")]
    return scans


def test_a_question_about_one_entity_does_not_read_all_others(server):
    """Nor right after a first load, with plans made when nothing was there."""
    with at(server) as store:
        writer = store.writer()
        do(server, "CALL db.prepareForReplanning()")  # whatever ran here before
        while_empty = scans_of(server)
        writer.load(demo())
        scans = scans_of(server)
    assert len(scans) >= 4
    assert any(while_empty.values())
    assert not any(scans.values()), scans
