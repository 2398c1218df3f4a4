"""Numbers depend on which ids there are, never on the order in which they were met."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.graph.encode import ABSENT, IdIndex

IDS = st.lists(st.text(st.characters(codec="utf-8"), max_size=4) | st.none(), max_size=12)
KINDS = st.sampled_from(["account", "device", "ip"])
SEEN = st.dictionaries(KINDS, st.lists(IDS, min_size=1, max_size=3), max_size=3)
ANY_KIND = st.sampled_from(["account", "ip", "nowhere", None])


def index_of(seen: dict[str, list[list[str | None]]]) -> IdIndex:
    return IdIndex.of(
        {kind: [pl.Series(ids, dtype=pl.String) for ids in parts] for kind, parts in seen.items()}
    )


def numbering(index: IdIndex) -> dict[tuple[str, str], int]:
    kinds = [index.kinds[code] for code in index.kind_codes().tolist()]
    ids = index.entity_ids().to_list()
    return {entity: i for i, entity in enumerate(zip(kinds, ids, strict=True))}


@given(SEEN, st.randoms(use_true_random=False))
def test_the_order_and_repetition_of_rows_change_no_number(seen, random):
    shuffled = {}
    for kind, parts in seen.items():
        ids = [entity for part in parts for entity in part]
        again = ids + random.choices(ids, k=3) if ids else ids
        random.shuffle(again)
        shuffled[kind] = [again]
    assert numbering(index_of(seen)) == numbering(index_of(shuffled))


@given(SEEN)
def test_every_id_has_one_number_and_numbers_are_dense(seen):
    index = index_of(seen)
    distinct = {
        (kind, e) for kind, parts in seen.items() for ids in parts for e in ids if e is not None
    }
    numbers = numbering(index)
    assert numbers.keys() == distinct
    assert sorted(numbers.values()) == list(range(index.n_entities))


@given(SEEN, IDS)
def test_encoding_a_column_gives_each_row_its_number_or_absent(seen, column):
    index, numbers = index_of(seen), numbering(index_of(seen))
    for kind in ("account", "device", "ip", "nowhere"):
        expected = [numbers.get((kind, e), ABSENT) for e in column]
        together = index.encode(kind, pl.Series(column, dtype=pl.String))
        one_by_one = [index.encode(kind, pl.Series([e], dtype=pl.String))[0] for e in column]
        assert together.tolist() == one_by_one == expected
        assert together.dtype == np.int32


@given(SEEN, st.lists(st.tuples(ANY_KIND, st.text(max_size=2))))
def test_columns_of_mixed_kinds_are_read_row_by_row(seen, rows):
    index, numbers = index_of(seen), numbering(index_of(seen))
    kinds = pl.Series([kind for kind, _ in rows], dtype=pl.String)
    ids = pl.Series([e for _, e in rows], dtype=pl.String)
    expected = [numbers.get(row, ABSENT) for row in rows]
    assert index.encode_mixed(kinds, ids).tolist() == expected


def test_kinds_follow_one_another_in_alphabetical_order():
    index = index_of({"ip": [["x"]], "account": [["b", "a"]]})
    assert list(numbering(index)) == [("account", "a"), ("account", "b"), ("ip", "x")]
    assert index.starts.tolist() == [0, 2, 3]


@pytest.mark.parametrize("ids", [["10", "9", "a", "A", "ä", ""]])
def test_ids_are_texts_and_sorted_as_texts(ids):
    assert index_of({"account": [ids]}).entity_ids().to_list() == ["", "10", "9", "A", "a", "ä"]


def test_an_index_of_nothing_is_empty():
    index = index_of({})
    assert index.n_entities == 0
    assert index.entity_ids().to_list() == []
