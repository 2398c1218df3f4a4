"""Times: ISO 8601 to UTC, counts since 1970, and everything that is no time."""

from datetime import UTC, date, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.errors import InputRefused
from graphrisk.intake.cells import Column, Moment
from graphrisk.intake.columns import TABLES
from graphrisk.intake.times import clean_times

OPENED_AT = TABLES["accounts"]["opened_at"]
DUE_AT = TABLES["repayments"]["due_at"]
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def times(cells, *, timezone=None, received_at=None, spec=OPENED_AT):
    """Return values, codes of faults, and counts of changes."""
    column = Column(spec, pl.Series("at", cells))
    clean_times(column, Moment(timezone, received_at))
    counts = {code.value: n for code, n in column.counts.items() if n}
    return column.values.to_list(), [code.value for code, _ in column.faults], counts


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-01T12:00:00Z",
        "2024-05-01 12:00:00Z",
        "2024-05-01T12:00Z",
        "2024-05-01T20:00:00+08:00",
        "2024-05-01T20:00:00+0800",
        "2024-05-01 20:00+08",
        "2024-05-01T06:30:00-05:30",
        "2024-05-01T12:00:00.000Z",
        " 2024-05-01T12:00:00.000000000Z ",
    ],
)
def test_iso_8601_with_an_offset_is_read_as_utc(text):
    values, codes, counts = times([text])
    assert (values, codes) == ([NOON], [])
    assert "naive_time_read_as_utc" not in counts


@pytest.mark.parametrize(
    ("fraction", "microseconds"), [(".5", 500_000), (".06", 60_000), (".1234567", 123_456)]
)
def test_fractions_of_a_second_are_kept_to_the_microsecond(fraction, microseconds):
    (value,), *_ = times([f"2024-05-01T12:00:00{fraction}Z"])
    assert value == NOON + timedelta(microseconds=microseconds)


def test_a_date_is_midnight_utc():
    assert times(["2024-05-01"])[0] == [datetime(2024, 5, 1, tzinfo=UTC)]


def test_a_time_without_an_offset_is_read_as_utc_and_counted():
    values, codes, counts = times(["2024-05-01 12:00:00", "2024-05-01T12:00Z", "2024-05-01"])
    assert values[:2] == [NOON, NOON]
    assert (codes, counts) == ([], {"naive_time_read_as_utc": 1})


def test_a_declared_zone_is_used_and_not_counted():
    values, codes, counts = times(["2024-05-01T20:00:00"], timezone="Asia/Shanghai")
    assert (values, codes, counts) == ([NOON], [], {})
    assert times(["2024-05-01 12:00:00"], timezone="UTC") == ([NOON], [], {})


def test_the_hour_that_a_clock_change_skips_is_no_time_and_the_repeated_one_is_its_first():
    values, codes, _ = times(["2024-03-31T02:30:00", "2024-10-27T02:30:00"],
                             timezone="Europe/Berlin")  # fmt: skip
    assert codes == ["bad_time"]
    assert values == [None, datetime(2024, 10, 27, 0, 30, tzinfo=UTC)]
    typed = [datetime(2024, 3, 31, 2, 30), datetime(2024, 10, 27, 2, 30)]
    assert times(typed, timezone="Europe/Berlin")[:2] == (values, codes)


@pytest.mark.parametrize(
    "text",
    [
        "01/05/2024", "05/01/2024 12:00", "2024-05-01T12:00:60Z", "2024-02-30", "2024-13-01",
        "2024-05-01T24:00:00Z", "2024-05-01T12:00:00+25:00", "20240501", "45413", "45413.5",
        "2024-05-01T", "yesterday", "12:00", "2024-5-1", "2024-05-01T12:00:00Z+01:00",
        "\uff12\uff10\uff12\uff14-05-01", "0000-00-00",
    ],
)  # fmt: skip
def test_what_is_no_time_is_set_aside(text):
    assert times([text, "2024-05-01T12:00:00Z"])[:2] == ([None, NOON], ["bad_time"])


@pytest.mark.parametrize("factor", [1, 10**3, 10**6, 10**9], ids=["s", "ms", "us", "ns"])
@pytest.mark.parametrize("kind", [str, int])
def test_counts_since_1970_are_read_in_the_unit_of_the_column(factor, kind):
    count = 1_714_564_800 * factor
    assert times([kind(count), kind(count)])[:2] == ([NOON, NOON], [])


def test_counts_of_another_magnitude_are_bad_times():
    values, codes, counts = times([1_714_564_800, 1_714_564_800, 1_714_564_800_000])
    assert (values, codes) == ([NOON, NOON, None], ["bad_time"])
    assert counts == {"epoch_read": 2}


def test_a_column_may_hold_text_and_counts():
    assert times(["1714564800", "2024-05-01T12:00:00Z"])[0] == [NOON, NOON]


@pytest.mark.parametrize(
    "cell", ["1970-01-01", "1900-01-01T00:00:00Z", "9999-12-31", "2201-01-01", "0", 0, -1]
)
def test_a_sentinel_is_missing_and_counted(cell):
    assert times([cell, None]) == ([None, None], [], {"sentinel_time_missing": 1})


@pytest.mark.parametrize(
    "cells",
    [
        pl.Series([datetime(2024, 5, 1, 12)], dtype=pl.Datetime("ms")),
        pl.Series([datetime(2024, 5, 1, 12)], dtype=pl.Datetime("ns")),
        pl.Series([NOON.astimezone(timezone(timedelta(hours=8)))]),
        pl.Series([NOON]).dt.convert_time_zone("Asia/Shanghai"),
        pl.Series([1714564800.0]),
    ],
    ids=["ms", "ns", "offset", "zone", "float count"],
)
def test_typed_times_are_read_in_any_unit(cells):
    assert times(cells)[:2] == ([NOON], [])


def test_typed_dates_and_naive_times():
    assert times([date(2024, 5, 1)])[0] == [datetime(2024, 5, 1, tzinfo=UTC)]
    assert times([datetime(2024, 5, 1, 12)])[2] == {"naive_time_read_as_utc": 1}
    assert times([datetime(2024, 5, 1, 20)], timezone="Asia/Shanghai")[0] == [NOON]


def test_an_event_more_than_five_minutes_ahead_is_set_aside():
    cells = ["2024-05-01T12:05:00Z", "2024-05-01T12:05:01Z"]
    assert times(cells, received_at=NOON)[1] == ["future_time"]
    assert times(cells[:1], received_at=NOON)[1] == []
    assert times(cells, received_at=None)[1] == []


def test_a_time_that_may_lie_ahead_is_not_checked_against_the_clock():
    assert times(["2030-01-01"], received_at=NOON, spec=DUE_AT)[1] == []


OFFSETS = st.timedeltas(timedelta(hours=-14), timedelta(hours=14)).map(
    lambda delta: timezone(timedelta(minutes=delta // timedelta(minutes=1)))
)


@given(st.datetimes(datetime(1972, 1, 1), datetime(2200, 1, 1), timezones=OFFSETS))
def test_reading_agrees_with_python(moment):
    assert times([moment.isoformat()])[0] == [moment.astimezone(UTC)]


def test_the_hour_that_a_clock_change_repeats_is_its_first_pass_and_counted():
    cells = ["2024-11-03 01:30:00", "2024-11-03 03:30:00", "2024-11-03 01:30:00-08:00"]
    values, codes, counts = times(cells, timezone="America/Los_Angeles")
    assert [value.hour for value in values] == [8, 11, 9]
    assert (codes, counts) == ([], {"repeated_hour_read_as_first": 1})


def test_a_column_of_which_day_and_month_cannot_be_told_is_refused():
    with pytest.raises(InputRefused, match="the day and the month can't be told apart"):
        times(["01/02/2024", None, "13/02/2024 10:00"])
    assert times(["01/02/2024", "2024-02-01"])[1] == ["bad_time"]
