"""Cycles, cliques, near-certain links and many hops: it ends, and risk is a probability."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles.books import Analysed, Book, analyse, books
from oracles.nets import Heard, Link, Net, nets, rows_of, spread
from oracles.planted import is_caught

from graphrisk.model.policy import Policy
from graphrisk.propagation.fixed import CEILING_NATS
from graphrisk.propagation.reach import reach, total_nats


@st.composite
def near_certain(draw) -> Net:
    """Nets whose links all carry with 0.999."""
    net = draw(nets(max_entities=8))
    links = tuple(Link(k.source, k.target, 0.999, 0.999, k.family) for k in net.links)
    return Net(net.n_entities, links, net.seeds)


def check_bounds(run: Callable[[Net, int], Heard], case: tuple[Net, int]) -> None:
    """Evidence is finite and never negative, and never above the ceiling."""
    net, n_hops = case
    for name, array in run(net, n_hops).arrays().items():
        assert np.isfinite(array).all(), name
        assert (array >= 0).all(), name
        assert (array <= (CEILING_NATS if "nats" in name else 2**62)).all(), name


def run(net: Net, n_hops: int) -> Heard:
    return spread(net, n_hops=n_hops)


@given(st.tuples(nets() | near_certain(), st.integers(1, 32)))
def test_evidence_is_finite_and_never_negative(case):
    check_bounds(run, case)


def test_a_message_without_a_last_doubt_is_caught():
    def certain(net: Net, n_hops: int) -> Heard:
        """Planted: take the logarithm of 1 - 1."""
        heard = run(net, n_hops)
        silent = np.zeros(net.n_entities)
        for link in net.links:
            silent[link.target] += np.log1p(-link.there)
        with np.errstate(divide="ignore"):
            nats = -np.log(1.0 - (1.0 - np.exp(silent)))
        return Heard(np.maximum(nats, heard.nats), heard.family_nats, heard.mass, heard.family_mass)

    cases = st.tuples(near_certain(), st.integers(1, 32))
    assert is_caught(check_bounds, certain, cases)


@pytest.mark.parametrize("n_parallel", [1, 2, 5, 6, 8, 40])
def test_parallel_links_near_certainty_only_ever_add(n_parallel):
    def ring(n: int) -> np.ndarray:
        links = [Link(i, (i + 1) % 3, 0.999, 0.999) for i in range(3) for _ in range(n)]
        return spread(Net(3, tuple(links), (1.0, 0.0, 0.0)), n_hops=32).nats

    assert (ring(n_parallel + 1) >= ring(n_parallel) - 1e-12).all()


def test_a_clique_of_seeds_over_many_hops_stays_below_the_ceiling():
    n = 400
    links = tuple(Link(a, b, 0.999, 0.999) for a in range(n) for b in range(a))
    net = Net(n, links, (1.0,) * n)
    rows = rows_of(net)
    reached = reach(rows.offsets, rows.neighbor, rows.reverse, rows.out_prob, rows.seeds, n_hops=32)
    nats = total_nats(rows.offsets, reached)
    assert (nats > 2000).all()
    assert (nats <= CEILING_NATS).all()


def test_what_exceeds_the_ceiling_stops_there():
    n = 1500
    links = tuple(Link(0, leaf, 0.999, 0.999) for leaf in range(1, n))
    nats = spread(Net(n, links, (0.0,) + (1.0,) * (n - 1))).nats
    assert nats[0] == CEILING_NATS


def check_risk_is_a_probability(analyse: Callable[[Book], Analysed], book: Book) -> None:
    found = analyse(book)
    assert (found.risk.risk_prob >= 0).all()
    assert (found.risk.risk_prob <= 1).all()
    assert (found.risk.good_nats <= 0).all()
    assert (found.risk.linked_nats >= 0).all()


def carrying(prob: float) -> Policy:
    """A policy in which every relation carries with the same probability, over 32 links."""
    rules = {"toward_target_prob": prob, "toward_source_prob": prob, "hub_exponent": 0.0}
    relations = dict.fromkeys(Policy.default().relations, rules)
    return Policy.from_mapping(
        {"relations": relations, "reach": {"n_hops": 32, "message_floor_prob": 0.0}}
    )


NEAR_CERTAIN = carrying(0.999)
SILENT = carrying(0.0)


@given(books())
def test_risk_is_a_probability_when_links_are_near_certain(book):
    check_risk_is_a_probability(lambda book: analyse(book, NEAR_CERTAIN), book)


@given(books(max_ties=12))
def test_links_that_carry_nothing_bring_nothing(book):
    found = analyse(book, SILENT)
    assert (found.risk.linked_nats == 0).all()


def test_good_evidence_that_counts_against_somebody_is_caught():
    def upside_down(book: Book) -> Analysed:
        found = analyse(book)
        object.__setattr__(found.risk, "good_nats", -found.risk.good_nats)
        return found

    assert is_caught(check_risk_is_a_probability, upside_down, books())
