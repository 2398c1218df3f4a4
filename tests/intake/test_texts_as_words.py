"""Texts become records and records texts again; equal texts, and no others, have equal records."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.intake import texts
from graphrisk.intake.texts import packed, unpacked

TEXT = st.text(st.characters(codec="utf-8"), max_size=30)


def records(column):
    """Cut every record out of what packing yields."""
    found = []
    for words, begins in packed(column):
        ends = [*begins[1:].tolist(), len(words)]
        found += [words[i:j].tobytes() for i, j in zip(begins.tolist(), ends, strict=True)]
    return found


@given(st.lists(TEXT, min_size=1))
def test_what_was_packed_comes_out_again(written):
    column = pl.Series(written, dtype=pl.String)
    assert [t for some in packed(column) for t in unpacked(*some)] == written


@given(st.lists(TEXT, min_size=1), st.lists(TEXT, min_size=1))
def test_records_are_equal_exactly_where_texts_are(one, other):
    pairs = zip(records(pl.Series(one)), records(pl.Series(other)), strict=False)
    assert [a == b for a, b in pairs] == [a == b for a, b in zip(one, other, strict=False)]


@pytest.mark.parametrize("length", [*range(0, 18), 23, 24, 25, 31, 32, 33, 1000])
def test_every_byte_counts_at_every_length(length):
    written = "x" * length
    others = [written[:i] + "y" + written[i + 1 :] for i in range(length)]
    others += [written + "\0", written + "x"]
    (first, *rest) = records(pl.Series([written, *others]))
    assert first not in rest
    assert len(set(rest)) == len(rest)


def test_rows_of_a_slice_a_filter_and_many_chunks_are_their_own():
    whole = pl.Series([f"a text that is rather long {n}" for n in range(50_000)])
    pieces = [
        whole.slice(20_001, 3),
        whole.filter(whole.str.ends_with("77")),
        pl.concat([whole.head(3), pl.Series(["short", ""]), whole.tail(2)], rechunk=False),
    ]
    for piece in pieces:
        assert [t for some in packed(piece) for t in unpacked(*some)] == piece.to_list()


def test_an_empty_column_yields_nothing():
    assert list(packed(pl.Series([], dtype=pl.String))) == []


def test_rows_are_packed_some_at_a_time():
    column = pl.Series([f"text number {n}" for n in range(2 * texts.AT_ONCE + 1)])
    sizes = [len(begins) for _, begins in packed(column)]
    assert sizes == [texts.AT_ONCE, texts.AT_ONCE, 1]
