"""Terms sum to the risk, or the run stops."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles.books import analyse, books
from oracles.planted import is_caught

from graphrisk.errors import ExitCode, IntegrityFailure
from graphrisk.model.evidence import Group, Reason, State, Strength, Term
from graphrisk.risk.additive import (
    TOLERANCE_PROB,
    Risk,
    check_sums,
    log_odds_of,
    probability_of,
    score,
)

PRIOR = 0.02


def term(code: str, group: Group, *nats: float) -> Term:
    """A term that brings these nats to one account each."""
    reason = Reason(code, group, "device", Strength.STRONG, code.lower(), "nats")
    hit = np.full(len(nats), State.HIT, dtype=np.int8)
    return Term(reason, np.array(nats), np.array(nats), hit)


NATS = st.floats(-20, 20).map(lambda x: x + 0.0)


@st.composite
def term_lists(draw) -> list[Term]:
    """Terms for two accounts; only good ones are negative."""
    groups = draw(st.lists(st.sampled_from(list(Group)), min_size=1, max_size=12))
    signed = (
        (group, [-abs(x) if group == Group.GOOD else abs(x) for x in draw(st.tuples(NATS, NATS))])
        for group in groups
    )
    return [term(f"TERM_{i}", group, *nats) for i, (group, nats) in enumerate(signed)]


Score = Callable[[list[Term], int, float], Risk]


def check_sums_to_risk(score: Score, terms: list[Term]) -> None:
    """Every account's prior and terms, added exactly, make its risk to 1e-9."""
    risk = score(terms, 2, PRIOR)
    for i in range(2):
        nats = math.fsum([math.log(PRIOR / (1 - PRIOR)), *(t.nats[i] for t in terms)])
        assert abs(1 / (1 + math.exp(-nats)) - risk.risk_prob[i]) <= 1e-9
        groups = risk.own_nats[i] + risk.linked_nats[i] + risk.good_nats[i]
        assert risk.prior_log_odds + groups == pytest.approx(nats, abs=1e-9)


@given(term_lists())
def test_prior_and_terms_add_up_to_the_risk(terms):
    check_sums_to_risk(score, terms)


@given(books())
def test_they_do_for_whole_books(book):
    found = analyse(book)
    nats = [math.fsum([found.risk.prior_log_odds, *(t.nats[i] for t in found.terms)])
            for i in range(len(found.risk.risk_prob))]  # fmt: skip
    assert np.abs(found.risk.log_odds - nats).max() <= 1e-9


def forgets_a_term(terms, n_accounts, prior):
    """Planted: the weakest term is not worth adding."""
    weakest = min(range(len(terms)), key=lambda i: abs(terms[i].nats).sum())
    return score([t for i, t in enumerate(terms) if i != weakest], n_accounts, prior)


def clips_the_sum(terms, n_accounts, prior):
    """Planted: evidence above five nats is cut off in the risk, and not in the terms."""
    risk = score(terms, n_accounts, prior)
    log_odds = np.clip(risk.log_odds, -5.0, 5.0)
    return replace(risk, log_odds=log_odds, risk_prob=probability_of(log_odds))


@pytest.mark.parametrize("bug", [forgets_a_term, clips_the_sum], ids=lambda bug: bug.__name__)
def test_a_risk_that_is_not_the_sum_of_its_terms_is_caught(bug):
    assert is_caught(check_sums_to_risk, bug, term_lists())


def two_accounts() -> tuple[list[Term], Risk]:
    terms = [
        term("LATE", Group.OWN, 1.0, 0.0),
        term("REACH", Group.LINKED, 2.0, 0.5),
        term("GOOD", Group.GOOD, 0.0, -1.0),
    ]
    return terms, score(terms, 2, PRIOR)


def test_what_score_made_passes_its_own_check():
    terms, risk = two_accounts()
    check_sums(terms, risk)
    assert risk.risk_prob[0] == pytest.approx(1 / (1 + 49 * math.exp(-3)))


@pytest.mark.parametrize("nats", [[1.0, 0.1], [0.0, 0.0], [1.0 + 1e-6, 0.0]])
def test_an_altered_term_stops_the_run(nats):
    terms, risk = two_accounts()
    altered = [terms[0].with_nats(np.array(nats)), *terms[1:]]
    with pytest.raises(IntegrityFailure, match=r"the terms of 1 account\(s\) do not add up"):
        check_sums(altered, risk)


def test_an_altered_risk_stops_the_run():
    terms, risk = two_accounts()
    altered = replace(risk, risk_prob=risk.risk_prob + 2 * TOLERANCE_PROB)
    with pytest.raises(IntegrityFailure, match=r"2 account\(s\)") as stopped:
        check_sums(terms, altered)
    assert stopped.value.exit_code == ExitCode.INTEGRITY


@pytest.mark.parametrize("n_broken", [1, 2])
def test_a_term_that_is_not_a_number_stops_the_run(n_broken):
    nats = [math.nan] * n_broken + [0.0] * (2 - n_broken)
    with pytest.raises(IntegrityFailure, match=rf"{n_broken} account\(s\)"):
        score([term("BROKEN", Group.OWN, *nats)], 2, PRIOR)


def test_opposite_infinities_stop_the_run():
    terms = [term("UP", Group.OWN, math.inf), term("DOWN", Group.GOOD, -math.inf)]
    with pytest.raises(IntegrityFailure), np.errstate(invalid="ignore"):
        score(terms, 1, PRIOR)


@pytest.mark.parametrize("nats", [-1e4, -800.0, -40.0, 0.0, 40.0, 800.0, 1e4])
def test_any_finite_evidence_makes_a_probability(nats):
    group = Group.GOOD if nats < 0 else Group.OWN
    prob = score([term("MUCH", group, nats)], 1, PRIOR).risk_prob[0]
    assert 0.0 <= prob <= 1.0


def test_no_terms_leave_the_prior():
    assert score([], 3, PRIOR).risk_prob.tolist() == pytest.approx([PRIOR] * 3, abs=1e-12)


@given(st.floats(1e-6, 1 - 1e-6))
def test_log_odds_and_probability_undo_each_other(prob):
    assert probability_of(np.array([log_odds_of(prob)]))[0] == pytest.approx(prob, abs=1e-12)
