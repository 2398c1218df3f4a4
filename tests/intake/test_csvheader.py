"""Files that can't be used are refused with what was found, expected, and what to do next."""

import hashlib

import pytest


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\n", "is empty"),
        (b"\n", "is empty"),
        ("account_id\na1\n".encode("utf-16"), "UTF-16"),
        ("account_id\na1\n".encode("utf-16-le"), "UTF-16"),
        ("account_id,\u59d3\u540d\na1,x\n".encode("gb18030"), "GB18030"),
        (b"account_id,na\xefve\na1,x\n", "not UTF-8"),
        (b"PK\x03\x04rest of a spreadsheet", "spreadsheet"),
        (b"account_id,status,account_id\na1,x,a1\n", "'account_id' more than once"),
        (b"account_id, account_id \na1,a1\n", "'account_id' more than once"),
        (b"account_id;status\na1;x\n", "a semicolon"),
        (b"account_id\tstatus\na1\tx\n", "a tab"),
        (b"account_id|status\na1|x\n", "a pipe"),
        (b"\naccount_id\na1\n", "first line is blank"),
        (b"account,status\na1,x\n", "required column account_id is missing"),
        (b"1001,2020-01-01\n1002,2020-01-02\n", "there is no header"),
        (b"account_id" + b",x" * 2_000 + b"\n", "columns"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(folder, content, said):
    (folder.path / "accounts.csv").write_bytes(content)
    (fault,) = folder.refused().faults
    assert fault.startswith("accounts.csv: ")
    assert said in fault


def test_the_missing_column_message_shows_what_the_header_has(folder):
    folder.write("accounts", "account,status", "a1,x")
    assert "found columns account, status" in str(folder.refused())


def test_every_fault_of_every_file_is_reported_in_one_run(folder):
    folder.write("identifiers", "account,kind", "a1,phone")
    folder.write("transfers", "from_account_id;to_account_id;at", "a1;a2;2020-01-01")
    folder.write("labels", "entity_id,label", "a1,bad", "a1,nonsense")
    refused = folder.refused()
    assert [fault.split(":")[0] for fault in refused.faults] == [
        "identifiers.csv",
        "identifiers.csv",
        "transfers.csv",
    ]
    assert refused.dataset.quarantine["file"].to_list() == ["labels.csv"]
    assert [tally.file for tally in refused.dataset.tallies] == ["accounts.csv", "labels.csv"]


def test_a_refused_register_makes_nothing_dangling(folder):
    folder.write("accounts", "wrong", "a1")
    folder.write("transfers", "from_account_id,to_account_id,at", "a1,a2,2020-01-01")
    assert folder.refused().dataset.quarantine.is_empty()


def test_a_header_and_nothing_else_is_a_table_without_rows(folder):
    folder.write("lenders", "lender_id")
    (folder.path / "devices.csv").write_bytes(b"device_id,usage")  # not even a line end
    dataset = folder.read()
    assert dataset.tables["lenders"].height == 0
    assert dataset.tables["devices"].columns == ["device_id", "usage"]
    assert {tally.n_rows_in_file for tally in dataset.tallies[1:]} == {0}


def test_a_byte_order_mark_is_skipped_and_counted(folder):
    folder.write("accounts", b"\xef\xbb\xbfaccount_id,status", "a1,x")
    dataset = folder.read()
    assert dataset.tables["accounts"]["account_id"].to_list() == ["a1"]
    assert dataset.normalised == {"accounts.account_id:bom": 1}


def test_the_tally_carries_the_hash_of_the_bytes(folder):
    content = (folder.path / "accounts.csv").read_bytes()
    (tally,) = folder.read().tallies
    assert tally.sha256 == hashlib.sha256(content).hexdigest()
