"""Rules between the cells of one row."""

import pytest


@pytest.mark.parametrize(
    ("table", "header", "row", "column"),
    [
        ("identifiers", "account_id,kind,value,first_seen_at,last_seen_at",
         "a1,phone,1,2024-02-01,2024-01-31", "last_seen_at"),
        ("labels", "entity_id,label,known_at,expires_at",
         "a1,bad,2024-02-01,2024-01-31", "expires_at"),
    ],
)  # fmt: skip
def test_times_stand_in_order(folder, table, header, row, column):
    folder.write(table, header, row)
    assert folder.faults() == [(f"{table}.csv", 2, column, "time_out_of_order")]


def test_equal_times_are_in_order(folder):
    folder.write("labels", "entity_id,label,known_at,expires_at", "a1,bad,2024-01-01,2024-01-01")
    assert folder.codes() == []


HEADER = "account_id,lender_id,due_at,amount_due_minor,amount_paid_minor,currency"


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        ("100,,EUR", []),
        (",,", []),
        (",,EUR", []),
        ("100,,", ["amount_without_currency"]),
        (",50,", ["amount_without_currency"]),
        ("-100,,", ["negative_amount", "amount_without_currency"]),
        ("100,,euros", ["bad_currency"]),
    ],
)
def test_an_amount_names_its_currency(folder, cells, codes):
    folder.write("repayments", HEADER, f"a1,l1,2024-01-01,{cells}")
    assert folder.codes() == codes


def test_a_row_with_two_faults_has_two_records_and_counts_once(folder):
    folder.write("accounts", "account_id,opened_at,status", "a1,,", ",soon,bell\x07")
    dataset = folder.read()
    assert dataset.quarantine["column"].to_list() == ["account_id", "opened_at", "status"]
    assert dataset.tallies[0].n_quarantined == 1
