"""A graph store as destination and as source: on a real Neo4j, and on the embedded engine."""

import shutil
from collections.abc import Iterator

import pytest

from graphrisk import read_dataset
from graphrisk.batch import orders
from graphrisk.batch.graph import Graph
from graphrisk.batch.runs import STAGES
from graphrisk.errors import Frozen, Locked, StorageUnavailable
from graphrisk.stores.address import PASSWORD_FILE, USER
from graphrisk.stores.opening import open_store
from tests.batch.conftest import Place
from tests.servers import start, stop
from tests.stores.places import at, empty

pytestmark = pytest.mark.xdist_group("neo4j")

ADA, GRACE = "Ada Lovelace", "Grace Hopper"
STANDS = """
MATCH (c:CurrentRun)
MATCH (d:Decision {run_id: c.run_id})-[:DECIDES]->(a:Account)
RETURN a.account_id AS account_id, d.tier AS tier, d.rule AS rule
"""
ACTED = """
MATCH (p:Publication)
MATCH (a:Action {run: p.run})
RETURN a.account_id AS account_id, a.was AS was, a.action AS action
"""


class Shelf:
    """A store, and how a configuration names it. A server may be stopped and started again."""

    def __init__(self, url: str, open_it):
        self.url, self.open_it = url, open_it

    def ask(self, text: str) -> list[tuple]:
        with self.open_it() as store:
            return sorted(store.view().ask(text, {}).rows)

    def stands(self) -> dict[str, str]:
        return {account_id: tier for account_id, tier, _ in self.ask(STANDS)}

    def current(self) -> str | None:
        with self.open_it() as store:
            return store.publisher().current()


@pytest.fixture(params=["neo4j", "embedded"])
def shelf(request, tmp_path, monkeypatch) -> Iterator[Shelf]:
    if request.param == "embedded":
        url = f"embedded:{tmp_path / 'place' / 'shelf'}"
        yield Shelf("embedded:shelf", lambda: open_store(url))
        return
    server = request.getfixturevalue("neo4j_server")
    empty(server)
    monkeypatch.setenv(USER, server.user)
    monkeypatch.setenv(PASSWORD_FILE, str(server.password_file))
    yield Shelf(server.uri, lambda: at(server))


def into(place: Place, text: str) -> Place:
    """Write other destinations into the configuration."""
    file = place.home / "batch.toml"
    told = file.read_text(encoding="utf-8").replace('folder = "published"\n', text)
    file.write_text(told, encoding="utf-8")
    return place


@pytest.fixture
def both(live, shelf) -> Place:
    """A book that is published to a folder and to a store."""
    return into(live, f'folder = "published"\nstore = "{shelf.url}"\n')


@pytest.fixture
def alone(live, shelf) -> Place:
    """A book that is published to a store, and nowhere else."""
    return into(live, f'store = "{shelf.url}"\n')


class StopAfter:
    """Asks to stop when a run has come to a stage."""

    def __init__(self, last: str) -> None:
        self.n_left = STAGES.index(last) + 1

    def __call__(self) -> bool:
        self.n_left -= 1
        return self.n_left < 0


def told(place: Place) -> dict[str, str]:
    return dict(place.decisions().select("account_id", "tier").iter_rows())


def test_folder_and_store_tell_the_same(both, shelf):
    done = both.run()
    assert shelf.current() == both.current.resolve().name == done.name
    assert shelf.stands() == told(both)
    acted = sorted((a["account_id"], a["was"], a["action"]) for a in both.actions())
    assert shelf.ask(ACTED) == acted
    assert len(acted) > 20
    both.change()
    again = both.run()
    assert shelf.current() == both.current.resolve().name == again.name != done.name
    assert shelf.stands() == told(both)
    assert both.run().outcome == "unchanged"
    assert len(shelf.ask("MATCH (a:Action) RETURN a.action_key AS k")) == len(acted) + len(
        both.actions()
    )


def test_the_store_alone_holds_what_the_guards_left(alone, shelf):
    first = alone.run()
    closed = sorted(a for a, tier in shelf.stands().items() if tier == "close")
    alone.set_status(set(closed[:1]), "deceased")
    alone.run()
    assert not alone.published.exists()
    rows = {a: (tier, rule) for a, tier, rule in shelf.ask(STANDS)}
    assert rows[closed[0]] == ("review", "held_protected_status")
    orders.rollback(alone.config, alone.clock, "2", ADA, "wrong feed")
    assert shelf.stands()[closed[0]] == "close"
    assert shelf.current() not in (None, first.name)


def test_nobody_sees_a_run_before_its_pointer_flips(both, shelf):
    first = both.run()
    stood = shelf.stands()
    both.label(next(a for a, tier in stood.items() if tier == "clear"))
    both.run(stopping=StopAfter("delivered"))
    assert shelf.current() == both.current.resolve().name == first.name
    assert shelf.stands() == stood
    done = both.run()
    assert (done.run_id, done.outcome) == (2, "published")
    assert shelf.current() == both.current.resolve().name == done.name
    assert shelf.stands() == told(both) != stood


def test_a_halt_is_told_to_the_store_too(both, shelf):
    halted = "MATCH (p:Publication) RETURN p.halted AS halted"
    both.run()
    orders.halt(both.config, both.clock, ADA, "wrong feed")
    ((text,),) = shelf.ask(halted)
    assert "halted by Ada Lovelace" in text
    both.change()
    with pytest.raises(Frozen):
        both.run()
    orders.resume_actions(both.config, both.clock, ADA, GRACE)
    assert shelf.ask(halted) == [("",)]
    assert both.run().outcome == "published"


def test_an_older_writer_is_refused_by_the_store(both, shelf):
    done = both.run()
    found = shelf.ask("MATCH (n) RETURN count(n) AS n")
    with shelf.open_it() as store:
        stale = Graph(store.publisher)
        for write in (
            lambda: stale.prepare(done.name, both.home / "state" / "runs" / done.name, 0),
            lambda: stale.deliver(done.name, 1, [], 0),
            lambda: stale.flip(done.name, 0),
        ):
            with pytest.raises(Locked, match="a newer run has published"):
                write()
    assert shelf.ask("MATCH (n) RETURN count(n) AS n") == found


def test_a_store_that_was_lost_is_filled_again(both, shelf, request):
    done = both.run()
    stood, acted = shelf.stands(), shelf.ask(ACTED)
    if shelf.url.startswith("embedded"):
        shutil.rmtree(both.home / "shelf")
    else:
        empty(request.getfixturevalue("neo4j_server"))
    assert both.run().outcome == "unchanged"
    assert (shelf.current(), shelf.stands(), shelf.ask(ACTED)) == (done.name, stood, acted)


def test_old_runs_leave_the_store(alone, shelf):
    file = alone.home / "batch.toml"
    file.write_text(file.read_text().replace("[destination]\n", "[destination]\nkeep_runs = 2\n"))
    for _ in range(4):
        alone.run()
        alone.change()
    kept = shelf.ask("MATCH (r:PublishedRun) RETURN r.run AS run")
    assert [run[:6] for (run,) in kept] == ["000003", "000004"]
    n_runs = shelf.ask("MATCH (d:Decision) RETURN DISTINCT d.run_id AS r")
    assert len(n_runs) == 2


def test_a_store_as_source_decides_as_its_folder_does(live, shelf):
    folder = live.run()
    with shelf.open_it() as store:
        store.writer().load(read_dataset(live.home / "feed"))
    file = live.home / "batch.toml"
    file.write_text(
        file.read_text()
        .replace('path = "feed"', f'store = "{shelf.url}"')
        .replace('folder = "published"', f'folder = "elsewhere"\nstore = "{shelf.url}"')
        .replace('book = "small"', 'book = "stored"')
    )
    done = live.run()
    assert (done.outcome, done.decisions_hash) == ("published", folder.decisions_hash)
    assert live.run().outcome == "unchanged"
    assert shelf.current() == done.name


@pytest.fixture
def server_of_its_own(tmp_path_factory, monkeypatch):
    """A Neo4j that the test kills and starts again."""
    home = tmp_path_factory.mktemp("gone") / "neo4j"
    server = start(home, "--heap", "512m")
    monkeypatch.setenv(USER, server.user)
    monkeypatch.setenv(PASSWORD_FILE, str(server.password_file))
    monkeypatch.setattr("graphrisk.stores.bolt.RETRY_S", 0.5)
    yield server
    stop(server)


@pytest.mark.parametrize("step", ["guarded", "batch 1 sent"])
def test_a_server_that_goes_away_loses_nothing_and_the_rerun_publishes_once(
    live, server_of_its_own, monkeypatch, step
):
    monkeypatch.setattr("graphrisk.batch.outbox.BATCH_ACTIONS", 5)
    both = into(live, f'folder = "published"\nstore = "{server_of_its_own.uri}"\n')
    shelf = Shelf(server_of_its_own.uri, lambda: at(server_of_its_own))

    def reached(what: str) -> None:
        if what == step:
            stop(server_of_its_own)

    with pytest.raises(StorageUnavailable, match="can't be reached, or went away"):
        both.run(reached=reached)
    assert not both.current.exists()
    with pytest.raises(StorageUnavailable):  # still gone
        both.run()
    start(server_of_its_own.home, "--heap", "512m")
    done = both.run()
    assert (done.run_id, done.outcome) == (1, "published")
    acted = sorted((a["account_id"], a["was"], a["action"]) for a in both.actions())
    assert shelf.ask(ACTED) == acted
    assert len({a for a, _, _ in acted}) == len(acted) == done.counts["n_actions"]
    assert shelf.stands() == told(both)
