"""One run at a time: the second leaves, a dead one's lock is free, a revived one is refused."""

import os
import shutil

import pytest

from graphrisk.batch.destination import Folder
from graphrisk.batch.lease import born, held
from graphrisk.batch.ledger import open_ledger
from graphrisk.errors import ExitCode, Locked
from tests.batch.conftest import freeze, go_on, wait_for


@pytest.fixture
def ledger(live):
    with open_ledger(live.config.ledger_url, "small", live.clock) as opened:
        yield opened


def test_the_second_run_leaves_with_exit_5_and_the_first_goes_on(live):
    with live.start("--wait-at", "started") as first:
        wait_for(first, "started")
        code, said = live.finish()
        assert code == ExitCode.LOCKED
        assert f"held by process {first.pid} on" in said
        assert go_on(first)[0] == 0
    assert live.current.exists()


def test_the_lock_of_a_killed_process_is_free_at_once(live):
    with live.start("--wait-at", "analysed") as first:
        wait_for(first, "analysed")
        first.kill()
    done = live.run()  # the clock has not moved: the lease has not run out
    assert (done.run_id, done.outcome) == (1, "published")


@pytest.mark.parametrize("step", ["analysis written", "guards written", "destination prepared"])
def test_a_revived_run_is_refused_and_leaves_nothing(live, step):
    live.configure((live.home / "policy.toml").read_text(), "[schedule]\nlease_s = 1\n")
    with live.start("--wait-at", step) as first:
        wait_for(first, step)
        freeze(first, live)
        code = ExitCode.LOCKED
        while code == ExitCode.LOCKED:  # until the lease has run out
            code, said = live.finish()
        assert code == 0, said
        seen = sorted((p, p.stat().st_mtime_ns) for p in live.published.rglob("*"))
        code, said = go_on(first)
    assert code == ExitCode.LOCKED
    assert "stood still, and another took over" in said
    assert sorted((p, p.stat().st_mtime_ns) for p in live.published.rglob("*")) == seen
    live.clock.at = live.clock.at.replace(year=2100)
    assert live.run().outcome == "unchanged"


def test_a_lease_runs_out_by_the_clock(ledger, live):
    with held(ledger, 60.0) as first:
        live.clock.move(seconds=61)
        with held(ledger, 60.0) as second:
            assert second.fence == first.fence + 1
            with pytest.raises(Locked, match="token 1 is older than 2"), first.change():
                raise AssertionError("a transaction of a stale holder")
            with second.change():
                pass
        with pytest.raises(Locked), first.change():
            raise AssertionError("a transaction of a stale holder")


def test_a_lease_in_force_keeps_others_out_and_is_given_back(ledger, live):
    with held(ledger, 60.0):
        live.clock.move(seconds=59)
        with pytest.raises(Locked, match="one run at a time"), held(ledger, 60.0):
            raise AssertionError("two holders")
    with held(ledger, 60.0) as next_one:
        assert next_one.fence == 2


def test_each_transaction_renews_the_lease(ledger, live):
    with held(ledger, 60.0) as lease:
        for _ in range(5):
            live.clock.move(seconds=50)
            with lease.change():
                pass
        with pytest.raises(Locked), held(ledger, 60.0):
            raise AssertionError("two holders")


def test_a_process_is_known_by_its_number_and_its_start():
    assert born(os.getpid())
    assert born(os.getpid()) != born(1)
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)  # dead, and not yet buried
    assert born(child) == "gone"
    os.waitpid(child, 0)
    assert born(child) == ""


def test_a_pointer_that_a_stale_writer_flipped_late_is_put_right(live):
    first = live.run()
    live.change()
    second = live.run()
    Folder(live.published).flip(first.name, fence=1)
    assert live.run().outcome == "unchanged"
    assert live.current.resolve().name == second.name


def test_a_destination_that_was_lost_is_filled_again(live):
    done = live.run()
    had = live.actions()
    shutil.rmtree(live.published)
    assert live.run().outcome == "unchanged"
    assert live.current.resolve().name == done.name
    assert live.actions() == had
    assert live.decisions().height == done.counts["n_accounts"]
