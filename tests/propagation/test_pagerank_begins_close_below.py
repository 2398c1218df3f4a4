"""PageRank's shortcuts: where mass can move, a head start below the end, and a queue at the end."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles.nets import Link, Net, Rows, nets, rows_of

from graphrisk.propagation.fixed import MASS
from graphrisk.propagation.flow import Flow
from graphrisk.propagation.headstart import count_unproved, head_start
from graphrisk.propagation.pagerank import pagerank, settle, starting_mass, transition

DAMPING = st.sampled_from([0.3, 0.85, 0.97])


def shares_of(rows: Rows) -> np.ndarray:
    nobody = np.zeros(len(rows.offsets) - 1, dtype=bool)
    return transition(rows.offsets, rows.neighbor, rows.reverse, rows.out_prob, nobody)


def flow_of(rows: Rows, share: np.ndarray, n_threads: int = 1) -> Flow:
    return Flow.of(rows.offsets, rows.neighbor, share, rows.seeds > 0, n_threads=n_threads)


def climbed(rows: Rows, share: np.ndarray, start: np.ndarray, damping: float) -> np.ndarray:
    """The least fixed point, all rows of the graph at once, from nothing."""
    mass, rate = np.zeros(len(start), dtype=np.int64), damping * share
    while True:
        arriving = (rate * mass[rows.neighbor]).astype(np.int64)
        higher = start + np.bincount(rows.row, arriving, len(start)).astype(np.int64)
        if (higher == mass).all():
            return mass
        mass = higher


@given(nets(), DAMPING, st.sampled_from([1, 2]))
def test_it_ends_where_climbing_from_nothing_ends(net, damping, n_threads):
    rows = rows_of(net)
    share, seed_mass = shares_of(rows), (rows.seeds > 0).astype(float)
    mass = pagerank(
        rows.offsets, rows.neighbor, share, seed_mass, damping=damping, n_threads=n_threads
    )
    assert (mass == climbed(rows, share, starting_mass(seed_mass, damping), damping)).all()


def begun_and_ended(net: Net, damping: float, of_seed: float) -> tuple[np.ndarray, ...]:
    """Where the senders of a net start, where their head start is, and where they end."""
    rows = rows_of(net)
    share = shares_of(rows)
    flow = flow_of(rows, share)
    start = starting_mass(of_seed * (rows.seeds > 0), damping)
    n, rate = flow.n_senders, flow.rates(share, damping, 1)
    senders = flow.row[:n]
    begun = head_start(flow.offsets[: n + 1], flow.near, rate, start[senders], damping, n_threads=2)
    return start[senders], begun, climbed(rows, share, start, damping)[senders]


@given(nets(), DAMPING, st.sampled_from([1.0, 0.3, 100.0]))
def test_a_head_start_is_no_higher_than_the_end(net, damping, of_seed):
    start, begun, end = begun_and_ended(net, damping, of_seed)
    assert (start <= begun).all()
    assert (begun <= end).all()


def test_a_head_start_is_close_to_the_end():
    """Each product costs at most what is rounded off, and some more; damping adds that up."""
    n, numbers = 300, np.random.default_rng(5)
    ends = numbers.integers(0, n, (900, 2)).tolist()
    links = tuple(Link(a, b, 0.9, numbers.uniform(0.1, 0.9)) for a, b in ends if a != b)
    seeds = tuple((np.arange(n) % 7 == 0).astype(float).tolist())
    _, begun, end = begun_and_ended(Net(n, links, seeds), 0.85, 1.0)
    assert (end - begun).mean() <= (1.5 * 2 * 900 / n + 3) / 0.15
    assert (end - begun).max() < 1e-8 * MASS


@given(nets(), DAMPING, st.integers(1, 10**9))
def test_what_lies_above_the_end_is_not_proved(net, damping, excess):
    rows = rows_of(net)
    share = shares_of(rows)
    flow = flow_of(rows, share)
    start = starting_mass((rows.seeds > 0).astype(float), damping)
    end = climbed(rows, share, start, damping)[flow.row]
    n, rate = flow.n_senders, flow.rates(share, damping, 1)
    if not n:
        return
    rising = end[:n] + float(excess)
    work = (0, n, flow.offsets[: n + 1], flow.near, rate, start[flow.row][:n])
    assert count_unproved(*work, rising) > 0
    for not_a_number in (np.inf, np.nan):
        assert count_unproved(*work, np.full(n, not_a_number)) == n


def test_without_rest_it_begins_where_sweeps_always_may():
    """Shares of more than all would never come to rest."""
    offsets, near = np.array([0, 1, 2]), np.array([1, 0], dtype=np.int32)
    start = np.array([5, 7])
    begun = head_start(offsets, near, np.array([2.0, 2.0]), start, 0.85, n_threads=1)
    assert begun.tolist() == [5, 7]


@given(nets(), DAMPING)
def test_a_queue_ends_where_sweeps_end(net, damping):
    """From the start alone, as if every row had just got what it has."""
    rows = rows_of(net)
    share = shares_of(rows)
    flow = flow_of(rows, share)
    start = starting_mass((rows.seeds > 0).astype(float), damping)
    n, rate, mass = flow.n_senders, flow.rates(share, damping, 1), start[flow.row]
    work = (flow.row, flow.place, rows.offsets, rows.neighbor, flow.offsets[: n + 1], flow.near)
    for most, left in ((3, None), (10**9, 0)):
        n_left = settle(np.arange(n), most, *work, rate, start[flow.row], mass)
        assert left is None or n_left == left
    assert (mass[:n] == climbed(rows, share, start, damping)[flow.row][:n]).all()


def test_a_queue_that_gives_up_says_what_is_left():
    net = Net(3, tuple(Link(i, (i + 1) % 3, 0.5, 0.5) for i in range(3)), (1.0, 0.0, 0.0))
    rows = rows_of(net)
    share = shares_of(rows)
    flow = flow_of(rows, share)
    start = starting_mass((rows.seeds > 0).astype(float), 0.9)[flow.row]
    assert settle(
        np.arange(3), 2, flow.row, flow.place, rows.offsets, rows.neighbor, flow.offsets,
        flow.near, flow.rates(share, 0.9, 1), start, start.copy(),
    )  # fmt: skip


@given(nets(), st.sampled_from([1, 2]))
def test_a_flow_has_all_that_have_mass_or_receive_any_and_senders_first(net, n_threads):
    rows = rows_of(net)
    share = shares_of(rows)
    flow = flow_of(rows, share, n_threads)
    arrives = share > 0
    has = set(np.flatnonzero(rows.seeds > 0).tolist()) | set(rows.row[arrives].tolist())
    assert sorted(flow.row.tolist()) == sorted(has)
    assert flow.place[flow.row].tolist() == list(range(len(has)))
    assert np.count_nonzero(flow.place >= 0) == len(has)
    both = arrives & np.isin(rows.neighbor, list(has))
    assert set(flow.row[: flow.n_senders].tolist()) == set(rows.neighbor[both].tolist())
    of_slot = np.repeat(flow.row, np.diff(flow.offsets))
    assert (rows.row[flow.slot] == of_slot).all()
    assert (rows.neighbor[flow.slot] == flow.row[flow.near]).all()
    assert sorted(flow.slot.tolist()) == np.flatnonzero(both).tolist()


@pytest.mark.parametrize("n_seeds", [1, 5_000])
def test_a_crowd_on_one_thing_begins_close_too(n_seeds):
    """Of many large products the sum is no larger than it says."""
    n = 20_001
    offsets = np.concatenate(([0], np.arange(n - 1, 2 * n - 1)))
    near = np.concatenate((np.arange(1, n), np.zeros(n - 1))).astype(np.int32)
    rate = np.concatenate((np.full(n - 1, 0.85), np.full(n - 1, 0.85 / (n - 1))))
    start = starting_mass((np.arange(n) < n_seeds).astype(float), 0.85)
    begun = head_start(offsets, near, rate, start, 0.85, n_threads=2)
    assert begun[0] > n_seeds * 0.85 * 0.15 * MASS
