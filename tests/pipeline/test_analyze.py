"""The promises of a whole analysis, on the bundled book and on small ones."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import networkx as nx
import numpy as np
import polars as pl
import pytest

from graphrisk import Analysis, Policy, analyze, read_dataset
from graphrisk.errors import UsageError
from graphrisk.pipeline import STAGES, plan

FIXTURE = Path(__file__).parents[2] / "fixtures" / "demo_small"
NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def book() -> dict[str, pl.DataFrame]:
    return {file.stem: pl.read_csv(file, infer_schema=False) for file in FIXTURE.glob("*.csv")}


@pytest.fixture(scope="module")
def analysis(book: Mapping[str, pl.DataFrame]) -> Analysis:
    return analyze(book)


def same(first: Analysis, second: Analysis) -> bool:
    return (
        first.decisions.equals(second.decisions)
        and first.evidence.equals(second.evidence)
        and first.entities.equals(second.entities)
    )


def test_the_plan_names_every_stage() -> None:
    assert [line.split()[1] for line in plan().splitlines()] == [s.gives for s in STAGES]
    assert len({stage.text for stage in STAGES}) == len(STAGES)


def test_what_no_later_stage_asks_for_is_let_go() -> None:
    freed = [name for stage in STAGES for name in stage.frees]
    assert len(freed) == len(set(freed))
    kept = {stage.gives for stage in STAGES} - set(freed)
    assert kept == {"graph", "terms", "entities", "decisions", "evidence"}


def test_every_account_is_decided_once(
    book: Mapping[str, pl.DataFrame], analysis: Analysis
) -> None:
    assert analysis.decisions["account_id"].to_list() == sorted(book["accounts"]["account_id"])


def test_evidence_adds_up_to_the_risk_of_every_account(analysis: Analysis) -> None:
    sums = analysis.evidence.group_by("account_id").agg(pl.col("nats").sum())
    joined = analysis.decisions.join(sums, on="account_id")
    risk = 1 / (1 + np.exp(-joined["nats"].to_numpy()))
    assert len(joined) == len(analysis.decisions)
    assert np.abs(risk - joined["risk_prob"].to_numpy()).max() < 1e-9


def test_the_three_sums_and_the_prior_make_the_risk(analysis: Analysis) -> None:
    decisions = analysis.decisions
    prior = np.log(0.02 / 0.98)
    log_odds = (
        prior
        + decisions.select(pl.col("own_nats") + pl.col("linked_nats") + pl.col("good_nats"))
        .to_series()
        .to_numpy()
    )
    risk = decisions["risk_prob"].to_numpy()
    assert np.abs(1 / (1 + np.exp(-log_odds)) - risk).max() < 1e-9
    assert (decisions["good_nats"] <= 0).all()


def test_every_account_above_clear_has_a_reason(analysis: Analysis) -> None:
    above = analysis.decisions.filter(pl.col("tier") != "clear")
    assert len(above) > 50
    assert (above["reason_codes"] != "").all()


def test_an_evidence_path_starts_at_its_account_and_ends_at_a_seed(analysis: Analysis) -> None:
    with_path = analysis.decisions.filter(pl.col("evidence_path") != "")
    assert len(with_path) > 50
    for account, path, n_hops in with_path.select("account_id", "evidence_path", "n_hops").rows():
        assert path.startswith(f"account:{account} ")
        assert path.endswith("]")
        assert path.count("-> ") + path.count("<-") == n_hops


def test_the_order_of_rows_changes_no_byte(
    book: Mapping[str, pl.DataFrame], analysis: Analysis
) -> None:
    shuffled = {name: rows.sample(fraction=1, shuffle=True, seed=5) for name, rows in book.items()}
    assert same(analysis, analyze(shuffled))


@pytest.mark.parametrize("n_threads", [1, 2, 3])
def test_the_number_of_threads_changes_no_byte(
    book: Mapping[str, pl.DataFrame], analysis: Analysis, n_threads: int
) -> None:
    assert same(analysis, analyze(book, n_threads=n_threads))


def test_retracting_a_label_undoes_all_it_did(
    book: Mapping[str, pl.DataFrame], analysis: Analysis
) -> None:
    honest = analysis.decisions.filter((pl.col("tier") == "clear") & (pl.col("own_nats") == 0))[
        "account_id"
    ]
    wrong = pl.DataFrame(
        {
            "entity_kind": ["account"] * 5,
            "entity_id": honest.head(5),
            "label": ["fraud_confirmed"] * 5,
            "known_at": ["2026-06-01T00:00:00Z"] * 5,
        }
    )
    labels = pl.concat([book["labels"], wrong], how="diagonal")
    accused = analyze({**book, "labels": labels})
    assert not same(analysis, accused)
    retracted = labels.join(wrong, on=["entity_id", "label"], how="anti")
    assert same(analysis, analyze({**book, "labels": retracted}))


def test_adding_a_bad_label_lowers_nobody(
    book: Mapping[str, pl.DataFrame], analysis: Analysis
) -> None:
    more = pl.DataFrame(
        {
            "entity_kind": ["account"] * 8,
            "entity_id": analysis.decisions["account_id"].gather_every(70).head(8),
            "label": ["default"] * 8,
            "known_at": ["2026-06-20T00:00:00Z"] * 8,
        }
    )
    after = analyze({**book, "labels": pl.concat([book["labels"], more], how="diagonal")})
    before, risk = analysis.decisions["risk_prob"], after.decisions["risk_prob"]
    assert (risk >= before).all()
    assert (risk > before).any()


FIRST_KNOWN = {
    "accounts": ["opened_at"],
    "identifiers": ["first_seen_at", "last_seen_at"],
    "applications": ["applied_at"],
    "repayments": ["due_at"],
    "transfers": ["at"],
    "guarantees": ["at"],
    "assessments": ["as_of"],
    "labels": ["known_at", "event_at"],
}

ACCOUNT_COLUMNS = (
    "account_id",
    "from_account_id",
    "to_account_id",
    "guarantor_id",
    "borrower_id",
)


def as_known_then(tables: Mapping[str, pl.DataFrame], as_of: datetime) -> dict[str, pl.DataFrame]:
    """What an export on the day ``as_of`` would have held."""
    then = {
        name: rows.filter((pl.coalesce(FIRST_KNOWN[name]) <= as_of).fill_null(True))
        if name in FIRST_KNOWN
        else rows
        for name, rows in tables.items()
    }
    then["repayments"] = then["repayments"].with_columns(
        pl.when(pl.col("paid_at") <= as_of).then("paid_at")
    )
    then["identifiers"] = then["identifiers"].with_columns(
        pl.min_horizontal("last_seen_at", pl.lit(as_of))
    )
    known = then["accounts"]["account_id"].implode()
    for column in ACCOUNT_COLUMNS:
        then = {
            name: rows.filter(pl.col(column).is_in(known)) if column in rows.columns else rows
            for name, rows in then.items()
        }
    return then | {
        "labels": then["labels"].filter(
            (pl.col("entity_kind") != "account") | pl.col("entity_id").is_in(known)
        )
    }


def test_nothing_known_after_as_of_leaks_in(book: Mapping[str, pl.DataFrame]) -> None:
    as_of = datetime(2026, 1, 1, tzinfo=UTC)
    whole = analyze(book, as_of=as_of)
    then = analyze(as_known_then(read_dataset(book).tables, as_of), as_of=as_of)
    assert same(whole, then)
    assert len(whole.decisions) < len(book["accounts"])


def test_by_default_the_analysis_is_as_of_the_newest_fact(analysis: Analysis) -> None:
    assert analysis.as_of == analysis.dataset.newest_at
    assert analysis.decisions["as_of"].unique().to_list() == [analysis.as_of]


def test_an_unlinked_account_scores_the_prior() -> None:
    alone = analyze({"accounts": pl.DataFrame({"account_id": ["A1"]})})
    row = alone.decisions.row(0, named=True)
    assert row["risk_prob"] == pytest.approx(0.02, abs=1e-12)
    assert row["tier"] == "clear"
    assert alone.signal_states["LENDER_BURST"]["unknown"] == 1
    assert alone.signal_states["RANK_GOOD"]["unknown"] == 1


def test_a_book_without_any_link_is_decided_by_labels_alone() -> None:
    frames = {
        "accounts": pl.DataFrame({"account_id": [1, 2]}),
        "labels": pl.DataFrame(
            {"entity_kind": ["account"], "entity_id": [1], "label": ["default"]}
        ),
    }
    decisions = analyze(frames).decisions
    assert decisions["tier"].to_list() == ["limit", "clear"]
    assert decisions["evidence_path"].to_list() == ["", ""]


def test_missing_input_is_unknown_and_present_input_is_a_miss() -> None:
    frames = {
        "accounts": pl.DataFrame({"account_id": ["A1", "A2"]}),
        "applications": pl.DataFrame(
            {
                "application_id": ["X1"],
                "account_id": ["A1"],
                "lender_id": ["L1"],
                "applied_at": [NOW],
            }
        ),
    }
    states = analyze(frames).signal_states["LENDER_BURST"]
    assert states == {"miss": 1, "hit": 0, "unknown": 1, "error": 0}


def test_a_networkx_graph_is_a_dataset_too() -> None:
    graph = nx.Graph()
    graph.add_node("D1", kind="device")
    graph.add_node("A1", label="bad")
    for account in ("A1", "A2", "A3"):
        graph.add_edge(account, "D1", relation="uses_device")
    graph.add_node("A4")
    risk = dict(analyze(graph).decisions.select("account_id", "risk_prob").rows())
    assert risk["A1"] > risk["A2"] == risk["A3"] > risk["A4"] == pytest.approx(0.02)


def test_a_policy_changes_the_hash_and_the_answer(book: Mapping[str, pl.DataFrame]) -> None:
    bolder = Policy.from_mapping({"prior": {"risk_prob": 0.05}})
    default, other = analyze(book), analyze(book, bolder)
    assert default.decisions["policy_hash"][0] != other.decisions["policy_hash"][0]
    assert (other.decisions["risk_prob"] != default.decisions["risk_prob"]).any()


def test_a_naive_as_of_is_refused(book: Mapping[str, pl.DataFrame]) -> None:
    with pytest.raises(UsageError, match="time zone"):
        analyze(book, as_of=datetime(2026, 1, 1))


class TestNobodyIsClosedOnOneWeakLink:
    """Small books in which the tier that risk asks for must be held back."""

    def decide(
        self, identifiers: list[tuple[str, str, str]], guarantees: list[tuple[str, str]] = ()
    ) -> dict[str, tuple[str, str]]:
        accounts = sorted({row[0] for row in identifiers} | {a for g in guarantees for a in g})
        frames = {
            "accounts": pl.DataFrame({"account_id": accounts}),
            "labels": pl.DataFrame(
                {
                    "entity_kind": "account",
                    "entity_id": [a for a in accounts if a.startswith("BAD")],
                    "label": "fraud_confirmed",
                    "known_at": NOW,
                    "source": "fraud_team",
                }
            ),
        }
        if identifiers:
            frames["identifiers"] = pl.DataFrame(
                identifiers, schema=["account_id", "kind", "value"], orient="row"
            ).with_columns(first_seen_at=NOW - timedelta(days=30), last_seen_at=NOW)
        if guarantees:
            frames["guarantees"] = pl.DataFrame(
                guarantees, schema=["guarantor_id", "borrower_id"], orient="row"
            ).with_columns(at=NOW)
        decisions = analyze(frames).decisions
        return {a: (t, r) for a, t, r in decisions.select("account_id", "tier", "rule").rows()}

    @pytest.mark.parametrize("n_bad", [1, 4, 20])
    def test_sharing_an_address_with_any_number_of_bad_accounts_is_watched(
        self, n_bad: int
    ) -> None:
        rows = [(f"BAD{i:02d}", "address", "HOME") for i in range(n_bad)]
        tier, _ = self.decide([*rows, ("HONEST", "address", "HOME")])["HONEST"]
        assert tier in ("clear", "monitor")

    @pytest.mark.parametrize("n_bad", [1, 5, 30])
    def test_being_named_guarantor_by_bad_accounts_is_watched_at_most(self, n_bad: int) -> None:
        named = [("HONEST", f"BAD{i:02d}") for i in range(n_bad)]
        tier, _ = self.decide([], named)["HONEST"]
        assert tier in ("clear", "monitor")

    def test_a_crowd_behind_one_ip_carries_nothing(self) -> None:
        rows = [(f"BAD{i:02d}", "ip", "NAT") for i in range(30)]
        rows += [(f"OK{i:02d}", "ip", "NAT") for i in range(40)]
        assert set(self.decide(rows).values()) >= {("clear", "below_monitor")}
        assert self.decide(rows)["OK00"] == ("clear", "below_monitor")

    def test_a_farm_of_devices_and_cards_is_closed_by_two_families(self) -> None:
        rows = [(f"BAD{i:02d}", "device", f"D{i % 2}") for i in range(6)]
        rows += [(f"BAD{i:02d}", "bank_card", f"C{i % 2}") for i in range(6)]
        rows += [("NEXT", "device", "D0"), ("NEXT", "device", "D1")]
        rows += [("NEXT", "bank_card", "C0"), ("NEXT", "bank_card", "C1")]
        assert self.decide(rows)["NEXT"] == ("close", "let_through_close")

    def test_one_device_alone_never_closes(self) -> None:
        rows = [(f"BAD{i:02d}", "device", "D0") for i in range(9)]
        tier, rule = self.decide([*rows, ("NEXT", "device", "D0")])["NEXT"]
        assert tier in ("review", "limit")
        assert tier != "close" and rule != "let_through_close"
