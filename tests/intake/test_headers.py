"""Names of columns that are spelt otherwise."""

import pandas as pd
import polars as pl

from graphrisk.intake.headers import named_columns
from graphrisk.intake.read import read_dataset


def test_capitals_spaces_and_hyphens_are_read_and_counted(folder):
    folder.write("accounts", "Account ID, opened-at ,STATUS", "a1,2024-01-01T00:00:00Z,x")
    dataset = folder.read()
    assert dataset.tables["accounts"]["status"].to_list() == ["x"]
    assert dataset.unknown_columns == {}
    assert dataset.normalised == {
        "accounts.account_id:header_spelling": 1,
        "accounts.opened_at:header_spelling": 1,
        "accounts.status:header_spelling": 1,
    }


def test_two_that_are_alike_are_neither_of_them_read(folder):
    folder.write("accounts", "account_id,Status,STATUS", "a1,x,y")
    dataset = folder.read()
    assert dataset.tables["accounts"]["status"].to_list() == [None]
    assert dataset.unknown_columns == {"accounts.csv": ("Status", "STATUS")}


def test_a_column_that_is_there_as_it_should_be_is_the_one(folder):
    folder.write("accounts", "account_id,ACCOUNT_ID", "a1,a2")
    assert folder.read().unknown_columns == {"accounts.csv": ("ACCOUNT_ID",)}


def test_frames_are_read_alike_and_not_changed():
    for make in (pd.DataFrame, pl.DataFrame):
        table = make({"Account ID": ["a1"]})
        assert read_dataset({"accounts": table}).tables["accounts"].height == 1
        assert list(table.columns) == ["Account ID"]


def test_a_header_that_is_data_is_not_repeated_in_clear():
    said = named_columns(("13812349876", "someone@example.com", "status", "n" * 500))
    assert said == f"****, ****, status, {'n' * 60}"
    assert named_columns(tuple("abcdefghijklmnopqrstuvwxyz")).endswith("t and 6 more")
