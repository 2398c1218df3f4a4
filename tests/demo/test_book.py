"""What a book is: whole, consistent, repeatable, and truthful about its own truth."""

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from graphrisk.demo.book import AS_OF, write_book
from graphrisk.demo.folder import replaced_whole
from graphrisk.demo.roles import Role
from graphrisk.errors import UsageError
from graphrisk.model.kinds import GOOD_LABELS, IDENTIFIER_KINDS, LabelKind

FIXTURE = Path(__file__).parents[2] / "fixtures" / "demo_small"
COLUMNS = {
    "accounts": "account_id opened_at status region",
    "devices": "device_id usage",
    "lenders": "lender_id",
    "identifiers": "account_id kind value first_seen_at last_seen_at source",
    "applications": "application_id account_id lender_id applied_at amount_minor currency outcome "
    "source",
    "repayments": "account_id lender_id due_at paid_at amount_due_minor amount_paid_minor currency "
    "source",
    "transfers": "from_account_id to_account_id at amount_minor currency",
    "guarantees": "guarantor_id borrower_id at amount_minor currency",
    "assessments": "account_id source measure value as_of",
    "labels": "entity_kind entity_id label severity event_at known_at expires_at source",
}
MAY_LIE_AHEAD = {"due_at": timedelta(days=30), "expires_at": timedelta(days=6 * 365)}


def bytes_of(folder: Path) -> dict[str, bytes]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def columns_of(book, pattern):
    """Every column whose name matches, as (table, column, values)."""
    for name in COLUMNS:
        for column in book[name].select(f"^{pattern}$"):
            yield name, column.name, column


def test_tables_have_the_standard_columns(any_book):
    for name, columns in COLUMNS.items():
        table = any_book[name]
        assert table.columns == columns.split()
        assert table.height == any_book.summary.n_rows[name]


def test_every_reference_exists(any_book):
    known = {
        "account": set(any_book["accounts"]["account_id"]),
        "device": set(any_book["devices"]["device_id"]),
        "lender": set(any_book["lenders"]["lender_id"]),
        "phone": set(any_book.uses("phone")["value"]),
    }
    accounts = r".*account_id|guarantor_id|borrower_id"
    for name, column, values in columns_of(any_book, f"({accounts})"):
        assert set(values) <= known["account"], (name, column)
    for name, _, values in columns_of(any_book, "lender_id"):
        assert set(values) <= known["lender"], name
    assert set(any_book.uses("device")["value"]) == known["device"]
    for (kind,), labels in any_book["labels"].group_by("entity_kind"):
        assert set(labels["entity_id"]) <= known[kind]
    assert set(any_book.truth["account_id"]) == known["account"]


def test_ids_are_unique(any_book):
    for name, column in (
        ("accounts", "account_id"),
        ("devices", "device_id"),
        ("lenders", "lender_id"),
        ("applications", "application_id"),
        ("truth/accounts", "account_id"),
    ):
        assert any_book[name][column].is_unique().all()


def test_nothing_happens_after_the_as_of_date(any_book):
    for name, column, values in columns_of(any_book, "(.*_at|at|as_of)"):
        assert values.dtype == pl.Datetime("us", "UTC"), (name, column)
        latest = values.drop_nulls().max()
        assert latest is None or latest <= AS_OF + MAY_LIE_AHEAD.get(column, timedelta(0))
        assert values.drop_nulls().min() >= AS_OF - timedelta(days=731)


def test_events_follow_the_opening_of_the_account(any_book):
    opened = any_book["accounts"].select("account_id", "opened_at")
    for name, column in (
        ("applications", "applied_at"),
        ("identifiers", "first_seen_at"),
        ("repayments", "due_at"),
        ("assessments", "as_of"),
    ):
        rows = any_book[name].join(opened, on="account_id")
        assert (rows[column] >= rows["opened_at"]).all(), name
    for name, columns in (
        ("transfers", ("from_account_id", "to_account_id")),
        ("guarantees", ("guarantor_id", "borrower_id")),
    ):
        for column in columns:
            rows = any_book[name].join(opened, left_on=column, right_on="account_id")
            assert (rows["at"] >= rows["opened_at"]).all(), (name, column)


def test_values_are_valid(any_book):
    identifiers, labels = any_book["identifiers"], any_book["labels"]
    assert (identifiers["first_seen_at"] <= identifiers["last_seen_at"]).all()
    assert set(identifiers["kind"]) == {str(kind) for kind in IDENTIFIER_KINDS}
    assert labels["severity"].drop_nulls().is_between(0, 1).all()
    assert set(labels["label"]) <= {str(kind) for kind in LabelKind}
    assert (labels["event_at"] <= labels["known_at"]).all()
    transfers, guarantees = any_book["transfers"], any_book["guarantees"]
    assert (transfers["from_account_id"] != transfers["to_account_id"]).all()
    assert (guarantees["guarantor_id"] != guarantees["borrower_id"]).all()
    for name, column, values in columns_of(any_book, "amount.*_minor"):
        assert values.dtype == pl.Int64
        least = 0 if column == "amount_paid_minor" else 1
        assert values.min() >= least, (name, column)
    repayments = any_book["repayments"]
    assert (repayments["paid_at"].is_null() == (repayments["amount_paid_minor"] == 0)).all()


def test_card_numbers_pass_the_luhn_check(any_book):
    digits = [[int(digit) for digit in card] for card in any_book.uses("bank_card")["value"][:200]]
    for card in digits:
        doubled = [sum(divmod(2 * digit, 10)) for digit in card[-2::-2]]
        assert (sum(doubled) + sum(card[-1::-2])) % 10 == 0
        assert 16 <= len(card) <= 19


def test_ip_addresses_are_public_and_well_formed(any_book):
    parts = any_book.uses("ip").select(pl.col("value").str.split(".").cast(pl.List(pl.Int64)))
    octets = parts.to_series().list.to_struct(fields=["a", "b", "c", "d"]).struct.unnest()
    assert octets.select(pl.all().is_between(0, 255).all()).row(0) == (True,) * 4
    assert octets["d"].is_between(1, 254).all()
    assert not set(octets["a"]) & {0, 10, 100, 127, 169, 172, 192, 198, 203, *range(224, 256)}


def test_every_role_occurs(any_book):
    counts = dict(any_book.truth["role"].value_counts().iter_rows())
    assert counts == any_book.summary.n_roles
    assert set(counts) == {str(role) for role in Role}


def test_labels_know_half_of_the_bad_and_rarely_err(book):
    truth = book.truth
    assert 0.025 < truth["is_bad"].mean() < 0.035
    labels = book["labels"].filter(pl.col("entity_kind") == "account")
    in_force = labels.filter(pl.col("expires_at").is_null() | (pl.col("expires_at") > AS_OF))
    good = in_force.filter(pl.col("label").is_in([str(kind) for kind in GOOD_LABELS]))
    bad = in_force.filter(~pl.col("label").is_in([str(kind) for kind in GOOD_LABELS]))
    is_bad = truth["is_bad"]
    labelled_bad = truth["account_id"].is_in(bad["entity_id"].implode())
    labelled_good = truth["account_id"].is_in(good["entity_id"].implode())
    assert 0.4 < labelled_bad.filter(is_bad).mean() < 0.6
    assert 0.20 < labelled_good.filter(~is_bad).mean() < 0.25
    assert 0 < labelled_bad.filter(~is_bad).mean() < 0.002
    assert 0 < labelled_good.filter(is_bad).mean() < 0.02
    assert (truth["is_labelled"] == (labelled_bad | labelled_good)).all()
    assert labels.height > in_force.height, "some old labels have expired"
    assert {"device", "lender", "phone"} < set(book["labels"]["entity_kind"])


def test_an_account_has_about_ten_links(book):
    n = book.truth.height
    per_account = {name: book.summary.n_rows[name] / n for name in COLUMNS}
    assert 7.0 < per_account["identifiers"] < 8.5
    assert 1.7 < per_account["applications"] < 2.3
    assert 2.3 < per_account["repayments"] < 3.5
    assert 0.8 < per_account["transfers"] < 1.2
    users = book["identifiers"].group_by("kind", "value").agg(n=pl.col("account_id").n_unique())
    assert (users["n"] == 1).mean() > 0.8, "most identifiers are private"


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    for file_format in ("csv", "parquet"):
        for name in ("one", "two"):
            write_book(tmp_path / name, n_accounts=300, seed=11, file_format=file_format)
        assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")
    write_book(tmp_path / "two", n_accounts=300, seed=12, file_format="parquet")
    assert bytes_of(tmp_path / "one") != bytes_of(tmp_path / "two")


def test_csv_and_parquet_say_the_same(tmp_path):
    write_book(tmp_path / "csv", n_accounts=250, seed=5)
    write_book(tmp_path / "parquet", n_accounts=250, seed=5, file_format="parquet")
    for name in (*COLUMNS, "truth/accounts"):
        table = pl.read_parquet(tmp_path / "parquet" / f"{name}.parquet")
        text = pl.read_csv(tmp_path / "csv" / f"{name}.csv", infer_schema=False)
        times = pl.selectors.datetime().dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert table.with_columns(times).with_columns(pl.all().cast(pl.String)).equals(text), name


def test_the_truth_has_its_own_folder(tmp_path):
    write_book(tmp_path / "book", n_accounts=200, seed=0)
    top = {path.name for path in (tmp_path / "book").iterdir()}
    assert top == {f"{name}.csv" for name in COLUMNS} | {"truth", "README.md"}
    readme = (tmp_path / "book" / "README.md").read_text()
    assert "seed 0" in readme
    assert "2026-06-30T00:00:00Z" in readme


def test_the_small_fixture_is_up_to_date(tmp_path):
    write_book(tmp_path / "demo_small", n_accounts=600, seed=7)
    assert bytes_of(tmp_path / "demo_small") == bytes_of(FIXTURE)


@pytest.mark.parametrize("n_accounts", [-1, 0, 199, 20_000_001])
def test_a_book_of_impossible_size_is_refused(tmp_path, n_accounts):
    with pytest.raises(UsageError, match=f"{n_accounts} accounts.*expected: 200 to.*next: "):
        write_book(tmp_path / "book", n_accounts=n_accounts, seed=0)
    assert list(tmp_path.iterdir()) == []


def test_a_negative_seed_and_an_unknown_format_are_refused(tmp_path):
    with pytest.raises(UsageError, match="seed -1"):
        write_book(tmp_path / "book", n_accounts=200, seed=-1)
    with pytest.raises(UsageError, match="csv or parquet"):
        write_book(tmp_path / "book", n_accounts=200, seed=0, file_format="xlsx")


def test_only_an_empty_folder_or_an_earlier_book_is_replaced(tmp_path):
    folder = tmp_path / "book"
    folder.mkdir()
    write_book(folder, n_accounts=200, seed=0)
    write_book(folder, n_accounts=200, seed=1, file_format="parquet")
    assert not list(folder.glob("*.csv"))
    (folder / "notes.txt").write_text("mine")
    before = bytes_of(folder)
    with pytest.raises(UsageError, match="holds something else"):
        write_book(folder, n_accounts=200, seed=2)
    with pytest.raises(UsageError, match="is a file"):
        write_book(folder / "notes.txt", n_accounts=200, seed=2)
    assert bytes_of(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["book"]


def test_a_failed_write_leaves_the_earlier_book(tmp_path):
    folder = tmp_path / "book"
    write_book(folder, n_accounts=200, seed=0)
    before = bytes_of(folder)
    with pytest.raises(RuntimeError, match="disk"), replaced_whole(folder) as partial:
        (partial / "accounts.csv").write_text("half")
        raise RuntimeError("disk is full")
    assert bytes_of(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["book"]
