"""The breaker: how many closures a run may bring before people must look.

A wrong feed, or a single poisoned device, shows as many closures at once. Each rule here is
arithmetic over counts; who counted, and what happens when one trips, is the caller's affair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from graphrisk.model.batch_rules import BreakerRule


@dataclass(frozen=True, slots=True)
class Closures:
    """What a run would close.

    Attributes
    ----------
    n_closures
        Accounts that this run would close and that were not closed before.
    n_active
        Active accounts of the book.
    n_recent
        Closures of runs that were published within the budget hours.
    earlier
        Closures of each earlier published run, the newest first.
    causes
        How many of the closures rest on each entity: a hub on the way, or a seed.
    """

    n_closures: int
    n_active: int
    n_recent: int
    earlier: Sequence[int]
    causes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Trip:
    """One rule that stops a run. ``cause`` is an entity, empty unless it is one cause."""

    rule: str
    text: str
    cause: str = ""


def trips(closures: Closures, rule: BreakerRule) -> tuple[Trip, ...]:
    """Find the rules that stop a run; none where it may go on.

    Source: guardrails for scheduled scoring: stop above max(20, 0.5 % of active), above three
    times the 28-run median, or where one hub or seed causes more than a quarter.
    """
    found = [_budget(closures, rule)]
    if closures.n_closures >= rule.relative_min_closures:
        found += [_median(closures, rule), _cause(closures, rule)]
    return tuple(trip for trip in found if trip is not None)


def _budget(closures: Closures, rule: BreakerRule) -> Trip | None:
    allowed = max(float(rule.max_closures), rule.max_closed_share * closures.n_active)
    total = closures.n_closures + closures.n_recent
    if not closures.n_closures or total <= allowed:
        return None
    recent = f", and {closures.n_recent} in {rule.budget_hours} hours before it"
    return Trip(
        "too_many",
        f"{closures.n_closures} closures{recent if closures.n_recent else ''}; at most "
        f"{allowed:g} are let through with {closures.n_active} active accounts",
    )


def _median(closures: Closures, rule: BreakerRule) -> Trip | None:
    earlier = closures.earlier[: rule.median_n_runs]
    if len(earlier) < rule.median_min_runs:
        return None
    usual = median(earlier)
    if closures.n_closures <= rule.max_median_ratio * usual:
        return None
    return Trip(
        "above_median",
        f"{closures.n_closures} closures, more than {rule.max_median_ratio:g} times {usual:g}, "
        f"the median of {len(earlier)} runs",
    )


def _cause(closures: Closures, rule: BreakerRule) -> Trip | None:
    if not closures.causes:
        return None
    n_most, cause = max((n, name) for name, n in closures.causes.items())
    if n_most <= rule.max_cause_share * closures.n_closures:
        return None
    return Trip(
        "one_cause",
        f"{n_most} of {closures.n_closures} closures rest on one hub or seed; at most a share of "
        f"{rule.max_cause_share:g} may",
        cause,
    )
