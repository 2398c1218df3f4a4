"""Small parts that the kernels stand on: whole units, families, ranges of rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles.nets import N_FAMILIES, nets, rows_of, spread

from graphrisk.propagation.families import family_mass, family_nats
from graphrisk.propagation.fixed import (
    CEILING,
    CEILING_NATS,
    MASS,
    NAT,
    mass_from_units,
    nats_from_units,
    units_from_nats,
)
from graphrisk.propagation.pagerank import pagerank, transition
from graphrisk.propagation.reach import reach
from graphrisk.threads import available_threads, over_rows


@given(st.integers(-(2**53), 2**53))
def test_units_survive_the_way_to_nats_and_back(units):
    there = nats_from_units(np.array([units], dtype=np.int64))
    assert units_from_nats(there).tolist() == [units]


@given(st.lists(st.floats(-30, 0), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_sums_of_units_do_not_depend_on_order_where_sums_of_floats_do(nats, random):
    shuffled = nats.copy()
    random.shuffle(shuffled)
    one, other = (units_from_nats(np.array(x)).sum() for x in (nats, shuffled))
    assert one == other
    assert abs(one / NAT - sum(nats)) <= len(nats) / NAT + 1e-9


def test_a_row_of_certainties_is_far_from_overflow():
    assert CEILING_NATS * int(NAT) == CEILING
    assert 2 * CEILING < 2**63
    assert mass_from_units(np.array([int(MASS)], dtype=np.int64)).tolist() == [1.0]


@given(nets())
def test_families_share_what_arrives_and_leave_nothing_over(net):
    """Evidence beyond the own seed, and mass beyond the own share, is the sum of families."""
    heard = spread(net, damping=0.8)
    own = -np.log(1.0 - np.minimum(net.seeds, 0.999999))
    assert np.abs(own + heard.family_nats.sum(axis=1) - heard.nats).max() <= 1e-9
    kept = 0.2 * (np.array(net.seeds) > 0)
    assert np.abs(kept + heard.family_mass.sum(axis=1) - heard.mass / MASS).max() <= 1e-11


@given(nets(min_links=1), st.integers(0, 20))
def test_families_of_some_entities_are_those_of_all(net, start):
    rows = rows_of(net)
    ends = (rows.offsets, rows.neighbor)
    reached = reach(*ends, rows.reverse, rows.out_prob, rows.seeds, n_hops=3)
    share = transition(*ends, rows.reverse, rows.out_prob, np.zeros(net.n_entities, dtype=bool))
    mass = pagerank(*ends, share, (rows.seeds > 0) * 1.0, damping=0.5)

    def of(chosen):
        chosen = np.array(chosen, dtype=np.int32)
        nats = family_nats(chosen, rows.offsets, rows.family_in, reached.message_units, N_FAMILIES)
        arrived = family_mass(chosen, *ends, rows.family_in, 0.5 * share, mass, N_FAMILIES)
        return np.concatenate([nats, arrived], axis=1)

    chosen = [(start + 3 * i) % net.n_entities for i in range(4)]
    assert of(chosen).tobytes() == of(range(net.n_entities))[chosen].tobytes()


@pytest.mark.parametrize("n_threads", [1, 2, 3, 7])
@pytest.mark.parametrize("degrees", [[], [0], [5] * 20, [100] + [0] * 19, [0] * 19 + [100]])
def test_every_row_is_taken_exactly_once(degrees, n_threads):
    offsets = np.cumsum([0, *degrees]).astype(np.int64)
    taken = np.zeros(len(degrees), dtype=np.int64)

    def kernel(first: int, last: int, offsets, taken) -> int:
        taken[first:last] += 1
        return last - first

    assert over_rows(kernel, offsets, n_threads, taken) == len(degrees)
    assert (taken == 1).all()


def test_an_error_in_a_thread_is_not_swallowed():
    def kernel(first: int, last: int, offsets) -> int:
        raise ArithmeticError(f"rows {first} to {last}")

    with pytest.raises(ArithmeticError, match="rows"):
        over_rows(kernel, np.arange(21, dtype=np.int64), 2)


def test_there_is_at_least_one_thread():
    assert available_threads() >= 1
