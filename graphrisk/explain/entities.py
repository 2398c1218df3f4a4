"""Risk of every entity, accounts and identifiers alike."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.explain.names import entity_names
from graphrisk.graph.components import components
from graphrisk.graph.hubs import HUB_CLASSES, is_identifier, n_linked_accounts
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.graph.sharing import SHARING_KINDS
from graphrisk.intake.sheet import Sheet, Words
from graphrisk.model.column import Column
from graphrisk.model.policy import Policy
from graphrisk.propagation.seeds import Seeds
from graphrisk.propagation.weights import Weights
from graphrisk.risk.additive import Risk, add_up, log_odds_of, probability_of
from graphrisk.signals.arrived import Propagated, linked_evidence
from graphrisk.signals.linked import AT_ONCE, linked_terms
from graphrisk.threads import over_parts


def risk_of_others(
    graph: LinkGraph,
    weights: Weights,
    seeds: Seeds,
    propagated: Propagated,
    policy: Policy,
    *,
    n_threads: int = 1,
) -> NDArray[np.float64]:
    """Score every entity that is no account by its label and by what its links brought.

    Signals are for accounts. Shape (n_entities,), NaN for accounts.
    """
    risk_prob, own_nats = np.full(graph.n_entities, np.nan), Column.of(seeds.own_nats)
    prior = log_odds_of(policy.prior.risk_prob)
    others = np.flatnonzero(is_identifier(graph)).astype(np.int32)

    def fill(rows: NDArray[np.int32]) -> None:
        nats = _nats_of(rows, graph, weights, propagated, policy)
        risk_prob[rows] = probability_of(prior + own_nats[rows] + nats)

    for _ in over_parts(fill, others, AT_ONCE, n_threads):
        pass
    return risk_prob


def entity_sheet(
    graph: LinkGraph,
    weights: Weights,
    seeds: Seeds,
    risk: Risk,
    others_prob: NDArray[np.float64],
) -> Sheet:
    """Lay out the risk of every entity: an account's is that of its decision.

    ``others_prob`` is what :func:`risk_of_others` found.

    Returns
    -------
    Sheet
        ``kind, entity_id, risk_prob, n_accounts, label, hub_class, component, sharing_kind,
        sharing_prob, sharing_facts``. ``component`` names the group that an entity belongs to
        once links that carry nothing are left out, by its first entity. The last three say as
        what innocent sharing the entity is recognised, how probably, and by how many accounts
        that show each fact, of how many for which it is known.
    """
    risk_prob = others_prob.copy()
    risk_prob[graph.accounts] = risk.risk_prob
    ids, kind, n_accounts = (
        graph.entity_id,
        graph.kind_code,
        n_linked_accounts(graph).astype(np.int32),
    )
    component = components(graph, _carrying(graph, weights)).astype(np.int32)
    labels, hub_classes, sharing_kinds = (
        _with_none(names) for names in (seeds.labels["label"], HUB_CLASSES, SHARING_KINDS)
    )
    ruling, protected, sharing = seeds.ruling, weights.protected, weights.sharing
    sharing_kind, sharing_prob, facts = sharing.kind, Column.of(sharing.prob), sharing.facts()
    every = np.arange(graph.n_entities, dtype=np.int32)
    return Sheet(
        graph.n_entities,
        {
            "kind": Words(graph.kinds, lambda rows: kind[rows]),
            "entity_id": lambda rows: ids[rows],
            "risk_prob": lambda rows: pl.Series(risk_prob[rows]),
            "n_accounts": lambda rows: pl.Series(n_accounts[rows]).cast(pl.Int64),
            "label": Words(labels, lambda rows: ruling[rows] + 1),
            "hub_class": Words(hub_classes, lambda rows: protected[rows] + 1),
            "component": lambda rows: entity_names(graph, component[rows]),
            "sharing_kind": Words(sharing_kinds, lambda rows: sharing_kind[rows] + 1),
            "sharing_prob": lambda rows: _known(sharing_prob[rows]),
            "sharing_facts": lambda rows: facts.of(every[rows]),
        },
    )


def _nats_of(
    rows: NDArray[np.int32],
    graph: LinkGraph,
    weights: Weights,
    propagated: Propagated,
    policy: Policy,
) -> NDArray[np.float64]:
    evidence = linked_evidence(rows, graph, weights, propagated)
    terms = linked_terms(evidence, np.ones(len(rows), dtype=bool), policy)
    return add_up(terms, len(rows))


def _carrying(graph: LinkGraph, weights: Weights) -> NDArray[np.bool_]:
    """Mark the links that carry something, either way, shape (n_links,)."""
    carrying = np.zeros(graph.n_links, dtype=bool)
    carrying[graph.link[weights.out_prob > 0]] = True
    return carrying


def _with_none(names: Iterable[str]) -> list[str]:
    """Put an empty text before names, for the code ``-1``."""
    return ["", *names]


def _known(prob: NDArray[np.float64]) -> pl.Series:
    """Leave out probabilities of zero: nothing is recognised."""
    return pl.select(pl.when(pl.Series(prob > 0)).then(pl.Series(prob))).to_series()
