"""Intake on many workers: what one machine reads, row by row, with the same set aside."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from graphrisk.intake.dataset import DatasetRefused
from graphrisk.intake.read import read_dataset
from graphrisk.report.tables import in_order
from graphrisk.spark.taking import parts_of, take
from tests.spark.blocks import InTurn

RECEIVED_AT = datetime(2026, 11, 1, tzinfo=UTC)
#: Accounts that are there twice, contradict each other, or can't be read; things in many
#: spellings; rows that name nobody, somebody set aside, or somebody of two kinds.
WIDE = {
    "accounts": """account_id,opened_at,employer,postcode
A1,2026-01-01,x,1\nA1,2026-01-01,x,1\nA2,2026-01-02,y,2\nA2,2026-02-02,z,2
A3,never,,3\n,2026-01-01,,4\nA4,2026-03-01,,5\nA5,2030-01-01,,6\n""",
    "identifiers": """account_id,kind,value,first_seen_at
A1,phone,+86 138 0013 8000,1767225600\nA1,phone,+8613800138000,1767225600
A2,phone,none,1767225600\nA2,device,d-1,1767225600000\nA3,device,d-1,1767225600
A9,email,a@example.org,1767225600\nA4,email,A@Example.org,1767225600
A4,email,A@Example.org,1767225600\n""",
}
LONG = {
    "entities": """entity_id,kind,attribute_x
A1,account,1\nA2,account,2.5\nA2,account,2.5\nX,account,3\nX,device,4\nD1,device,5
D2,device,6\n""",
    "links": """source_id,target_id,target_kind,relation,observed_at
A1,D1,,uses,2026-01-01\nA1,D1,device,uses,2026-01-01\nA2,D1,device,uses,2026-01-01
A1,X,,uses,2026-01-01\nA1,A1,account,transfer,2026-01-01\nA2,gone,device,uses,2026-01-01
A1,+8613800138000,phone,uses,2026-01-01\nA2,+8613800138000,phone,uses,2026-01-01\n""",
    "labels": """entity_id,label,known_at,severity
A1,bad,2026-02-01,0.1\nA1,bad,2026-02-01,0.1\nA1,bad,2026-02-01,0.2\nA2,good,2026-02-01,
X,bad,2026-02-01,\n""",
}


def written(folder: Path, tables: dict[str, str]) -> Path:
    folder.mkdir()
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


@pytest.fixture(params=["sample", "wide", "long"])
def book(request, tmp_path):
    if request.param == "sample":
        return Path("fixtures/demo_small")
    return written(tmp_path / "book", {"wide": WIDE, "long": LONG}[request.param])


@pytest.mark.parametrize("n_blocks", [1, 3, 16])
def test_every_row_meets_the_same_end(tmp_path, book, n_blocks):
    whole = read_dataset(book, received_at=RECEIVED_AT)
    root = tmp_path / "shared"
    taken = take(InTurn(root, n_blocks), str(book), None, RECEIVED_AT, None)
    assert taken.dataset.tallies == whole.tallies
    for name in ("quarantine", "unlinked", "spellings"):
        assert getattr(taken.dataset, name).equals(getattr(whole, name)), name
    for name in ("normalised", "columns", "unknown_columns", "unselected", "unread_files"):
        assert getattr(taken.dataset, name) == getattr(whole, name), name
    assert list(taken.dataset.tables) == list(whole.tables)
    for name, rows in whole.tables.items():
        stored = pl.read_parquet(parts_of(root, name))
        assert stored.equals(in_order(rows.rechunk())(0, rows.height)), name
    assert taken.newest_at == whole.newest_at


@pytest.mark.parametrize(
    "tables",
    [
        {"accounts": "account_id\n"},
        {"accounts": "id,opened\nA1,x\n"},
        {"nothing": "a\n1\n"},
        {**WIDE, "lenders": '"unclosed\n'},
    ],
    ids=["empty", "wrong columns", "no table", "one file of three"],
)
def test_a_book_is_refused_for_the_same_reasons(tmp_path, tables):
    book = written(tmp_path / "book", tables)
    with pytest.raises(DatasetRefused) as whole:
        read_dataset(book)
    with pytest.raises(DatasetRefused) as cut:
        take(InTurn(tmp_path / "shared", 3), str(book), None, None, None)
    assert cut.value.faults == whole.value.faults
    assert cut.value.dataset.quarantine.equals(whole.value.dataset.quarantine)
    assert cut.value.dataset.tallies == whole.value.dataset.tallies
