"""Ids, words, currencies and free text."""

import polars as pl
import pytest

from graphrisk.intake.dataset import DatasetRefused
from graphrisk.intake.read import read_dataset


def ids(*values):
    """Read account ids; return the accepted ones and the codes of the others."""
    dataset = read_dataset({"accounts": pl.DataFrame({"account_id": ["a1", *values]})})
    accepted = dataset.tables["accounts"]["account_id"].to_list()
    return accepted[1:], dataset.quarantine["code"].to_list(), dict(dataset.normalised)


@pytest.mark.parametrize("value", ["007", "12E5", "NA", "null", "1.5", "-", "x" * 256, "\u59d3"])
def test_an_id_is_kept_as_it_is(value):
    assert ids(value) == ([value], [], {})


@pytest.mark.parametrize("padded", [" b", "b ", "\u00a0b", "b\u3000", "\tb\r"])
def test_white_space_of_any_script_around_an_id_is_removed(padded):
    assert ids(padded) == (["b"], [], {"accounts.account_id:trimmed": 1})


def test_full_width_digits_become_plain():
    assert ids("\uff11\uff12") == (["12"], [], {"accounts.account_id:nfkc": 1})


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "missing_value"),
        ("", "missing_value"),
        ("  ", "missing_value"),
        ("1.23E+15", "id_not_text"),
        ("1.23e15", "id_not_text"),
        ("2E+07", "id_not_text"),
        ("123.0", "id_not_text"),
        ("x" * 257, "id_too_long"),
        ("a\x00b", "control_character"),
        ("a\nb", "control_character"),
        ("a\u200bb", "control_character"),
        ("a\u202eb", "control_character"),
        ("\u0430ccount", "mixed_script"),  # the first letter is Cyrillic
        ("a\ufffdb", "bad_utf8"),
    ],
)
def test_an_id_that_cannot_be_trusted_is_set_aside(value, code):
    accepted, codes, _ = ids(value)
    assert (accepted, codes) == ([], [code])


def test_integer_ids_become_their_digits():
    dataset = read_dataset({"accounts": pl.DataFrame({"account_id": [1, 9007199254740993]})})
    assert dataset.tables["accounts"]["account_id"].to_list() == ["1", "9007199254740993"]


def test_a_float_column_of_ids_refuses_the_table():
    frames = {"accounts": pl.DataFrame({"account_id": [1.0, 2.0]})}
    with pytest.raises(DatasetRefused, match="id_not_text") as caught:
        read_dataset(frames)
    assert "dtype=str" in caught.value.faults[0]


def test_an_address_may_mix_scripts(folder):
    folder.write("identifiers", "account_id,kind,value", "a1,address,Flat B \u0443\u043b. 5")
    assert folder.codes() == []


def test_kinds_and_labels_are_read_in_any_case_and_unknown_ones_name_the_choice(folder):
    folder.write("identifiers", "account_id,kind,value", "a1,PHONE,5550123456", "a1,fax,1")
    folder.write("labels", "entity_kind,entity_id,label", "Account,a1,BAD", "account,a1,rude")
    dataset = folder.read()
    assert dataset.tables["identifiers"]["kind"].to_list() == ["phone"]
    assert dataset.tables["labels"].select("entity_kind", "label").rows() == [("account", "bad")]
    assert dataset.quarantine["code"].to_list() == ["not_in_vocabulary"] * 2
    assert "device, phone, id_document" in dataset.quarantine["reason"][0]
    assert "good_standing" in dataset.quarantine["reason"][1]


def test_kinds_and_relations_of_your_own_are_words(folder):
    folder.write("entities", "entity_id,kind", "w1,Worker", "w2,worker 2", "w3,worker")
    folder.write("links", "source_id,target_id,relation", "w1,w3,SHARED_TASK", "w1,w3,shared task")
    dataset = folder.read()
    assert dataset.tables["entities"]["kind"].to_list() == ["worker", "worker"]
    assert dataset.tables["links"]["relation"].to_list() == ["shared_task"]
    assert dataset.quarantine.select("table", "column", "code").rows() == [
        ("entities", "kind", "not_in_vocabulary"),
        ("links", "relation", "not_in_vocabulary"),
    ]


def test_currencies_are_three_letters(folder):
    header = "application_id,account_id,lender_id,applied_at,amount_minor,currency"
    rows = [f"p{n},a1,l1,2020-01-01,100,{text}" for n, text in enumerate(["eur", "EURO", "E1R"])]
    folder.write("applications", header, *rows)
    dataset = folder.read()
    assert dataset.tables["applications"]["currency"].to_list() == ["EUR"]
    assert dataset.quarantine["code"].to_list() == ["bad_currency"] * 2


def test_free_text_may_run_over_lines_but_not_move_the_cursor(folder):
    folder.write("accounts", "account_id,status", 'a1,"two', 'lines"', "a2,bell\x07")
    dataset = folder.read()
    assert dataset.tables["accounts"]["status"].to_list() == ["two\nlines"]
    assert dataset.quarantine.select("code", "value").rows() == [("control_character", "bell?")]


@pytest.mark.parametrize(
    ("odd", "accepted", "codes", "counts"),
    [
        ("phone", "phone", [], {}),
        ("PHONE", "phone", [], {"identifiers.kind:case_folded": 1}),
        (" phone", "phone", [], {"identifiers.kind:trimmed": 1}),
        ("fax", None, ["not_in_vocabulary"], {}),
        ("", None, ["missing_value"], {}),
        (None, None, ["missing_value"], {}),
        ("ph\u200bone", None, ["control_character"], {}),
    ],
)
@pytest.mark.parametrize("place", [0, 4_999, 5_000])
def test_one_odd_word_in_a_long_column_is_found(odd, accepted, codes, counts, place):
    kinds = ["address"] * 5_000
    kinds.insert(place, odd)
    rows = {
        "account_id": ["a1"] * 5_001,
        "kind": kinds,
        "value": [f"+861399{n}" for n in range(5_001)],
    }
    dataset = read_dataset({"accounts": pl.DataFrame({"account_id": ["a1"]}),
                            "identifiers": pl.DataFrame(rows)})  # fmt: skip
    read = dataset.tables["identifiers"]["kind"].to_list()
    assert [kind for kind in read if kind != "address"] == ([accepted] if accepted else [])
    assert dataset.quarantine["code"].to_list() == codes
    assert {key: n for key, n in dataset.normalised.items() if ".kind:" in key} == counts
