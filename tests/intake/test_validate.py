"""Identical rows, conflicting keys, and the promise that all of it balances in any order."""

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphrisk.errors import IntegrityFailure
from graphrisk.intake.dataset import FileTally
from graphrisk.intake.read import read_dataset


def test_an_identical_row_is_a_duplicate_after_normalising(folder):
    folder.write("accounts", "account_id,opened_at,note", "a1,2024-01-01,x",
                 " a1,2024-01-01T00:00:00Z,y", "a2,,")  # fmt: skip
    (tally,) = folder.read().tallies
    assert (tally.n_accepted, tally.n_duplicates, tally.n_quarantined) == (2, 1, 0)


def test_events_that_differ_in_any_column_are_records_of_their_own(folder):
    folder.write("accounts", "account_id", "a1", "a2")
    folder.write("transfers", "from_account_id,to_account_id,at,amount_minor,currency",
                 "a1,a2,2024-01-01,100,EUR", "a1,a2,2024-01-01,200,EUR",
                 "a1,a2,2024-01-01,100,EUR")  # fmt: skip
    dataset = folder.read()
    assert dataset.tables["transfers"]["amount_minor"].to_list() == [100, 200]
    assert dataset.tallies[1].n_duplicates == 1


@pytest.mark.parametrize("in_order", [True, False])
def test_of_rows_with_one_key_the_newest_is_kept(folder, in_order):
    rows = ["a1,2024-01-01,old", "a1,2024-01-02,new", "a1,,undated"]
    folder.write("accounts", "account_id,opened_at,status", *rows[:: 1 if in_order else -1])
    dataset = folder.read()
    assert dataset.tables["accounts"]["status"].to_list() == ["new"]
    assert dataset.quarantine["code"].to_list() == ["conflicting_key"] * 2


@pytest.mark.parametrize("in_order", [True, False])
def test_a_tie_is_settled_by_content_and_not_by_order(folder, in_order):
    rows = ["a1,closed", "a1,open", "a1,"]
    folder.write("accounts", "account_id,status", *rows[:: 1 if in_order else -1])
    assert folder.read().tables["accounts"]["status"].to_list() == ["open"]


def test_a_later_report_of_an_instalment_replaces_the_earlier_one(folder):
    folder.write("repayments", "account_id,lender_id,due_at,paid_at,amount_due_minor,currency",
                 "a1,l1,2024-01-01,2024-01-03,100,EUR", "a1,l1,2024-01-01,,100,EUR")  # fmt: skip
    dataset = folder.read()
    assert dataset.tables["repayments"]["paid_at"].null_count() == 0
    assert dataset.quarantine.select("line", "code").rows() == [(3, "conflicting_key")]


def test_a_tally_that_does_not_balance_is_an_integrity_failure():
    tally = FileTally("accounts.csv", "accounts", "", 3, 3, 1, 1, 0)
    with pytest.raises(IntegrityFailure, match="3 rows read for accounts, 2 accounted for"):
        tally.check()


CELL = st.sampled_from
ACCOUNTS = st.lists(
    st.tuples(CELL(["a1", "a2", " a3", "", "1E+05", "a\x00"]),
              CELL(["", "2024-01-01", "2024-01-02T00:00:00Z", "soon"]),
              CELL(["", "open", "closed"])),
    max_size=12,
)  # fmt: skip
LINKS = st.lists(
    st.tuples(CELL(["a0", "a1", "a2", "a3", "p1", ""]), CELL(["a0", "a1", "d1", "zz"]),
              CELL(["uses", "Uses", "no word"]), CELL(["", "0.5", "2", "NaN"]),
              CELL(["", "2024-01-01", "2024-01-02"]), CELL(["", "2024-01-01", "1"])),
    max_size=12,
)  # fmt: skip
LABELS = st.lists(
    st.tuples(CELL(["", "account", "ip", "device", "?"]), CELL(["a0", "a1", "d1", "x"]),
              CELL(["bad", "BAD", "good", "rude"]), CELL(["", "2024-01-01"])),
    max_size=12,
)  # fmt: skip


def _tables(accounts, links, labels):
    """Build tables of text; account ``a0`` and device ``d1`` are always there."""
    schemas = {
        "accounts": ("account_id", "opened_at", "status"),
        "links": ("source_id", "target_id", "relation", "weight", "first_seen_at", "last_seen_at"),
        "labels": ("entity_kind", "entity_id", "label", "known_at"),
    }
    rows = {"accounts": [("a0", "", ""), *accounts], "links": links, "labels": labels}
    tables = {
        name: pl.DataFrame(rows[name], schema=dict.fromkeys(schema, pl.String), orient="row")
        for name, schema in schemas.items()
    }
    devices = pl.DataFrame({"entity_id": ["d1"], "kind": ["device"]})
    return tables | {"entities": devices}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ACCOUNTS, LINKS, LABELS, st.randoms(use_true_random=False))
def test_rows_balance_and_their_order_does_not_matter(accounts, links, labels, random):
    first = read_dataset(_tables(accounts, links, labels))
    for tally in first.tallies:
        n_settled = tally.n_accepted + tally.n_duplicates + tally.n_quarantined
        assert n_settled == tally.n_rows_read == tally.n_rows_in_file
        records = first.quarantine.filter(file=tally.file, table=tally.table)
        assert records["line"].n_unique() == tally.n_quarantined
        unlinked = first.unlinked.filter(file=tally.file, table=tally.table)
        assert unlinked.height == unlinked["line"].n_unique() == tally.n_unlinked
        assert first.tables[tally.table].height + tally.n_unlinked == tally.n_accepted

    shuffled = [random.sample(rows, len(rows)) for rows in (accounts, links, labels)]
    second = read_dataset(_tables(*shuffled))
    assert second.tallies == first.tallies
    assert second.normalised == first.normalised
    for name, table in first.tables.items():
        assert table.sort(table.columns).equals(second.tables[name].sort(table.columns))
