"""Reports show where a fault is, and no more of a person than they must."""

import polars as pl
import pytest

from graphrisk.intake.codes import FAULT_TEXTS, NORMALISED_TEXTS, FaultCode, Normalised
from graphrisk.intake.quarantine import masked, shown


@pytest.mark.parametrize(
    ("value", "mask"),
    [
        ("+8613800138000", "+8****00"),
        ("12345678", "12****78"),
        ("1234567", "****"),
        ("x", "****"),
        (None, None),
        ("\r\n345678", "??****78"),
    ],
)
def test_a_masked_value_shows_its_ends_at_most(value, mask):
    assert masked(pl.Series([value], dtype=pl.String)).to_list() == [mask]


def test_a_shown_value_is_short_and_moves_no_cursor():
    assert shown(pl.Series(["a\nb\u202e", "x" * 100])).to_list() == ["a?b?", "x" * 64]


def test_personal_values_are_masked_and_others_are_not(folder):
    folder.write("identifiers", "account_id,kind,value,first_seen_at",
                 "stranger-0001,phone,5550123456,01/02/2024",
                 "a1,fax,+1 555 0123\x00,")  # fmt: skip
    records = folder.read().quarantine.select("column", "value").rows()
    assert records == [
        ("account_id", "st****01"),
        ("first_seen_at", "01/02/2024"),
        ("kind", "fax"),
        ("value", "+1****3?"),
    ]


def test_every_code_has_a_text_of_its_own():
    assert set(FAULT_TEXTS) == set(FaultCode)
    assert set(NORMALISED_TEXTS) == set(Normalised)
    texts = [*FAULT_TEXTS.values(), *NORMALISED_TEXTS.values()]
    assert len(set(texts)) == len(texts)
