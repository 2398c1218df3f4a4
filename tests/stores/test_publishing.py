"""Scheduled runs in a store, on Neo4j and on the embedded engine: whole, once, by the newest."""

import pytest

from graphrisk.errors import IntegrityFailure, Locked
from tests.stores.places import analysed, demo, everything, run_of
from tests.stores.test_contract import MARCH

pytestmark = pytest.mark.xdist_group("neo4j")

ACTIONS = [
    {"account_id": f"A{n}", "action": "review", "was": "clear", "reason_codes": ""}
    for n in range(3)
]


@pytest.fixture
def publisher(store):
    return store.publisher()


def test_a_run_is_seen_when_the_pointer_flips(store, publisher):
    run, view = run_of(analysed()), store.view()
    publisher.prepare("000001-a", demo(), run, fence=1)
    publisher.deliver("000001-a", ACTIONS, fence=1)
    assert (view.current_run(), publisher.current()) == (None, None)
    publisher.flip("000001-a", fence=1)
    assert (view.current_run(), publisher.current()) == (run.run_id, "000001-a")


def test_everything_again_changes_nothing(store, publisher):
    for _ in range(2):
        publisher.prepare("000001-a", demo(), run_of(analysed()), fence=1)
        publisher.deliver("000001-a", ACTIONS, fence=1)
        publisher.flip("000001-a", fence=1)
        found = everything(store)
    publisher.prepare("000001-a", demo(), run_of(analysed()), fence=1)
    publisher.deliver("000001-a", ACTIONS[:2], fence=1)
    publisher.flip("000001-a", fence=1)
    assert everything(store) == found


def test_an_older_writer_is_refused_everywhere_and_changes_nothing(store, publisher):
    publisher.prepare("000002-b", demo(), run_of(analysed()), fence=2)
    publisher.flip("000002-b", fence=2)
    found = everything(store)
    earlier = run_of(analysed(MARCH))
    for stale in (
        lambda: publisher.prepare("000001-a", analysed(MARCH).dataset, earlier, fence=1),
        lambda: publisher.deliver("000001-a", ACTIONS, fence=1),
        lambda: publisher.flip("000002-b", fence=1),
        lambda: publisher.forget("000001-a", fence=1),
    ):
        with pytest.raises(Locked, match="a newer run has published"):
            stale()
    assert everything(store) == found


def test_what_was_not_prepared_is_not_shown(store, publisher):
    publisher.prepare("000001-a", demo(), run_of(analysed()), fence=1)
    publisher.flip("000001-a", fence=1)
    with pytest.raises(IntegrityFailure, match="run 000009-x is not in the store"):
        publisher.flip("000009-x", fence=1)
    assert publisher.current() == "000001-a"


def test_somebody_elses_run_under_the_pointer_is_not_ours(store, publisher):
    publisher.prepare("000001-a", demo(), run_of(analysed()), fence=1)
    publisher.flip("000001-a", fence=1)
    store.writer().write_run(run_of(analysed(MARCH)))
    assert publisher.current() is None


def test_forgetting_takes_a_run_away_and_never_the_current_one(store, publisher):
    publisher.prepare("000001-a", demo(), run_of(analysed(MARCH)), fence=1)
    publisher.deliver("000001-a", ACTIONS, fence=1)
    publisher.flip("000001-a", fence=1)
    publisher.prepare("000002-b", demo(), run_of(analysed()), fence=1)
    publisher.prepare("000003-c", demo(), run_of(analysed()), fence=1)  # the same run
    publisher.flip("000003-c", fence=1)
    publisher.forget("000003-c", fence=1)
    publisher.forget("000002-b", fence=1)
    assert publisher.current() == "000003-c"
    publisher.forget("000001-a", fence=1)
    counted = (
        store.view().ask("MATCH (d:Decision) RETURN d.run_id AS run_id, count(d) AS n", {}).rows
    )
    assert [row[0] for row in counted] == [run_of(analysed()).run_id]
    assert store.view().ask("MATCH (a:Action) RETURN count(a) AS n", {}).rows == ((0,),)
    assert store.view().ask("MATCH (r:Run) RETURN count(r) AS n", {}).rows == ((1,),)


def test_a_halt_is_written_and_taken_back(store, publisher):
    for text in ("halted by Ada", ""):
        publisher.halt(text)
        asked = store.view().ask("MATCH (p:Publication) RETURN p.halted AS halted", {})
        assert asked.rows == ((text,),)
