"""Who is who: role, group, opening time and habits of every account, before any table exists.

Accounts are numbered ``0 .. n-1``; the bad come first, and every role is one contiguous run
that is cut into groups. The numbers never leave this room: written ids are permuted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from graphrisk.demo.roles import (
    BAD_SHARE,
    FRAUD_PLANS,
    HONEST_PLANS,
    LONE_DEFAULT_SHARE,
    ROLES,
    Role,
    RolePlan,
)

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: The day the book ends. No clock is read; nothing but due and expiry dates lies beyond it.
AS_OF = datetime(2026, 6, 30, tzinfo=UTC)
DAY_S = 86_400
AS_OF_S = int(AS_OF.timestamp())
START_S = AS_OF_S - 730 * DAY_S

#: Farms, rings and the like open their accounts within this many days of each other.
GROUP_OPENING_DAYS = 45


@dataclass(frozen=True, slots=True)
class Cast:
    """The accounts of one role, in groups: one entry per account, in account order."""

    account: Ints
    #: Group of each account, ``0 .. n_groups-1`` within this cast.
    group: Ints
    #: Place of each account within its group, from 0.
    rank: Ints
    #: Accounts of each group.
    group_size: Ints

    @property
    def n_groups(self) -> int:
        """How many groups there are."""
        return len(self.group_size)

    def with_rank(self, rank: int) -> Ints:
        """Account numbers of the members with this rank."""
        members: Ints = self.account[self.rank == rank]
        return members


@dataclass(frozen=True, slots=True)
class Roster:
    """Everything that is decided about accounts; arrays have one entry per account."""

    honest: dict[Role, Cast]
    #: The bad by role; ``PLAIN`` here are the lone defaulters.
    bad: dict[Role, Cast]
    n_bad: int
    #: Position in ``ROLES``.
    role: Ints
    #: Group number across all roles, or -1 when alone.
    group: Ints
    opened_s: Ints
    #: How busy the account is: mean about one, heavy tail, the same law for good and bad.
    activity: Floats
    region: Ints
    #: When a bad account begins to do harm; far in the future for honest ones.
    turned_bad_s: Ints
    is_labelled_bad: Bools
    #: Honest, and known to be: older accounts more often.
    is_good_standing: Bools
    #: Stops repaying once it has turned bad.
    is_delinquent: Bools
    is_camouflaged: Bools

    @property
    def n_accounts(self) -> int:
        """How many accounts the book has."""
        return len(self.role)

    @property
    def fraudsters(self) -> Ints:
        """Bad accounts that belong to a scheme (the lone defaulters do not)."""
        return np.arange(self.n_bad - len(self.bad[Role.PLAIN].account))

    def pick_known_and_hidden(self, among: Ints, n_wanted: int, rng: np.random.Generator) -> Ints:
        """Some of these bad accounts, half of them labelled; one of each at least, none twice."""
        known = among[self.is_labelled_bad[among]]
        hidden = among[~self.is_labelled_bad[among]]
        n_half = max(1, n_wanted // 2)
        return np.concatenate([rng.permutation(known)[:n_half], rng.permutation(hidden)[:n_half]])


def after(rng: np.random.Generator, at_s: Ints, up_to_days: Ints | float) -> Ints:
    """Moments after ``at_s``, at most ``up_to_days`` later and never past the as-of date."""
    room_s = np.minimum((AS_OF_S - at_s) * 0.9, up_to_days * DAY_S)
    moment_s: Ints = at_s + (rng.random(len(at_s)) * room_s).astype(np.int64)
    return moment_s


def draw_roster(n_accounts: int, rng: np.random.Generator) -> Roster:
    """Decide who is who in a book of ``n_accounts``.

    From a few thousand accounts on, ``BAD_SHARE`` of them are bad. A smaller book still holds
    one group of each kind and so a larger share of bad accounts.
    """
    bad = _draw_bad(n_accounts, rng)
    n_bad = sum(len(cast.account) for cast in bad.values())
    honest = _draw_honest(n_accounts, n_bad, rng)
    role, group = _spread_out(n_accounts, honest, bad)

    span_s = AS_OF_S - 30 * DAY_S - START_S
    opened_s = START_S + (rng.random(n_accounts) * span_s).astype(np.int64)
    turned_bad_s = np.full(n_accounts, np.iinfo(np.int64).max)
    opened_s[:n_bad], turned_bad_s[:n_bad] = _bad_times(bad, n_bad, rng)

    is_delinquent = np.zeros(n_accounts, dtype=np.bool_)
    is_delinquent[:n_bad] = rng.random(n_bad) < 0.4
    for defaulting in (Role.PLAIN, Role.LENDER_BURST_RUNAWAY):
        is_delinquent[bad[defaulting].account] = True
    n_fraudsters = n_bad - len(bad[Role.PLAIN].account)
    is_camouflaged = np.zeros(n_accounts, dtype=np.bool_)
    is_camouflaged[rng.permutation(n_fraudsters)[: max(2, n_fraudsters * 3 // 10)]] = True

    tenure = (AS_OF_S - opened_s) / (AS_OF_S - START_S)
    is_good_standing = (rng.random(n_accounts) < 0.10 + 0.27 * tenure) & (tenure > 0.1)
    is_good_standing[:n_bad] = False

    regions = np.minimum(rng.geometric(0.16, size=n_accounts), 12) - 1
    return Roster(
        honest=honest,
        bad=bad,
        n_bad=n_bad,
        role=role,
        group=group,
        opened_s=opened_s,
        activity=np.minimum(np.exp(rng.normal(-0.32, 0.8, n_accounts)), 30.0),
        # A group lives in one place: it takes the region drawn for its group number.
        region=np.where(group >= 0, regions[group], regions),
        turned_bad_s=turned_bad_s,
        is_labelled_bad=_draw_labelled(bad, n_accounts, rng),
        is_good_standing=is_good_standing,
        is_delinquent=is_delinquent,
        is_camouflaged=is_camouflaged,
    )


def _draw_sizes(plan: RolePlan, n_accounts: int, n_wanted: int, rng: np.random.Generator) -> Ints:
    """Group sizes that add up to at most ``n_wanted``; always at least one group."""
    largest = int(np.clip(n_accounts * plan.growth, plan.largest_in_tiny_book, plan.largest))
    if largest == 1:
        return np.ones(max(n_wanted, 2), dtype=np.int64)
    n_most = n_wanted // plan.smallest + 1
    low, high = np.log(plan.smallest), np.log(largest + 1)
    sizes = np.exp(rng.uniform(low, high, n_most)).astype(np.int64)
    sizes[0] = largest  # even the smallest book shows each situation at its full size
    n_groups = max(1, int(np.searchsorted(np.cumsum(sizes), n_wanted, side="right")))
    return sizes[:n_groups]


def _cast(first_account: int, group_size: Ints) -> Cast:
    n_members = int(group_size.sum())
    group = np.repeat(np.arange(len(group_size)), group_size)
    group_start = np.cumsum(group_size) - group_size
    return Cast(
        account=first_account + np.arange(n_members),
        group=group,
        rank=np.arange(n_members) - group_start[group],
        group_size=group_size,
    )


def _draw_bad(n_accounts: int, rng: np.random.Generator) -> dict[Role, Cast]:
    n_wanted = round(n_accounts * BAD_SHARE)
    casts: dict[Role, Cast] = {}
    n_cast = 0
    for plan in FRAUD_PLANS:
        sizes = _draw_sizes(plan, n_accounts, round(n_wanted * plan.share), rng)
        casts[plan.role] = _cast(n_cast, sizes)
        n_cast += int(sizes.sum())
    n_lone = max(4, round(n_wanted * LONE_DEFAULT_SHARE), n_wanted - n_cast)
    casts[Role.PLAIN] = _cast(n_cast, np.ones(n_lone, dtype=np.int64))
    return casts


def _draw_honest(n_accounts: int, n_bad: int, rng: np.random.Generator) -> dict[Role, Cast]:
    casts: dict[Role, Cast] = {}
    n_cast = n_bad
    for plan in HONEST_PLANS:
        sizes = _draw_sizes(plan, n_accounts, round((n_accounts - n_bad) * plan.share), rng)
        casts[plan.role] = _cast(n_cast, sizes)
        n_cast += int(sizes.sum())
    casts[Role.PLAIN] = _cast(n_cast, np.ones(n_accounts - n_cast, dtype=np.int64))
    return casts


def _spread_out(
    n_accounts: int, honest: dict[Role, Cast], bad: dict[Role, Cast]
) -> tuple[Ints, Ints]:
    """Role and group number of every account."""
    role = np.zeros(n_accounts, dtype=np.int64)
    group = np.full(n_accounts, -1, dtype=np.int64)
    n_groups = 0
    for name, cast in (*bad.items(), *honest.items()):
        role[cast.account] = ROLES.index(name)
        in_company = cast.group_size[cast.group] > 1
        group[cast.account[in_company]] = n_groups + cast.group[in_company]
        n_groups += cast.n_groups
    return role, group


def _bad_times(bad: dict[Role, Cast], n_bad: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """When the bad opened their accounts, and when they begin to do harm."""
    opened_s, turned_s = np.empty(n_bad, np.int64), np.empty(n_bad, np.int64)
    for cast in bad.values():
        last_start_s = AS_OF_S - (GROUP_OPENING_DAYS + 45) * DAY_S
        start_s = rng.integers(START_S, last_start_s, cast.n_groups)
        ready_s = start_s + GROUP_OPENING_DAYS * DAY_S
        strike_s = ready_s + ((AS_OF_S - ready_s) * rng.uniform(0.1, 0.8, cast.n_groups)).astype(
            np.int64
        )
        opened_s[cast.account] = after(rng, start_s[cast.group], GROUP_OPENING_DAYS)
        turned_s[cast.account] = after(rng, strike_s[cast.group], 10)
    return opened_s, turned_s


def _draw_labelled(bad: dict[Role, Cast], n_accounts: int, rng: np.random.Generator) -> Bools:
    """About half of the bad are known; most groups hold both known and hidden members."""
    is_labelled = np.zeros(n_accounts, dtype=np.bool_)
    for cast in bad.values():
        size = cast.group_size
        n_known = np.floor(rng.uniform(0.3, 0.8, len(size)) * size + rng.random(len(size)))
        n_known = np.where(size > 1, np.clip(n_known, 1, size - 1), n_known)
        # A few groups are hidden as a whole: nothing but their own conduct can find them.
        is_unknown = (rng.random(len(size)) < 0.08) & (np.arange(len(size)) > 0)
        n_known[is_unknown & (size > 1)] = 0
        order = np.lexsort((rng.random(len(cast.account)), cast.group))
        is_labelled[cast.account[order]] = cast.rank < n_known[cast.group]
    return is_labelled
