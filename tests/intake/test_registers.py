"""References that the table of ids tells are those that a join tells."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.intake.references import Registers, _is_unlisted, registers_of

KINDS = st.sampled_from(["account", "device", "lender", "phone", "car"])
IDS = st.sampled_from(["", "a", "b", "c", "x" * 12, "x" * 13, "é" * 9])
PAIRS = st.lists(st.tuples(KINDS, IDS), max_size=12)
SCHEMA = {"kind": pl.String(), "id": pl.String()}


def registers(listed: list[tuple[str, str]], aside: list[tuple[str, str]]) -> Registers:
    accepted, quarantined = (pl.DataFrame(some, SCHEMA, orient="row") for some in (listed, aside))
    return registers_of(accepted, quarantined, {"accounts", "devices"}, ())


@given(PAIRS, PAIRS, st.lists(st.tuples(st.none() | KINDS, st.none() | IDS), max_size=12))
def test_rows_that_name_what_is_not_listed(listed, aside, named):
    made = registers(listed, aside)
    kinds, ids = (pl.Series([row[i] for row in named], dtype=pl.String) for i in (0, 1))
    by_join = [
        None not in row and row[0] not in made.unchecked_kinds and row not in listed
        for row in named
    ]
    assert _is_unlisted(ids, kinds, made).to_list() == by_join
    for kind in ("account", "device"):
        is_listed = [(kind, row[1]) in listed for row in named]
        assert made.is_listed(kind, ids).to_list() == is_listed


@given(PAIRS, PAIRS)
def test_each_entity_is_listed_once_and_not_set_aside_too(listed, aside):
    made = registers(listed, aside)
    assert sorted(made.listed.rows()) == sorted(set(listed))
    assert sorted(made.set_aside.rows()) == sorted(set(aside) - set(listed))
