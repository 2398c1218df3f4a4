"""When to run: slots, missed ones become one, restarts, and how it stops."""

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.batch.schedule import Cron, Every, keep_running, slots_of
from graphrisk.errors import UsageError
from tests.batch.conftest import MOST_WAIT_S

QUARTER = Every(timedelta(minutes=15))
NIGHTLY = Cron("30 2 * * *", ZoneInfo("UTC"))
SCRIPT = Path(sys.executable).with_name("graphrisk")


class Day:
    """Runs a schedule with a clock that only sleeping moves; ``stop_at`` asks to stop."""

    def __init__(self, place, slots, stop_at):
        self.place, self.slots, self.stop_at = place, slots, stop_at
        self.ran_at = []

    def go(self, **options):
        keep_running(
            self.place.config,
            self.slots,
            self.place.clock,
            run=lambda: self.ran_at.append(self.place.clock()),
            wait=lambda seconds: self.place.clock.move(seconds=seconds),
            stopping=lambda: self.place.clock() >= self.stop_at,
            **options,
        )
        return [f"{at:%H:%M}" for at in self.ran_at]


def at(text):
    return datetime.fromisoformat(f"2026-07-01T{text}:00+00:00")


def test_every_quarter_of_an_hour(place):
    place.clock.at = at("10:07")
    assert Day(place, QUARTER, at("10:50")).go() == ["10:07", "10:15", "10:30", "10:45"]


def test_missed_runs_become_one_after_a_restart(place):
    place.clock.at = at("10:00")
    Day(place, QUARTER, at("10:14")).go()
    place.clock.at = at("12:20")  # it was down for two hours
    assert Day(place, QUARTER, at("12:46")).go() == ["12:20", "12:30", "12:45"]


def test_a_restart_within_a_slot_does_not_run_again(place):
    place.clock.at = at("10:00")
    assert Day(place, QUARTER, at("10:05")).go() == ["10:00"]
    assert Day(place, QUARTER, at("10:16")).go() == ["10:15"]


def test_cron_waits_for_its_first_slot_and_takes_up_a_missed_one(place):
    place.clock.at = at("01:00")
    assert Day(place, NIGHTLY, at("02:00")).go() == []
    place.clock.at = at("08:00")  # it was down at half past two
    assert Day(place, NIGHTLY, at("08:05")).go() == ["08:00"]
    assert Day(place, NIGHTLY, at("23:00")).go() == []


def test_a_run_that_was_asked_to_stop_is_due_again(place):
    place.clock.at = at("10:00")
    day = Day(place, QUARTER, at("10:01"))
    keep_running(
        place.config, QUARTER, place.clock,
        run=lambda: place.clock.move(minutes=2), wait=lambda _: None,
        stopping=lambda: place.clock() >= at("10:01"),
    )  # fmt: skip
    day.stop_at = at("10:05")
    assert day.go() == ["10:02"]


def test_a_clock_that_is_set_back_runs_nothing_twice(place):
    place.clock.at = at("10:00")
    Day(place, QUARTER, at("10:14")).go()
    place.clock.at = at("09:30")
    assert Day(place, QUARTER, at("10:16")).go() == ["10:15"]


def test_so_many_runs_and_no_more(place):
    place.clock.at = at("10:00")
    assert Day(place, QUARTER, at("23:00")).go(most_runs=2) == ["10:00", "10:15"]


def test_cron_keeps_the_local_hour_over_a_change_of_the_clock():
    berlin = Cron("30 2 * * *", ZoneInfo("Europe/Berlin"))
    summer = datetime(2026, 7, 1, tzinfo=UTC)
    winter = datetime(2026, 12, 1, tzinfo=UTC)
    assert f"{berlin.following(summer):%H:%M}" == "00:30"
    assert f"{berlin.following(winter):%H:%M}" == "01:30"


moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


@given(moments, st.sampled_from([QUARTER, NIGHTLY, Every(timedelta(seconds=7))]))
def test_now_lies_between_its_slot_and_the_next(now, slots):
    latest, following = slots.latest(now), slots.following(now)
    assert latest <= now < following
    assert slots.latest(following) == following
    assert slots.latest(following - timedelta(seconds=1)) == latest


@pytest.mark.parametrize(
    ("cron", "every", "said"),
    [
        (None, None, "neither --cron nor --every"),
        ("* * * * *", "15m", "both --cron and --every"),
        ("61 * * * *", None, "can't be read"),
        ("* * * *", None, "it has not five fields"),
        ("@daily", None, "it has not five fields"),
        (None, "0m", "'0m' can't be read"),
        (None, "15 minutes", "can't be read"),
    ],
)
def test_a_schedule_that_cannot_be_read(place, cron, every, said):
    with pytest.raises(UsageError, match=said):
        slots_of(place.config, cron=cron, every=every)


def test_sigterm_ends_a_real_schedule_at_a_checkpoint_and_the_next_goes_on(live):
    command = [SCRIPT, "batch", "schedule", "--config", live.home / "batch.toml", "--json"]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([*command, "--every", "1d"], **options) as first:
        assert json.loads(first.stdout.readline())["outcome"] == "published"
        first.send_signal(signal.SIGTERM)
        first.communicate(timeout=MOST_WAIT_S)
        assert first.returncode == 0
    with subprocess.Popen([*command, "--every", "1s", "--runs", "2"], **options) as second:
        told = second.communicate(timeout=MOST_WAIT_S)[0]
        assert second.returncode == 0
    assert [json.loads(line)["outcome"] for line in told.splitlines()] == ["unchanged"] * 2


def test_a_run_that_fails_is_told_and_the_next_is_made(live):
    live.write("accounts", [["nothing"], ["here"]])
    done = subprocess.run(
        [SCRIPT, "batch", "schedule", "--config", live.home / "batch.toml", "--json",
         "--every", "1s", "--runs", "2"],
        capture_output=True, text=True, check=False, timeout=MOST_WAIT_S,
    )  # fmt: skip
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["exit_code"] for line in told] == [4, 4]
    assert done.returncode == 4
