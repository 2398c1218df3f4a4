"""The ledger in a real PostgreSQL: the same promises as in SQLite."""

import signal

import pytest
from sqlalchemy import text

from graphrisk.batch import orders
from graphrisk.batch.ledger import open_ledger
from graphrisk.batch.state import state_of
from graphrisk.errors import ExitCode, StorageUnavailable, UsageError
from tests.batch.conftest import LAX, LIVE, Clock, go_on, wait_for
from tests.batch.postgresql import postgresql


@pytest.fixture(scope="module")
def url():
    with postgresql() as started:
        yield started


@pytest.fixture
def place(new_place, url):
    place = new_place(f"[batch]{LIVE}{LAX}")
    config = place.home / "batch.toml"
    schedule = "[schedule]\nlease_s = 2\n"
    config.write_text(f'ledger = "{url}"\n{config.read_text()}{schedule}', encoding="utf-8")
    with open_ledger(url, "small", place.clock) as ledger, ledger.change() as (connection, _):
        for table in ("checkpoints", "actions", "acted", "orders", "runs"):
            connection.execute(text(f"DELETE FROM {table}"))
        connection.execute(text("UPDATE books SET current_run = NULL, halted_at_us = NULL"))
    return place


def test_it_is_postgresql(place, url):
    with open_ledger(url, "small", place.clock) as ledger, ledger.look() as (connection, _):
        assert connection.execute(text("SELECT version()")).scalar().startswith("PostgreSQL ")
    assert not (place.home / "state" / "ledger.sqlite").exists()


def test_a_run_is_published_once_with_the_hash_that_sqlite_gives(place, new_place):
    done, again = place.run(), place.run()
    assert (done.outcome, again.outcome) == ("published", "unchanged")
    assert len(place.actions()) == done.counts["n_actions"] > 20
    other = new_place(f"[batch]{LIVE}{LAX}", name="sqlite")
    assert other.run().decisions_hash == done.decisions_hash


def test_two_at_once_and_a_revived_writer(place):
    with place.start("--wait-at", "guards written") as first:
        wait_for(first, "guards written")
        assert place.finish()[0] == ExitCode.LOCKED  # it waits, and renews its lease
        first.send_signal(signal.SIGSTOP)  # the lease runs out
        code = ExitCode.LOCKED
        while code == ExitCode.LOCKED:
            code, said = place.finish()
        assert code == 0, said
        code, said = go_on(first)
    assert code == ExitCode.LOCKED
    assert "stood still, and another took over" in said
    place.clock.at = place.clock.at.replace(year=2100)
    assert place.run().outcome == "unchanged"


def test_a_killed_run_goes_on_from_its_checkpoint(place):
    with place.start("--wait-at", "batch 1 sent", "--batch", 5) as killed:
        wait_for(killed, "batch 1 sent")
        killed.kill()
    place.clock.at = place.clock.at.replace(year=2100)
    done = place.run()
    assert done.outcome == "published"
    ids = [action["account_id"] for action in place.actions()]
    assert len(set(ids)) == len(ids) == done.counts["n_actions"]


def test_orders_and_status(place):
    place.run()
    place.change()
    place.run()
    taken = orders.rollback(place.config, place.clock, "current", "Ada", "wrong feed")
    orders.halt(place.config, place.clock, "Ada", "stop")
    found = state_of(place.config, place.clock, 10)
    assert found.current is not None
    assert (found.current.run_id, found.halt["by"]) == (taken.run_id, "Ada")
    assert [run.outcome for run in found.runs] == ["published", "rolled_back", "published"]


def test_a_database_that_does_not_answer(place):
    opening = open_ledger("postgresql+psycopg:///none?host=/nowhere", "small", place.clock)
    with pytest.raises(StorageUnavailable, match="the ledger can't be used"), opening:
        raise AssertionError("opened")


@pytest.mark.parametrize("named", ["nonsense", "oracle9://x", "mysql+nothing://x/y"])
def test_a_url_that_names_no_database(named):
    opening = open_ledger(named, "small", Clock())
    with pytest.raises(UsageError, match="the ledger's URL can't be used"), opening:
        raise AssertionError("opened")
