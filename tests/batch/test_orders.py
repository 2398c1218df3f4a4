"""What people order: halt, resume, release, rollback; who must sign, and what follows."""

import sqlite3
import time
from contextlib import closing

import pytest
from sqlalchemy import func, select

from graphrisk.batch import orders, outbox
from graphrisk.batch.ledger import open_ledger
from graphrisk.batch.state import state_of
from graphrisk.batch.tables import actions
from graphrisk.batch.tables import orders as table
from graphrisk.errors import ExitCode, Frozen, StorageUnavailable, UsageError
from tests.batch.conftest import LIVE, MOST_WAIT_S, wait_for

ADA, GRACE = "Ada Lovelace", "Grace Hopper"


def stands(place):
    """What a reader knows of every account: the last action of all runs he has seen."""
    return dict(place.decisions().select("account_id", "tier").iter_rows())


@pytest.fixture
def ledger(live):
    with open_ledger(live.config.ledger_url, "small", live.clock) as opened:
        yield opened


def acted_on(ledger):
    with ledger.look() as (connection, _):
        return outbox.acted_on(connection, "small")


@pytest.fixture
def strict(new_place):
    """A book whose every closure trips the breaker."""
    return new_place(f"[batch]{LIVE}[breaker]\nmax_closures = 0\nmax_closed_share = 0.0\n")


def test_the_breaker_publishes_nothing(strict):
    with pytest.raises(Frozen, match="run 1 is frozen: ") as stopped:
        strict.run()
    assert stopped.value.exit_code == ExitCode.BREAKER
    assert "at most 0 are let through" in stopped.value.found
    assert not strict.published.exists()
    with pytest.raises(Frozen, match="run 1 is frozen"):  # and again: no new run, no new decision
        strict.run()


def test_one_hub_or_seed_behind_the_closures_trips_the_breaker(new_place):
    place = new_place(f"[batch]{LIVE}[breaker]\nmax_closures = 1000\nmax_cause_share = 0.01\n")
    with pytest.raises(Frozen, match=r"closures rest on one hub or seed; .* \("):
        place.run()


def test_two_names_release_what_the_breaker_froze(strict):
    with pytest.raises(Frozen):
        strict.run()
    for second in (ADA, "ada  LOVELACE", "Ａda Lovelace"):
        with pytest.raises(UsageError, match="named twice"):
            orders.release(strict.config, strict.clock, "1", ADA, second)
    with pytest.raises(UsageError, match="not a name"):
        orders.release(strict.config, strict.clock, "1", ADA, " ")
    assert not strict.published.exists()
    done = orders.release(strict.config, strict.clock, "1", ADA, GRACE, "looked at all")
    assert (done.run_id, done.outcome) == (1, "published")
    assert "close" in {action["action"] for action in strict.actions()}
    opened = open_ledger(strict.config.ledger_url, "small", strict.clock)
    with opened as ledger, ledger.look() as (connection, _):
        (order,) = connection.execute(select(table)).all()
    assert (order.what, order.who, order.second) == ("release", ADA, GRACE)
    assert (order.decisions_hash, order.reason) == (done.decisions_hash, "looked at all")
    assert orders.release(strict.config, strict.clock, "1", ADA, GRACE).outcome == "published"


def test_a_frozen_run_that_was_overtaken_is_not_released(strict):
    with pytest.raises(Frozen):
        strict.run()
    strict.configure()
    assert strict.run().outcome == "published"
    with pytest.raises(UsageError, match="run 1 is frozen, and the current run is 2"):
        orders.release(strict.config, strict.clock, "1", ADA, GRACE)


def test_rollback_takes_back_every_action_and_brings_the_run_before_back(live, ledger):
    first = live.run()
    before, stood = acted_on(ledger), stands(live)
    live.change()
    live.run()
    live.change()
    third = live.run()
    assert acted_on(ledger) != before
    done = orders.rollback(live.config, live.clock, "2", ADA, "wrong feed")
    assert (done.kind, done.outcome, done.decisions_hash) == (
        "rollback", "published", first.decisions_hash,
    )  # fmt: skip
    assert stands(live) == stood
    after = acted_on(ledger)
    assert {a: t for a, t in after.items() if t != "clear"} == {
        a: t for a, t in before.items() if t != "clear"
    }
    assert {action["reason_codes"] for action in live.actions()} == {"ROLLED_BACK"}
    with pytest.raises(Frozen, match=f"the same inputs and policy as run {third.run_id}"):
        live.run()
    assert stands(live) == stood


def test_what_was_rolled_back_is_released_by_two(live):
    live.run()
    live.change()
    second = live.run()
    orders.rollback(live.config, live.clock, "2", ADA, "")
    with pytest.raises(Frozen):
        live.run()
    done = orders.release(live.config, live.clock, "4", ADA, GRACE)
    assert (done.outcome, done.decisions_hash) == ("published", second.decisions_hash)


def test_the_first_run_has_nothing_before_it(live):
    live.run()
    with pytest.raises(UsageError, match="no run was published before it"):
        orders.rollback(live.config, live.clock, "1", ADA, "")
    with pytest.raises(UsageError, match="has no run '9'"):
        orders.rollback(live.config, live.clock, "9", ADA, "")


def test_nothing_is_published_while_actions_are_halted(live):
    orders.halt(live.config, live.clock, ADA, "wrong feed")
    assert "halted by Ada Lovelace" in (live.published / "HALTED").read_text()
    with pytest.raises(Frozen, match="halted by Ada Lovelace"):
        live.run()
    with pytest.raises(Frozen):  # a restart changes nothing
        live.run()
    assert not live.current.exists()
    with pytest.raises(UsageError, match="named twice"):
        orders.resume_actions(live.config, live.clock, ADA, ADA)
    orders.resume_actions(live.config, live.clock, ADA, GRACE)
    assert not (live.published / "HALTED").exists()
    done = live.run()
    assert (done.run_id, done.outcome) == (1, "published")


def sent(ledger):
    with ledger.look() as (connection, _):
        mine = select(func.count()).where(actions.c.state == "sent")
        return connection.execute(mine).scalar()


def last_sent_s(ledger):
    with ledger.look() as (connection, _):
        return connection.execute(select(func.max(actions.c.sent_at_us))).scalar() / 1e6


def test_halt_in_mid_publication_stops_within_five_seconds(live, ledger):
    """A real process sends slowly; the halt comes from another."""
    with live.start("--batch", 2, "--slow", 0.3) as sender:
        wait_for(sender, "batch 3 sent")
        ordered_at_s = time.time()
        orders.halt(live.config, live.clock, ADA, "wrong batch")
        n_sent = sent(ledger)
        said = sender.communicate(timeout=MOST_WAIT_S)[1]
    assert sender.returncode == ExitCode.BREAKER
    assert "actions of book small are halted by Ada Lovelace" in said
    assert last_sent_s(ledger) - ordered_at_s < 5.0
    assert sent(ledger) == n_sent < 40  # not one more after the order was written
    assert not live.current.exists()
    orders.resume_actions(live.config, live.clock, ADA, GRACE)
    live.clock.at = live.clock.at.replace(year=2100)
    done = live.run()
    assert (done.run_id, done.outcome) == (1, "published")
    assert len({a["account_id"] for a in live.actions()}) == len(live.actions()) == sent(ledger)


def test_halt_holds_although_the_ledger_is_locked(live, monkeypatch):
    """Somebody stopped in mid-transaction, and holds the database."""
    live.run()
    live.change()
    monkeypatch.setattr("graphrisk.batch.ledger.BUSY_S", 0.1)
    with closing(sqlite3.connect(live.home / "state" / "ledger.sqlite")) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageUnavailable, match="database is locked"):
            orders.halt(live.config, live.clock, ADA, "now")
    with pytest.raises(Frozen, match="halted by Ada Lovelace"):
        live.run()
    assert state_of(live.config, live.clock, 1).halt["reason"] == "now"
    orders.resume_actions(live.config, live.clock, ADA, GRACE)
    assert live.run().outcome == "published"


def test_a_halted_run_that_was_half_sent_can_be_rolled_back_while_halted(live, ledger):
    live.run()
    before = acted_on(ledger)
    header, *rows = live.table("labels")
    live.write("labels", [header, *rows[::2]])
    live.clock.at = live.clock.at.replace(year=2100)

    def halting(step):
        if step == "batch 2 sent":
            orders.halt(live.config, live.clock, ADA, "wrong feed")

    kept, outbox.BATCH_ACTIONS = outbox.BATCH_ACTIONS, 3
    try:
        with pytest.raises(Frozen):
            live.run(reached=halting)
    finally:
        outbox.BATCH_ACTIONS = kept
    half = acted_on(ledger)
    assert sum(half.get(a) != before.get(a) for a in half) == 6
    orders.rollback(live.config, live.clock, "2", ADA, "wrong feed")
    assert {a: t for a, t in acted_on(ledger).items() if t != "clear"} == {
        a: t for a, t in before.items() if t != "clear"
    }
