"""Digests are a promise to every store that was ever loaded: they never change."""

from datetime import UTC, datetime

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.stores.digest import digest_of_all, digests

ROW = {
    "text": "a:b\n%{}",
    "at": datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
    "amount_minor": 2**62,
    "share": 0.1,
    "listed_in": ["accounts", "entities"],
}
SCHEMA = {
    "text": pl.String,
    "at": pl.Datetime("us", "UTC"),
    "amount_minor": pl.Int64,
    "share": pl.Float64,
    "listed_in": pl.List(pl.String),
}


def test_a_digest_that_must_not_change():
    """Should this fail, every store that is out there would be loaded anew."""
    frame = pl.DataFrame([ROW], SCHEMA)
    assert digests("links", frame).to_list() == ["01cd7f0ce5cf22afbfa5b474cfb636b6"]
    assert digest_of_all([digests("links", frame)]) == "5f603138ada046e41001881f59fae43a"


def test_the_table_the_order_of_columns_and_missing_columns():
    frame = pl.DataFrame([ROW], SCHEMA)
    here = digests("links", frame)[0]
    assert digests("labels", frame)[0] != here
    assert digests("links", frame.select(sorted(SCHEMA, reverse=True)))[0] == here
    assert digests("links", frame.with_columns(more=pl.lit(None, pl.String)))[0] == here


cells = st.one_of(st.none(), st.text(alphabet="ab:1\n%{}", max_size=4))


@settings(max_examples=200)
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=30, unique=True))
def test_two_rows_that_differ_have_two_digests(rows):
    """Cells are told apart however they begin and end: content never looks like another cell."""
    frame = pl.DataFrame(rows, {"a": pl.String, "b": pl.String}, orient="row")
    assert digests("t", frame).n_unique() == len(rows)


def test_floats_are_told_apart_by_their_bits():
    numbers = [0.1 + 0.2, 0.3, 0.0, 1e-300, 1.0, 5e-324]
    assert digests("t", pl.DataFrame({"x": numbers})).n_unique() == len(numbers)
