"""Small towns of accounts and what they use, and a slow way to see who shares innocently."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st

from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.graph.sharing import ROOF_SHARE
from graphrisk.graph.verdicts import DECIMALS
from graphrisk.model.kinds import IDENTIFIER_RELATION, EntityKind, SharingKind
from graphrisk.model.sharing_rules import InnocentSharing, SharingRule
from graphrisk.model.times import DAY_US
from oracles.books import AS_OF_US, Book, graph_of, numbered

PERSONAL = ("device", "phone", "id_document", "bank_card", "email")


@dataclass(frozen=True, slots=True)
class Use:
    """An account used a thing from one day to another, counted back from the analysis."""

    account: str
    kind: str
    thing: str
    first: float
    last: float

    @property
    def days(self) -> float | None:
        """How long it is known to have lasted; None if it was seen at one moment only."""
        return self.first - self.last or None


Town = tuple[Use, ...]


def graph_of_town(town: Iterable[Use], labels: dict[str, str] | None = None) -> LinkGraph:
    """Lay a town out as a graph; accounts with a label are there even without a thing."""
    town = tuple(town)
    ties = {
        (("account", u.account), (u.kind, u.thing), IDENTIFIER_RELATION[EntityKind(u.kind)]): u.last
        for u in town
    }
    entities = dict.fromkeys(end for a, b, _ in ties for end in (a, b))
    entities.update(dict.fromkeys(("account", name) for name in labels or ()))
    graph = graph_of(Book(tuple(entities), ties))
    first = {(u.account, u.kind, u.thing): u.first for u in town}
    names = numbered(graph.index)
    begun = [
        AS_OF_US - round(first[names[source][1], *names[target]] * DAY_US)
        for source, target in zip(graph.links.source, graph.links.target, strict=True)
    ]
    return replace(graph, links=replace(graph.links, first_seen_at=np.array(begun, dtype=np.int64)))


def own_things(account: str, opened: float) -> Town:
    """A phone and a document that nobody else has."""
    return tuple(
        Use(account, kind, f"{kind}-of-{account}", opened, 0.0) for kind in ("phone", "id_document")
    )


def strangers(
    kind: str, thing: str, n: int, *, days: float, every: float, prefix: str = "s"
) -> Town:
    """So many accounts with things of their own, one after the other, on one thing."""
    town: list[Use] = []
    for i in range(n):
        name, came = f"{prefix}{i:03}", 1000.0 - every * i
        town += [Use(name, kind, thing, came, came - days), *own_things(name, came + 1)]
    return tuple(town)


def farm(n: int, *, n_in_common: int = 1) -> Town:
    """Accounts opened within days of each other on one device, for long, with more in common."""
    town: list[Use] = []
    for i in range(n):
        name, came = f"f{i:03}", 400.0 - i % 7
        town += [Use(name, "device", "farm-device", came, 1.0), *own_things(name, came)]
        if n_in_common > 1:
            town.append(Use(name, "ip", "farm-line", came, 1.0))
    return tuple(town)


@st.composite
def towns(draw) -> Town:
    """Towns of at most eight accounts that use at most nine things."""
    accounts = [f"a{i}" for i in range(draw(st.integers(2, 8)))]
    kinds = draw(st.lists(st.sampled_from([*PERSONAL, "address", "ip"]), min_size=1, max_size=9))
    things = [(kind, f"t{i}") for i, kind in enumerate(kinds)]
    pairs = st.tuples(st.sampled_from(accounts), st.sampled_from(things))
    spans = st.tuples(
        st.sampled_from([700.0, 500.0, 490.0, 300.0]), st.sampled_from([0.0, 0.5, 30.0, 200.0])
    )
    uses = draw(st.dictionaries(pairs, spans, min_size=1, max_size=30))
    return tuple(Use(a, *thing, first, first - span) for (a, thing), (first, span) in uses.items())


@dataclass(frozen=True, slots=True)
class Seen:
    """As what a thing is recognised, how probably, and what it passes to each account."""

    kind: str
    prob: float
    passes: dict[str, float]


Thing = tuple[str, str]


def look(town: Town, rules: InnocentSharing) -> dict[Thing, Seen]:
    """Recognise everything by going through everything."""
    return _Onlooker(town, rules).seen()


class _Onlooker:
    def __init__(self, town: Town, rules: InnocentSharing) -> None:
        self.rules = rules
        self.uses: dict[Thing, dict[str, Use]] = defaultdict(dict)
        self.held: dict[str, set[Thing]] = defaultdict(set)
        for use in town:
            self.uses[use.kind, use.thing][use.account] = use
            self.held[use.account].add((use.kind, use.thing))

    def seen(self) -> dict[Thing, Seen]:
        best: dict[Thing, Seen] = {}
        for kind, rule in self.rules.rules().items():
            for thing, prob in self.probs(kind, rule).items():
                if prob >= self.rules.least_prob and prob > (
                    best[thing].prob if thing in best else 0.0
                ):
                    passes = {
                        account: max(1 - rule.strength * prob, self.rules.floor)
                        if all(self.shows(fact, thing, account, rule) for fact in rule.each)
                        else 1.0
                        for account in self.uses[thing]
                    }
                    best[thing] = Seen(str(kind), prob, passes)
        roofs = {thing for thing, seen in best.items() if seen.kind == SharingKind.DORMITORY}
        for thing, seen in best.items():
            if seen.kind == SharingKind.SHARED_NETWORK:
                under = [len(self.uses[roof].keys() & self.uses[thing].keys()) for roof in roofs]
                if max(under, default=0) >= ROOF_SHARE * len(self.uses[thing]):
                    best[thing] = replace(seen, kind=str(SharingKind.DORMITORY))
        return best

    def probs(self, kind: SharingKind, rule: SharingRule) -> dict[Thing, float]:
        most = rule.most_accounts or math.inf
        fitting = [
            thing
            for thing, users in self.uses.items()
            if thing[0] in rule.kinds and max(rule.least_accounts, 2) <= len(users) <= most
        ]
        probs = {thing: self.prob(thing, rule) for thing in fitting}
        if kind != SharingKind.HOUSEHOLD:
            return probs
        homes = {t: p for t, p in probs.items() if t[0] == "address" and p >= self.rules.least_prob}
        for thing in [thing for thing in probs if thing[0] != "address"]:
            around = [
                p for home, p in homes.items() if self.uses[thing].keys() <= self.uses[home].keys()
            ]
            probs[thing] = min(probs[thing], max(around, default=0.0))
        return probs

    def prob(self, thing: Thing, rule: SharingRule) -> float:
        nats = rule.prior_nats
        for fact, weight in rule.facts.items():
            n_showing, n_known = self.count(fact, thing, rule)
            if n_known:
                worth = weight.none_nats + (weight.all_nats - weight.none_nats) * (
                    n_showing / n_known
                )
                nats += worth * n_known / (n_known + self.rules.doubt_accounts)
        return round(1 / (1 + math.exp(-nats)), DECIMALS)

    def count(self, fact: str, thing: Thing, rule: SharingRule) -> tuple[int, int]:
        if fact == "came_apart":
            came = [max(self.uses[t][a].first for t in self.held[a]) for a in self.uses[thing]]
            window = [
                sum(0 <= day - other <= self.rules.burst_days for other in came) for day in came
            ]
            return len(came) - max(window), len(came) - 1
        known = [self.shows(fact, thing, account, rule) for account in self.uses[thing]]
        return sum(map(bool, known)), sum(one is not None for one in known)

    def shows(self, fact: str, thing: Thing, account: str, rule: SharingRule) -> bool | None:
        """Whether an account shows a fact; None if it is not known."""
        if fact == "strangers":
            others = self.uses[thing].keys() - {account}
            return not any(
                self.uses[other].keys() & others
                for other in self.held[account] - {thing}
                if other[0] in rule.ties and len(self.uses[other]) <= self.rules.tie_accounts
            )
        if fact == "own_things":
            kinds = {kind for kind, _ in self.held[account]} & set(PERSONAL)
            own = {t[0] for t in self.held[account] if len(self.uses[t]) == 1} & kinds
            enough = self.rules.own_kinds
            return len(own) >= enough if len(kinds) >= enough else None
        days = self.uses[thing][account].days
        if days is None:
            return None
        return (
            days * 24 <= self.rules.brief_hours if fact == "brief" else days >= self.rules.stay_days
        )
