"""Two runs side by side: who stands elsewhere, and what flipped each."""

import pytest

from graphrisk.batch.difference import GONE, NEW, difference
from graphrisk.errors import UsageError
from tests.batch.conftest import LAX, LIVE


def changes(place, earlier="1", later="2", n_explained=50):
    found = difference(place.config, place.clock, earlier, later, n_explained=n_explained)[2]
    return {change.account_id: change for change in found}


def clear_account(place):
    return place.decisions().filter(tier="clear")["account_id"][0]


def test_the_fact_that_flipped_an_account(live):
    live.run()
    account_id = clear_account(live)
    live.label(account_id)
    live.run()
    mine = changes(live)[account_id]
    assert (mine.earlier, mine.because) == ("clear", f"came: label account:{account_id}")
    back = changes(live, "2", "1")[account_id]
    assert back.because == f"went: label account:{account_id}"


def test_accounts_that_came_and_went(live):
    live.run()
    header, *rows = live.table("accounts")
    gone = rows[5][0]
    rows[5] = ["BRANDNEW", *rows[5][1:]]
    live.write("accounts", [header, *rows])
    live.run()
    found = changes(live)
    assert (found["BRANDNEW"].earlier, found["BRANDNEW"].because) == ("", NEW)
    assert (found[gone].later, found[gone].because) == ("", GONE)


def test_a_guard_that_held_an_account(live):
    live.run()
    closed = live.decisions().filter(tier="close")["account_id"][0]
    live.set_status({closed}, "deceased")
    live.run()
    assert changes(live)[closed].because == "held at review: the account's status protects it"
    assert changes(live, "2", "1")[closed].because.startswith("no longer held at review")


def test_a_new_policy(live):
    live.run()
    live.configure(f"[tiers]\nmonitor_prob = 0.1\n[batch]{LIVE}{LAX}")
    live.run()
    because = {change.because for change in changes(live).values()}
    assert any(text.startswith("no fact alone; the policy changed") for text in because)


def test_only_so_many_are_explained_and_nothing_is_the_same_as_itself(live):
    live.run()
    live.change()
    live.run()
    assert {change.because for change in changes(live, n_explained=0).values()} <= {"", NEW}
    assert changes(live, "2", "current") == {}
    live.run()  # unchanged: stands for the run that it repeats
    assert changes(live, "3", "2") == {}


def test_a_run_that_is_not_there(live):
    live.run()
    with pytest.raises(UsageError, match="has no run '7'"):
        changes(live, "1", "7")
