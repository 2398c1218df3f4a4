"""What is not connected does not matter, and what is taken back leaves no trace."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import wrong
from oracles.nets import STRENGTH, Net, Spread, links_between, nets, spread
from oracles.planted import is_caught

two_nets = st.tuples(nets(max_entities=8, max_links=16), nets(max_entities=6, max_links=14))


@st.composite
def a_change(draw) -> tuple[Net, Net]:
    """A net, and the same after a label, a link, or both."""
    net = draw(nets(max_links=29))
    changed = net
    if draw(st.booleans()):
        changed = changed.with_link(draw(links_between(net.n_entities)))
    if changed is net or draw(st.booleans()):
        changed = changed.with_seed(draw(st.integers(0, net.n_entities - 1)), draw(STRENGTH))
    return net, changed


def check_strangers_change_nothing(spread: Spread, case: tuple[Net, Net]) -> None:
    """Compare the bytes of the first net alone and beside the second."""
    net, strangers = case
    beside = spread(net.beside(strangers)).of(list(range(net.n_entities)))
    assert beside.to_bytes() == spread(net).to_bytes()


@given(two_nets)
def test_an_unrelated_component_changes_no_byte(case):
    check_strangers_change_nothing(spread, case)


@pytest.mark.parametrize(
    "bug",
    [
        wrong.stops_when_the_average_is_still,
        wrong.seeds_share_one_mass,
        wrong.relative_floor,
        wrong.share_of_all_evidence,
    ],
    ids=lambda bug: bug.__name__,
)
def test_a_kernel_that_looks_at_strangers_is_caught(bug):
    assert is_caught(check_strangers_change_nothing, bug, two_nets)


def check_taking_back_restores(begin: Callable[[], Spread], case: tuple[Net, Net]) -> None:
    """Run, change, run, take back, run: the first and the last are the same bytes."""
    net, changed = case
    run = begin()
    before = run(net).to_bytes()
    run(changed)
    assert run(net).to_bytes() == before


@given(a_change())
def test_a_label_or_link_taken_back_leaves_no_byte(case):
    check_taking_back_restores(lambda: spread, case)


@pytest.mark.parametrize(
    "bug", [wrong.warm_start, wrong.running_totals], ids=lambda bug: bug.__name__
)
def test_a_kernel_that_remembers_is_caught(bug):
    assert is_caught(check_taking_back_restores, bug, a_change())
