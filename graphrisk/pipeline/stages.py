"""The stages, in order: each one function from what earlier stages made to one thing more.

``print(plan())`` shows the way the data goes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.decisions.tiers import decide
from graphrisk.errors import UsageError
from graphrisk.explain.decisions import DECISION_COLUMNS, decision_table
from graphrisk.explain.entities import entity_sheet, risk_of_others
from graphrisk.explain.factors import principal_factors
from graphrisk.explain.waterfall import Waterfall, waterfall
from graphrisk.graph.build import build_graph
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.graph.sharing import SharingFacts
from graphrisk.intake.dataset import Dataset
from graphrisk.intake.sheet import Sheet
from graphrisk.learn.anomaly import anomaly_terms
from graphrisk.learn.evidence import Stand
from graphrisk.learn.model import FittedModel
from graphrisk.learn.scoring import fitted_terms
from graphrisk.model.decision import Backing, Decisions, Trail
from graphrisk.model.evidence import Term
from graphrisk.model.policy import Policy
from graphrisk.model.times import iso
from graphrisk.propagation.backing import find_backing
from graphrisk.propagation.carrying import Carrying, carrying
from graphrisk.propagation.seeds import Seeds, seeds_of
from graphrisk.propagation.trails import find_trails
from graphrisk.propagation.weights import Weights, weigh
from graphrisk.propagation.witness import Witness
from graphrisk.risk.additive import Risk, score
from graphrisk.signals.arrived import Propagated, propagate
from graphrisk.signals.catalog import CATALOG, signal_terms
from graphrisk.signals.linked import terms_of_accounts
from graphrisk.signals.measure import Book
from graphrisk.signals.record import record_terms
from graphrisk.signals.unheard import unheard_terms, unheard_trails

#: Changes whenever the same evidence would make another risk.
MODEL_VERSION = "additive-2"


class Products(TypedDict, total=False):
    """What the stages have made so far."""

    dataset: Dataset
    policy: Policy
    as_of: datetime | None
    n_threads: int
    graph: LinkGraph
    weights: Weights
    seeds: Seeds
    part: Carrying
    propagated: Propagated
    linked: tuple[Term, ...]
    others: NDArray[np.float64]
    trails: tuple[Witness, tuple[Trail, ...]]
    backing: Backing
    unheard: tuple[Trail, ...]
    facts: SharingFacts
    model: FittedModel | None
    witness: tuple[Term, ...]
    terms: tuple[Term, ...]
    risk: Risk
    decided: Decisions
    evidence: Waterfall
    entities: Sheet
    decisions: pl.DataFrame


def make_graph(made: Products) -> LinkGraph:
    """Build the link graph as of the moment of the analysis."""
    graph = build_graph(made["dataset"], as_of=made["as_of"], n_threads=made["n_threads"])
    if not len(graph.accounts):
        raise UsageError(
            f"no account was open as of {iso(made['as_of'])}",
            expected="a moment after the first account was opened",
            hint="choose a later as_of, or leave it out to take the newest fact",
        )
    return graph


def make_weights(made: Products) -> Weights:
    """Weigh every link, each way, by the policy."""
    return weigh(made["graph"], made["policy"], n_threads=made["n_threads"])


def make_seeds(made: Products) -> Seeds:
    """Find the labels in force."""
    return seeds_of(made["dataset"], made["graph"], made["policy"], as_of=made["as_of"])


def make_part(made: Products) -> Carrying:
    """Find the part of the graph over which anything can travel."""
    graph, seeds = made["graph"], made["seeds"]
    return carrying(
        graph.offsets,
        graph.neighbor,
        graph.reverse,
        made["weights"].out_prob,
        (seeds.bad_strength > 0) | (seeds.good_strength > 0),
        n_threads=made["n_threads"],
    )


def make_propagated(made: Products) -> Propagated:
    """Pass risk over links: reach and PageRank, from bad and from good seeds."""
    return propagate(
        made["graph"],
        made["weights"],
        made["seeds"],
        made["policy"],
        part=made["part"],
        n_threads=made["n_threads"],
    )


def make_linked(made: Products) -> tuple[Term, ...]:
    """Make what links brought to accounts terms of the policy's model."""
    return terms_of_accounts(
        made["graph"],
        made["weights"],
        made["propagated"],
        made["policy"],
        n_threads=made["n_threads"],
    )


def make_others(made: Products) -> NDArray[np.float64]:
    """Score every entity that is no account."""
    return risk_of_others(
        made["graph"],
        made["weights"],
        made["seeds"],
        made["propagated"],
        made["policy"],
        n_threads=made["n_threads"],
    )


def make_trails(made: Products) -> tuple[Witness, tuple[Trail, ...]]:
    """Search the strongest evidence path of each family."""
    return find_trails(
        made["graph"],
        made["weights"],
        made["seeds"],
        n_hops=made["policy"].reach.n_hops,
        part=made["part"],
        n_threads=made["n_threads"],
    )


def make_backing(made: Products) -> Backing:
    """Find what closing may rest on: near seeds, fresh links, confirmed labels."""
    return find_backing(
        made["graph"],
        made["weights"],
        made["seeds"],
        made["policy"],
        part=made["part"],
        n_threads=made["n_threads"],
    )


def make_unheard(made: Products) -> tuple[Trail, ...]:
    """Point at the links over which what there is was not heard."""
    return unheard_trails(made["graph"], made["weights"])


def make_facts(made: Products) -> SharingFacts:
    """Write what things were recognised by as shared innocently."""
    return made["weights"].sharing.facts()


def make_witness(made: Products) -> tuple[Term, ...]:
    """Measure the signals, and make every piece of evidence a term of the policy's model."""
    graph, policy = made["graph"], made["policy"]
    book = Book(made["dataset"], graph, made["weights"].protected, made["as_of"])
    return (
        *record_terms(graph, made["seeds"], policy),
        *signal_terms(book, policy),
        *made["linked"],
        *anomaly_terms(made["dataset"], graph, policy, made["n_threads"]),
        *unheard_terms(graph, made["weights"]),
    )


def make_terms(made: Products) -> tuple[Term, ...]:
    """Take the policy's terms, or those of a fitted model."""
    model, graph = made.get("model"), made["graph"]
    if model is None:
        return made["witness"]
    stand = Stand(
        made["dataset"], graph, made["weights"], made["seeds"], made["policy"], made["as_of"],
        made["n_threads"],
    )  # fmt: skip
    return (
        *record_terms(graph, made["seeds"], made["policy"]),
        *fitted_terms(stand, model),
        *unheard_terms(graph, made["weights"]),
    )


def make_risk(made: Products) -> Risk:
    """Add the terms up, and check that they make the risk."""
    prior = made["policy"].prior.risk_prob
    return score(made["terms"], len(made["graph"].accounts), prior)


def make_decided(made: Products) -> Decisions:
    """Turn risk into tiers, and hold back what the rules hold back."""
    return decide(made["terms"], made["risk"], made["backing"], made["policy"], made["witness"])


def make_entities(made: Products) -> Sheet:
    """Lay out the risk of every entity."""
    return entity_sheet(made["graph"], made["weights"], made["seeds"], made["risk"], made["others"])


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
        principal_factors(
            made["terms"], made["backing"], made["decided"], made["policy"], made["witness"]
        ),
    )
    return table.with_columns(
        model_version=pl.lit(version_of(made.get("model"))),
        policy_hash=pl.lit(made["policy"].hash),
        as_of=pl.lit(made["as_of"], pl.Datetime("us", "UTC")),
    ).select(DECISION_COLUMNS)


def make_evidence(made: Products) -> Waterfall:
    """Lay out the waterfall of every account."""
    return waterfall(
        made["terms"],
        made["risk"].prior_log_odds,
        made["graph"],
        made["seeds"],
        (*made["trails"][1], *made["unheard"]),
        {signal.code: signal.table for signal in CATALOG},
        made["facts"],
    )


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the pipeline.

    Attributes
    ----------
    gives
        What it makes.
    make
        The function that makes it.
    frees
        What no later stage asks for, so that the memory can go to something else.
    """

    gives: str
    make: Callable[[Products], Any]
    frees: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What the stage does, from its function's first line."""
        return (self.make.__doc__ or "").strip().splitlines()[0]


STAGES: tuple[Stage, ...] = (
    Stage("graph", make_graph),
    Stage("weights", make_weights),
    Stage("seeds", make_seeds),
    Stage("part", make_part),
    Stage("propagated", make_propagated),
    Stage("linked", make_linked),
    Stage("others", make_others, frees=("propagated",)),
    Stage("trails", make_trails),
    Stage("backing", make_backing, frees=("part",)),
    Stage("unheard", make_unheard),
    Stage("facts", make_facts),
    Stage("witness", make_witness, frees=("linked",)),
    Stage("terms", make_terms),
    Stage("risk", make_risk),
    Stage("decided", make_decided),
    Stage("entities", make_entities, frees=("others", "weights")),
    Stage("decisions", make_decisions, frees=("backing", "decided", "witness")),
    Stage("evidence", make_evidence, frees=("trails", "unheard", "facts", "seeds", "risk")),
)


def version_of(model: FittedModel | None) -> str:
    """Return what decisions name the model by."""
    return MODEL_VERSION if model is None else model.version


def plan() -> str:
    """Return the stages as text, one line each."""
    return "\n".join(f"{i:2d}  {s.gives:<11} {s.text}" for i, s in enumerate(STAGES, start=1))
