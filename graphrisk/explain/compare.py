"""Two runs, one account: which fact changed its tier."""

from __future__ import annotations

from dataclasses import dataclass

from graphrisk.explain.counterfactual import Counterfactual, smallest_change
from graphrisk.explain.facts import Fact, Verdict
from graphrisk.explain.whatif import Case


@dataclass(frozen=True, slots=True)
class Change:
    """What came and what went between two runs, as far as the account's risk rests on it.

    Attributes
    ----------
    earlier, later
        What each run decided.
    came, went
        Facts that only the later run, or only the earlier run, knows.
    because
        The smallest set of new facts without which the later run would not stand above the
        earlier one; or, where the tier fell, of lost facts without which the earlier run would
        not have stood above the later one. None where the tier is the same, or where no such
        facts explain it (a new policy, or a fact whose weight changed).
    """

    earlier: Verdict
    later: Verdict
    came: tuple[Fact, ...]
    went: tuple[Fact, ...]
    because: Counterfactual | None


def compare(earlier: Case, later: Case) -> Change:
    """Compare what two runs say of one account."""
    before, after = set(earlier.facts()), set(later.facts())
    came, went = sorted(after - before), sorted(before - after)
    was, now = earlier.as_decided, later.as_decided
    because = None
    if now.tier > was.tier:
        because = smallest_change(later, below=now.tier, among=came)
    elif now.tier < was.tier:
        because = smallest_change(earlier, below=was.tier, among=went)
    if because is not None and not because.facts:
        because = None
    return Change(was, now, tuple(came), tuple(went), because)
