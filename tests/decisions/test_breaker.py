"""When a run is stopped: each rule at its limit and one past it."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.decisions.breaker import Closures, trips
from graphrisk.model.policy import Policy

RULE = Policy.default().breaker


def closures(n, *, active=2_000, recent=0, earlier=(), causes=None):
    return Closures(n, active, recent, earlier, causes or {})


def rules(found):
    return [trip.rule for trip in trips(found, RULE)]


@pytest.mark.parametrize(
    ("n", "active", "recent", "trips_it"),
    [
        (20, 2_000, 0, False),
        (21, 2_000, 0, True),
        (50, 10_000, 0, False),  # 0.5 % of 10,000
        (51, 10_000, 0, True),
        (1, 2_000, 20, True),  # the budget of the day is spent
        (0, 2_000, 40, False),  # who closes nothing is not stopped
        (1, 0, 0, False),
    ],
)
def test_too_many_closures(n, active, recent, trips_it):
    found = rules(closures(n, active=active, recent=recent))
    assert found == (["too_many"] if trips_it else [])


@pytest.mark.parametrize(
    ("n", "earlier", "trips_it"),
    [
        (12, [4] * 28, False),
        (13, [4] * 28, True),
        (13, [4] * 6, False),  # six runs have no median
        (4, [0] * 28, False),  # few are not compared
        (5, [0] * 28, True),
        (13, [4] * 28 + [20] * 60, True),  # older runs than 28 don't count
        (13, [1] * 13 + [9] * 15, False),  # the median is not the mean
    ],
)
def test_more_than_three_times_the_median(n, earlier, trips_it):
    assert rules(closures(n, earlier=earlier)) == (["above_median"] if trips_it else [])


@pytest.mark.parametrize(
    ("n", "most", "trips_it"),
    [(20, 5, False), (20, 6, True), (4, 4, False), (5, 2, True)],
)
def test_one_hub_or_seed_behind_a_quarter(n, most, trips_it):
    found = trips(closures(n, causes={"device:D1": most, "device:D2": 1}), RULE)
    assert [trip.cause for trip in found] == (["device:D1"] if trips_it else [])


def test_every_rule_that_stops_a_run_is_told():
    found = trips(closures(40, recent=3, earlier=[1] * 28, causes={"ip:9": 40}), RULE)
    assert [trip.rule for trip in found] == ["too_many", "above_median", "one_cause"]
    assert "40 closures, and 3 in 24 hours before it; at most 20" in found[0].text
    assert "more than 3 times 1, the median of 28 runs" in found[1].text


@given(
    n=st.integers(0, 60),
    recent=st.integers(0, 30),
    earlier=st.lists(st.integers(0, 30), max_size=40),
    most=st.integers(0, 60),
)
def test_more_closures_never_untrip_the_budget_or_the_median(n, recent, earlier, most):
    """The share of one cause may fall with more closures from elsewhere; the others may not."""
    fewer = closures(n, recent=recent, earlier=earlier, causes={"d": min(most, n)})
    more = dataclasses.replace(fewer, n_closures=n + 1)
    kept = set(rules(fewer)) - {"one_cause"}
    assert kept <= set(rules(more))
