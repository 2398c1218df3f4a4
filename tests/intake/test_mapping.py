"""Mappings say which of a user's tables are which; a wrong one is answered with a hint."""

import pytest

from graphrisk.errors import MappingError
from graphrisk.intake.columns import TABLES
from graphrisk.intake.mapping import load_mapping, parse_mapping, shipped_mappings

BANK = """
name = "bank"
delimiter = ";"
timezone = "Asia/Shanghai"

[[table]]
file = "customers"
into = "accounts"
columns = {account_id = ["cust_no", "customer"], opened_at = "opened"}

[[table]]
file = "customers"
into = "labels"
where = {blocked = ["1", "yes"]}
columns = {entity_id = ["cust_no", "customer"]}
constants = {entity_kind = "account", label = "blacklisted", source = "bank"}

[[table]]
file = "payments"
into = "transfers"
optional = true
constants = {currency = "CNY"}
[table.columns]
from_account_id = "payer"
to_account_id = "payee"
at = "when"
amount_minor = {column = "yuan", unit = "major", decimals = 2}
"""


@pytest.fixture
def bank(folder):
    (folder.path / "accounts.csv").unlink()
    mapping = folder.path / "bank.toml"
    mapping.write_text(BANK, "utf-8")
    return folder, mapping


def test_one_file_may_feed_several_tables(bank):
    folder, mapping = bank
    folder.write("customers", "customer;opened;blocked;name", "007;2024-05-01 08:00:00;yes;A",
                 "008;;no;B", "009;;1;C")  # fmt: skip
    folder.write("payments", "payer;payee;when;yuan", "007;008;2024-05-01T20:00:00;12.345")
    dataset = folder.read(mapping=mapping)
    assert dataset.mapping_name == "bank"
    assert dataset.tables["accounts"]["account_id"].to_list() == ["007", "008", "009"]
    assert dataset.tables["labels"].select("entity_kind", "entity_id", "label").rows() == [
        ("account", "007", "blacklisted"),
        ("account", "009", "blacklisted"),
    ]
    (transfer,) = dataset.tables["transfers"].to_dicts()
    assert (transfer["amount_minor"], transfer["currency"]) == (1234, "CNY")
    assert transfer["at"].isoformat() == "2024-05-01T12:00:00+00:00"
    assert [(t.file, t.table, t.n_rows_in_file, t.n_rows_read) for t in dataset.tallies] == [
        ("customers.csv", "accounts", 3, 3),
        ("customers.csv", "labels", 3, 2),
        ("payments.csv", "transfers", 1, 1),
    ]
    assert dataset.unknown_columns == {"customers.csv": ("name",)}
    assert dataset.unread_files == ("bank.toml",)
    assert dataset.normalised == {"transfers.amount_minor:rounded_half_even": 1}


def test_every_mapped_column_and_every_needed_file_must_be_there(bank):
    folder, mapping = bank
    folder.write("payments", "payer;payee;yuan", "007;008;1.00")
    faults = folder.refused(mapping=mapping).faults
    assert [fault.split(";")[0] for fault in faults] == [
        "customers.csv: the file is missing",
        "payments.csv: required column when is missing",
    ]


def test_values_are_translated_and_counted(folder):
    mapping = folder.path / "m.toml"
    mapping.write_text("""
        [[table]]
        file = "nodes"
        into = "entities"
        columns = {entity_id = "id", kind = "type"}
        values = {kind = {user = "account"}}
    """)
    folder.write("nodes", "id,type", "1,user", "2,card")
    dataset = folder.read(mapping=mapping)
    assert dataset.mapping_name == "m"
    assert dataset.tables["entities"]["kind"].to_list() == ["account", "card"]
    assert dataset.normalised == {"entities.kind:translated": 1}


def test_two_parts_of_one_file_in_one_table_have_one_tally(folder):
    mapping = folder.path / "m.toml"
    part = """
        [[table]]
        file = "nodes"
        into = "entities"
        where = {{type = "{0}"}}
        columns = {{entity_id = "id"}}
        constants = {{kind = "{1}"}}
    """
    mapping.write_text(part.format("u", "account") + part.format("c", "bank_card"))
    folder.write("nodes", "id,type", "1,u", "2,c", "3", "4,x")
    (tally,) = folder.read(mapping=mapping).tallies
    assert (tally.n_rows_in_file, tally.n_rows_read) == (4, 3)
    assert (tally.n_accepted, tally.n_quarantined) == (2, 1)


def _with(**changes):
    entry = {"file": "f", "into": "accounts", "columns": {"account_id": "id"}}
    return {"table": [entry | changes]}


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({}, "has no tables"),
        (_with() | {"delimeter": ";"}, "did you mean 'delimiter'?"),
        (_with() | {"delimiter": '"'}, "delimiter"),
        (_with() | {"delimiter": "||"}, "delimiter"),
        (_with() | {"timezone": "Mars/Olympus"}, "no time zone 'Mars/Olympus'"),
        (_with(file=""), "no file"),
        (_with(into="acounts"), "did you mean 'accounts'?"),
        (_with(colums={}), "did you mean 'columns'?"),
        (_with(columns={"acount_id": "id"}), "did you mean 'account_id'?"),
        (_with(columns={"opened_at": "opened"}), "nothing is mapped to account_id"),
        (_with(columns={"account_id": 5}), "text, or a list of texts"),
        (_with(columns="account_id"), "columns is not a table"),
        (_with(constants={"states": "x"}), "did you mean 'status'?"),
        (_with(constants={"account_id": "a1"}), "under columns and under constants"),
        (_with(values={"status": {"A": "active"}}), "which no column is read into"),
        (_with(attributes=["x"]), "has no attributes"),
        (_with(columns={"account_id": {"column": "id", "unit": "major"}}), "for an amount"),
        (_with(where={"x": 1}), "text, or a list of texts"),
    ],
)
def test_a_mapping_that_is_wrong_says_where_and_what_may_be_meant(document, said):
    with pytest.raises(MappingError) as caught:
        parse_mapping(document)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("name", "said"), [("standrad", "did you mean 'standard'?"), ("no/such.toml", "check the path")]
)
def test_a_mapping_that_is_not_there(name, said):
    with pytest.raises(MappingError) as caught:
        load_mapping(name)
    assert said in str(caught.value)


def test_a_mapping_that_is_not_toml(tmp_path):
    (tmp_path / "m.toml").write_text("name = ")
    with pytest.raises(MappingError, match="is not TOML"):
        load_mapping(tmp_path / "m.toml")


def test_the_standard_mapping_reads_every_table_by_its_own_names():
    standard = load_mapping()
    named = [rule for rule in standard.tables if rule.file in TABLES]
    assert {rule.file for rule in named} == set(TABLES)
    assert {rule.file for rule in standard.tables} - set(TABLES) == {"outcomes"}
    for rule in named:
        assert rule.file == rule.into
        assert {c: r.spellings for c, r in rule.columns.items()} == {
            name: (name,) for name in rule.table.names
        }


def test_every_shipped_mapping_loads_under_its_own_name():
    assert shipped_mappings() == ("finbench", "standard")
    for name in shipped_mappings():
        assert load_mapping(name).name == name
