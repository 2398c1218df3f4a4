"""How a rule of innocent sharing is held against things: who shows its facts, and what follows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Flags, Floats, Ints
from graphrisk.graph.things import Things
from graphrisk.model.sharing_rules import InnocentSharing, SharingFact, SharingRule
from graphrisk.model.times import DAY_US

#: Facts in the order of their columns.
SHARING_FACTS: tuple[str, ...] = tuple(str(fact) for fact in SharingFact)
#: Probabilities are stated to so many decimals, and used as stated.
DECIMALS = 4
HOUR_US = DAY_US / 24

#: Which uses show a fact, and for which it is known, each of shape (n_uses,).
Facts = dict[SharingFact, tuple[Flags, Flags]]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """As what things are recognised so far, settled rule by rule.

    Attributes
    ----------
    kind, prob
        The rule that fits best, by its place, ``-1`` for none, and how likely, shape (n_things,).
    counted
        Accounts that show each fact, and of whom it is known, shape (2, n_things, n_facts).
    """

    kind: NDArray[np.int8]
    prob: Floats
    counted: Ints

    @classmethod
    def none(cls, n_things: int) -> Verdicts:
        """Begin with nothing recognised."""
        return cls(
            np.full(n_things, -1, dtype=np.int8),
            np.zeros(n_things),
            np.zeros((2, n_things, len(SHARING_FACTS)), dtype=np.int64),
        )

    def settle(self, code: int, thing: Ints, prob: Floats, found: Ints, least_prob: float) -> Ints:
        """Recognise things by a rule that fits better than those before it; return which.

        ``prob`` is how likely the rule fits each of ``thing``, and ``found`` who shows its facts,
        shape (2, len(thing), n_facts).
        """
        best = (prob >= least_prob) & (prob > self.prob[thing])
        thing = thing[best]
        self.kind[thing], self.prob[thing] = code, prob[best]
        self.counted[:, thing] = found[:, best]
        return thing


def tying(things: Things, is_open: Flags, rule: SharingRule, rules: InnocentSharing) -> Flags:
    """Mark the things that tie those who share them, as a rule sees it, shape (n_things,)."""
    return (things.n_users <= rules.tie_accounts) & is_open & things.is_of(rule.ties)


def with_strangers(of_uses: Facts, untied: Flags) -> Facts:
    """Add to the facts of uses whether the account is tied to no other user."""
    return {**of_uses, SharingFact.STRANGERS: (untied, np.ones_like(untied))}


def facts_of_uses(things: Things, rules: InnocentSharing) -> Facts:
    """Say which uses show the facts that do not depend on the kind of sharing.

    Of when an account came is said only where it is known: who came apart, all of them tell.
    """
    dated = things.uses.is_dated
    _, came = things.came_us()
    return {
        SharingFact.CAME_APART: (came, came),
        SharingFact.OWN_THINGS: things.own_things(rules.own_kinds),
        SharingFact.BRIEF: (things.lasted(at_most_us=rules.brief_hours * HOUR_US), dated),
        SharingFact.STAYED: (things.lasted(at_least_us=rules.stay_days * DAY_US), dated),
    }


def candidates(things: Things, rule: SharingRule) -> Ints:
    """List the things that a rule is for, by kind and number of accounts."""
    return np.flatnonzero(things.is_of(rule.kinds) & has_users_for(rule, things.n_users))


def has_users_for(rule: SharingRule, n_users: Ints) -> Flags:
    """Mark things with as many users as a rule asks for, shape of ``n_users``."""
    most = rule.most_accounts or np.inf
    return np.asarray((n_users >= max(rule.least_accounts, 2)) & (n_users <= most))


def count_shown(things: Things, thing: Ints, rule: SharingRule, facts: Facts) -> Ints:
    """Count for some things who shows each fact, and of whom it is known: (2, n, n_facts)."""
    counted = np.zeros((2, len(thing), len(SHARING_FACTS)), dtype=np.int64)
    for fact in rule.facts:
        counted[:, :, SHARING_FACTS.index(fact)] = [
            things.count(thing, flags) for flags in facts[SharingFact(fact)]
        ]
    return counted


def leave_busiest(counted: Ints, n_busiest: Ints) -> None:
    """Count as having come apart, in place, who came outside the busiest window.

    ``counted`` is what ``count_shown`` found, where all show it who are known to have come, and
    ``n_busiest`` how many came in that window, shape (n_things,).
    """
    column = SHARING_FACTS.index(SharingFact.CAME_APART)
    n_known = counted[1, :, column]
    # One account at least is in the busiest window: it says nothing.
    counted[:, :, column] = n_known - n_busiest, np.maximum(n_known - 1, 0)


def probability(n_showing: Ints, n_known: Ints, rule: SharingRule, doubt_accounts: float) -> Floats:
    """Score the facts of some things: naive Bayes, each fact discounted while few are known."""
    nats = np.full(len(n_showing), rule.prior_nats)
    for fact, weight in rule.facts.items():
        column = SHARING_FACTS.index(fact)
        showing, known = n_showing[:, column], n_known[:, column]
        share = np.divide(showing, known, out=np.zeros(len(known)), where=known > 0)
        worth = weight.none_nats + (weight.all_nats - weight.none_nats) * share
        nats += worth * known / (known + doubt_accounts)
    return np.asarray(np.round(1.0 / (1.0 + np.exp(-nats)), DECIMALS), dtype=np.float64)


def passed(rule: SharingRule, floor: float, prob: Floats, facts: Facts, use: Ints) -> Floats:
    """Give the share that passes over some uses of things recognised by a rule, (n,).

    ``prob`` is how surely the thing of each is, and ``facts`` what all uses show.
    """
    shown = np.logical_and.reduce([facts[SharingFact(one)][0][use] for one in rule.each])
    damped = np.maximum(1.0 - rule.strength * prob, floor)
    return np.where(shown, damped, 1.0)
