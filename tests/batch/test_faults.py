"""A full disk, a locked ledger, a destination that is gone, a clock that steps back.

Each time: nothing that was acknowledged is lost, nothing is torn, and the next run publishes once,
with the hash of a run that nothing went wrong for.
"""

import shutil
import sqlite3
from contextlib import closing

import polars as pl
import pytest

from graphrisk.batch.archive import content_hash
from graphrisk.errors import ExitCode, StorageUnavailable
from tests.batch.conftest import LAX, LIVE


@pytest.fixture
def changed(live):
    """A book with a published run, a changed feed, and what its next run must come to."""
    live.run()
    live.label(*live.decisions().filter(tier="clear")["account_id"].head(5))
    twin = live.home.with_name("twin")
    shutil.copytree(live.home, twin, symlinks=True)
    live.expected = type(live)(twin, live.clock).run()
    live.clock.at = live.clock.at.replace(year=2100)
    return live


def assert_nothing_is_torn(place):
    """Whatever ``current`` points to is whole."""
    decisions = pl.read_parquet(place.current / "decisions.parquet")
    record = (place.current / "run.json").read_text(encoding="utf-8")
    assert content_hash(decisions) in record


def assert_published_once(place):
    done = place.run()
    assert (done.run_id, done.outcome) == (2, "published")
    assert done.decisions_hash == place.expected.decisions_hash
    ids = [action["account_id"] for action in place.actions()]
    assert len(ids) == len(set(ids)) == place.expected.counts["n_actions"]
    assert_nothing_is_torn(place)
    assert place.run().outcome == "unchanged"


@pytest.mark.parametrize("most_bytes", [0, 2_000, 20_000, 60_000])
def test_no_room_for_files(changed, most_bytes):
    """A file may grow to so many bytes and no further, as on a disk that is full."""
    code, said = changed.finish("--most-bytes", most_bytes)
    assert code == ExitCode.BACKEND_UNAVAILABLE, said
    assert "expected: " in said
    assert_nothing_is_torn(changed)
    assert_published_once(changed)


def test_the_ledger_is_locked(changed, monkeypatch):
    monkeypatch.setattr("graphrisk.batch.ledger.BUSY_S", 0.1)
    with closing(sqlite3.connect(changed.home / "state" / "ledger.sqlite")) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageUnavailable, match="database is locked"):
            changed.run()
    assert_nothing_is_torn(changed)
    assert_published_once(changed)


@pytest.mark.parametrize("step", ["locked", "guarded", "prepared", "batch 1 sent", "delivered"])
def test_the_destination_is_gone(changed, step):
    """A file lies where the folder was: nothing can be written there."""
    aside = changed.home / "aside"

    def reached(what: str) -> None:
        if what == step and not aside.exists():
            changed.published.rename(aside)
            changed.published.write_text("not a folder")

    with pytest.raises(StorageUnavailable, match="published can't be written"):
        changed.run(reached=reached)
    with pytest.raises(StorageUnavailable):  # still gone
        changed.run()
    changed.published.unlink()
    aside.rename(changed.published)
    assert_nothing_is_torn(changed)
    assert_published_once(changed)


@pytest.mark.parametrize("step", ["", "started", "guarded", "delivered"])
def test_the_clock_steps_back(changed, step):
    """Order is by number, never by the clock."""
    back = {"days": -20_000}  # still after the newest fact

    def reached(what: str) -> None:
        if what == step:
            changed.clock.move(**back)

    if not step:
        changed.clock.move(**back)
    done = changed.run(reached=reached)
    assert (done.run_id, done.outcome) == (2, "published")
    assert done.decisions_hash == changed.expected.decisions_hash
    assert changed.current.resolve().name == done.name
    assert changed.run().outcome == "unchanged"


def test_the_clock_steps_back_and_nobody_is_locked_out(new_place):
    place = new_place(f"[batch]{LIVE}{LAX}")
    with place.start("--wait-at", "analysed") as first:
        first.kill()
    # Its lease was taken by a real clock, and lies months ahead of this place's.
    assert place.run().outcome == "published"
