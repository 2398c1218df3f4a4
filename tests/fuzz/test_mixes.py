"""One to five faults at once: each is found where it is, and nothing else is touched.

Every fault goes into a row of its own, so that each row's fate is known beforehand.
"""

import csv
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.targets import conserved
from graphrisk.intake.read import read_dataset

N_ROWS = 12
HEADERS = {
    "accounts": ("account_id", "opened_at", "status"),
    "identifiers": ("account_id", "kind", "value", "first_seen_at", "last_seen_at"),
    "transfers": ("from_account_id", "to_account_id", "at", "amount_minor", "currency"),
    "links": ("source_id", "target_id", "relation", "source_kind", "target_kind", "weight"),
    "labels": ("entity_kind", "entity_id", "label", "known_at", "expires_at", "source"),
}


def clean_row(table: str, n: int) -> list[str]:
    """A row without a fault; accounts from ``b00`` on are named by no other row."""
    day = f"2024-03-{n + 1:02}T08:00:00Z"
    return {
        "accounts": [f"b{n:02}", day, "active"],
        "identifiers": ["a1", "phone", f"+86139927433{n:02}", day, day],
        "transfers": ["a1", "a2", day, str(100 + n), "CNY"],
        "links": ["a1", f"d{n}", "uses_device", "account", "device", "0.5"],
        "labels": ["account", "a1", "bad", day, "", f"bureau_{n}"],
    }[table]


@dataclass(frozen=True)
class Spoilt:
    """One cell of one table, and what becomes of its row."""

    table: str
    column: str
    cell: str
    fate: str  # a fault code, a NoLink code, or "" for accepted


FAULTS = [
    Spoilt("accounts", "account_id", "", "missing_value"),
    Spoilt("accounts", "account_id", "1.23E+15", "id_not_text"),
    Spoilt("accounts", "account_id", "a\u200b9", "control_character"),
    Spoilt("accounts", "account_id", "x" * 257, "id_too_long"),
    Spoilt("accounts", "account_id", "\u0430lice", "mixed_script"),
    Spoilt("accounts", "account_id", " \uff21\uff19 ", ""),
    Spoilt("accounts", "opened_at", "soon", "bad_time"),
    Spoilt("accounts", "opened_at", "45292", "bad_time"),
    Spoilt("accounts", "opened_at", "2016-12-31T23:59:60Z", "bad_time"),
    Spoilt("accounts", "opened_at", "9999-12-31", ""),
    Spoilt("accounts", "status", 'a "quoted"\nline', ""),
    Spoilt("identifiers", "account_id", "nobody", "dangling_reference"),
    Spoilt("identifiers", "kind", "fax", "not_in_vocabulary"),
    Spoilt("identifiers", "value", "unknown", "placeholder"),
    Spoilt("identifiers", "value", "0000000000", "repeated_digit"),
    Spoilt("identifiers", "value", "139****3369", "masked_value"),
    Spoilt("identifiers", "value", "+86 1", "malformed_value"),
    Spoilt("identifiers", "value", "+86 138 9274 3399", ""),
    Spoilt("identifiers", "last_seen_at", "2001-01-01T00:00:00Z", "time_out_of_order"),
    Spoilt("transfers", "to_account_id", "a1", "self_link"),
    Spoilt("transfers", "amount_minor", "-5", "negative_amount"),
    Spoilt("transfers", "amount_minor", "1_000", "wrong_type"),
    Spoilt("transfers", "amount_minor", "9" * 5_000, "wrong_type"),
    Spoilt("transfers", "currency", "", "amount_without_currency"),
    Spoilt("transfers", "currency", "RMB", "bad_currency"),
    Spoilt("links", "weight", "NaN", "weight_out_of_range"),
    Spoilt("links", "weight", "-0.0", ""),
    Spoilt("links", "target_id", "N/A", "placeholder"),
    Spoilt("links", "relation", "x`]->() DELETE n", "not_in_vocabulary"),
    Spoilt("labels", "label", "rude", "not_in_vocabulary"),
    Spoilt("labels", "expires_at", "2001-01-01T00:00:00Z", "time_out_of_order"),
    Spoilt("labels", "source", "", ""),
]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(FAULTS), min_size=1, max_size=5, unique=True), st.data())
def test_each_fault_is_found_where_it_is_and_nothing_else_is_touched(
    tmp_path_factory, faults, data
):
    folder = tmp_path_factory.mktemp("mix")
    tables = {table: [clean_row(table, n) for n in range(N_ROWS)] for table in HEADERS}
    expected = set()
    free = {table: list(data.draw(st.permutations(range(N_ROWS)))) for table in HEADERS}
    for fault in faults:
        n = free[fault.table].pop()
        tables[fault.table][n][HEADERS[fault.table].index(fault.column)] = fault.cell
        expected |= {(fault.table, n, fault.fate)} if fault.fate else set()
    tables["accounts"] = [["a1", "", ""], ["a2", "", ""], *tables["accounts"]]
    lines = {table: write(folder, table, rows) for table, rows in tables.items()}

    dataset = read_dataset(folder)
    conserved(dataset)
    found = {
        (table, lines[table].index(line) - (2 if table == "accounts" else 0), code)
        for records in (dataset.quarantine, dataset.unlinked)
        for table, line, code in records.select("table", "line", "code").rows()
    }
    assert found == expected
    assert sum(tally.n_rows_read for tally in dataset.tallies) == sum(map(len, tables.values()))


def write(folder, table, rows) -> list[int]:
    """Write a table; return the physical line on which each row starts."""
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([HEADERS[table], *rows])
    lines, line = [], 2
    for row in rows:
        lines.append(line)
        line += 1 + sum(cell.count("\n") for cell in row)
    return lines
