"""Two ids are one number exactly when all their bytes are equal, whatever the hash says."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.intake import texts as records
from graphrisk.intake.idtable import ABSENT, IdTable, hash_records

IDS = st.lists(st.text(st.characters(codec="utf-8"), max_size=20) | st.none(), max_size=40)


def all_collide(words, begins):
    """A hash of no use at all."""
    return np.zeros(len(begins), dtype=np.uint64)


def by_length(words, begins):
    """A hash by which all ids of one length collide, in slot and in tag."""
    return (words[begins] >> np.uint64(32)) << np.uint64(32)


HASHES = pytest.mark.parametrize("hashed", [None, all_collide, by_length])


def texts(ids):
    return pl.Series(ids, dtype=pl.String)


def numbered_one_by_one(ids, known):
    """The slow oracle: a dictionary."""
    return [ABSENT if e is None else known.setdefault(e, len(known)) for e in ids]


@HASHES
@given(first=IDS, second=IDS, asked=IDS)
def test_every_id_gets_the_number_a_dictionary_would_give_it(hashed, first, second, asked):
    table, known = IdTable(hashed), {}
    for column in (first, second):
        assert table.add(texts(column)).tolist() == numbered_one_by_one(column, known)
    assert table.find(texts(asked)).tolist() == [known.get(e, ABSENT) for e in asked]
    assert table.ids().to_list() == list(known)
    assert len(table) == len(known)


@HASHES
def test_ids_that_differ_in_one_byte_alone_are_told_apart(hashed):
    near = [
        "", "\0", "\0\0", "abcdefgh", "abcdefgh\0", "abcdefgi", "abcdefghi", "ä", "a\u0308",
        "x" * 15 + "a", "x" * 15 + "b", "a" + "x" * 15, "b" + "x" * 15,
    ]  # fmt: skip
    assert IdTable(hashed).add(texts(near)).tolist() == list(range(len(near)))


def test_a_planted_weak_hash_changes_the_time_and_not_the_numbers():
    ids = texts([f"A{i * 7919 % 1000}" for i in range(3000)])
    assert IdTable(all_collide).add(ids).tolist() == IdTable().add(ids).tolist()


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 70), st.integers(0, 5))
def test_where_batches_are_cut_changes_nothing(size, seed):
    drawn = np.random.default_rng(seed).integers(0, 300, 2000)
    ids = texts([f"id-{n}" if n else None for n in drawn])
    whole = IdTable()
    numbers = whole.add(ids).tolist()
    before = records.AT_ONCE
    try:
        records.AT_ONCE = size
        cut = IdTable()
        assert cut.add(ids).tolist() == numbers
        assert cut.find(ids).tolist() == numbers
    finally:
        records.AT_ONCE = before
    assert cut.ids().to_list() == whole.ids().to_list()


def test_a_table_that_grew_finds_what_it_held_before():
    table, ids = IdTable(), texts([f"account-{n}" for n in range(200_000)])
    for first in range(0, len(ids), 30_000):
        table.add(ids.slice(first, 30_000))
    assert (table.find(ids) == np.arange(len(ids))).all()
    assert table.find(texts(["account-200000", "account-"])).tolist() == [ABSENT, ABSENT]


def test_the_hash_spreads_ids_that_count_up():
    counted = texts([f"A{n:09d}" for n in range(100_000)])
    hashes = np.concatenate([hash_records(*some) for some in records.packed(counted)])
    assert len(np.unique(hashes)) == 100_000
    upper = (hashes >> np.uint64(32)) & np.uint64(0xFF)
    assert np.bincount(upper.astype(int)).min() > 300  # of 391 expected in each


ALIKE = st.lists(
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["", "A", "LENDING-ACCOUNT-"]),
        st.text("ab\0é", max_size=9),
        st.text("ab\0é", max_size=20),
    ),
    max_size=40,
)


@given(IDS | ALIKE)
def test_ids_are_sorted_by_their_bytes(ids):
    table = IdTable()
    table.add(texts(ids))
    distinct = {e for e in ids if e is not None}
    in_order = table.ids(table.order()).to_list()
    assert in_order == sorted(distinct, key=lambda text: text.encode())
