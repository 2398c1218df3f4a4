"""The smallest set of facts without which an account would stand a tier lower."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from graphrisk.explain.facts import Fact, FactKind, Verdict
from graphrisk.explain.whatif import Case
from graphrisk.model.kinds import Tier

#: Facts of each kind that are looked at: those whose loss lowers the risk most.
MOST_FACTS = 12
#: Sets of facts that are tried before the search goes on one fact at a time.
MOST_SETS = 300


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """What would have to be otherwise.

    Attributes
    ----------
    facts
        The set found; empty if no set of the facts looked at lowers the tier.
    before, after
        The account with all facts, and without these.
    is_smallest
        True if every smaller set of the facts looked at was tried. False if the set was found
        one fact at a time: no part of it is enough, but another set might be smaller.
    n_tried
        Sets that were tried.
    """

    facts: tuple[Fact, ...]
    before: Verdict
    after: Verdict
    is_smallest: bool
    n_tried: int


def smallest_change(
    case: Case, *, below: Tier | None = None, among: Sequence[Fact] | None = None
) -> Counterfactual:
    """Search the smallest set of facts whose removal lowers the tier.

    Parameters
    ----------
    case
        The account.
    below
        The tier has to fall under this one; under the present tier by default.
    among
        The facts to choose from; all that the account's risk rests on by default.
    """
    before = case.decide()
    goal = before.tier if below is None else below
    search = _Search(case, goal, before)
    facts = search.ranked(case.facts() if among is None else among)
    for size in range(1, len(facts) + 1):
        for chosen in combinations(facts, size):
            if search.n_tried >= MOST_SETS:
                return search.one_at_a_time(facts)
            after = search.without(chosen)
            if after.tier < goal:
                return Counterfactual(chosen, before, after, True, search.n_tried)
    return Counterfactual((), before, before, True, search.n_tried)


class _Search:
    """Counts what it tries."""

    def __init__(self, case: Case, goal: Tier, before: Verdict) -> None:
        self.case = case
        self.goal = goal
        self.before = before
        self.n_tried = 0

    def without(self, facts: Sequence[Fact]) -> Verdict:
        self.n_tried += 1
        return self.case.decide(facts)

    def ranked(self, facts: Sequence[Fact]) -> list[Fact]:
        """Order facts by what the loss of each alone does; keep the strongest of each kind."""
        alone = {fact: self.case.decide([fact]).log_odds for fact in facts}
        order = sorted(facts, key=lambda fact: (alone[fact], fact))
        strongest = [
            fact
            for kind in FactKind
            for fact in [f for f in order if f.kind == kind and alone[f] < self.before.log_odds][
                :MOST_FACTS
            ]
        ]
        return sorted(strongest, key=lambda fact: (alone[fact], fact))

    def one_at_a_time(self, facts: Sequence[Fact]) -> Counterfactual:
        """Take away the strongest fact until the tier falls, then give back what was not needed."""
        taken: list[Fact] = []
        after = self.before
        for fact in facts:
            taken.append(fact)
            after = self.without(taken)
            if after.tier < self.goal:
                break
        else:
            return Counterfactual((), self.before, self.before, False, self.n_tried)
        for fact in list(taken):
            fewer = [other for other in taken if other != fact]
            verdict = self.without(fewer)
            if verdict.tier < self.goal:
                taken, after = fewer, verdict
        return Counterfactual(tuple(taken), self.before, after, False, self.n_tried)
