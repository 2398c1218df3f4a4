"""What is in a folder, or among DataFrames, under a name that is nearly that of a table."""

import hashlib
import os

import polars as pl
import pytest

from graphrisk.errors import UsageError, harmless
from graphrisk.intake.dataset import DatasetRefused
from graphrisk.intake.read import read_dataset


def test_sub_folders_with_tables_are_named(folder):
    (folder.path / "2024").mkdir()
    (folder.path / "2024" / "labels.csv").touch()
    assert folder.read().unread_files == ("2024/",)


@pytest.mark.parametrize("name", ["Labels.csv", "labels.CSV", "LABELS.Parquet"])
def test_a_name_in_other_capitals_is_refused(folder, name):
    folder.write(name, "entity_id,label")
    assert folder.refused().faults[0].startswith(f"{name}: is not read under this name")


@pytest.mark.parametrize("name", ["labels", "labels.csv", "labels.parquet"])
def test_a_folder_of_parts_is_refused(folder, name):
    (folder.path / name).mkdir()
    (folder.path / name / "part-0.parquet").touch()
    assert "a folder in place of a table" in folder.refused().faults[0]


def test_checksums_may_be_in_capitals_and_have_a_point_and_a_star(folder):
    sha256 = hashlib.sha256((folder.path / "accounts.csv").read_bytes()).hexdigest()
    for line in (f"{sha256.upper()} *accounts.csv", f"{sha256}  ./accounts.csv\r"):
        assert folder.write("SHA256SUMS", line).read().tables["accounts"].height == 1


def test_one_table_under_two_names_is_refused():
    table = pl.DataFrame({"account_id": ["a1"]})
    with pytest.raises(DatasetRefused) as caught:
        read_dataset({"accounts": table, "accounts.csv": table})
    assert "the same table twice" in caught.value.faults[0]


def test_a_file_that_the_system_keeps_closed_is_a_fault(folder, monkeypatch):
    folder.write("labels", "entity_id,label", "a1,bad")
    opened = type(folder.path).open

    def refuse(path, *arguments, **options):
        if path.name == "labels.csv":
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **options)

    monkeypatch.setattr(type(folder.path), "open", refuse)
    assert folder.refused().faults[0] == (
        "labels.csv: can't be read (Permission denied); expected: a file that you may read; "
        "next: ask for permission, or copy the file"
    )


def test_messages_show_nothing_that_moves_a_cursor():
    name = os.fsdecode(b"x\xff\x1b[31m\ny")
    assert harmless(name, one_line=True) == "x??[31m?y"
    assert str(UsageError(name, hint="\u202e")) == "x??[31m\ny; next: ?"
