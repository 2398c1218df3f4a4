"""How strongly each link carries risk, each way: relation, direction, hub, age, confidence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from graphrisk.graph.hubs import HUB_CLASSES, is_identifier
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.graph.sharing import SHARING_KINDS, Sharing
from graphrisk.model.column import kept_as_columns
from graphrisk.model.kinds import HubClass, SharingKind
from graphrisk.model.policy import Policy, RelationRule
from graphrisk.model.times import DAY_US, NO_TIME
from graphrisk.propagation.slots import LINK_FACTS, lay_out
from graphrisk.propagation.structure import Structure, structure_of
from graphrisk.threads import over_rows, side_by_side

MAX_PROB = 0.999
#: Links whose factors are worked out together: few enough to stay in the cache.
_AT_ONCE = 1 << 15


@kept_as_columns("own_only", "tie_share", "claimed")
@dataclass(frozen=True)
class Weights:
    """What the policy makes of a graph's links.

    What is true of few slots is kept as a column: each reading of it makes the array.

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
    vouches
        Slots over which good standing at the row's entity speaks for the neighbour, shape
        (n_slots,), bool.
    tie_share
        Slots from a personal thing to an account that uses it: how much of a tie to a bad account
        it is to use the same thing, in [0, 1]; zero elsewhere; shape (n_slots,), float32.
    claimable
        Slots of links to things that anyone can say are his, shape (n_slots,), bool.
    claimed
        Of these, the slots from the thing to the account that had it long before all others, shape
        (n_slots,), bool: what arrives there, others may have brought.
    rule
        For each link which of the policy's rules in use weighs it, shape (n_links,), int16.
    grace_days_of_rule
        For each of these rules how far apart two uses may lie and still overlap, negative where
        time does not matter, shape (n_rules,).
    """

    out_prob: NDArray[np.float64]
    families: tuple[str, ...]
    family_in: NDArray[np.int8]
    protected: NDArray[np.int8]
    own_only: NDArray[np.bool_]
    sharing: Sharing
    vouches: NDArray[np.bool_]
    tie_share: NDArray[np.float32]
    claimable: NDArray[np.bool_]
    claimed: NDArray[np.bool_]
    rule: NDArray[np.int16]
    grace_days_of_rule: NDArray[np.float64]

    @property
    def grace_days(self) -> NDArray[np.float64]:
        """How far apart two uses may lie and still overlap, for each link, shape (n_links,)."""
        return self.grace_days_of_rule[self.rule]


def weigh(
    graph: LinkGraph, policy: Policy, structure: Structure | None = None, *, n_threads: int = 1
) -> Weights:
    """Weigh every link of a graph, both ways, as a policy says; threads change no byte.

    ``structure`` is what is known of whole rows, if the graph does not hold them all; it is found
    in the graph by default.
    """
    families = tuple(policy.families)
    rules, rule_of_link = _rules(graph, policy)
    table = _RuleTable.of(rules, families)
    if structure is None:
        grace_days = table.overlap_grace_days[rule_of_link]
        structure = structure_of(graph, policy, grace_days, n_threads=n_threads)
    protected, sharing = structure.protected, structure.sharing
    facts = _facts_of_links(graph, structure, table, rule_of_link, n_threads)
    n_slots = len(graph.neighbor)
    out_prob, family_in = np.empty(n_slots), np.empty(n_slots, dtype=np.int8)
    tie_share = np.empty(n_slots, dtype=np.float32)
    own_only, vouches, claimable, claimed = (np.empty(n_slots, dtype=bool) for _ in range(4))
    over_rows(
        lay_out, graph.offsets, n_threads, graph.neighbor, graph.link, facts,
        graph.links.confidence,
        table.outward_prob, table.family, table.vouches_outward, table.ties, table.claimable,
        is_identifier(graph), protected < 0, _is_declared(protected),
        sharing.kind == SHARING_KINDS.index(SharingKind.KIOSK), sharing.passes, MAX_PROB,
        policy.evidence.tie_floor, out_prob, family_in, own_only, vouches, tie_share, claimable,
        claimed,
    )  # fmt: skip
    out_prob.setflags(write=False)
    family_in.setflags(write=False)
    return Weights(
        out_prob, families, family_in, protected, own_only, sharing, vouches, tie_share,
        claimable, claimed, rule_of_link, table.overlap_grace_days,
    )  # fmt: skip


def grace_days_of(graph: LinkGraph, policy: Policy) -> NDArray[np.float64]:
    """Say for each link how far apart two uses may lie and still overlap; see ``Weights``."""
    rules, rule_of_link = _rules(graph, policy)
    return _RuleTable.of(rules, tuple(policy.families)).overlap_grace_days[rule_of_link]


def _is_declared(protected: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Mark the entities that are said to serve strangers, shape (n_entities,).

    That many use a thing says nothing: anyone can bring a crowd.
    """
    return np.asarray((protected >= 0) & (protected != HUB_CLASSES.index(HubClass.CROWD)))


def _facts_of_links(
    graph: LinkGraph,
    structure: Structure,
    table: _RuleTable,
    rule_of_link: NDArray[np.int16],
    n_threads: int,
) -> NDArray[np.void]:
    """Lay out what slots ask of their links, shape (n_links,), ``LINK_FACTS``.

    Factors damp a link by the crowd at either end, and by its age.
    """
    links, facts = graph.links, np.empty(graph.n_links, dtype=LINK_FACTS)

    def lay_out_some(first: int) -> None:
        some = slice(first, first + _AT_ONCE)
        rule = rule_of_link[some]
        facts["hub_at_source"][some] = table.hub_factor(rule, structure.n_at_source[some])
        facts["hub_at_target"][some] = table.hub_factor(rule, structure.n_at_target[some])
        facts["age"][some] = table.age_factor(rule, links.last_seen_at[some], graph.as_of_us)
        facts["target"][some], facts["rule"][some] = links.target[some], rule
        facts["alone"][some] = structure.alone[some]
        facts["had_first"][some] = structure.had_first[some]

    side_by_side(
        n_threads, *(partial(lay_out_some, first) for first in range(0, graph.n_links, _AT_ONCE))
    )
    return facts


@dataclass(frozen=True, slots=True)
class _RuleTable:
    """The relation rules in use, as columns; of two, that of the row at the source first."""

    outward_prob: NDArray[np.float64]
    hub_free_links: NDArray[np.float64]
    hub_exponent: NDArray[np.float64]
    hub_floor: NDArray[np.float64]
    half_life_days: NDArray[np.float64]
    age_floor: NDArray[np.float64]
    overlap_grace_days: NDArray[np.float64]
    family: NDArray[np.int8]
    ties: NDArray[np.bool_]
    claimable: NDArray[np.bool_]
    vouches_outward: NDArray[np.bool_]

    @classmethod
    def of(cls, rules: list[RelationRule], families: tuple[str, ...]) -> _RuleTable:
        def numbers(name: str) -> NDArray[np.float64]:
            return np.array([getattr(rule, name) for rule in rules], dtype=np.float64)

        def family(name: str) -> NDArray[np.int8]:
            return np.array([families.index(getattr(r, name)) for r in rules], dtype=np.int8)

        outward_prob = np.stack([numbers("toward_target_prob"), numbers("toward_source_prob")], 1)
        vouches = np.stack([numbers("vouches_for_target"), numbers("vouches_for_source")], 1)
        return cls(
            outward_prob,
            numbers("hub_free_links"),
            numbers("hub_exponent"),
            numbers("hub_floor"),
            numbers("half_life_days"),
            numbers("age_floor"),
            np.where(numbers("while_both_use") > 0, numbers("overlap_grace_days"), -1.0),
            np.stack([family("source_family"), family("target_family")], 1),
            (numbers("ties") * outward_prob.prod(axis=1)) > 0,
            numbers("claimable") > 0,
            vouches > 0,
        )

    def hub_factor(
        self, rule: NDArray[np.int16], n_links: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Damp a sender with many links of one relation, never below the floor."""
        factor = np.maximum(1.0, self.hub_floor[rule])
        crowding = n_links / self.hub_free_links[rule]
        crowded = np.flatnonzero(crowding > 1.0)  # few are, and powers are slow
        rule = rule[crowded]
        damped = crowding[crowded] ** -self.hub_exponent[rule]
        factor[crowded] = np.maximum(damped, self.hub_floor[rule])
        return np.asarray(factor, dtype=np.float64)

    def age_factor(
        self, rule: NDArray[np.int16], last_seen_at: NDArray[np.int64], as_of_us: int
    ) -> NDArray[np.float64]:
        """Halve a link's weight with every half-life since it was last seen, down to the floor.

        A link that carries no time, or a relation without a half-life, keeps its whole weight.
        """
        half_life_days = self.half_life_days[rule]
        ages = (last_seen_at != NO_TIME) & (half_life_days > 0)
        if as_of_us == NO_TIME or not ages.any():
            return np.ones(len(rule))
        age_days = np.where(ages, (as_of_us - np.where(ages, last_seen_at, 0)) / DAY_US, 0.0)
        halvings = np.divide(age_days, half_life_days, out=np.zeros_like(age_days), where=ages)
        kept = 0.5 ** np.maximum(halvings, 0.0)
        return np.asarray(np.maximum(kept, self.age_floor[rule] * ages), dtype=np.float64)


def _rules(graph: LinkGraph, policy: Policy) -> tuple[list[RelationRule], NDArray[np.int16]]:
    """Find the rule of each link by its relation and the kinds at its ends."""
    n_kinds, links = max(len(graph.kinds), 1), graph.links
    kind = graph.kind_code.astype(np.int32)
    combination = np.empty(graph.n_links, dtype=np.int32)
    for first in range(0, graph.n_links, _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        kinds = kind[links.source[some]] * n_kinds + kind[links.target[some]]
        combination[some] = links.relation[some].astype(np.int32) * n_kinds**2 + kinds
    is_met = np.zeros(len(graph.relations) * n_kinds**2, dtype=bool)
    is_met[combination] = True
    met = np.flatnonzero(is_met)
    rule_of_link = (np.cumsum(is_met) - 1).astype(np.int16)[combination]
    rules = []
    for code in met.tolist():
        rest, target = divmod(code, n_kinds)
        relation, source = divmod(rest, n_kinds)
        ends = (graph.kinds[source], graph.kinds[target])
        rules.append(policy.relation_rule(graph.relations[relation], ends)[1])
    return rules, rule_of_link
