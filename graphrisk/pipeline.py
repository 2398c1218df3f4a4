"""The stages, in order, and ``analyze``, which runs them.

``print(plan())`` shows the way the data goes. Each stage is one function from what earlier stages
made to one thing more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
import polars as pl

from graphrisk.decisions.tiers import decide
from graphrisk.errors import UsageError
from graphrisk.explain.decisions import DECISION_COLUMNS, decision_table
from graphrisk.explain.entities import entity_table
from graphrisk.explain.factors import principal_factors
from graphrisk.explain.waterfall import evidence_table
from graphrisk.graph.build import build_graph
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.intake.dataset import Dataset
from graphrisk.intake.read import read_dataset
from graphrisk.model.decision import Backing, Decisions, Trail
from graphrisk.model.evidence import Reason, State, Term
from graphrisk.model.kinds import Tier
from graphrisk.model.policy import Policy
from graphrisk.model.times import iso
from graphrisk.propagation.backing import find_backing
from graphrisk.propagation.seeds import Seeds, seeds_of
from graphrisk.propagation.threads import available_threads
from graphrisk.propagation.trails import find_trails
from graphrisk.propagation.weights import Weights, weigh
from graphrisk.propagation.witness import Witness
from graphrisk.risk.additive import Risk, score
from graphrisk.signals.catalog import CATALOG, signal_terms
from graphrisk.signals.linked import Propagated, linked_evidence, linked_terms, propagate
from graphrisk.signals.measure import Book
from graphrisk.signals.record import record_terms
from graphrisk.signals.unheard import innocent_facts, unheard_terms, unheard_trails

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

#: Changes whenever the same evidence would make another risk.
MODEL_VERSION = "additive-1"

Progress = Callable[[str], None]


class Products(TypedDict, total=False):
    """What the stages have made so far."""

    dataset: Dataset
    policy: Policy
    as_of: datetime | None
    n_threads: int
    graph: LinkGraph
    weights: Weights
    seeds: Seeds
    propagated: Propagated
    trails: tuple[Witness, tuple[Trail, ...]]
    backing: Backing
    terms: tuple[Term, ...]
    risk: Risk
    decided: Decisions
    evidence: pl.DataFrame
    entities: pl.DataFrame
    decisions: pl.DataFrame


def make_graph(made: Products) -> LinkGraph:
    """Build the link graph as of the moment of the analysis."""
    graph = build_graph(made["dataset"], as_of=made["as_of"])
    if not len(graph.accounts):
        raise UsageError(
            f"no account was open as of {iso(made['as_of'])}",
            expected="a moment after the first account was opened",
            hint="choose a later as_of, or leave it out to take the newest fact",
        )
    return graph


def make_weights(made: Products) -> Weights:
    """Weigh every link, each way, by the policy."""
    return weigh(made["graph"], made["policy"])


def make_seeds(made: Products) -> Seeds:
    """Find the labels in force."""
    return seeds_of(made["dataset"], made["graph"], made["policy"], as_of=made["as_of"])


def make_propagated(made: Products) -> Propagated:
    """Pass risk over links: reach and PageRank, from bad and from good seeds."""
    graph, weights, seeds = made["graph"], made["weights"], made["seeds"]
    return propagate(graph, weights, seeds, made["policy"], n_threads=made["n_threads"])


def make_trails(made: Products) -> tuple[Witness, tuple[Trail, ...]]:
    """Search the strongest evidence path of each family."""
    return find_trails(
        made["graph"],
        made["weights"],
        made["seeds"],
        n_hops=made["policy"].reach.n_hops,
        n_threads=made["n_threads"],
    )


def make_backing(made: Products) -> Backing:
    """Find what closing may rest on: near seeds, fresh links, confirmed labels."""
    graph, weights, seeds = made["graph"], made["weights"], made["seeds"]
    return find_backing(graph, weights, seeds, made["policy"], n_threads=made["n_threads"])


def make_terms(made: Products) -> tuple[Term, ...]:
    """Measure the signals, and make every piece of evidence a term of the model."""
    graph, policy = made["graph"], made["policy"]
    accounts = graph.accounts
    book = Book(made["dataset"], graph, made["weights"].protected, made["as_of"])
    linked = linked_evidence(accounts, graph, made["weights"], made["propagated"])
    has_links = np.diff(graph.offsets)[accounts] > 0
    return (
        *record_terms(graph, made["seeds"], policy),
        *signal_terms(book, policy),
        *linked_terms(linked, has_links, policy),
        *unheard_terms(graph, made["weights"]),
    )


def make_risk(made: Products) -> Risk:
    """Add the terms up, and check that they make the risk."""
    prior = made["policy"].prior.risk_prob
    return score(made["terms"], len(made["graph"].accounts), prior)


def make_decided(made: Products) -> Decisions:
    """Turn risk into tiers, and hold back what the rules hold back."""
    return decide(made["terms"], made["risk"], made["backing"], made["policy"])


def make_evidence(made: Products) -> pl.DataFrame:
    """Lay out the waterfall of every account."""
    return evidence_table(
        made["terms"],
        made["risk"].prior_log_odds,
        made["graph"],
        made["seeds"],
        (*made["trails"][1], *unheard_trails(made["graph"], made["weights"])),
        {signal.code: signal.table for signal in CATALOG},
        innocent_facts(made["graph"], made["weights"]),
    )


def make_entities(made: Products) -> pl.DataFrame:
    """Lay out the risk of every entity."""
    return entity_table(
        made["graph"],
        made["weights"],
        made["seeds"],
        made["propagated"],
        made["risk"],
        made["policy"],
    )


def make_decisions(made: Products) -> pl.DataFrame:
    """Lay out one row for each account, with reasons and path for all above clear."""
    witness, trails = made["trails"]
    table = decision_table(
        made["graph"],
        made["seeds"],
        made["risk"],
        made["decided"],
        trails,
        witness,
        principal_factors(made["terms"], made["backing"], made["decided"], made["policy"]),
    )
    return table.with_columns(
        model_version=pl.lit(MODEL_VERSION),
        policy_hash=pl.lit(made["policy"].hash),
        as_of=pl.lit(made["as_of"], pl.Datetime("us", "UTC")),
    ).select(DECISION_COLUMNS)


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the pipeline: what it gives, and the function that makes it."""

    gives: str
    make: Callable[[Products], Any]

    @property
    def text(self) -> str:
        """What the stage does, from its function's first line."""
        return (self.make.__doc__ or "").strip().splitlines()[0]


STAGES: tuple[Stage, ...] = (
    Stage("graph", make_graph),
    Stage("weights", make_weights),
    Stage("seeds", make_seeds),
    Stage("propagated", make_propagated),
    Stage("trails", make_trails),
    Stage("backing", make_backing),
    Stage("terms", make_terms),
    Stage("risk", make_risk),
    Stage("decided", make_decided),
    Stage("evidence", make_evidence),
    Stage("entities", make_entities),
    Stage("decisions", make_decisions),
)


def plan() -> str:
    """Return the stages as text, one line each."""
    return "\n".join(f"{i:2d}  {s.gives:<11} {s.text}" for i, s in enumerate(STAGES, start=1))


@dataclass(frozen=True, slots=True)
class Analysis:
    """What an analysis found.

    Attributes
    ----------
    decisions
        One row for each account; columns as in the data dictionary, sorted by account id.
    evidence
        One row for each term of each account; an account's nats add up to its log-odds.
    entities
        The risk of every entity.
    dataset, graph, policy, as_of
        What it was made from.
    signal_states
        For each signal, how many accounts were hit, miss, unknown and error.
    reasons
        What each reason code stands for.
    seconds
        Wall time of each stage.
    """

    decisions: pl.DataFrame
    evidence: pl.DataFrame
    entities: pl.DataFrame
    dataset: Dataset
    graph: LinkGraph
    policy: Policy
    as_of: datetime | None
    n_threads: int
    signal_states: Mapping[str, Mapping[str, int]]
    reasons: Mapping[str, Reason]
    seconds: Mapping[str, float]

    def to_pandas(self) -> pd.DataFrame:
        """Return the decisions as a pandas DataFrame."""
        return self.decisions.to_pandas()

    def tier_counts(self) -> dict[str, int]:
        """Count the accounts of each tier, from clear to close."""
        counted = self.decisions["tier"].value_counts()
        counts = dict(zip(counted["tier"], counted["count"], strict=True))
        return {tier.word: counts.get(tier.word, 0) for tier in Tier}


def analyze(
    source: str | Path | Mapping[str, Any] | nx.Graph | Dataset,
    policy: Policy | str | Path | None = None,
    as_of: datetime | None = None,
    *,
    mapping: str | Path | None = None,
    n_threads: int | None = None,
    progress: Progress | None = None,
) -> Analysis:
    """Decide every account of a dataset.

    Parameters
    ----------
    source
        A folder of tables, a mapping of table names to DataFrames, a networkx graph, or a
        :class:`Dataset` already read.
    policy
        A policy, or the path of one; the packaged default if None.
    as_of
        The moment of the analysis, with a time zone: nothing known later is used. None takes
        the newest fact of the dataset, so that the same input gives the same answer on any day.
    mapping
        How to read ``source``; see :func:`graphrisk.intake.read.read_dataset`.
    n_threads
        Threads for the kernels; all processors by default. The bytes do not depend on it.
    progress
        Called with a stage's description before it starts.

    Raises
    ------
    InputRefused
        If the dataset can't be used; all faults at once.
    PolicyError
        If the policy is not valid.
    UsageError
        If ``as_of`` has no time zone, or no account was open by then.
    IntegrityFailure
        If a promise did not hold, such as terms that do not sum.
    """
    if as_of is not None and as_of.tzinfo is None:
        raise UsageError(
            f"as_of = {as_of.isoformat()} has no time zone",
            expected="an aware datetime",
            hint="say datetime(..., tzinfo=UTC)",
        )
    if not isinstance(policy, Policy):
        policy = Policy.default() if policy is None else Policy.load(policy)
    dataset = source if isinstance(source, Dataset) else read_dataset(source, mapping=mapping)
    made: Products = {
        "dataset": dataset,
        "policy": policy,
        "as_of": dataset.newest_at if as_of is None else as_of,
        "n_threads": n_threads or available_threads(),
    }
    seconds: dict[str, float] = {}
    for stage in STAGES:
        if progress is not None:
            progress(stage.text)
        start = time.perf_counter()
        made[stage.gives] = stage.make(made)  # type: ignore[literal-required]
        seconds[stage.gives] = time.perf_counter() - start
    return Analysis(
        decisions=made["decisions"],
        evidence=made["evidence"],
        entities=made["entities"],
        dataset=dataset,
        graph=made["graph"],
        policy=policy,
        as_of=made["as_of"],
        n_threads=made["n_threads"],
        signal_states={term.reason.code: _state_counts(term) for term in made["terms"]},
        reasons={term.reason.code: term.reason for term in made["terms"]},
        seconds=seconds,
    )


def _state_counts(term: Term) -> dict[str, int]:
    counts = np.bincount(term.state, minlength=len(State))
    return {state.word: int(counts[state]) for state in State}
