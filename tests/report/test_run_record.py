"""run.json: everything needed to know what a result is worth, and to make it again."""

import hashlib
import json

import pytest

import graphrisk
from graphrisk import Policy, analyze, read_dataset
from graphrisk.report.run_record import analysis_record, quarantine_counts

from .conftest import FIXTURE, RUN


@pytest.fixture(scope="module")
def record(written):
    return json.loads((written / "run.json").read_text(encoding="utf-8"))


def test_inputs_are_named_with_the_hash_of_their_bytes(record):
    assert {one["file"]: one["sha256"] for one in record["inputs"]} == {
        table.name: hashlib.sha256(table.read_bytes()).hexdigest()
        for table in FIXTURE.glob("*.csv")
    }


def test_every_row_read_is_accounted_for(record):
    for rows in (*record["inputs"], record["rows"]):
        assert rows["n_rows_read"] == (
            rows["n_accepted"] + rows["n_duplicates"] + rows["n_quarantined"]
        )
    assert record["rows"]["n_rows_read"] == 10_362


def test_the_policy_can_be_had_back_from_its_record(record):
    assert Policy.from_mapping(record["policy"]["content"]).hash == record["policy"]["hash"]


def test_versions_are_those_that_ran(record):
    assert record["versions"]["graphrisk"] == graphrisk.__version__
    assert set(record["versions"]) == {"graphrisk", "python", "numpy", "polars", "numba"}


def test_tiers_rules_and_states_count_every_account(record):
    n_accounts = record["counts"]["n_accounts"]
    assert sum(record["tiers"].values()) == sum(record["rules"].values()) == n_accounts
    assert all(sum(n.values()) == n_accounts for n in record["signal_states"].values())


def test_what_was_not_read_is_named(record):
    assert record["unread_files"] == ["README.md", "truth/"]
    assert record["unknown_columns"] == {"accounts.csv": ["region"]}


def test_clock_times_come_from_the_caller(record):
    assert record["started_at"] == record["finished_at"] == "2026-07-01T12:00:00Z"


def test_seconds_name_reading_every_stage_and_writing(record):
    first, *stages, last = record["seconds"]
    assert (first, last) == ("read", "write")
    assert {"graph", "propagated", "decisions"} <= set(stages)
    assert record["peak_memory_bytes"] > 1_000_000


def test_hubs_are_those_with_the_most_accounts(record):
    sizes = [hub["n_accounts"] for hub in record["hubs"]]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 1


def test_quarantine_is_counted_by_file_and_code(tmp_path):
    (tmp_path / "accounts.csv").write_text("account_id\nA1\nA2\n\x07\n")
    (tmp_path / "transfers.csv").write_text(
        "from_account_id,to_account_id,at,amount_minor,currency\n"
        "A1,A9,2026-01-01,5,EUR\nA1,A1,2026-01-01,5,EUR\n"
    )
    dataset = read_dataset(tmp_path)
    assert quarantine_counts(dataset).rows() == [
        ("accounts.csv", "control_character", 1),
        ("transfers.csv", "dangling_reference", 1),
        ("transfers.csv", "self_link", 1),
    ]
    assert analysis_record(analyze(dataset), RUN)["rows"]["n_quarantined"] == 3
