"""Links that carry nothing are said to, with the thing they lead to."""

from datetime import UTC, datetime

import polars as pl

from graphrisk import analyze

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)


def told(kiosk: bool, second_first_seen: datetime) -> dict[str, dict[str, object]]:
    """B uses a device that the defaulter A used; what the evidence says of B, by code."""
    analysis = analyze(
        {
            "accounts": pl.DataFrame({"account_id": ["A", "B"]}),
            "devices": pl.DataFrame({"device_id": ["D"], "usage": ["kiosk" if kiosk else None]}),
            "identifiers": pl.DataFrame(
                {
                    "account_id": ["A", "B"],
                    "kind": ["device", "device"],
                    "value": ["D", "D"],
                    "first_seen_at": [START, second_first_seen],
                    "last_seen_at": [datetime(2026, 2, 1, tzinfo=UTC), END],
                }
            ),
            "labels": pl.DataFrame(
                {"entity_kind": ["account"], "entity_id": ["A"], "label": ["default"]}
            ),
        }
    )
    rows = analysis.evidence.filter(pl.col("account_id") == "B").to_dicts()
    return {str(row["reason_code"]): row for row in rows}


def test_a_device_shared_at_the_same_time_is_heard() -> None:
    rows = told(kiosk=False, second_first_seen=START)
    assert "REACH_DEVICE" in rows
    assert not {"PROTECTED_HUB", "TAKEN_OVER"} & set(rows)


def test_a_kiosk_is_named_and_brings_nothing() -> None:
    rows = told(kiosk=True, second_first_seen=START)
    assert rows["PROTECTED_HUB"]["via"] == "device:D"
    assert (rows["PROTECTED_HUB"]["nats"], rows["PROTECTED_HUB"]["value"]) == (0.0, 1.0)
    assert "REACH_DEVICE" not in rows


def test_a_resold_device_is_named_and_brings_nothing() -> None:
    rows = told(kiosk=False, second_first_seen=datetime(2026, 4, 1, tzinfo=UTC))
    assert rows["TAKEN_OVER"]["via"] == "device:D"
    assert rows["TAKEN_OVER"]["nats"] == 0.0
    assert "REACH_DEVICE" not in rows and "RANK_DEVICE" not in rows
