"""A link more lowers nobody's reach, as long as links do not crowd each other out.

Between two entities that nothing joined this is exact. A link beside others makes their message
a share of one, and each share is rounded toward zero, so there a unit of 2**-48 nats may be lost
for each link between the two and each round of messages, and no more.
"""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from oracles import wrong
from oracles.nets import Link, Net, Spread, links_between, nets, spread
from oracles.planted import is_caught

UNIT_NATS = 2.0**-48
N_HOPS = 5


@st.composite
def one_link_more(draw, *, parallel: bool) -> tuple[Net, Link]:
    """A net and one link more, between entities that are, or are not, linked already."""
    net = draw(nets(min_links=int(parallel), max_links=29))
    link = draw(links_between(net.n_entities))
    if parallel:
        beside = draw(st.sampled_from(net.links))
        link = Link(beside.source, beside.target, link.there, link.back, link.family)
    else:
        assume(not net.linked(link.source, link.target))
    return net, link


def check_reach_falls_by_at_most(units: int):
    """Make a check that allows so many units of 2**-48 nats."""

    def check(spread: Spread, case: tuple[Net, Link]) -> None:
        net, link = case
        before, after = spread(net).nats, spread(net.with_link(link)).nats
        assert (after >= before - units * UNIT_NATS).all()

    return check


@pytest.fixture(scope="module")
def exactly():
    return check_reach_falls_by_at_most(0)


@given(case=one_link_more(parallel=False))
def test_a_link_between_strangers_lowers_nobody(exactly, case):
    exactly(spread, case)


@given(one_link_more(parallel=True))
def test_a_link_beside_others_costs_at_most_a_unit_for_each(case):
    net, link = case
    n_beside = sum({k.source, k.target} == {link.source, link.target} for k in net.links)
    check_reach_falls_by_at_most((n_beside + 1) * N_HOPS)(spread, case)


COMPETING = [wrong.split_among_links, wrong.share_of_all_evidence]


@pytest.mark.parametrize("bug", [*COMPETING, wrong.relative_floor], ids=lambda bug: bug.__name__)
def test_a_kernel_in_which_links_compete_is_caught(exactly, bug):
    assert is_caught(exactly, bug, one_link_more(parallel=False))


@pytest.mark.parametrize("bug", COMPETING, ids=lambda bug: bug.__name__)
def test_and_caught_beside_other_links_too(bug):
    assert is_caught(check_reach_falls_by_at_most(60), bug, one_link_more(parallel=True))
