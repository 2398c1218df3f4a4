"""What would be otherwise, in plain text: without a fact, or between two runs."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from graphrisk.errors import UsageError
from graphrisk.explain.compare import Change
from graphrisk.explain.counterfactual import Counterfactual
from graphrisk.explain.facts import Fact, Verdict
from graphrisk.explain.show import percent

#: In place of a fact: search the smallest change.
SMALLEST = "smallest"
#: Facts that are listed when one is asked for that is not there.
MOST_LISTED = 12


def fact_named(text: str, facts: Sequence[Fact]) -> Fact:
    """Find the fact that a user means.

    Raises
    ------
    UsageError
        If the account's risk rests on no such fact; the nearest are named.
    """
    by_name = {str(fact): fact for fact in facts}
    if text in by_name:
        return by_name[text]
    near = difflib.get_close_matches(text, by_name, n=3, cutoff=0.5) or list(by_name)
    raise UsageError(
        f"the risk of this account rests on no fact {text!r}",
        expected="one of: " + "; ".join(near[:MOST_LISTED])
        if near
        else "nothing: no fact speaks against this account",
        hint=f"--what-if {SMALLEST} searches the smallest change",
    )


def doubt_text(facts: Sequence[Fact], before: Verdict, after: Verdict) -> str:
    """Say what the decision would be without some facts."""
    return "\n".join(
        [
            "What if these were not so?",
            *(f"  {fact}" for fact in facts),
            f"Then: {_verdict(after)}",
            f"  now: {_verdict(before)}",
        ]
    )


def counterfactual_text(found: Counterfactual) -> str:
    """Say which smallest set of facts lowers the tier, and how sure that it is the smallest."""
    if not found.facts:
        return f"Nothing that could be doubted would lower {found.before.tier.word}."
    sure = (
        "no smaller set of these facts is enough"
        if found.is_smallest
        else "found one fact at a time: each is needed, but another set may be smaller"
    )
    return f"{doubt_text(found.facts, found.before, found.after)}\n{sure}; {found.n_tried} tried"


def change_text(change: Change) -> str:
    """Say what happened between two runs, and the facts that did it."""
    lines = [
        f"Earlier: {_verdict(change.earlier)}",
        f"Later:   {_verdict(change.later)}",
        *(f"  came: {fact}" for fact in change.came[:MOST_LISTED]),
        *(f"  went: {fact}" for fact in change.went[:MOST_LISTED]),
    ]
    if change.because is not None:
        facts = " and ".join(str(fact) for fact in change.because.facts)
        lines.append(f"What changed the tier: {facts}")
    elif change.earlier.tier == change.later.tier:
        lines.append("The tier is the same.")
    else:
        lines.append(
            "No fact that came or went explains it alone: look for a new policy, or a behaviour "
            "that grew."
        )
    return "\n".join(lines)


def verdicts(**named: Verdict) -> dict[str, dict[str, str | float]]:
    """Lay verdicts out as JSON holds them."""
    return {
        name: {"tier": v.tier.word, "rule": v.rule.word, "risk_prob": v.risk_prob}
        for name, v in named.items()
    }


def _verdict(verdict: Verdict) -> str:
    return f"{verdict.tier.word}, risk {percent(verdict.risk_prob)} ({verdict.rule.text})"
