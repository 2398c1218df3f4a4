"""Risk of every entity, accounts and identifiers alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.explain.names import entity_names
from graphrisk.graph.components import components
from graphrisk.graph.hubs import HUB_CLASSES, is_identifier, n_linked_accounts
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.graph.sharing import SHARING_KINDS
from graphrisk.model.policy import Policy
from graphrisk.propagation.seeds import Seeds
from graphrisk.propagation.weights import Weights
from graphrisk.risk.additive import Risk, add_up, log_odds_of, probability_of
from graphrisk.signals.linked import Propagated, linked_evidence, linked_terms

#: Entities scored at a time: few enough for their numbers to stay in the cache.
CHUNK = 1 << 15


def entity_table(
    graph: LinkGraph,
    weights: Weights,
    seeds: Seeds,
    propagated: Propagated,
    risk: Risk,
    policy: Policy,
    *,
    n_threads: int = 1,
) -> pl.DataFrame:
    """Lay out the risk of every entity.

    An account's risk is that of its decision. Any other entity has its own label and what its
    links brought; signals are for accounts.

    Returns
    -------
    polars.DataFrame
        ``kind, entity_id, risk_prob, n_accounts, label, hub_class, component, sharing_kind,
        sharing_prob, sharing_facts``. ``component`` names the group that an entity belongs to
        once links that carry nothing are left out, by its first entity. The last three say as
        what innocent sharing the entity is recognised, how probably, and by how many accounts
        that show each fact, of how many for which it is known.
    """
    risk_prob = np.empty(graph.n_entities)
    risk_prob[graph.accounts] = risk.risk_prob
    others = np.flatnonzero(is_identifier(graph)).astype(np.int32)

    def fill(rows: NDArray[np.int32]) -> None:
        risk_prob[rows] = _risk_of(rows, graph, weights, seeds, propagated, policy)

    with ThreadPoolExecutor(n_threads) as pool:
        for _ in pool.map(fill, np.split(others, range(CHUNK, len(others), CHUNK))):
            pass
    return pl.DataFrame(
        {
            "kind": pl.Series(graph.kinds, dtype=pl.String).gather(graph.kind_code),
            "entity_id": graph.entity_id,
            "risk_prob": risk_prob,
            "n_accounts": n_linked_accounts(graph),
            "label": _named(seeds.labels["label"], seeds.ruling),
            "hub_class": _named(pl.Series(HUB_CLASSES), weights.protected),
            "component": entity_names(graph, components(graph, _carrying(graph, weights))),
            "sharing_kind": _named(pl.Series(SHARING_KINDS), weights.sharing.kind),
            "sharing_prob": _known(weights.sharing.prob),
            "sharing_facts": weights.sharing.facts(graph.n_entities),
        }
    )


def _risk_of(
    rows: NDArray[np.int32],
    graph: LinkGraph,
    weights: Weights,
    seeds: Seeds,
    propagated: Propagated,
    policy: Policy,
) -> NDArray[np.float64]:
    evidence = linked_evidence(rows, graph, weights, propagated)
    terms = linked_terms(evidence, np.ones(len(rows), dtype=bool), policy)
    prior = log_odds_of(policy.prior.risk_prob)
    return probability_of(prior + seeds.own_nats[rows] + add_up(terms, len(rows)))


def _carrying(graph: LinkGraph, weights: Weights) -> NDArray[np.bool_]:
    """Mark the links that carry something, either way, shape (n_links,)."""
    carrying = np.zeros(graph.n_links, dtype=bool)
    carrying[graph.link[weights.out_prob > 0]] = True
    return carrying


def _named(names: pl.Series, codes: NDArray[np.int32] | NDArray[np.int8]) -> pl.Series:
    """Replace codes by names; negative codes become empty text."""
    texts = pl.concat([names.cast(pl.String).alias(""), pl.Series([""], dtype=pl.String)])
    return texts.gather(np.where(codes < 0, len(names), codes))


def _known(prob: NDArray[np.float64]) -> pl.Series:
    """Leave out probabilities of zero: nothing is recognised."""
    return pl.select(pl.when(pl.Series(prob > 0)).then(pl.Series(prob))).to_series()
