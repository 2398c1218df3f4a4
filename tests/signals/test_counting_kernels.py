"""Compiled counts, against counting one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.graph.uses import FAR_US, Uses, uses_of, uses_of_kinds
from graphrisk.model.times import DAY_US, NO_TIME
from graphrisk.signals.moments import FEW, n_between
from graphrisk.signals.sharing import others_of_uses

from .tables import AS_OF, applications, book, identifiers, transfers, values

LETTERS = "ABC"
DAYS = st.integers(0, 40)


@given(st.lists(st.tuples(st.sampled_from(LETTERS), st.integers(0, 7), DAYS), max_size=60))
def test_lenders_of_the_fullest_window(rows):
    seen = book(applications=applications(*((a, f"L{n}", days) for a, n, days in rows)))
    free, window = 2, 7
    plain = []
    for letter in LETTERS:
        own = [(lender, days) for a, lender, days in rows if a == letter]
        everywhere = len({lender for lender, _ in own})
        windows = [
            len({lender for lender, days in own if last <= days <= last + window})
            for _, last in own
        ]
        most = everywhere if everywhere <= free else max(windows)
        plain.append(most if own else None)
    told = values("LENDER_BURST", seen, free_count=free, window_days=window)
    assert told == plain


USES = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 5), st.none() | DAYS, st.integers(0, 20)),
    max_size=80,
)


def _times_us(rows):
    """First and last seen of each account and thing, microseconds; the plain way."""
    as_of = round(AS_OF.timestamp() * 1e6)
    return {
        (thing, account): (as_of - (days + lasted) * DAY_US, as_of - days * DAY_US)
        if days is not None
        else (-FAR_US, FAR_US)
        for thing, account, days, lasted in rows
    }


@given(USES)
def test_uses_of_things(rows):
    rows = list({row[:2]: row for row in rows}.values())
    seen = book(
        "ABCDEF",
        identifiers=identifiers(
            *(
                ("ABCDEF"[account], "device", f"D{thing}")
                if days is None
                else ("ABCDEF"[account], "device", f"D{thing}", days + lasted, days)
                for thing, account, days, lasted in rows
            )
        ),
    )
    uses, things = uses_of(seen.graph, "device"), sorted({row[0] for row in rows})
    told = {
        (things[identifier - int(seen.graph.of_kind("device")[0])], account): (begun, ended)
        for identifier, account, begun, ended in zip(
            *(getattr(uses, name).tolist() for name in Uses.__slots__), strict=True
        )
    }
    lasting = {
        pair: (begun, FAR_US if begun == ended else ended)
        for pair, (begun, ended) in _times_us(rows).items()
    }
    assert told == lasting
    assert list(told) == sorted(told)


def test_a_pair_linked_twice_is_one_use_from_the_first_to_the_last():
    seen = book(
        identifiers=identifiers(
            ("A", "device", "D", 30, 20), ("A", "device", "D", 10, 5), ("B", "phone", "P"),
        )
    )  # fmt: skip
    uses = uses_of_kinds(seen.graph, ("phone", "device", "e-mail"))
    assert uses.account.tolist() == [0, 1]
    assert (uses.ended_us - uses.begun_us)[0] == 25 * DAY_US
    assert uses.is_dated.tolist() == [True, False]
    assert NO_TIME not in uses.begun_us


@given(USES, st.integers(0, 3))
def test_others_meanwhile(rows, grace_days):
    whole = sorted(
        (thing, account, *((0, 0) if days is None else (days, days + lasted)))
        for thing, account, days, lasted in {row[:2]: row for row in rows}.values()
    )
    columns = np.array(whole, dtype=np.int64).reshape(-1, 4).T
    uses = Uses(columns[0], columns[1], columns[2] * DAY_US, columns[3] * DAY_US)
    protected = np.array([-1, -1, 0, -1], dtype=np.int8)
    plain = [
        sum(
            other != account and same == thing and b <= end + grace_days and e >= begin - grace_days
            for same, other, b, e in whole
        )
        * (thing != 2)
        for thing, account, begin, end in whole
    ]
    assert others_of_uses(uses, protected, grace_days).tolist() == plain


def test_large_groups_are_sorted_too():
    at_us = np.arange(3 * FEW)[::-1].copy()
    of = np.zeros(len(at_us), dtype=np.int64)
    none, all_of_it = np.zeros(2, dtype=np.int64), np.array([5, len(at_us)])
    assert n_between(of, at_us, none, none, all_of_it).tolist() == [6, len(at_us)]


MOVES = st.lists(
    st.tuples(
        st.sampled_from(LETTERS), st.sampled_from(LETTERS), st.integers(0, 60), st.integers(1, 9)
    ),
    max_size=30,
    unique=True,  # a row that is there twice is read once
)


def _passed_on(letter, moves, window, share):
    """Match payments to receipts one unit of money at a time."""
    received = sorted(
        ((-hours, -amount) for _, b, hours, amount in moves if b == letter), key=lambda row: row
    )
    left = [-amount for _, amount in received]
    paid = sorted((-hours, amount) for a, _, hours, amount in moves if a == letter)
    for at, amount in paid:
        unpaid = amount
        for i, (since, _) in enumerate(received):
            if since <= at <= since + window:
                taken = min(unpaid, left[i])
                left[i], unpaid = left[i] - taken, unpaid - taken
    return sum(
        -amount - rest >= share * -amount for (_, amount), rest in zip(received, left, strict=True)
    )


@given(MOVES)
def test_money_passed_on(moves):
    moves = [move for move in moves if move[0] != move[1]]
    seen = book(transfers=transfers(*moves))
    told = values("FAST_IN_FAST_OUT", seen, window_hours=12, passed_on_share=0.8)
    ends = {end for a, b, *_ in moves for end in (a, b)}
    plain = [_passed_on(a, moves, 12, 0.8) if a in ends else None for a in LETTERS]
    assert told == plain


@pytest.mark.parametrize("n_lenders", [3, 4])
def test_the_last_moment_of_a_window_is_in_it(n_lenders):
    rows = [("A", f"L{i}", 14 * (i > 0)) for i in range(n_lenders)]
    told = values("LENDER_BURST", book(applications=applications(*rows)), window_days=14)
    assert told[0] == n_lenders
