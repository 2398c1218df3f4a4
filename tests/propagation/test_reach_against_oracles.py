"""Reach is the probability it claims: exact on trees, from above on cycles, near in the large."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles.messages import message_passing
from oracles.nets import Link, Net, nets, rows_of, trees
from oracles.percolation import enumerated, sampled

from graphrisk.propagation.reach import reach, total_nats


def reach_nats(net: Net, n_hops: int) -> np.ndarray:
    rows = rows_of(net)
    reached = reach(
        rows.offsets, rows.neighbor, rows.reverse, rows.out_prob, rows.seeds, n_hops=n_hops
    )
    return total_nats(rows.offsets, reached)


def reach_prob(net: Net, n_hops: int) -> np.ndarray:
    return -np.expm1(-reach_nats(net, n_hops))


def alike(net: Net) -> Net:
    """The same net with links that carry back what they carry there."""
    return Net(
        net.n_entities,
        tuple(Link(k.source, k.target, k.there, k.there) for k in net.links),
        tuple(min(s, 0.999) for s in net.seeds),
    )


def mule_ring(n_accounts: int, n_devices: int, rng: np.random.Generator) -> Net:
    """Accounts on one to three devices each, five per cent of them known to be bad."""
    links = []
    for account in range(n_accounts):
        for device in rng.choice(n_devices, size=rng.integers(1, 4), replace=False):
            carry = float(rng.uniform(0.3, 0.8))
            links.append(Link(account, n_accounts + int(device), carry, carry))
    seeds = np.zeros(n_accounts + n_devices)
    seeds[rng.choice(n_accounts, size=n_accounts // 20, replace=False)] = 0.9
    return Net(n_accounts + n_devices, tuple(links), tuple(seeds.tolist()))


@given(trees(12, both_ways_alike=True), st.integers(1, 9))
def test_on_trees_reach_is_the_probability(net, n_hops):
    exact = enumerated(net, n_hops, both_ways_alike=True)
    assert np.abs(reach_prob(net, n_hops) - exact).max() <= 1e-12


@given(trees(6, both_ways_alike=False), st.integers(1, 7))
def test_on_trees_with_directions_of_their_own_too(net, n_hops):
    exact = enumerated(net, n_hops, both_ways_alike=False)
    assert np.abs(reach_prob(net, n_hops) - exact).max() <= 1e-12


@given(nets(max_entities=8, max_links=9), st.integers(1, 9))
def test_on_cycles_reach_is_never_below_the_probability(net, n_hops):
    """Arrivals over different neighbours go together (Harris, FKG), so taking them for
    independent can only say too much, for any limit of hops.
    """
    net = alike(net)
    exact = enumerated(net, n_hops, both_ways_alike=True)
    assert (reach_prob(net, n_hops) >= exact - 1e-12).all()


def test_on_small_graphs_full_of_cycles_the_mean_error_is_below_four_hundredths():
    rng = np.random.default_rng(11)
    errors = []
    for _ in range(60):
        pairs = [(a, b) for a in range(7) for b in range(a)]
        chosen = rng.choice(len(pairs), size=9, replace=False)
        links = [Link(*pairs[i], w, w) for i in chosen for w in [float(rng.uniform(0.2, 0.8))]]
        net = Net(7, tuple(links), (0.9, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0))
        exact = enumerated(net, 5, both_ways_alike=True)
        errors.append(np.abs(reach_prob(net, 5) - exact))
    assert np.mean(errors) < 0.04


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_on_two_hundred_entities_it_is_near_the_simulation_and_an_echo_is_not(seed):
    rng = np.random.default_rng(seed)
    net = mule_ring(120, 80, rng)
    simulated = sampled(net, 5, 20_000, rng)
    unlabelled = np.array(net.seeds) == 0
    error = np.abs(reach_prob(net, 5) - simulated)[unlabelled].mean()
    echoing = -np.expm1(-np.array(message_passing(net, 5, echo=True)))
    assert error < 0.005
    assert np.abs(echoing - simulated)[unlabelled].mean() > 5 * error


@given(nets(), st.integers(1, 8), st.sampled_from([0.0, 1.2345e-9, 1.2345e-3]))
def test_reach_is_its_recursion_written_down_once_more(net, n_hops, floor):
    rows = rows_of(net)
    reached = reach(
        rows.offsets, rows.neighbor, rows.reverse, rows.out_prob, rows.seeds,
        n_hops=n_hops, message_floor_prob=floor,
    )  # fmt: skip
    nats = total_nats(rows.offsets, reached)
    slow = np.array(message_passing(net, n_hops, floor=floor))
    assert np.abs(nats - slow).max() <= 1e-9


def test_what_each_link_brought_adds_up_to_the_evidence():
    net = Net(3, (Link(0, 2, 0.5, 0.5), Link(0, 2, 0.4, 0.4), Link(1, 2, 0.3, 0.3)), (0.9, 0.8, 0))
    rows = rows_of(net)
    reached = reach(rows.offsets, rows.neighbor, rows.reverse, rows.out_prob, rows.seeds, n_hops=3)
    arriving = reached.message_units[rows.offsets[2] : rows.offsets[3]]
    total = total_nats(rows.offsets, reached)[2]
    assert -arriving.sum() / 2**48 == total
    # 0.5 and 0.4 side by side carry 0.7; 0.3 carries from another seed.
    assert total == pytest.approx(-np.log((1 - 0.7 * 0.9) * (1 - 0.3 * 0.8)), abs=1e-12)
    assert arriving[0] / arriving[1] == pytest.approx(np.log(0.5) / np.log(0.6), abs=1e-9)
