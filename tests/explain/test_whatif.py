"""What if: the same as analysing again without the fact; and the smallest change there is."""

from datetime import UTC, datetime
from itertools import combinations

import numpy as np
import polars as pl
import pytest

from graphrisk import Policy, analyze, read_dataset
from graphrisk import pipeline as stages
from graphrisk.explain.compare import compare
from graphrisk.explain.counterfactual import smallest_change
from graphrisk.explain.facts import Fact, FactKind, Verdict
from graphrisk.explain.whatif import Case, case_of
from graphrisk.graph.part import part_of
from graphrisk.graph.walk import around
from graphrisk.model.decision import Rule
from graphrisk.model.kinds import Tier

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def farm(n_bad: int = 3, **extra: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """NEXT shares two devices and two cards with bad accounts; ALONE is alone."""
    bad = [f"BAD{i}" for i in range(n_bad)]
    rows = [(a, kind, f"{kind}{i}") for a in [*bad, "NEXT"] for kind in KINDS for i in (0, 1)]
    return {
        "accounts": pl.DataFrame({"account_id": [*bad, "NEXT", "ALONE"]}),
        "identifiers": pl.DataFrame(
            rows, schema=["account_id", "kind", "value"], orient="row"
        ).with_columns(last_seen_at=pl.lit(NOW)),
        "labels": pl.DataFrame(
            {
                "entity_kind": "account",
                "entity_id": bad,
                "label": "fraud_confirmed",
                "known_at": NOW,
                "source": "fraud_team",
            }
        ),
        **extra,
    }


KINDS = ("device", "bank_card")


def case(tables: dict[str, pl.DataFrame], account_id: str) -> Case:
    dataset = read_dataset(tables)
    made: stages.Products = {
        "dataset": dataset,
        "policy": Policy.default(),
        "as_of": dataset.newest_at,
        "n_threads": 1,
    }
    for stage in stages.STAGES:
        made[stage.gives] = stage.make(made)  # type: ignore[literal-required]
    graph, decided, risk = made["graph"], made["decided"], made["risk"]
    number = graph.number_of("account", account_id)
    assert number is not None
    row = number - int(graph.accounts[0])
    return case_of(
        number,
        graph,
        made["weights"],
        made["seeds"],
        made["policy"],
        [term.of(slice(row, row + 1)) for term in made["terms"]],
        Verdict(
            Tier(decided.tier[row]),
            Rule(decided.rule[row]),
            float(risk.log_odds[row]),
            float(risk.risk_prob[row]),
        ),
    )


class TestWhatIf:
    def test_without_doubt_the_decision_stands(self) -> None:
        next_account = case(farm(), "NEXT")
        assert next_account.decide() == next_account.as_decided
        assert next_account.decide().tier == Tier.CLOSE

    def test_a_wrong_label_is_as_if_it_had_never_been_given(self) -> None:
        tables = farm()
        next_case = case(tables, "NEXT")
        verdict = next_case.decide([Fact(FactKind.LABEL, "account:BAD0")])
        tables["labels"] = tables["labels"].filter(pl.col("entity_id") != "BAD0")
        again = analyze(tables).decisions.row(by_predicate=pl.col("account_id") == "NEXT")
        assert verdict.risk_prob == pytest.approx(again[1], abs=1e-9)
        assert verdict.log_odds < next_case.as_decided.log_odds

    def test_without_any_link_the_account_scores_the_prior(self) -> None:
        next_account = case(farm(), "NEXT")
        links = [fact for fact in next_account.facts() if fact.kind == FactKind.LINK]
        assert len(links) == 4
        assert next_account.decide(links).risk_prob == pytest.approx(0.02, abs=0.01)
        assert next_account.decide(links).tier == Tier.CLEAR

    def test_a_behaviour_may_be_doubted_too(self) -> None:
        late = pl.DataFrame(
            {
                "account_id": ["ALONE"] * 6,
                "lender_id": ["L1"] * 6,
                "due_at": [datetime(2026, m, 1, tzinfo=UTC) for m in range(1, 6)]
                + [datetime(2025, 12, 1, tzinfo=UTC)],
                "paid_at": pl.Series([None] * 6, dtype=pl.Datetime("us", "UTC")),
            }
        )
        alone = case(farm(repayments=late), "ALONE")
        facts = [fact for fact in alone.facts() if fact.kind == FactKind.BEHAVIOUR]
        assert Fact(FactKind.BEHAVIOUR, "REPAYMENT_LATE") in facts
        assert alone.decide(facts).log_odds == pytest.approx(np.log(0.02 / 0.98), abs=1e-9)


class TestSmallestChange:
    def test_it_lowers_the_tier_and_no_smaller_set_does(self) -> None:
        next_account = case(farm(), "NEXT")
        found = smallest_change(next_account)
        assert found.after.tier < found.before.tier
        assert found.is_smallest
        for size in range(1, len(found.facts)):
            for fewer in combinations(next_account.facts(), size):
                assert next_account.decide(fewer).tier >= found.before.tier

    def test_a_single_seed_is_the_single_answer(self) -> None:
        found = smallest_change(case(farm(n_bad=1), "NEXT"))
        assert len(found.facts) == 1 and found.is_smallest

    def test_a_clear_account_has_nothing_to_change(self) -> None:
        found = smallest_change(case(farm(), "ALONE"))
        assert found.facts == ()

    def test_beyond_the_budget_it_says_that_the_set_may_not_be_the_smallest(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("graphrisk.explain.counterfactual.MOST_SETS", 1)
        found = smallest_change(case(farm(), "NEXT"), below=Tier.MONITOR)
        assert found.after.tier < Tier.MONITOR
        assert not found.is_smallest


class TestCompare:
    def test_the_one_new_label_that_flipped_it(self) -> None:
        later = farm(n_bad=1)
        earlier = {**later, "labels": later["labels"].clear()}
        change = compare(case(earlier, "NEXT"), case(later, "NEXT"))
        assert change.later.tier > change.earlier.tier
        assert change.came == (Fact(FactKind.LABEL, "account:BAD0"),)
        assert change.because is not None and change.because.facts == change.came

    def test_a_retracted_label_that_let_it_fall(self) -> None:
        earlier = farm(n_bad=1)
        later = {**earlier, "labels": earlier["labels"].clear()}
        change = compare(case(earlier, "NEXT"), case(later, "NEXT"))
        assert change.later.tier < change.earlier.tier
        assert change.because is not None
        assert change.because.facts == (Fact(FactKind.LABEL, "account:BAD0"),)

    def test_the_same_run_twice_shows_no_change(self) -> None:
        change = compare(case(farm(), "NEXT"), case(farm(), "NEXT"))
        assert (change.came, change.went, change.because) == ((), (), None)


class TestPart:
    def test_a_part_keeps_its_entities_links_and_slots(self) -> None:
        graph = analyze(farm()).graph
        start = graph.number_of("account", "NEXT")
        assert start is not None
        everything = np.ones(len(graph.neighbor), dtype=bool)
        near = around(graph.offsets, graph.neighbor, start, everything, n_hops=2, most=100)
        part, slots, links = part_of(graph, near)
        assert part.entity_id.to_list() == graph.entity_id.gather(near).to_list()
        assert "ALONE" not in part.entity_id.to_list()
        assert (near[part.neighbor] == graph.neighbor[slots]).all()
        assert (near[part.links.source] == graph.links.source[links]).all()
        assert (slots[part.reverse] == graph.reverse[slots]).all()

    def test_it_has_all_links_with_both_ends_in_it_and_all_their_slots(self) -> None:
        graph = analyze(farm()).graph
        dice = np.random.default_rng(1)
        for n in range(graph.n_entities + 1):
            some = np.sort(dice.choice(graph.n_entities, n, replace=False)).astype(np.int32)
            _, slots, links = part_of(graph, some)
            is_in = np.isin(graph.links.source, some) & np.isin(graph.links.target, some)
            assert links.tolist() == np.flatnonzero(is_in).tolist()
            assert slots.tolist() == np.flatnonzero(is_in[graph.link]).tolist()

    @pytest.mark.parametrize("most", [1, 2, 5])
    def test_the_walk_ends_at_its_limit_and_keeps_the_start(self, most: int) -> None:
        graph = analyze(farm()).graph
        everything = np.ones(len(graph.neighbor), dtype=bool)
        near = around(graph.offsets, graph.neighbor, 2, everything, n_hops=4, most=most)
        assert len(near) == most and 2 in near
