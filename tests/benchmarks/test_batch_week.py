"""A week of nightly runs: the poisoned feed is stopped, the stale one acts on nobody, ..."""

import importlib.util
import sys
from pathlib import Path

import pytest

PATH = Path(__file__).parents[2] / "benchmarks" / "batch_week.py"
spec = importlib.util.spec_from_file_location("benchmark_batch_week", PATH)
batch_week = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = batch_week
spec.loader.exec_module(batch_week)


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    return batch_week.live_through(tmp_path_factory.mktemp("week"))


def night(nights, feed):
    (found,) = [one for one in nights if one.feed.startswith(feed)]
    return found


def test_every_night_comes_out_as_it_should(nights):
    assert [(one.outcome, one.exit_code) for one in nights] == [
        ("run 1 published", 0),
        ("frozen", 8),
        ("run 2 published", 0),
        ("run 3 published", 0),
        ("run 4 published", 0),
        ("frozen", 8),
        ("killed", 137),
        ("run 6 published", 0),
        ("run 7 published", 0),
        ("run 8 unchanged", 0),
    ]


def test_shadow_acts_on_nobody_and_going_live_closes_only_with_two_names(nights):
    assert nights[0].n_actions == nights[1].n_actions == 0
    assert nights[2].n_closing == 11
    assert nights[2].n_adverse > 20


def test_the_stale_feed_takes_no_adverse_action(nights):
    stale = night(nights, "labels 30 hours old")
    assert (stale.n_adverse, stale.n_closing) == (0, 0)
    assert "labels: newest fact 30.0 hours old, limit 26" in stale.note
    assert "held_stale_source" in stale.note


def test_the_breaker_stops_the_poisoned_feed(nights):
    poisoned = night(nights, "poisoned")
    assert poisoned.n_actions == 0
    assert "closures; at most 20 are let through" in poisoned.note


def test_the_crash_goes_on_and_the_retraction_lets_accounts_fall(nights):
    assert nights[6].at == "Mon 06 02:30"
    assert nights[7].n_actions > 0
    withdrawn = night(nights, "5 labels withdrawn")
    assert withdrawn.n_adverse == 0
    assert withdrawn.n_actions >= 5
