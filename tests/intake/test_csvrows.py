"""No row passes in silence, and every report names the physical line."""

import pytest


def test_a_ragged_row_is_set_aside_with_its_line(folder):
    folder.write("accounts", "account_id,status", "a1,x", "a2", "a3,x,y", "a4,x")
    dataset = folder.read()
    assert dataset.tables["accounts"]["account_id"].to_list() == ["a1", "a4"]
    assert dataset.quarantine["line"].to_list() == [3, 4]
    assert dataset.quarantine["code"].to_list() == ["ragged_row", "ragged_row"]
    assert "3 where the header has 2" in dataset.quarantine["reason"][1]
    (tally,) = dataset.tallies
    assert (tally.n_rows_in_file, tally.n_rows_read, tally.n_quarantined) == (4, 4, 2)


def test_lines_are_physical_after_cells_that_hold_line_ends(folder):
    folder.write("accounts", 'account_id,status,"a', 'note"', 'a1,"two', 'lines",', "a2,x,",
                 "a3", '"",x,"', '', '"', ",x,")  # fmt: skip
    assert folder.faults() == [
        ("accounts.csv", 6, "", "ragged_row"),
        ("accounts.csv", 7, "account_id", "missing_value"),
        ("accounts.csv", 10, "account_id", "missing_value"),
    ]


def test_a_line_end_in_a_column_that_is_not_stored_still_counts(folder):
    folder.write("accounts", "account_id,note", 'a1,"one', 'two"', ",x")
    assert folder.faults() == [("accounts.csv", 4, "account_id", "missing_value")]


def test_a_ragged_row_may_itself_hold_line_ends(folder):
    folder.write("accounts", "account_id,status", 'a1,"one', 'two",three', ",x", "a2,")
    assert folder.faults() == [
        ("accounts.csv", 2, "", "ragged_row"),
        ("accounts.csv", 4, "account_id", "missing_value"),
    ]


def test_blank_lines_are_not_rows_but_count_as_lines(folder):
    folder.write("accounts", "account_id,status", "", "a1,x", "\r", ",", "", "")
    dataset = folder.read()
    assert dataset.tallies[0].n_rows_in_file == 2
    assert dataset.quarantine.select("line", "code").rows() == [(5, "missing_value")]


def test_blank_lines_in_a_table_of_one_column(folder):
    folder.write("accounts", "account_id", "a1", "", '""', "a2", "")
    dataset = folder.read()
    assert dataset.tables["accounts"].height == 2
    assert dataset.quarantine.select("line", "code").rows() == [(4, "missing_value")]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_any_line_end_will_do(folder, line_end):
    rows = (b"account_id,status", b"a1,x", b",x", b"a3,x", b"")
    (folder.path / "accounts.csv").write_bytes(line_end.join(rows))
    dataset = folder.read()
    assert dataset.tables["accounts"].height == 2
    assert dataset.quarantine["line"].to_list() == [3]


@pytest.mark.parametrize(
    "rows",
    [
        ("a1,x", 'a2,"y', "a3,x", "a4,x"),
        ("a1,x", 'a2,"y', "a3,x", 'a4,"z', "a5,x"),
        ('"a1,x',) + ("a2,x",) * 3_000_000,
    ],
    ids=["open to the end", "closed by the next quote", "longer than a block"],
)
def test_a_quote_that_never_closes_swallows_no_rows(folder, rows):
    folder.write("accounts", "account_id,status", *rows)
    (fault,) = folder.refused().faults
    assert fault.startswith("accounts.csv: ")
    assert "quotes" in fault


def test_a_quote_inside_a_cell_is_a_character(folder):
    folder.write("accounts", "account_id,status", 'a1,5" screen', 'a2,"say ""hi"" twice"')
    assert folder.read().tables["accounts"]["status"].to_list() == ['5" screen', 'say "hi" twice']


def test_bytes_that_are_not_utf8_set_their_row_aside(folder):
    folder.write("accounts", "account_id,status,note", b"a1,\xff,", b"a\xe92,x,", "a3,\u59d3,",
                 b"a4,x,\xfe", b"a5,\xed\xa0\x80,")  # fmt: skip
    dataset = folder.read()
    assert dataset.quarantine.select("line", "column", "code").rows() == [
        (2, "status", "bad_utf8"),
        (3, "account_id", "bad_utf8"),
        (6, "status", "bad_utf8"),
    ]
    assert dataset.tables["accounts"]["account_id"].to_list() == ["a3", "a4"]


def test_bad_bytes_in_a_ragged_row_do_not_stop_the_reading(folder):
    folder.write("accounts", "account_id,status", b"a1,\xff,\xff", "a2,x")
    assert folder.faults() == [("accounts.csv", 2, "", "ragged_row")]


def test_only_the_empty_cell_is_missing(folder):
    folder.write("accounts", "account_id,status", "NA,null", "null,", '007," "', "nan,None")
    assert folder.read().tables["accounts"].select("account_id", "status").rows() == [
        ("NA", "null"),
        ("null", None),
        ("007", None),
        ("nan", "None"),
    ]
