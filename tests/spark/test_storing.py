"""A store that workers wrote to holds what one machine writes, whatever was there before."""

import polars as pl
import pytest

from graphrisk.cli.storing import keep
from graphrisk.errors import Locked, UsageError
from graphrisk.model.policy import Policy
from graphrisk.spark import storing
from graphrisk.spark.engine import analyze
from graphrisk.spark.storing import Place, store_found
from tests.spark.blocks import InTurn
from tests.stores.places import FIXTURE, analysed, at, dataset_of, do, empty, everything

pytestmark = pytest.mark.xdist_group("neo4j")


class Twice(InTurn):
    """Runs every task again when it has ended, as Spark does where it missed the end."""

    def map(self, step, arguments):
        said = InTurn.map(self, step, arguments)
        InTurn.map(self, step, arguments)
        return said


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """The sample, analysed in three blocks, and where its parts are."""
    root = tmp_path_factory.mktemp("spark")
    return root, analyze(InTurn(root, 3), FIXTURE, Policy.default())


@pytest.fixture
def place(neo4j_server, monkeypatch):
    """An empty server; name and password are in the environment."""
    empty(neo4j_server)
    user, password = neo4j_server.auth
    monkeypatch.setenv("GRAPHRISK_NEO4J_USER", user)
    monkeypatch.setenv("GRAPHRISK_NEO4J_PASSWORD", password)
    return Place(neo4j_server.uri)


@pytest.fixture
def alone(neo4j_server, place):
    """What the store holds, and the run's id, when one machine has written to it."""
    with at(neo4j_server) as store:
        kept = keep(store, analysed(), print, is_there=False)
        content = everything(store)
    empty(neo4j_server)
    return content, kept["run_id"]


def written(found, place, cluster=InTurn):
    root, analysis = found
    return store_found(cluster(root, 3), analysis, place, print)


def test_the_store_holds_what_one_machine_writes(neo4j_server, place, found, alone):
    """Every task is run twice on the way. The same once more changes nothing."""
    first = written(found, place, Twice)
    with at(neo4j_server) as store:
        assert (everything(store), first.run_id) == alone
        assert store.view().current_run() == first.run_id
    again = written(found, place)
    assert again.loaded.is_nothing
    assert again.run_written.is_nothing


def test_what_was_there_of_another_book_is_gone(neo4j_server, place, found, alone):
    """Entities of another kind and content, links and labels that this book does not have."""
    with at(neo4j_server) as store:
        tables = dict(analysed().dataset.tables)
        tables["accounts"] = tables["accounts"].with_columns(status=pl.lit("changed")).head(300)
        tables["guarantees"] = tables["guarantees"].with_columns(
            guarantor_id=pl.lit("left over") + pl.col("guarantor_id")
        )
        store.writer().load(dataset_of(tables))
    written(found, place)
    with at(neo4j_server) as store:
        assert everything(store)[0] == alone[0][0]
        assert everything(store)[1] == alone[0][1]


def test_nobody_sees_a_run_before_all_of_it_is_there(neo4j_server, place, found, monkeypatch):
    """The last block's task fails: the pointer stays, and the next try completes the run."""
    send = storing.send_findings

    def fails_in_the_last_block(site, *args):
        if site.block == 2:
            raise ConnectionError
        return send(site, *args)

    monkeypatch.setattr(storing, "send_findings", fails_in_the_last_block)
    with pytest.raises(ConnectionError):
        written(found, place)
    with at(neo4j_server) as store:
        assert store.view().current_run() is None
    monkeypatch.undo()
    monkeypatch.setenv("GRAPHRISK_NEO4J_USER", neo4j_server.auth[0])
    monkeypatch.setenv("GRAPHRISK_NEO4J_PASSWORD", neo4j_server.auth[1])
    done = written(found, place)
    with at(neo4j_server) as store:
        assert store.view().current_run() == done.run_id


def test_a_load_that_another_one_overtook_stops(neo4j_server, place, found, monkeypatch):
    send = storing.send_changes

    def overtaken(site, *args):
        do(neo4j_server, "MATCH (b:Book) SET b.loading = 'another'")
        return send(site, *args)

    monkeypatch.setattr(storing, "send_changes", overtaken)
    with pytest.raises(Locked, match="another load began"):
        written(found, place)


def test_a_store_of_one_process_is_refused(found, tmp_path):
    with pytest.raises(UsageError, match="many processes"):
        written(found, Place(f"embedded:{tmp_path}"))
