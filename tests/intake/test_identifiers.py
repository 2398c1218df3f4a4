"""Identifiers: two spellings of one thing are one thing; a value that is nobody's links nobody."""

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.iso7064 import mod_11_2

from graphrisk.intake.codes import NoLink, Normalised
from graphrisk.intake.documents import is_plain_card, is_plain_document
from graphrisk.intake.identifiers import FORMS
from graphrisk.intake.read import read_dataset

DIGITS = st.text("0123456789", min_size=1, max_size=20)
HEX = st.text("0123456789abcdefABCDEF", min_size=12, max_size=12)
LETTERS = "abcABCxX0127+-.@:_*/ %\u00e9\u4f60"
PHONES = st.builds(
    lambda code, number: f"+{code}{number}",
    st.sampled_from([1, 7, 33, 39, 44, 49, 54, 55, 81, 86, 91, 852, 886, 971, 999]),
    st.text("0123456789", min_size=5, max_size=12),
)
IPS = st.one_of(
    st.ip_addresses().map(str),
    st.ip_addresses(v=6).map(lambda ip: ip.exploded.upper()),
    st.ip_addresses(v=4).map(lambda ip: f"::ffff:{ip}"),
    st.ip_addresses(v=4).map(lambda ip: f"{ip}:8080"),
)
VALUES = st.one_of(
    DIGITS, HEX, PHONES, IPS, st.uuids().map(str), st.emails(), st.text(LETTERS, min_size=1)
)
REGIONS = st.sampled_from([None, "CN", "US", "GB", "IT"])
KINDS = st.sampled_from(sorted(FORMS))


@given(KINDS, VALUES, REGIONS)
def test_what_is_plain_is_read_as_it_is(kind, value, region):
    """The pattern that spares the libraries never disagrees with them."""
    form = FORMS[kind]
    if form.is_plain(pl.Series([value]))[0]:
        assert form.read(value, region) == (value, None, None)


TOKENS = st.text("abcefghtxzABEFGXZ0127_-.@:;=%#*+ ", min_size=1, max_size=9)


@given(KINDS, st.one_of(VALUES, TOKENS, TOKENS.map(lambda token: f"tel:{token}")), REGIONS)
@example("ip", "fe80::1%eth0", None)
@example("phone", "+442079460018x12", None)
@example("bank_card", "CB12ab00", None)
@example("bank_card", "DE89370400440532013000", None)
@example("bank_card", "de00 3704 0044 0532 0130 00", None)
@example("email", "\u212auKNOWN", None)
def test_what_is_told_to_be_opaque_is_kept_as_it_is(kind, value, region):
    form = FORMS[kind]
    if form.is_opaque is not None and form.is_opaque(pl.Series([value]))[0]:
        assert form.read(value, region) == (value, None, Normalised.OPAQUE_IDENTIFIER)


def test_a_token_that_begins_as_a_number_of_no_country_is_told_at_once():
    cards = pl.Series(["CB12ab00", "cc99xyzt", "DE89370400440532013000", "de00x", None])
    told = FORMS["bank_card"].is_opaque(cards)
    assert told.to_list() == [True, True, False, False, None]


@pytest.mark.parametrize("kind", ["phone", "ip", "bank_card", "email"])
def test_tokens_are_opaque_and_counted(folder, kind):
    shared(folder, kind, "Pk7f2a9Zq", "Pk7f2a9Zq", "usr_9")
    dataset = folder.read()
    assert dataset.normalised["identifiers.value:opaque_identifier"] == 3
    assert FORMS[kind].is_opaque(pl.Series(["Pk7f2a9Zq", "usr_9"])).all()
    assert dataset.tables["identifiers"]["value"].to_list() == ["Pk7f2a9Zq", "Pk7f2a9Zq", "usr_9"]


@given(KINDS, VALUES.map(str.strip).filter(bool), REGIONS)
def test_a_form_is_its_own_form(kind, value, region):
    """An analysis folder is read again without the mapping: nothing may change then."""
    read = FORMS[kind].read
    once = read(value, region)
    if once.no_link is None:
        again = read(once.value, None)
        assert (again.value, again.no_link) == (once.value, None)


@given(st.lists(st.text("0123456789", min_size=12, max_size=19), min_size=1, max_size=20))
def test_the_check_digit_of_a_column_of_cards_is_that_of_each(numbers):
    cards = [number + luhn.calc_check_digit(number) for number in numbers if len(number) < 19]
    mistyped = [card[:-1] + str((int(card[-1]) + 1) % 10) for card in cards]
    plain = is_plain_card(pl.Series([*cards, *mistyped], dtype=pl.String))
    assert not any(plain[len(cards) :])
    for card, is_plain in zip(cards, plain[: len(cards)], strict=True):
        assert is_plain or FORMS["bank_card"].read(card, None).no_link != NoLink.FAILED_CHECK_DIGIT


@given(st.from_regex(r"\A[1-9][0-9]{5}19[0-9]{2}0[1-9]1[0-9][0-9]{3}\Z"))
def test_the_check_digit_of_resident_numbers(body):
    number = body + mod_11_2.calc_check_digit(body)
    wrong = body + ("0" if number[-1] != "0" else "1")
    read = FORMS["id_document"].read
    assert read(wrong, None).no_link is not None
    assert not is_plain_document(pl.Series([wrong]))[0]
    if read(number, None).no_link is None:
        assert is_plain_document(pl.Series([number]))[0]


SPELLINGS = [
    ("phone", "+86 139-9274-3369", "+8613992743369"),
    ("phone", "tel:+86-139-9274-3369", "+8613992743369"),
    ("phone", "+44 (0)20 7946 0018", "+442079460018"),
    ("phone", "+49 30 901820 ext. 12", "+4930901820;ext=12"),
    ("phone", "139 9274 3369", "13992743369"),
    ("ip", "2A00:1450:0000::200E", "2a00:1450::200e"),
    ("ip", "::ffff:8.8.4.4", "8.8.4.4"),
    ("ip", "[2a00:1450::200e]:443", "2a00:1450::200e"),
    ("ip", "8.8.4.4:51234", "8.8.4.4"),
    ("email", "Lin.Chen@Mail.Example.com", "lin.chen@mail.example.com"),
    ("email", "wei@xn--bcher-kva.de", "wei@b\u00fccher.de"),
    ("bank_card", "9999 0006 1935 8314", "9999000619358314"),
    ("id_document", "e 9493-1531", "E94931531"),
    ("id_document", "36042619910101007x", "36042619910101007X"),
    ("device", "6F9619FF-8B86-D011-B42D-00CF4FC964FF", "6f9619ff-8b86-d011-b42d-00cf4fc964ff"),
    ("device", "AC-DE-48-00-11-22", "ac:de:48:00:11:22"),
    ("device", "35-209900-176148-3", "352099001761483"),
    ("address", "Unit  3,\u3000Garden Road", "Unit 3, Garden Road"),
]


@pytest.mark.parametrize(("kind", "raw", "form"), SPELLINGS)
def test_spellings(kind, raw, form):
    reading = FORMS[kind].read(raw, None)
    assert reading.value == form
    assert reading.no_link in (None, NoLink.FAILED_CHECK_DIGIT)


def test_a_declared_region_gives_a_phone_its_country():
    read = FORMS["phone"].read
    assert read("139 9274 3369", "CN").value == "+8613992743369"
    assert read("0086 139 9274 3369", "CN").value == "+8613992743369"
    assert read("13992743369", None).note == Normalised.PHONE_WITHOUT_COUNTRY


LINK_NOBODY = [
    *((kind, word, NoLink.PLACEHOLDER) for kind in FORMS for word in ("unknown", "N/A", "-", "无")),
    *((kind, "0000000000", NoLink.REPEATED_DIGIT) for kind in FORMS),
    *((kind, "139****3369", NoLink.MASKED) for kind in FORMS),
    ("phone", "+8613800138000", NoLink.PLACEHOLDER),
    ("phone", "+12125550143", NoLink.PLACEHOLDER),
    ("phone", "+8613988888888", NoLink.PLACEHOLDER),
    ("phone", "12345678", NoLink.PLACEHOLDER),
    ("phone", "110", NoLink.MALFORMED),
    ("phone", "+86 1", NoLink.MALFORMED),
    ("ip", "0.0.0.0", NoLink.NOT_PUBLIC),
    ("ip", "127.0.0.1", NoLink.NOT_PUBLIC),
    ("ip", "10.1.2.3", NoLink.NOT_PUBLIC),
    ("ip", "192.168.1.1:80", NoLink.NOT_PUBLIC),
    ("ip", "100.64.3.2", NoLink.NOT_PUBLIC),
    ("ip", "203.0.113.9", NoLink.NOT_PUBLIC),
    ("ip", "::1", NoLink.NOT_PUBLIC),
    ("ip", "2001:db8::7", NoLink.NOT_PUBLIC),
    ("ip", "999.1.1.1", NoLink.MALFORMED),
    ("ip", "8.8.4", NoLink.MALFORMED),
    ("email", "noreply@bank.cn", NoLink.PLACEHOLDER),
    ("email", "test+7@bank.cn", NoLink.PLACEHOLDER),
    ("email", "me@localhost", NoLink.MALFORMED),
    ("email", "me@@bank.cn", NoLink.MALFORMED),
    ("bank_card", "9999000619358315", NoLink.FAILED_CHECK_DIGIT),
    ("bank_card", "4111 1111 1111 1111", NoLink.PLACEHOLDER),
    ("bank_card", "12345", NoLink.PLACEHOLDER),
    ("bank_card", "83141", NoLink.MALFORMED),
    ("id_document", "360426199101010072", NoLink.FAILED_CHECK_DIGIT),
    ("id_document", "360426199113010071", NoLink.FAILED_CHECK_DIGIT),
    ("device", "00000000-0000-0000-0000-000000000000", NoLink.REPEATED_DIGIT),
    ("device", "000000000000000", NoLink.REPEATED_DIGIT),
    ("device", "02:00:00:00:00:00", NoLink.PLACEHOLDER),
    ("device", "9774D56D682E549C", NoLink.PLACEHOLDER),
    ("device", "0123456789ABCDEF", NoLink.PLACEHOLDER),
]


@pytest.mark.parametrize(("kind", "value", "why"), LINK_NOBODY)
def test_values_that_are_nobodys_link_nobody(kind, value, why):
    assert FORMS[kind].read(value, None).no_link == why
    assert not FORMS[kind].is_plain(pl.Series([value]))[0]


@pytest.mark.parametrize("kind", sorted(FORMS))
def test_a_keyed_hash_links_whatever_its_kind(kind):
    token = "k7:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    assert FORMS[kind].read(token, None).no_link is None


def shared(folder, kind, *values):
    """Accounts a1, a2, ... with one value each."""
    folder.write("accounts", "account_id", *(f"a{n}" for n, _ in enumerate(values, 1)))
    rows = (f'a{n},{kind},"{value}"' for n, value in enumerate(values, 1))
    return folder.write("identifiers", "account_id,kind,value", *rows)


def test_two_spellings_are_one_value_in_every_table_and_lead_back(folder):
    shared(folder, "phone", "+86 139 9274 3369", "+8613992743369")
    folder.write("labels", "entity_kind,entity_id,label", "phone,+86-13992743369,fraud_confirmed")
    folder.write("entities", "entity_id,kind", "+86 13992743369,phone")
    dataset = folder.read()
    assert set(dataset.tables["identifiers"]["value"]) == {"+8613992743369"}
    assert dataset.tables["labels"]["entity_id"].to_list() == ["+8613992743369"]
    assert dataset.tables["entities"]["entity_id"].to_list() == ["+8613992743369"]
    assert dataset.normalised["identifiers.value:phone_form"] == 1
    assert dataset.spellings.rows() == [
        ("phone", "+8613992743369", "+86 139 9274 3369"),
        ("phone", "+8613992743369", "+86 13992743369"),
        ("phone", "+8613992743369", "+86-13992743369"),
    ]


def test_rows_that_link_nobody_are_accepted_counted_and_said(folder):
    dataset = shared(folder, "ip", "8.8.4.4", "10.0.0.1", "10.0.0.1").read()
    (tally,) = (tally for tally in dataset.tallies if tally.table == "identifiers")
    assert (tally.n_rows_read, tally.n_accepted, tally.n_unlinked) == (3, 3, 2)
    assert dataset.tables["identifiers"]["value"].to_list() == ["8.8.4.4"]
    assert dataset.quarantine.height == 0
    assert dataset.unlinked.select("file", "line", "column", "code").rows() == [
        ("identifiers.csv", 3, "value", "not_public_address"),
        ("identifiers.csv", 4, "value", "not_public_address"),
    ]
    assert "10.0.0.1" not in str(dataset.unlinked.rows())


def test_junk_links_nobody_in_long_tables_either(folder):
    folder.write("links", "source_id,target_id,relation,source_kind,target_kind",
                 "a1,unknown,uses,account,device", "a1,d7,uses,account,device")  # fmt: skip
    dataset = folder.read()
    assert dataset.tables["links"]["target_id"].to_list() == ["d7"]
    assert dataset.unlinked["column"].to_list() == ["target_id"]


def test_a_listed_device_is_named_by_any_spelling(folder):
    folder.write("devices", "device_id", "AC-DE-48-00-11-22")
    shared(folder, "device", "ac:de:48:00:11:22", "AC:DE:48:00:11:22")
    assert folder.codes() == []


def test_ids_of_accounts_are_left_alone(folder):
    folder.write("accounts", "account_id", "007", "1e5", "1E5", "0", "unknown")
    assert folder.read().tables["accounts"]["account_id"].to_list() == [
        "007", "1e5", "1E5", "0", "unknown",
    ]  # fmt: skip


def test_whole_numbers_keep_all_their_digits_from_any_source():
    number = 9007199254740993  # one more than a float can tell apart
    for table in (
        pl.DataFrame({"account_id": [number]}),
        pl.DataFrame({"account_id": [number]}).to_arrow(),
        pl.DataFrame({"account_id": [number]}).to_pandas(),
    ):
        dataset = read_dataset({"accounts": table})
        assert dataset.tables["accounts"]["account_id"].to_list() == [str(number)]


def test_keys_of_the_long_layout_may_have_any_form_and_still_link():
    """Cards numbered 1, 2, 3 by their sender are cards; a placeholder is still nobody's."""
    cards = pl.DataFrame(
        {
            "source_id": ["a", "b", "a"],
            "target_id": ["2047306", "2047306", "0000000000000000"],
            "relation": ["has_card"] * 3,
            "source_kind": ["account"] * 3,
            "target_kind": ["bank_card"] * 3,
        }
    )
    accounts = pl.DataFrame({"account_id": ["a", "b"]})
    read = read_dataset({"accounts": accounts, "links": cards})
    assert read.tables["links"]["target_id"].to_list()[:2] == ["2047306"] * 2
    assert read.unlinked.height == 1


@pytest.mark.parametrize("key", ["0", "11", "222", "12345"])
def test_numbers_of_rows_are_keys_in_the_long_layout(folder, key):
    folder.write("links", "source_id,target_id,relation,source_kind,target_kind",
                 f"a1,{key},uses,account,device")  # fmt: skip
    folder.write("labels", "entity_kind,entity_id,label", f"device,{key},bad")
    dataset = folder.read()
    assert dataset.unlinked.height == 0
    assert dataset.tables["links"]["target_id"].to_list() == [key]
    assert dataset.tables["labels"]["entity_id"].to_list() == [key]
    shared(folder, "device", key)
    assert folder.read().unlinked["table"].to_list() == ["identifiers"]
