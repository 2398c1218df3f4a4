"""A seed more, or a stronger one, lowers what nobody hears: exactly, family by family."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import wrong
from oracles.nets import STRENGTH, Net, Spread, nets, spread
from oracles.planted import is_caught


@st.composite
def one_seed_more(draw) -> tuple[Net, Net]:
    """A net, and the same with one seed added or made stronger."""
    net = draw(nets())
    entity = draw(st.integers(0, net.n_entities - 1))
    return net, net.with_seed(entity, draw(STRENGTH))


@st.composite
def one_seed_hardly_stronger(draw) -> tuple[Net, Net]:
    """The same with a seed made stronger by next to nothing, where rounding decides."""
    net = draw(nets(max_entities=4, max_links=10, min_links=1))
    entity = draw(st.integers(0, net.n_entities - 1))
    more = draw(st.sampled_from([3e-15, 1e-14, 1e-13]))
    return net, net.with_seed(entity, min(net.seeds[entity] + more, 1.0))


def check_nobody_hears_less(spread: Spread, case: tuple[Net, Net]) -> None:
    """Compare every array, entity by entity, without a tolerance."""
    net, with_more = case
    before, after = spread(net).arrays(), spread(with_more).arrays()
    for name, array in before.items():
        assert (after[name] >= array).all(), name


@given(one_seed_more())
def test_a_seed_more_lowers_nobody(case):
    check_nobody_hears_less(spread, case)


@given(one_seed_hardly_stronger())
def test_nor_does_one_that_is_hardly_stronger(case):
    check_nobody_hears_less(spread, case)


@pytest.mark.parametrize(
    "bug",
    [wrong.seeds_share_one_mass, wrong.relative_floor, wrong.share_of_all_evidence],
    ids=lambda bug: bug.__name__,
)
def test_a_kernel_in_which_seeds_compete_is_caught(bug):
    assert is_caught(check_nobody_hears_less, bug, one_seed_more())


def test_shares_that_take_what_rounding_leaves_are_caught():
    bug = wrong.first_link_takes_the_rest
    assert is_caught(check_nobody_hears_less, bug, one_seed_hardly_stronger())
