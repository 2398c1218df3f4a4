"""Amounts in minor units, weights and other numbers."""

from decimal import ROUND_HALF_EVEN, Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.intake.cells import Column
from graphrisk.intake.columns import TABLES
from graphrisk.intake.currencies import CURRENCIES
from graphrisk.intake.numbers import clean_amounts, clean_numbers

AMOUNT = TABLES["transfers"]["amount_minor"]
WEIGHT = TABLES["links"]["weight"]
VALUE = TABLES["assessments"]["value"]


def amounts(cells, decimals=None):
    column = Column(AMOUNT, pl.Series("amount", cells))
    clean_amounts(column, decimals)
    return column.values.to_list(), [code.value for code, _ in column.faults]


def numbers(spec, cells):
    column = Column(spec, pl.Series("number", cells))
    clean_numbers(column)
    return column.values.to_list(), [code.value for code, _ in column.faults]


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("00012", 12), (" 7 ", 7), ("-0", 0)])
def test_digits_are_an_amount(text, value):
    assert amounts([text]) == ([value], [])


@pytest.mark.parametrize(
    "text",
    ["1_000", "1e3", "12.0", "1,000", "1 000", "+5", "\u0663", "0x10", "abc", "9" * 19, "9" * 5000],
)
def test_anything_else_is_of_the_wrong_type(text):
    assert amounts([text]) == ([None], ["wrong_type"])


def test_an_amount_is_not_negative():
    assert amounts(["-1", "2"]) == ([None, 2], ["negative_amount"])


def test_typed_amounts_are_taken_when_they_are_whole():
    assert amounts(pl.Series([1, None, 2], dtype=pl.Int16)) == ([1, None, 2], [])
    assert amounts([1.0, None, float("nan")]) == ([1, None, None], [])
    assert amounts([1.5, float("inf")]) == ([None, None], ["wrong_type"])
    assert amounts(pl.Series([2**64 - 1], dtype=pl.UInt64)) == ([None], ["wrong_type"])
    assert amounts([True]) == ([None], ["wrong_type"])


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("12", 1200),
        ("12.3", 1230),
        ("0.005", 0),  # a half goes to the even neighbour
        ("0.015", 2),
        ("0.0050001", 1),
        ("544595.7886430753", 54459579),
        ("1.7693696989343166E7", 1769369699),
        ("0.285", 28),
    ],
)
def test_major_units_are_rounded_half_to_even_on_their_digits(text, minor):
    assert amounts([text], decimals=2) == ([minor], [])


def test_major_units_without_minor_ones():
    assert amounts(["12", "12.5", "13.5"], decimals=0) == ([12, 12, 14], [])


def test_typed_major_units():
    assert amounts([2.675, None], decimals=2)[0] == [268, None]
    assert amounts([3, None], decimals=2) == ([300, None], [])
    assert amounts([Decimal("1.25")], decimals=1) == ([12], [])


@pytest.mark.parametrize("text", ["1,5", "1.", ".5", "x", "9" * 30, "-1.00"])
def test_major_units_that_are_no_amount(text):
    values, codes = amounts([text], decimals=2)
    assert values == [None]
    assert codes == ["negative_amount" if text.startswith("-") else "wrong_type"]


@given(st.decimals(0, 10**12, allow_nan=False, places=7))
def test_rounding_agrees_with_decimal_arithmetic(amount):
    exact = (amount * 100).quantize(Decimal(1), ROUND_HALF_EVEN)
    assert amounts([f"{amount:f}"], decimals=2)[0] == [int(exact)]


@pytest.mark.parametrize("cell", ["NaN", "inf", "-0.1", "1.1", "1e999"])
def test_a_weight_lies_between_zero_and_one(cell):
    assert numbers(WEIGHT, [cell, "0.5"]) == ([None, 0.5], ["weight_out_of_range"])
    assert numbers(WEIGHT, [float(cell), 0.5]) == ([None, 0.5], ["weight_out_of_range"])


def test_negative_zero_and_denormals_are_numbers():
    values, codes = numbers(WEIGHT, ["-0.0", "5e-324", "1"])
    assert (str(values[0]), values[1:], codes) == ("0.0", [5e-324, 1.0], [])


def test_numbers_must_be_finite():
    assert numbers(VALUE, ["1e3", "x", "inf"]) == ([1000.0, None, None], ["wrong_type"] * 2)
    assert numbers(VALUE, [1.0, float("nan")]) == ([1.0, None], [])


def by_currency(cells, currencies, separators=(".", "")):
    column = Column(AMOUNT, pl.Series("amount", cells))
    clean_amounts(
        column, None, separators=separators, currencies=pl.Series(currencies, dtype=pl.String)
    )
    return column.values.to_list(), [code.value for code, _ in column.faults]


def test_the_currency_of_a_row_says_how_many_decimals_its_amount_has():
    amounts = ["12", "12.5", "12.50", "1.234", "-0", None]
    currencies = ["JPY", "EUR", "CNY", "KWD", "EUR", "EUR"]
    assert by_currency(amounts, currencies) == ([12, 1250, 1250, 1234, 0, None], [])


def test_more_decimals_than_the_currency_has_are_set_aside_and_not_rounded():
    assert by_currency(["12.5", "1.005"], ["JPY", "EUR"]) == ([None, None], ["excess_decimals"])
    assert by_currency(["12.0", "1.050"], ["JPY", "EUR"]) == ([12, 105], [])


def test_an_amount_of_no_currency_has_no_minor_units_unless_declared():
    assert by_currency(["1"], ["XXX"]) == ([None], ["bad_currency"])


@pytest.mark.parametrize(
    ("text", "separators", "minor"),
    [
        ("1,234.50", (".", ","), 123450),
        ("1.234,50", (",", "."), 123450),
        ("1 234,5", (",", " "), 123450),
        ("1234567,89", (",", "."), 123456789),
        ("1'234", (".", "'"), 123400),
        ("12,34", (".", ","), None),
        ("1,2345", (".", ","), None),
        ("1.234.50", (",", "."), None),
        (",5", (",", ""), None),
    ],
)
def test_declared_separators_are_read_and_ill_formed_groups_are_not(text, separators, minor):
    values, codes = by_currency([text], ["EUR"], separators)
    assert values == [minor]
    assert codes == ([] if minor is not None else ["wrong_type"])


@given(
    st.lists(
        st.tuples(st.integers(0, 10**12), st.sampled_from(["JPY", "EUR", "KWD", "CLF"])),
        min_size=1,
    )
)
def test_minor_units_survive_being_written_in_major_units(rows):
    places = {"JPY": 0, "EUR": 2, "KWD": 3, "CLF": 4}
    written = [f"{Decimal(minor).scaleb(-places[code]):f}" for minor, code in rows]
    values, codes = by_currency(written, [code for _, code in rows])
    assert (values, codes) == ([minor for minor, _ in rows], [])


def test_every_currency_is_three_letters_and_the_common_ones_are_there():
    assert all(len(code) == 3 and code.isupper() for code in CURRENCIES)
    assert len(set(CURRENCIES)) == len(CURRENCIES) > 170
    assert {"CNY", "EUR", "USD", "JPY", "INR", "XXX", "XTS"} <= set(CURRENCIES)
