"""All columns of a dataset: the model's own evidence, activity, surroundings and labels around."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.intake.dataset import Dataset
from graphrisk.learn.activity import activity_columns
from graphrisk.learn.columns import Column
from graphrisk.learn.nearness import N_FOLDS, Known, deal, near_columns
from graphrisk.learn.records import records_of
from graphrisk.learn.spread import Neighborhood
from graphrisk.learn.surroundings import attribute_columns, structure_columns
from graphrisk.model.evidence import Group, Term
from graphrisk.model.policy import Policy
from graphrisk.propagation.seeds import Seeds
from graphrisk.propagation.weights import Weights
from graphrisk.signals.arrived import linked_evidence, propagate
from graphrisk.signals.catalog import signal_terms
from graphrisk.signals.linked import linked_terms
from graphrisk.signals.measure import Book


@dataclass(frozen=True, slots=True)
class Stand:
    """What columns are made from: a dataset as of a moment, its graph, weights and labels."""

    dataset: Dataset
    graph: LinkGraph
    weights: Weights
    seeds: Seeds
    policy: Policy
    as_of: datetime | None
    n_threads: int

    def known(self, seed: int) -> Known:
        """Deal the labelled accounts into folds."""
        sign = np.full(self.graph.n_entities, -1, dtype=np.int8)
        sign[self.seeds.good_strength > 0] = 0
        sign[self.seeds.bad_strength > 0] = 1
        return deal(sign, self.graph.accounts, seed)


def columns_of(stand: Stand, known: Known) -> list[Column]:
    """Make every column, no account's own label in its own.

    Parameters
    ----------
    stand
        The dataset and what was made of it.
    known
        The labels, and the folds in which they are hidden.

    Returns
    -------
    list
        Columns of shape (n_accounts,), names unique.
    """
    graph, policy, n_threads = stand.graph, stand.policy, stand.n_threads
    around = Neighborhood.of(graph)
    records = records_of(stand.dataset, graph, stand.as_of)
    return [
        *_signals(stand),
        *_linked(stand, known),
        *activity_columns(graph, records, policy),
        *structure_columns(graph, around, n_threads),
        *attribute_columns(stand.dataset, graph, around, n_threads),
        *near_columns(graph, around, records, known, policy, n_threads),
    ]


def _signals(stand: Stand) -> list[Column]:
    book = Book(stand.dataset, stand.graph, stand.weights.protected, stand.as_of)
    return [
        Column(f"signal.{term.reason.code}", term.reason, 1, term.value)
        for term in signal_terms(book, stand.policy)
        if not np.isnan(term.value).all()
    ]


def _linked(stand: Stand, known: Known) -> list[Column]:
    """Take reach and PageRank as the untrained model has them, fold by fold."""
    accounts = stand.graph.accounts
    fold = known.fold[accounts]
    whole = _terms(stand, stand.seeds)
    values = [term.value.copy() for term in whole]
    for hidden in range(N_FOLDS):
        rows = fold == hidden
        if not rows.any():
            continue
        again = _terms(stand, _without(stand.seeds, known.fold == hidden))
        for value, term in zip(values, again, strict=True):
            value[rows] = term.value[rows]
    return [
        Column(f"linked.{term.reason.code}", term.reason, _rises(term), value)
        for term, value in zip(whole, values, strict=True)
        if value.any()
    ]


def _rises(term: Term) -> int:
    return -1 if term.reason.group == Group.GOOD else 1


def _terms(stand: Stand, seeds: Seeds) -> Sequence[Term]:
    graph, weights, policy = stand.graph, stand.weights, stand.policy
    propagated = propagate(graph, weights, seeds, policy, n_threads=stand.n_threads)
    found = linked_evidence(graph.accounts, graph, weights, propagated)
    has_links = np.diff(graph.offsets)[graph.accounts] > 0
    return linked_terms(found, has_links, policy)


def _without(seeds: Seeds, hidden: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Seeds:
    """Hide the labels of some entities."""
    return replace(
        seeds,
        bad_strength=np.where(hidden, 0.0, seeds.bad_strength),
        good_strength=np.where(hidden, 0.0, seeds.good_strength),
        own_nats=np.where(hidden, 0.0, seeds.own_nats),
        ruling=np.where(hidden, -1, seeds.ruling).astype(np.int32),
    )
