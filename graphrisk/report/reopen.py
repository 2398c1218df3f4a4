"""Open an analysis folder again, to ask what would have been otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from graphrisk.errors import GraphRiskError, IntegrityFailure, UsageError
from graphrisk.explain.facts import Verdict
from graphrisk.explain.whatif import Case, case_of
from graphrisk.graph.build import build_graph
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.intake.read import read_dataset
from graphrisk.model.decision import Rule
from graphrisk.model.evidence import Group, Reason, State, Strength, Term
from graphrisk.model.kinds import Tier
from graphrisk.model.policy import Policy
from graphrisk.pipeline import MODEL_VERSION
from graphrisk.propagation.seeds import Seeds, seeds_of
from graphrisk.propagation.weights import Weights, weigh
from graphrisk.report.layout import DECISIONS, EVIDENCE, GRAPH
from graphrisk.report.reading import policy_of, require_analysis
from graphrisk.signals.record import LABEL


@dataclass(frozen=True, slots=True)
class Reopened:
    """What an analysis was made of and what it found, read back from its folder."""

    graph: LinkGraph
    weights: Weights
    seeds: Seeds
    policy: Policy
    decisions: pl.DataFrame
    evidence: pl.LazyFrame

    def case(self, account_id: str) -> Case:
        """Make a case of one account.

        Raises
        ------
        UsageError
            If the analysis holds no such account, or a fitted model made it.
        """
        made_by = self.decisions["model_version"][0]
        if made_by != MODEL_VERSION:
            raise UsageError(
                f"the analysis was made by {made_by}",
                expected=f"{MODEL_VERSION}: what-if questions are asked of the policy's own model",
                hint="read the waterfall, or analyze again without --model",
            )
        number = self.graph.number_of("account", account_id)
        if number is None:
            raise UsageError(
                f"no account {account_id!r} in the analysis",
                expected="the id of an account, as it stands in decisions.csv",
                hint="graphrisk explain names ids that look alike",
            )
        decision = self.decisions.row(by_predicate=pl.col("account_id") == account_id, named=True)
        evidence = self.evidence.filter(pl.col("account_id") == account_id).collect()
        rows = evidence.filter(pl.col("group") != "prior").to_dicts()
        log_odds = float(evidence["nats"].sum())
        return case_of(
            number,
            self.graph,
            self.weights,
            self.seeds,
            self.policy,
            [_term(row, self.policy) for row in rows],
            Verdict(
                Tier[decision["tier"].upper()],
                Rule[decision["rule"].upper()],
                log_odds,
                decision["risk_prob"],
            ),
        )


def reopen(folder: Path) -> Reopened:
    """Open an analysis folder.

    Raises
    ------
    UsageError
        If ``folder`` is not an analysis.
    IntegrityFailure
        If one of its files is missing or was altered.
    """
    require_analysis(folder)
    policy = policy_of(folder)
    try:
        decisions = pl.read_parquet(folder / DECISIONS, glob=False)
        dataset = read_dataset(folder / GRAPH)
        as_of = decisions["as_of"][0]
        graph = build_graph(dataset, as_of=as_of)
        return Reopened(
            graph,
            weigh(graph, policy),
            seeds_of(dataset, graph, policy, as_of=as_of),
            policy,
            decisions,
            pl.scan_parquet(folder / EVIDENCE, glob=False),
        )
    except (OSError, ValueError, pl.exceptions.PolarsError, GraphRiskError) as error:
        raise IntegrityFailure(
            f"{folder} is incomplete or was altered ({type(error).__name__}: {error})",
            expected="the files as graphrisk analyze wrote them",
            hint="run graphrisk analyze again",
        ) from error


def _term(row: Mapping[str, Any], policy: Policy) -> Term:
    """Make a term of a row of the evidence."""
    code, group = str(row["reason_code"]), Group(row["group"])
    reason = Reason(
        code, group, row["family"], _strength(code, group, row["family"], policy), "", row["unit"]
    )
    value = np.nan if row["value"] is None else row["value"]
    state = State[row["state"].upper()]
    return Term(
        reason, np.array([row["nats"]]), np.array([value]), np.array([state], dtype=np.int8)
    )


def _strength(code: str, group: Group, family: str, policy: Policy) -> Strength:
    """Find how far a term may lift a tier, as the signals and the policy have it."""
    if group == Group.LINKED:
        known = policy.families.get(family)
        return Strength(known.strength) if known else Strength.WEAK
    if code.startswith(LABEL):
        label = policy.labels[code.removeprefix(LABEL).lower()]
        return Strength.STRONG if label.confirmed else Strength.WEAK
    return Strength.WEAK if group == Group.GOOD else Strength.STRONG
