"""Sharing counts while both use the identifier."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk import read_dataset
from graphrisk.graph.build import build_graph
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.graph.overlap import Clusters, alone_in_time, came_first

START = datetime(2026, 1, 1, tzinfo=UTC)


def used(*spans: tuple[int, int] | None) -> LinkGraph:
    """One device, one account for each span of days; None is an undated use."""
    accounts = [f"A{i:02d}" for i in range(len(spans))]
    rows = [
        (account, "device", "D")
        + ((None, None) if span is None else tuple(START + timedelta(days=d) for d in span))
        for account, span in zip(accounts, spans, strict=True)
    ]
    return build_graph(
        read_dataset(
            {
                "accounts": pl.DataFrame({"account_id": accounts}),
                "identifiers": pl.DataFrame(
                    rows,
                    schema={
                        "account_id": pl.String,
                        "kind": pl.String,
                        "value": pl.String,
                        "first_seen_at": pl.Datetime("us", "UTC"),
                        "last_seen_at": pl.Datetime("us", "UTC"),
                    },
                    orient="row",
                ),
            }
        )
    )


def alone(graph: LinkGraph, grace_days: float = 0.0) -> list[bool]:
    return alone_in_time(graph, np.full(graph.n_links, grace_days)).tolist()


def test_a_second_hand_phone_has_two_users_each_alone() -> None:
    assert alone(used((0, 10), (12, 30))) == [True, True]


def test_spans_that_touch_or_overlap_are_shared_use() -> None:
    assert alone(used((0, 10), (10, 30))) == [False, False]
    assert alone(used((0, 30), (5, 6))) == [False, False]


def test_grace_bridges_a_gap() -> None:
    assert alone(used((0, 10), (12, 30)), grace_days=2) == [False, False]
    assert alone(used((0, 10), (12, 30)), grace_days=1.9) == [True, True]


def test_a_later_buyer_is_alone_while_the_earlier_two_are_not() -> None:
    assert alone(used((0, 10), (5, 8), (20, 30))) == [False, False, True]


def test_a_long_use_overlaps_beyond_its_neighbour_in_time() -> None:
    assert alone(used((0, 100), (5, 8), (20, 30))) == [False, False, False]


def test_an_undated_use_leaves_nobody_alone() -> None:
    assert alone(used((0, 10), None, (20, 30))) == [False, False, False]


def test_the_only_user_is_not_alone_but_private() -> None:
    assert alone(used((0, 10))) == [False]


def test_where_time_does_not_matter_nobody_is_alone() -> None:
    assert alone(used((0, 10), (12, 30)), grace_days=-1) == [False, False]


@settings(max_examples=80)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), min_size=2, max_size=24),
    st.integers(0, 5),
)
def test_the_sweep_agrees_with_looking_at_every_pair(
    starts_and_lengths: list[tuple[int, int]], grace: int
) -> None:
    spans = [(start, start + length) for start, length in starts_and_lengths]
    expected = [
        not any(
            i != j and a[0] - grace <= b[1] and b[0] - grace <= a[1] for j, b in enumerate(spans)
        )
        for i, a in enumerate(spans)
    ]
    assert alone(used(*spans), grace_days=grace) == expected


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), min_size=3, max_size=7))
def test_one_more_user_never_leaves_somebody_alone_who_was_not(
    starts_and_lengths: list[tuple[int, int]],
) -> None:
    spans = [(start, start + length) for start, length in starts_and_lengths]
    for fewer, more in pairwise(range(2, len(spans) + 1)):
        before, after = alone(used(*spans[:fewer])), alone(used(*spans[:more]))
        assert all(b or not a for b, a in zip(before, after[:fewer], strict=True))


SPANS = st.none() | st.tuples(st.integers(0, 60), st.integers(60, 90))


@given(st.lists(SPANS, min_size=2, max_size=6), st.sampled_from([0.0, 7.0, 30.0]))
def test_who_came_first_is_who_came_before_everybody_else(spans, lead_days) -> None:
    starts = [None if span is None else span[0] for span in spans]
    expected = [
        start is not None
        and all(
            other is None or other > start + lead_days for j, other in enumerate(starts) if j != i
        )
        for i, start in enumerate(starts)
    ]
    assert came_first(used(*spans), lead_days).tolist() == expected


def test_nobody_comes_first_to_a_thing_of_his_own() -> None:
    assert came_first(used((0, 10)), 0.0).tolist() == [False]


#: Uses of one thing, dealt out: first day, last day, and the days within which another one is near.
USES = st.tuples(st.integers(0, 60), st.integers(0, 9), st.integers(0, 4))
PARTS = st.lists(st.lists(USES, max_size=6), min_size=1, max_size=4).filter(any)


@given(PARTS, st.integers(0, 3))
def test_a_row_in_parts_says_who_is_alone_as_every_pair_of_its_uses_does(parts, gap):
    """However uses are dealt out, and though each may have a grace of its own, above the gap."""
    uses = [(first, first + lasts, gap + more) for part in parts for first, lasts, more in part]
    expected = [
        not any(i != j and a - grace <= d and c - grace <= b for j, (c, d, _) in enumerate(uses))
        for i, (a, b, grace) in enumerate(uses)
    ]
    begun, ended, grace = np.array(uses, dtype=np.int64).T
    ends = np.cumsum([len(part) for part in parts])[:-1]
    clusters = [
        Clusters.of(some_begun, some_ended, gap)
        for some_begun, some_ended in zip(np.split(begun, ends), np.split(ended, ends), strict=True)
    ]
    assert Clusters.merged(clusters, gap).alone(begun, ended, grace).tolist() == expected


def test_clusters_are_no_more_than_gaps_fit_into_their_time():
    moments = np.sort(np.random.default_rng(0).integers(0, 365, 10_000))
    clusters = Clusters.of(moments, moments, gap_us=7)
    assert clusters.n_spans.sum() == 10_000
    assert len(clusters.begun_us) <= 365 // 7
