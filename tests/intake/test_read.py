"""Folders, what is missing in them, and what a dataset says of itself."""

from datetime import UTC, datetime

import polars as pl
import pytest

from graphrisk.errors import ExitCode, InputRefused, UsageError
from graphrisk.intake.columns import TABLES
from graphrisk.intake.dataset import DatasetRefused
from graphrisk.intake.read import read_dataset


@pytest.mark.parametrize("name", ["nowhere", "accounts.csv"])
def test_the_source_is_a_folder(folder, name):
    with pytest.raises(InputRefused, match="expected: a folder"):
        read_dataset(folder.path / name)


def test_a_dataset_without_an_account_says_what_was_looked_for_and_found(folder):
    (folder.path / "accounts.csv").rename(folder.path / "acounts.csv")
    refused = folder.refused()
    (fault,) = refused.faults
    assert "looked for accounts.csv, accounts.parquet, entities.csv" in fault
    assert "found acounts.csv" in fault
    assert str(folder.path) in fault
    assert refused.exit_code is ExitCode.REFUSED


def test_a_dataset_whose_accounts_are_all_quarantined_says_so(folder):
    folder.write("accounts", "account_id,status", ",x", ",y")
    refused = folder.refused()
    assert "2 rows that could be accounts are quarantined" in refused.faults[0]
    assert refused.dataset.quarantine.height == 2


def test_entities_of_kind_account_are_accounts(folder):
    (folder.path / "accounts.csv").unlink()
    folder.write("entities", "entity_id,kind", "a1,account")
    assert folder.codes() == []


def test_one_table_in_two_files_is_refused(folder):
    pl.DataFrame({"account_id": ["a1"]}).write_parquet(folder.path / "accounts.parquet")
    assert "the same table twice" in folder.refused().faults[0]


def test_files_that_no_table_reads_are_reported_and_sub_folders_are_not_entered(folder):
    folder.write("notes.txt", "x").write(".hidden", "x")
    (folder.path / "older").mkdir()
    assert folder.read().unread_files == ("notes.txt",)


def test_every_column_of_a_table_is_there_with_its_dtype(folder):
    for name, table in TABLES.items():
        if name != "accounts":
            required = [column.name for column in table.columns if column.required]
            folder.write(name, ",".join(required))
    dataset = folder.read()
    assert list(dataset.tables) == list(TABLES)
    for name, rows in dataset.tables.items():
        assert dict(rows.schema) == TABLES[name].schema


def test_the_newest_time_is_that_of_an_event(folder):
    assert folder.read().newest_at is None
    folder.write("accounts", "account_id,opened_at", "a1,2024-01-01")
    folder.write("labels", "entity_id,label,known_at,expires_at", "a1,bad,2024-02-01,2030-01-01",
                 "a2,bad,2029-01-01,")  # fmt: skip
    folder.write("repayments", "account_id,lender_id,due_at", "a1,l1,2031-01-01")
    assert folder.read().newest_at == datetime(2024, 2, 1, tzinfo=UTC)


def test_what_lies_ahead_of_the_moment_of_reading_is_set_aside(folder):
    folder.write("accounts", "account_id,opened_at", "a1,2024-01-01", "a2,2024-01-02")
    received_at = datetime(2024, 1, 1, tzinfo=UTC)
    assert folder.faults(received_at=received_at) == [
        ("accounts.csv", 3, "opened_at", "future_time")
    ]
    with pytest.raises(UsageError, match="no time zone"):
        folder.read(received_at=datetime(2024, 1, 1))


def test_a_message_lists_every_fault(folder):
    folder.write("labels", "x").write("links", "y")
    with pytest.raises(DatasetRefused) as caught:
        folder.read()
    assert str(caught.value).count("\n  - ") == len(caught.value.faults) == 5
