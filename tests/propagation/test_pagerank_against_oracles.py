"""PageRank solves its equations, adds up over seeds, and loses no more than rounding takes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles.nets import Link, Net, nets, rows_of
from oracles.walks import by_networkx, solved

from graphrisk.errors import ExitCode, NotConverged
from graphrisk.propagation.fixed import MASS, mass_from_units
from graphrisk.propagation.pagerank import pagerank, transition

DAMPING = st.sampled_from([0.3, 0.5, 0.85, 0.9])


def mass_units(net: Net, damping: float, seed_mass=None, leads_nowhere=None, **options):
    """Units of mass at every entity; seeds of the net, unless other masses are given."""
    rows = rows_of(net)
    if seed_mass is None:
        seed_mass = (rows.seeds > 0).astype(float)
    if leads_nowhere is None:
        leads_nowhere = np.zeros(net.n_entities, dtype=bool)
    share = transition(rows.offsets, rows.neighbor, rows.reverse, rows.out_prob, leads_nowhere)
    return pagerank(rows.offsets, rows.neighbor, share, seed_mass, damping=damping, **options)


@st.composite
def rings(draw):
    """Nets in which every entity has at least two links."""
    net = draw(nets(max_links=14))
    n = net.n_entities
    ring = tuple(Link(i, (i + 1) % n, 0.5, 0.5) for i in range(n))
    return Net(n, net.links + ring, net.seeds)


@given(rings(), DAMPING)
def test_without_dead_ends_it_is_the_pagerank_of_networkx_for_each_seed(net, damping):
    n_seeds = sum(strength > 0 for strength in net.seeds)
    ours = mass_from_units(mass_units(net, damping)) / n_seeds
    assert np.abs(ours - by_networkx(net, damping)).max() <= 1e-9


@given(nets(), DAMPING, st.data())
def test_in_general_it_solves_its_equations(net, damping, data):
    rows = rows_of(net)
    flags = data.draw(st.lists(st.booleans(), min_size=net.n_entities, max_size=net.n_entities))
    identifier = np.array(flags)
    dead_end = identifier & (np.diff(rows.offsets) == 1)
    slow = solved(rows, dead_end, (rows.seeds > 0).astype(float), damping)
    ours = mass_from_units(mass_units(net, damping, leads_nowhere=identifier))
    assert np.abs(ours - slow).max() <= 1e-9


@given(nets(), DAMPING)
def test_the_mass_of_two_sets_of_seeds_is_the_sum_of_both(net, damping):
    seeds = (np.array(net.seeds) > 0).astype(float)
    others = np.roll(seeds, 1)
    apart = mass_units(net, damping, seeds) + mass_units(net, damping, others)
    together = mass_units(net, damping, seeds + others)
    assert np.abs(together - apart).max() <= 1e-9 * MASS


@given(nets(), st.sampled_from([0.3, 0.9, 0.97]))
def test_the_mass_of_all_entities_is_never_above_that_of_the_seeds(net, damping):
    n_seeds = sum(strength > 0 for strength in net.seeds)
    units = mass_units(net, damping)
    assert (units >= 0).all()
    assert int(units.sum()) <= n_seeds * int(MASS)


@given(nets(), DAMPING)
def test_it_is_a_fixed_point_and_the_least_one(net, damping):
    """One sweep more moves nothing; sweeping down from above ends no lower."""
    rows = rows_of(net)
    nobody = np.zeros(net.n_entities, dtype=bool)
    share = transition(rows.offsets, rows.neighbor, rows.reverse, rows.out_prob, nobody)
    start = np.floor((1.0 - damping) * (rows.seeds > 0) * MASS).astype(np.int64)

    def swept(mass: np.ndarray) -> np.ndarray:
        arriving = np.floor((damping * share) * mass[rows.neighbor]).astype(np.int64)
        return start + np.bincount(rows.row, arriving, net.n_entities).astype(np.int64)

    least = mass_units(net, damping)
    assert (swept(least) == least).all()
    mass = least + int(MASS)
    for _ in range(10_000):
        lower = swept(mass)
        if (lower == mass).all():
            break
        mass = lower
    assert (mass >= least).all()
    assert np.abs(mass - least).max() <= 1e-9 * MASS


def test_too_few_sweeps_are_an_error_that_names_the_way_out():
    ring = Net(3, tuple(Link(i, (i + 1) % 3, 0.5, 0.5) for i in range(3)), (1.0, 0.0, 0.0))
    with pytest.raises(NotConverged, match=r"after 5 sweeps at damping 0\.9") as stopped:
        mass_units(ring, 0.9, max_sweeps=5)
    assert "pagerank.max_sweeps" in stopped.value.hint
    assert stopped.value.exit_code == ExitCode.INTEGRITY


def test_a_private_identifier_takes_nothing_from_the_others_but_may_send():
    """An account's own device, used by nobody else, leads nowhere."""
    net = Net(3, (Link(0, 1, 0.5, 0.5), Link(0, 2, 0.5, 0.5)), (1.0, 0.0, 0.0))
    private = np.array([False, False, True])
    seen = mass_from_units(mass_units(net, 0.5, leads_nowhere=private))
    assert seen[2] == 0
    assert seen[1] == pytest.approx(0.5 * seen[0], abs=1e-11)
    sending = mass_from_units(mass_units(net, 0.5, np.array([0.0, 0.0, 1.0]), private))
    assert sending[0] > 0


def test_nobody_is_reached_where_there_is_no_link_or_no_seed():
    net = Net(3, (Link(0, 1, 0.5, 0.5),), (0.0, 0.0, 1.0))
    assert mass_units(net, 0.5).tolist() == [0, 0, int(MASS) // 2]
    assert mass_units(net, 0.5, np.zeros(3)).tolist() == [0, 0, 0]
