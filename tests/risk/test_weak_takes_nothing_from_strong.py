"""Evidence is counted strong families first, so that what is left out leaves no shadow."""

import numpy as np
import pytest
from hypothesis import given
from oracles.books import POLICY, Analysed, Book, analyse, one_bad_label_more
from oracles.planted import is_caught

from graphrisk.model.evidence import UNITS_PER_NAT, Group, Strength, Term
from graphrisk.signals.linked import linked_terms

ORDER = (Strength.STRONG, Strength.WEAK, Strength.ONE_SIDED)


def strengths_kept(found: Analysed, kept: tuple[Strength, ...]) -> dict[str, float]:
    """Log-odds of every account without the linked terms of other strengths, by its id."""
    log_odds = found.risk.log_odds.copy()
    for term in found.terms:
        if term.reason.group == Group.LINKED and term.reason.strength not in kept:
            log_odds -= term.nats
    return dict(zip(found.risk_of(), log_odds.tolist(), strict=True))


def check_what_is_left_never_falls(analyse, case: tuple[Book, Book]) -> None:
    """A bad label more lowers nobody, nor what is left of anybody without weaker evidence."""
    before, after = (analyse(book) for book in case)
    for n_kept in (1, 2, 3):
        left, now = (strengths_kept(found, ORDER[:n_kept]) for found in (before, after))
        assert {name for name, nats in left.items() if now[name] < nats} == set()


@given(one_bad_label_more())
def test_a_bad_label_lowers_nobodys_strong_evidence(case):
    check_what_is_left_never_falls(analyse, case)


def in_proportion(evidence, has_links, policy) -> tuple[Term, ...]:
    """Planted: share the rank evidence of all families in proportion to their mass."""
    terms = linked_terms(evidence, has_links, policy)
    rank = [t for t in terms if t.reason.code.startswith("RANK_") and t.reason.group != Group.GOOD]
    total = sum(term.nats for term in rank)
    mass = np.maximum(evidence.bad_mass.sum(axis=1), 1e-300)
    shared = {t.reason.code: t.with_nats(total * t.value / mass) for t in rank}
    return tuple(shared.get(term.reason.code, term) for term in terms)


def test_shares_in_proportion_are_caught():
    def wrong(book: Book) -> Analysed:
        return analyse(book, terms=in_proportion)

    assert is_caught(check_what_is_left_never_falls, wrong, one_bad_label_more())


A, B, C = (("account", name) for name in "abc")
DEVICE, IP = ("device", "d"), ("ip", "i")


@pytest.mark.parametrize("age_days", [0.0, 300.0, 3000.0])
def test_a_bad_neighbour_on_the_network_does_not_weaken_the_one_on_the_device(age_days):
    ties = {
        (A, DEVICE, "uses_device"): age_days,
        (B, DEVICE, "uses_device"): 0.0,
        (A, IP, "uses_ip"): 0.0,
        (C, IP, "uses_ip"): 0.0,
    }
    book = Book((A, B, C, DEVICE, IP), ties, {B: "default"})
    before, after = analyse(book), analyse(book.with_label(C, "default"))
    assert after.risk_of()["a"] > before.risk_of()["a"]
    strong = (Strength.STRONG,)
    assert strengths_kept(after, strong)["a"] >= strengths_kept(before, strong)["a"]


@given(one_bad_label_more())
def test_linked_terms_are_whole_units_and_never_of_the_wrong_sign(case):
    for term in analyse(case[1]).terms:
        units = term.nats * UNITS_PER_NAT
        assert (units == np.rint(units)).all()
        sign = -1 if term.reason.group == Group.GOOD else 1
        assert (sign * term.nats >= 0).all()


def test_the_default_policy_has_families_of_every_strength():
    assert {Strength(rule.strength) for rule in POLICY.families.values()} == set(ORDER)
