"""Principal reasons: without them, the decision would be a milder one."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from graphrisk import Policy, read_dataset
from graphrisk import pipeline as stages
from graphrisk.decisions.tiers import Case, Sum, decide, sums_with
from graphrisk.explain.factors import LEAST_NATS, MOST_REASONS, _may_raise, principal_factors
from graphrisk.explain.reasons import factor_of
from graphrisk.model.decision import Backing, Rule
from graphrisk.model.evidence import OWN_FACTS, Group, Reason, State, Strength, Term, whole
from graphrisk.model.kinds import Tier
from graphrisk.risk.additive import score

FIXTURE = Path(__file__).parents[2] / "fixtures" / "demo_small"


@pytest.fixture(scope="module")
def made() -> stages.Products:
    """Everything that the stages make of the sample."""
    dataset = read_dataset(FIXTURE)
    made: stages.Products = {
        "dataset": dataset,
        "policy": Policy.default(),
        "as_of": dataset.newest_at,
        "n_threads": 1,
    }
    for stage in stages.STAGES:
        made[stage.gives] = stage.make(made)  # type: ignore[literal-required]
    return made


def term(code: str, *nats: float, family: str = OWN_FACTS, group: Group = Group.OWN) -> Term:
    reason = Reason(code, group, family, Strength.STRONG, "", "")
    state = np.full(len(nats), State.HIT, dtype=np.int8)
    return Term(reason, np.array(nats), np.full(len(nats), np.nan), state)


def reasons_of(*terms: Term, backing: Backing | None = None) -> list[str]:
    policy = Policy.default()
    n_accounts = len(terms[0].nats)
    risk = score(terms, n_accounts, policy.prior.risk_prob)
    backing = backing or backed(n_accounts=n_accounts)
    first = decide(terms, risk, backing, policy)
    return principal_factors(terms, backing, first, policy).to_list()


class TestRanking:
    def test_clear_has_no_reasons(self) -> None:
        assert reasons_of(term("RING", 0.0)) == [""]

    def test_the_strongest_comes_first_and_at_most_four_are_named(self) -> None:
        terms = [term(code, nats) for code, nats in zip("ABCDEF", (1, 2, 3, 4, 5, 6), strict=True)]
        assert reasons_of(*terms) == ["F;E;D;C"]

    def test_reach_and_rank_of_a_family_are_one_factor_under_the_larger(self) -> None:
        linked = {"family": "device", "group": Group.LINKED}
        terms = (
            term("RING", 1.5, 1.5),
            term("REACH_DEVICE", 1.0, 2.0, **linked),
            term("RANK_DEVICE", 2.0, 1.0, **linked),
        )
        assert reasons_of(*terms) == ["RANK_DEVICE;RING", "REACH_DEVICE;RING"]

    def test_what_is_next_to_nothing_is_not_told(self) -> None:
        assert reasons_of(term("RING", 3.0), term("LENDER_BURST", 0.01)) == ["RING"]

    def test_what_speaks_for_the_account_is_no_reason(self) -> None:
        good = term("REACH_GOOD", -1.0, group=Group.GOOD)
        assert reasons_of(term("RING", 4.0), good) == ["RING"]


class TestFaithfulness:
    """Leaving out what is stated lowers the tier: the reasons are the reasons."""

    @pytest.mark.parametrize("tier", [Tier.MONITOR, Tier.REVIEW, Tier.LIMIT, Tier.CLOSE])
    def test_without_its_reasons_every_account_falls(
        self, made: stages.Products, tier: Tier
    ) -> None:
        here = made["decided"].tier == tier
        here &= made["decided"].rule != Rule.RAISED_SIGNAL_FAILED
        assert here.any()
        assert (tiers_without_reasons(made)[here] < tier).all()

    def test_no_reason_is_named_twice_and_none_is_missing(self, made: stages.Products) -> None:
        for row in made["decisions"].filter(pl.col("tier") != "clear").to_dicts():
            named = [factor_of(code) for code in row["reason_codes"].split(";")]
            assert 1 <= len(set(named)) == len(named) <= MOST_REASONS

    def test_four_that_are_not_enough_one_by_one_are_chosen_together(self) -> None:
        """Five heavy facts, any four of which leave enough; but closing needs two families."""
        heavy = [term(code, 5.0) for code in ("LABEL_DEFAULT", "A", "B", "C", "D")]
        linked = [
            term(f"REACH_{family.upper()}", 0.7, family=family, group=Group.LINKED)
            for family in ("device", "identity")
        ]
        backing = backed("device", "identity")
        assert decided(heavy[4:] + linked, backing) == Tier.CLOSE
        codes = reasons_of(*heavy, *linked, backing=backing)[0].split(";")
        kept = [one for one in (*heavy, *linked) if one.reason.code not in codes]
        assert len(codes) == MOST_REASONS
        assert decided(kept, backing) < Tier.CLOSE


def backed(*families: str, n_accounts: int = 1) -> Backing:
    """Near, fresh and confirmed facts behind some families, and two things to limit on."""
    masks = ({family: np.array([True]) for family in families} for _ in range(3))
    return Backing(*masks, np.full(n_accounts, 2))


def decided(terms: Sequence[Term], backing: Backing) -> Tier:
    policy = Policy.default()
    risk = score(terms, 1, policy.prior.risk_prob)
    return Tier(decide(terms, risk, backing, policy).tier[0])


def tiers_without_reasons(made: stages.Products) -> NDArray[np.int8]:
    """Decide every account again, its stated reasons left out."""
    stated: Mapping[str, NDArray[np.bool_]] = dict(_stated(made))
    terms = [
        one.with_nats(np.where(stated[factor_of(one.reason.code)], 0.0, one.nats))
        if one.reason.group != Group.GOOD
        else one
        for one in made["terms"]
    ]
    policy = made["policy"]
    risk = score(terms, len(made["decided"].tier), policy.prior.risk_prob)
    return decide(terms, risk, made["backing"], policy).tier


def _stated(made: stages.Products) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield each factor, and where it is a stated reason."""
    factors = [
        {factor_of(code) for code in codes.split(";")}
        for codes in made["decisions"]["reason_codes"]
    ]
    for factor in {factor_of(term.reason.code) for term in made["terms"]}:
        yield factor, np.array([factor in named for named in factors])


def without_slowly(
    made: stages.Products, left_out: Mapping[str, NDArray[np.bool_]]
) -> NDArray[np.int8]:
    """Decide every account again, without the nats of some factors: the witness keeps its own."""
    terms = [
        one.with_nats(np.where(left_out[factor_of(one.reason.code)], 0.0, one.nats))
        if _may_raise(one) and factor_of(one.reason.code) in left_out
        else one
        for one in made["terms"]
    ]
    risk = score(terms, len(made["decided"].tier), made["policy"].prior.risk_prob)
    return decide(terms, risk, made["backing"], made["policy"], made["witness"]).tier


def named_slowly(made: stages.Products) -> list[list[str]]:
    """Choose the factors of every account one account at a time, from decisions made anew."""
    tier, nats = made["decided"].tier, {}
    for one in filter(_may_raise, made["terms"]):
        factor = factor_of(one.reason.code)
        nats[factor] = nats.get(factor, 0.0) + one.nats
    here = np.ones(len(tier), dtype=bool)
    lost = {name: tier - without_slowly(made, {name: here}) for name in nats}
    ranked, named = list(nats), []
    for row in range(len(tier)):
        order = sorted(ranked, key=lambda name: (-lost[name][row], -nats[name][row]))
        worth = [
            name
            for at, name in enumerate(order[:MOST_REASONS])
            if nats[name][row] >= LEAST_NATS
            or (lost[name][row] > 0 and nats[name][row] > 0)
            or (at == 0 and nats[name][row] > 0)
        ]
        named.append(worth if tier[row] > Tier.CLEAR else [])
    return named


def test_against_factors_left_out_one_by_one(made: stages.Products) -> None:
    plain = named_slowly(made)
    masks = {
        name: np.array([name in names for names in plain])
        for name in {name for names in plain for name in names}
    }
    falls = without_slowly(made, masks) < made["decided"].tier
    told = principal_factors(
        made["terms"], made["backing"], made["decided"], made["policy"], made["witness"]
    )
    n_told = 0
    for row, codes in enumerate(told.to_list()):
        factors = [factor_of(code) for code in codes.split(";") if code]
        if falls[row] or not plain[row]:
            assert factors == plain[row]
            n_told += len(factors)
    assert n_told > 0


@given(st.data())
def test_a_case_with_less_is_decided_like_terms_with_less(data: st.DataObject) -> None:
    """What is taken out of exact sums leaves what would have been there without it."""
    policy = Policy.default()
    amounts = st.lists(st.floats(-4, 9), min_size=5, max_size=5)
    linked = {"group": Group.LINKED}
    terms = [
        term("LABEL_DEFAULT", *data.draw(amounts)),
        term("REACH_DEVICE", *data.draw(amounts), family="device", **linked),
        term("PREVALENCE", *data.draw(amounts), family="base_rate", **linked),
        term("REACH_GOOD", *data.draw(amounts), group=Group.GOOD),
    ]
    backing = backed(n_accounts=5)
    rows = np.arange(5)
    risk = score(terms, 5, policy.prior.risk_prob)
    whole_case = Case.of(terms, risk.log_odds, backing, policy, terms, rows)
    for left_out in terms:
        less = np.zeros((len(Sum), 5))
        less[sums_with(left_out.reason)] = whole(left_out.nats)
        rest = [one for one in terms if one is not left_out]
        again = decide(
            rest, score(rest, 5, policy.prior.risk_prob), backing, policy, terms
        )  # fmt: skip
        found = whole_case.at(rows, less).decisions()
        assert found.tier.tolist() == again.tier.tolist()
        assert found.rule.tolist() == again.rule.tolist()
