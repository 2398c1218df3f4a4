"""How strongly each link carries risk, each way: relation, direction, hub, age, confidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.graph.hubs import is_identifier, protected_hubs
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.graph.overlap import alone_in_time
from graphrisk.graph.sharing import Sharing, recognise
from graphrisk.model.policy import Policy, RelationRule
from graphrisk.model.times import DAY_US, NO_TIME

MAX_PROB = 0.999


@dataclass(frozen=True, slots=True)
class Weights:
    """What the policy makes of a graph's links.

    Attributes
    ----------
    out_prob
        For each slot, the probability that risk at the row's entity is carried to the
        neighbour, in [0, ``MAX_PROB``], shape (n_slots,), float64. What innocent sharing damps
        is damped already.
    families, family_in
        Names of the families, and for each slot the family in which the row's entity receives,
        shape (n_slots,), int8.
    protected
        Positions in ``graphrisk.graph.hubs.HUB_CLASSES``, ``-1`` for none, shape
        (n_entities,), int8. Links of a protected entity carry nothing.
    own_only
        Slots over which an identifier tells an account no more than its own label, because
        nobody else used it at the same time, shape (n_slots,), bool.
    sharing
        What is recognised as shared innocently, and what it passes on.
    """

    out_prob: NDArray[np.float64]
    families: tuple[str, ...]
    family_in: NDArray[np.int8]
    protected: NDArray[np.int8]
    own_only: NDArray[np.bool_]
    sharing: Sharing


def weigh(graph: LinkGraph, policy: Policy) -> Weights:
    """Weigh every link of a graph, both ways, as a policy says."""
    families = tuple(policy.families)
    rules, rule_of_link = _rules(graph, policy)
    n_touching = _links_of_relation(graph)
    source, target = graph.links.source, graph.links.target
    protected = protected_hubs(graph, policy.protection)
    carries = (protected[source] < 0) & (protected[target] < 0)

    table = _RuleTable.of(rules, families)
    common = graph.links.confidence * _age_factor(graph, table, rule_of_link) * carries
    toward_target = table.toward_target_prob[rule_of_link] * common
    toward_source = table.toward_source_prob[rule_of_link] * common
    toward_target *= table.hub_factor(rule_of_link, n_touching[0])
    toward_source *= table.hub_factor(rule_of_link, n_touching[1])
    alone = alone_in_time(graph, table.overlap_grace_days[rule_of_link])

    at_target = graph.links.target[graph.link] == graph.row_of_slot()
    out_prob = np.where(at_target, toward_source[graph.link], toward_target[graph.link])
    family_in = np.where(
        at_target,
        table.target_family[rule_of_link][graph.link],
        table.source_family[rule_of_link][graph.link],
    ).astype(np.int8)
    sharing = recognise(graph, protected, policy.innocent_sharing)
    out_prob = np.minimum(out_prob, MAX_PROB) * sharing.passes
    out_prob.setflags(write=False)
    family_in.setflags(write=False)
    own_only = alone[graph.link] & is_identifier(graph)[graph.row_of_slot()]
    return Weights(out_prob, families, family_in, protected, own_only, sharing)


@dataclass(frozen=True, slots=True)
class _RuleTable:
    """The relation rules in use, as columns."""

    toward_target_prob: NDArray[np.float64]
    toward_source_prob: NDArray[np.float64]
    hub_free_links: NDArray[np.float64]
    hub_exponent: NDArray[np.float64]
    hub_floor: NDArray[np.float64]
    half_life_days: NDArray[np.float64]
    age_floor: NDArray[np.float64]
    overlap_grace_days: NDArray[np.float64]
    target_family: NDArray[np.int8]
    source_family: NDArray[np.int8]

    @classmethod
    def of(cls, rules: list[RelationRule], families: tuple[str, ...]) -> _RuleTable:
        def numbers(name: str) -> NDArray[np.float64]:
            return np.array([getattr(rule, name) for rule in rules], dtype=np.float64)

        def family(name: str) -> NDArray[np.int8]:
            return np.array([families.index(getattr(r, name)) for r in rules], dtype=np.int8)

        return cls(
            numbers("toward_target_prob"),
            numbers("toward_source_prob"),
            numbers("hub_free_links"),
            numbers("hub_exponent"),
            numbers("hub_floor"),
            numbers("half_life_days"),
            numbers("age_floor"),
            np.where(numbers("while_both_use") > 0, numbers("overlap_grace_days"), -1.0),
            family("target_family"),
            family("source_family"),
        )

    def hub_factor(
        self, rule: NDArray[np.int16], n_links: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Damp a sender with many links of one relation, never below the floor."""
        crowding = np.maximum(n_links / self.hub_free_links[rule], 1.0)
        damped = crowding ** -self.hub_exponent[rule]
        return np.asarray(np.maximum(damped, self.hub_floor[rule]), dtype=np.float64)


def _rules(graph: LinkGraph, policy: Policy) -> tuple[list[RelationRule], NDArray[np.int16]]:
    """Find the rule of each link by its relation and the kinds at its ends."""
    n_kinds = max(len(graph.kinds), 1)
    kind = graph.kind_code.astype(np.int64)
    links = graph.links
    combination = (links.relation.astype(np.int64) * n_kinds + kind[links.source]) * n_kinds + kind[
        links.target
    ]
    met, rule_of_link = np.unique(combination, return_inverse=True)
    rules = []
    for code in met.tolist():
        rest, target = divmod(code, n_kinds)
        relation, source = divmod(rest, n_kinds)
        ends = (graph.kinds[source], graph.kinds[target])
        rules.append(policy.relation_rule(graph.relations[relation], ends)[1])
    return rules, rule_of_link.astype(np.int16)


def _links_of_relation(graph: LinkGraph) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count, for each link, its source's and its target's links of the same relation."""
    at_source = np.zeros(graph.n_links, dtype=np.int64)
    at_target = np.zeros(graph.n_links, dtype=np.int64)
    for relation in range(len(graph.relations)):
        here = np.flatnonzero(graph.links.relation == relation)
        source, target = graph.links.source[here], graph.links.target[here]
        count = np.bincount(source, minlength=graph.n_entities)
        count += np.bincount(target, minlength=graph.n_entities)
        at_source[here], at_target[here] = count[source], count[target]
    return at_source, at_target


def _age_factor(
    graph: LinkGraph, table: _RuleTable, rule: NDArray[np.int16]
) -> NDArray[np.float64]:
    """Halve a link's weight with every half-life since it was last seen, down to the floor.

    A link that carries no time, or a relation without a half-life, keeps its whole weight.
    """
    last_seen_at = graph.links.last_seen_at
    half_life_days = table.half_life_days[rule]
    ages = (last_seen_at != NO_TIME) & (half_life_days > 0)
    if graph.as_of_us == NO_TIME or not ages.any():
        return np.ones(graph.n_links)
    age_days = np.where(ages, (graph.as_of_us - np.where(ages, last_seen_at, 0)) / DAY_US, 0.0)
    halvings = np.divide(age_days, half_life_days, out=np.zeros_like(age_days), where=ages)
    return np.asarray(np.maximum(0.5 ** np.maximum(halvings, 0.0), table.age_floor[rule] * ages))
