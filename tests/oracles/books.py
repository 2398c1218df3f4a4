"""Small books: accounts, what they use and whom they know, labels, and the risk of it all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from hypothesis import strategies as st
from numpy.typing import NDArray

from graphrisk.decisions.tiers import decide
from graphrisk.graph.encode import IdIndex
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.graph.links import Links
from graphrisk.graph.rows import build_rows
from graphrisk.model.decision import Decisions
from graphrisk.model.evidence import Term
from graphrisk.model.policy import Policy, is_good
from graphrisk.model.times import DAY_US
from graphrisk.propagation.backing import find_backing
from graphrisk.propagation.seeds import Seeds, prevalence
from graphrisk.propagation.weights import Weights, weigh
from graphrisk.risk.additive import Risk, score
from graphrisk.signals.arrived import Propagated, linked_evidence, propagate
from graphrisk.signals.linked import linked_terms
from graphrisk.signals.record import record_terms

POLICY = Policy.default()
AS_OF_US = 20_000 * DAY_US

#: What may link an account to an entity of each kind.
RELATIONS = {
    "account": ("transfer", "guarantees", "named_contact"),
    "device": ("uses_device",),
    "id_document": ("has_id_document",),
    "ip": ("uses_ip",),
    "phone": ("uses_phone",),
}
BAD_LABELS = ("bad", "default", "fraud_confirmed", "fraud_suspected", "blacklisted")
GOOD_LABELS = ("good_standing", "good")

Entity = tuple[str, str]  # kind, id
Tie = tuple[Entity, Entity, str]  # source, target, relation


@dataclass(frozen=True, slots=True)
class Book:
    """Entities, links with their age in days, and at most one label for each entity."""

    entities: tuple[Entity, ...]
    ties: dict[Tie, float] = field(default_factory=dict)
    labels: dict[Entity, str] = field(default_factory=dict)

    def with_label(self, entity: Entity, label: str) -> Book:
        """The same book with one label more, or instead of another."""
        return replace(self, labels={**self.labels, entity: label})

    def with_tie(self, tie: Tie, age_days: float) -> Book:
        """The same book with one link more, or one seen again."""
        age_days = min(age_days, self.ties.get(tie, age_days))
        return replace(self, ties={**self.ties, tie: age_days})

    def renamed(self, name: Callable[[Entity], Entity]) -> Book:
        """The same book under other ids, in another order."""
        return Book(
            tuple(name(e) for e in reversed(self.entities)),
            {(name(a), name(b), r): age for (a, b, r), age in reversed(self.ties.items())},
            {name(e): label for e, label in self.labels.items()},
        )

    def beside(self, other: Book) -> Book:
        """Both books; their ids must differ."""
        return Book(
            self.entities + other.entities, self.ties | other.ties, self.labels | other.labels
        )


def graph_of(book: Book) -> LinkGraph:
    """Lay a book out as a graph, as ``build_graph`` does from tables."""
    kinds = sorted({kind for kind, _ in book.entities})
    index = IdIndex.of(
        {kind: [pl.Series([e for k, e in book.entities if k == kind])] for kind in kinds}
    )
    relations = tuple(sorted({relation for *_, relation in book.ties}))
    number = dict(zip(numbered(index), range(index.n_entities), strict=True))
    ties = sorted(
        (number[a], number[b], relations.index(r), d) for (a, b, r), d in book.ties.items()
    )
    source, target, relation = (
        np.array([tie[i] for tie in ties], dtype=kind)
        for i, kind in enumerate((np.int32, np.int32, np.int16))
    )
    seen_at = np.array([AS_OF_US - round(age * DAY_US) for *_, age in ties], dtype=np.int64)
    ones = np.ones(len(ties))
    links = Links(
        source, target, relation, seen_at, seen_at, ones,
        ones.astype(np.int32), np.zeros(len(ties), dtype=np.int16),
    )  # fmt: skip
    return LinkGraph(
        index, index.kind_codes(), (), np.full(index.n_entities, -1, dtype=np.int16),
        relations, ("",), links, *build_rows(source, target, index.n_entities), AS_OF_US,
    )  # fmt: skip


def numbered(index: IdIndex) -> list[Entity]:
    """Entities in the order of their numbers."""
    return [
        (kind, e) for kind, ids in zip(index.kinds, index.ids, strict=True) for e in ids.to_list()
    ]


def seeds_in(book: Book, graph: LinkGraph, policy: Policy) -> Seeds:
    """Make seeds of a book's labels."""
    rows = sorted((graph.number_of(*e), label) for e, label in book.labels.items())
    rules = [policy.labels[label] for _, label in rows]
    n = graph.n_entities
    bad, good, own = np.zeros(n), np.zeros(n), np.zeros(n)
    ruling = np.full(n, -1, dtype=np.int32)
    for i, ((number, label), rule) in enumerate(zip(rows, rules, strict=True)):
        (good if is_good(label) else bad)[number] = rule.strength
        own[number] = -rule.own_nats if is_good(label) else rule.own_nats
        ruling[number] = i
    confirmed = [n for (n, _), rule in zip(rows, rules, strict=True) if bad[n] and rule.confirmed]
    common = prevalence(np.array(confirmed, dtype=np.int32), graph, policy)
    labels = pl.DataFrame(
        {
            "number": [number for number, _ in rows],
            "label": [label for _, label in rows],
            "label_source": ["" for _ in rows],
            "known_us": [AS_OF_US for _ in rows],
            "confirmed": [rule.confirmed for rule in rules],
        },
        schema_overrides={"label": pl.String, "label_source": pl.String, "confirmed": pl.Boolean},
    )
    return Seeds(bad, good, own, ruling, labels, common)


@dataclass(frozen=True, slots=True)
class Analysed:
    """A book with everything made of it."""

    graph: LinkGraph
    weights: Weights
    seeds: Seeds
    propagated: Propagated
    terms: tuple[Term, ...]
    risk: Risk
    decided: Decisions

    def risk_of(self) -> dict[str, float]:
        """Risk of every account by its id."""
        ids = self.graph.index.ids[self.graph.kinds.index("account")].to_list()
        return dict(zip(ids, self.risk.risk_prob.tolist(), strict=True))

    def tier_of(self) -> dict[str, int]:
        """Tier of every account by its id."""
        return dict(zip(self.risk_of(), self.decided.tier.tolist(), strict=True))

    def to_bytes(self) -> dict[str, tuple[bytes, ...]]:
        """Linked terms, risk and decision of every account by its id, byte for byte."""
        arrays: list[NDArray] = [
            t.nats for t in self.terms if not t.reason.code.startswith("LABEL")
        ]
        arrays += [self.risk.log_odds, self.risk.risk_prob, self.decided.tier, self.decided.rule]
        accounts = enumerate(self.risk_of())
        return {name: tuple(array[i].tobytes() for array in arrays) for i, name in accounts}


def analyse(
    book: Book, policy: Policy = POLICY, *, propagate=propagate, terms=linked_terms
) -> Analysed:
    """Run the stages from graph to tier; ``propagate`` and ``terms`` may be planted bugs."""
    graph = graph_of(book)
    weights, seeds = weigh(graph, policy), seeds_in(book, graph, policy)
    propagated = propagate(graph, weights, seeds, policy, n_threads=1)
    evidence = linked_evidence(graph.accounts, graph, weights, propagated)
    has_links = np.diff(graph.offsets)[graph.accounts] > 0
    all_terms = (*record_terms(graph, seeds, policy), *terms(evidence, has_links, policy))
    risk = score(all_terms, len(graph.accounts), policy.prior.risk_prob)
    backing = find_backing(graph, weights, seeds, policy, n_threads=1)
    decided = decide(all_terms, risk, backing, policy)
    return Analysed(graph, weights, seeds, propagated, all_terms, risk, decided)


AGES = st.sampled_from([0.0, 1.0, 30.0, 300.0, 400.0, 3000.0])


@st.composite
def ties_among(draw, entities: tuple[Entity, ...]) -> Tie:
    """A link from an account to another entity."""
    accounts = [e for e in entities if e[0] == "account"]
    source = draw(st.sampled_from(accounts))
    target = draw(st.sampled_from([e for e in entities if e != source]))
    return source, target, draw(st.sampled_from(RELATIONS[target[0]]))


@st.composite
def books(draw, *, prefix: str = "", max_accounts: int = 8, max_ties: int = 24) -> Book:
    """Books of at most fourteen entities, with labels of both signs."""
    n_accounts = draw(st.integers(2, max_accounts))
    others = draw(st.lists(st.sampled_from(sorted(RELATIONS.keys() - {"account"})), max_size=6))
    kinds = ["account"] * n_accounts + others
    entities = tuple((kind, f"{prefix}{i:02}") for i, kind in enumerate(kinds))
    ties = draw(st.dictionaries(ties_among(entities), AGES, max_size=max_ties))
    label = st.sampled_from(BAD_LABELS + GOOD_LABELS)
    return Book(entities, ties, draw(st.dictionaries(st.sampled_from(entities), label, max_size=5)))


@st.composite
def one_bad_label_more(draw) -> tuple[Book, Book]:
    """A book, and the same where one entity is now known to be bad, or known to be worse."""
    book = draw(books())
    entity = draw(st.sampled_from(book.entities))
    label = draw(st.sampled_from(BAD_LABELS))
    before = book.labels.get(entity)
    if before is not None and not is_good(before):
        label = max(before, label, key=lambda name: POLICY.labels[name].own_nats)
    return book, book.with_label(entity, label)


@st.composite
def one_good_label_more(draw) -> tuple[Book, Book]:
    """A book, and the same where one entity is now known to be good, whatever it was before."""
    book = draw(books())
    entity = draw(st.sampled_from(book.entities))
    if is_good(book.labels.get(entity, "bad")):
        return book, book
    return book, book.with_label(entity, draw(st.sampled_from(GOOD_LABELS)))
