"""What if a fact were not so: one account decided again without a label, a link or a behaviour.

The account is decided again on the part of the graph around it, with the weights of the whole.
Each term keeps the value it has on the whole graph, and changes by what it changes on the part:
what lies further out is taken as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from graphrisk.decisions.tiers import decide
from graphrisk.explain.facts import Fact, FactKind, Verdict
from graphrisk.explain.recount import sharing_without
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.graph.part import part_of
from graphrisk.graph.walk import around
from graphrisk.model.decision import Rule
from graphrisk.model.evidence import Group, Term
from graphrisk.model.kinds import Tier
from graphrisk.model.policy import Policy
from graphrisk.propagation.backing import find_backing
from graphrisk.propagation.reach import reach, total_nats
from graphrisk.propagation.seeds import Seeds
from graphrisk.propagation.weights import Weights
from graphrisk.risk.additive import score
from graphrisk.signals.arrived import linked_evidence, propagate
from graphrisk.signals.linked import linked_terms
from graphrisk.signals.record import LABEL, record_terms

#: Entities of the part of the graph that an account is decided again on.
MOST_ENTITIES = 1_000
#: Labels that are looked at: those from which most could reach the account.
MOST_LABELS = 24


@dataclass(frozen=True, slots=True)
class Case:
    """One account, the part of the graph it is decided on, and its terms on the whole.

    Attributes
    ----------
    graph, weights, seeds, policy
        The part of the graph, and what belongs to it.
    account
        The account's number in ``graph``.
    terms
        The account's terms on the whole graph, each of length one.
    as_decided
        What the whole analysis decided.
    part_nats
        What the part alone makes of each term, by reason code.
    """

    graph: LinkGraph
    weights: Weights
    seeds: Seeds
    policy: Policy
    account: int
    terms: tuple[Term, ...]
    as_decided: Verdict
    part_nats: Mapping[str, float]

    def decide(self, without: Iterable[Fact] = ()) -> Verdict:
        """Decide the account, leaving out some facts; as it was decided if none."""
        left_out = frozenset(without)
        if not left_out:
            return self.as_decided
        seeds, weights = self._seeds(left_out), self._weights(left_out)
        terms = self._terms(left_out, seeds, weights)
        risk = score(terms, 1, self.policy.prior.risk_prob)
        backing = find_backing(self.graph, weights, seeds, self.policy, n_threads=1)
        at = np.array([self.account - int(self.graph.accounts[0])])
        decided = decide(terms, risk, backing.of(at), self.policy)
        return Verdict(
            Tier(decided.tier[0]),
            Rule(decided.rule[0]),
            float(risk.log_odds[0]),
            float(risk.risk_prob[0]),
        )

    def facts(self) -> tuple[Fact, ...]:
        """List what the account's risk rests on: labels against it, its links, its behaviour."""
        labels = [Fact(FactKind.LABEL, self.graph.name_of(seed)) for seed in self._nearest_seeds()]
        carrying = self.weights.out_prob[self.graph.reverse[self._row()]] > 0
        links = {self._link_name(int(slot)) for slot in self._row()[carrying]}
        behaviour = [
            Fact(FactKind.BEHAVIOUR, term.reason.code)
            for term in self.terms
            if _is_signal(term) and term.nats[0] > 0
        ]
        return (*labels, *(Fact(FactKind.LINK, name) for name in sorted(links)), *behaviour)

    def _nearest_seeds(self) -> list[int]:
        """Find the bad seeds from which most could reach the account: reach, walked backwards."""
        start = np.zeros(self.graph.n_entities)
        start[self.account] = 1.0
        rows = (self.graph.offsets, self.graph.neighbor, self.graph.reverse)
        backwards = self.weights.out_prob[self.graph.reverse]
        told = reach(*rows, backwards, start, n_hops=self.policy.reach.n_hops)
        could_reach = total_nats(self.graph.offsets, told) * self.seeds.bad_strength
        order = np.argsort(-could_reach, kind="stable")[:MOST_LABELS]
        return [int(seed) for seed in order if could_reach[seed] > 0]

    def _row(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.arange(self.graph.offsets[self.account], self.graph.offsets[self.account + 1])

    def _link_name(self, slot: int) -> str:
        relation = self.graph.relations[self.graph.links.relation[self.graph.link[slot]]]
        return f"{relation} {self.graph.name_of(int(self.graph.neighbor[slot]))}"

    def _seeds(self, left_out: frozenset[Fact]) -> Seeds:
        names = [fact.name for fact in left_out if fact.kind == FactKind.LABEL]
        if not names:
            return self.seeds
        numbers = [self._number(name) for name in names]
        bad, own = self.seeds.bad_strength.copy(), self.seeds.own_nats.copy()
        ruling = self.seeds.ruling.copy()
        bad[numbers], own[numbers], ruling[numbers] = 0.0, 0.0, -1
        return replace(self.seeds, bad_strength=bad, own_nats=own, ruling=ruling)

    def _number(self, name: str) -> int:
        kind, _, entity_id = name.partition(":")
        number = self.graph.number_of(kind, entity_id)
        if number is None:
            raise KeyError(name)
        return number

    def _weights(self, left_out: frozenset[Fact]) -> Weights:
        names = {fact.name for fact in left_out if fact.kind == FactKind.LINK}
        if not names:
            return self.weights
        out_prob, tie_share = self.weights.out_prob.copy(), self.weights.tie_share.copy()
        for slot in self._row():
            if self._link_name(int(slot)) in names:
                back = self.graph.reverse[slot]
                out_prob[slot] = out_prob[back] = tie_share[back] = 0.0
        return replace(self.weights, out_prob=out_prob, tie_share=tie_share)

    def _terms(self, left_out: frozenset[Fact], seeds: Seeds, weights: Weights) -> tuple[Term, ...]:
        """Change each term by what leaving facts out changes on the part."""
        now = replace(self, seeds=seeds, weights=weights).terms_of_part()
        gone = {fact.name for fact in left_out if fact.kind == FactKind.BEHAVIOUR}
        known = {term.reason.code: term for term in self.terms}
        recounted = self._recounted(left_out)
        terms = []
        for code, term in {**now, **known}.items():
            nats = 0.0 if code in gone else _nats(known, code)
            nats = min(nats, recounted.get(code, nats))
            nats += _nats(now, code) - self.part_nats.get(code, 0.0)
            bounded = min(nats, 0.0) if term.reason.group == Group.GOOD else max(nats, 0.0)
            terms.append(term.with_nats(np.array([bounded])))
        return tuple(terms)

    def _recounted(self, left_out: frozenset[Fact]) -> dict[str, float]:
        """Count sharing signals again without disproved links."""
        names = {fact.name for fact in left_out if fact.kind == FactKind.LINK}
        if not names:
            return {}
        row = self._row()
        disproved = np.array([self._link_name(int(slot)) in names for slot in row])
        return sharing_without(self.graph, row, disproved, self.terms, self.policy)

    def terms_of_part(self) -> dict[str, Term]:
        """Compute the account's terms on the part alone, by reason code, without signals."""
        row = np.array([self.account], dtype=np.int32)
        propagated = propagate(self.graph, self.weights, self.seeds, self.policy, n_threads=1)
        evidence = linked_evidence(row, self.graph, self.weights, propagated)
        at = self.account - int(self.graph.accounts[0])
        record = (
            term.of(slice(at, at + 1)) for term in record_terms(self.graph, self.seeds, self.policy)
        )
        linked = linked_terms(evidence, np.array([True]), self.policy)
        return {term.reason.code: term for term in (*record, *linked)}


def _nats(terms: Mapping[str, Term], code: str) -> float:
    return float(terms[code].nats[0]) if code in terms else 0.0


def _is_signal(term: Term) -> bool:
    """Say whether a term is a signal: own evidence that is not a label."""
    return term.reason.group == Group.OWN and not term.reason.code.startswith(LABEL)


def case_of(
    account: int,
    graph: LinkGraph,
    weights: Weights,
    seeds: Seeds,
    policy: Policy,
    terms: Sequence[Term],
    as_decided: Verdict,
) -> Case:
    """Cut out the neighbourhood of an account, and make it a case.

    Parameters
    ----------
    account
        The account's number in ``graph``.
    graph, weights, seeds, policy
        Those of the whole analysis.
    terms
        The account's terms on the whole graph, each of length one.
    as_decided
        What the analysis decided.
    """
    carries = (weights.out_prob > 0) | (weights.out_prob[graph.reverse] > 0)
    near = around(
        graph.offsets, graph.neighbor, account, carries,
        n_hops=policy.reach.n_hops, most=MOST_ENTITIES,
    )  # fmt: skip
    part, slots, links = part_of(graph, near)
    case = Case(
        graph=part,
        weights=replace(
            weights,
            out_prob=weights.out_prob[slots],
            family_in=weights.family_in[slots],
            protected=weights.protected[near],
            own_only=weights.own_only[slots],
            sharing=weights.sharing.part(near, slots),
            vouches=weights.vouches[slots],
            tie_share=weights.tie_share[slots],
            claimable=weights.claimable[slots],
            claimed=weights.claimed[slots],
            rule=weights.rule[links],
        ),
        seeds=replace(
            seeds,
            bad_strength=seeds.bad_strength[near],
            good_strength=seeds.good_strength[near],
            own_nats=seeds.own_nats[near],
            ruling=seeds.ruling[near],
        ),
        policy=policy,
        account=int(np.searchsorted(near, account)),
        terms=tuple(terms),
        as_decided=as_decided,
        part_nats={},
    )
    part_nats = {code: float(term.nats[0]) for code, term in case.terms_of_part().items()}
    return replace(case, part_nats=part_nats)
