"""Order of links, numbering of entities and number of threads change no byte of any result."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import wrong
from oracles.messages import message_passing
from oracles.nets import Heard, Link, Net, Spread, nets, spread
from oracles.planted import is_caught


@st.composite
def shuffled(draw) -> tuple[Net, Net, list[int]]:
    """A net; the same renumbered, with its links in another order; and the new numbers."""
    net = draw(nets())
    number = draw(st.permutations(range(net.n_entities)))
    other = net.renumbered(number)
    return (
        net,
        Net(other.n_entities, tuple(draw(st.permutations(other.links))), other.seeds),
        number,
    )


def check_same_under_another_order(spread: Spread, case: tuple[Net, Net, list[int]]) -> None:
    """Compare the bytes of the entities, each under its old and its new number."""
    net, other, number = case
    assert spread(other).of(number).to_bytes() == spread(net).to_bytes()


@given(shuffled())
def test_neither_the_order_of_links_nor_the_numbering_shows(case):
    check_same_under_another_order(spread, case)


@pytest.mark.parametrize(
    "bug",
    [wrong.float_sums, wrong.ties_to_the_first_entity, wrong.first_link_takes_the_rest],
    ids=lambda bug: bug.__name__,
)
def test_a_kernel_that_depends_on_order_is_caught(bug):
    assert is_caught(check_same_under_another_order, bug, shuffled())


Threaded = Callable[[Net, int], Heard]


def check_same_on_any_number_of_threads(run: Threaded, net: Net) -> None:
    """Compare one thread with two and with three."""
    alone = run(net, 1).to_bytes()
    assert run(net, 2).to_bytes() == alone
    assert run(net, 3).to_bytes() == alone


def on_threads(net: Net, n_threads: int) -> Heard:
    """Both kernels, with few enough sweeps that five hundred examples pass quickly."""
    return spread(net, damping=0.1, n_threads=n_threads)


@given(nets(max_entities=14))
def test_threads_change_no_byte(net):
    check_same_on_any_number_of_threads(on_threads, net)


def test_threads_change_no_byte_of_a_larger_book():
    rng = np.random.default_rng(5)
    ends = rng.integers(0, 3000, size=(6000, 2))
    carry = rng.uniform(0.05, 0.9, size=(6000, 2))
    links = tuple(
        Link(a, b, there, back)
        for (a, b), (there, back) in zip(ends.tolist(), carry.tolist(), strict=True)
        if a != b
    )
    seeds = np.where(rng.random(3000) < 0.03, 0.9, 0.0)
    net = Net(3000, links, tuple(seeds.tolist()))
    check_same_on_any_number_of_threads(
        lambda net, n_threads: spread(net, damping=0.9, n_threads=n_threads), net
    )


def partial_sums(net: Net, n_threads: int) -> Heard:
    """Planted: every thread adds up its own links in floating point, and the sums are added."""
    parts = [
        message_passing(Net(net.n_entities, net.links[i::n_threads], net.seeds), 1)
        for i in range(n_threads)
    ]
    heard = spread(net)
    return Heard(np.sum(parts, axis=0), heard.family_nats, heard.mass, heard.family_mass)


def in_place(net: Net, n_threads: int) -> Heard:
    """Planted: rounds that read what other threads have already written."""
    n_hops = 5 + (n_threads > 1)
    return spread(net, n_hops=n_hops)


@pytest.mark.parametrize("bug", [partial_sums, in_place], ids=lambda bug: bug.__name__)
def test_a_kernel_that_depends_on_threads_is_caught(bug):
    assert is_caught(check_same_on_any_number_of_threads, bug, nets())
