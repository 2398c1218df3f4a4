"""Identifiers of honest life: private ones, and those that many honest accounts share.

Bad accounts live where the honest live. They visit each honest situation about as often, so that
sharing an address or an IP says little, and so that honest people are truly exposed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphrisk.demo.roles import HONEST_PLANS, Role
from graphrisk.demo.roster import AS_OF_S, DAY_S, Bools, Cast, Ints, Roster, after
from graphrisk.model.kinds import IDENTIFIER_KINDS, EntityKind

#: Mean number of identifiers of each kind; the first one is certain where the mean exceeds one.
MEAN_IDENTIFIERS = {
    EntityKind.DEVICE: 1.20,
    EntityKind.PHONE: 1.12,
    EntityKind.ID_DOCUMENT: 1.02,
    EntityKind.BANK_CARD: 1.20,
    EntityKind.ADDRESS: 1.03,
    EntityKind.IP: 1.35,
    EntityKind.EMAIL: 0.65,
}
#: Share of all accounts that also come through some carrier's shared address at times.
ROAMING_SHARE = 0.22
HONEST_SHARE = {plan.role: plan.share for plan in HONEST_PLANS}


@dataclass(frozen=True, slots=True)
class Uses:
    """Accounts using identifiers of one kind: arrays of one entry per use.

    ``value`` counts ``0 .. n_values-1`` within this batch only; times are in seconds.
    """

    kind: EntityKind
    account: Ints
    value: Ints
    n_values: int
    first_s: Ints
    last_s: Ints

    def where(self, keep: Bools) -> Uses:
        """Only the uses marked in ``keep``."""
        return Uses(
            self.kind,
            self.account[keep],
            self.value[keep],
            self.n_values,
            self.first_s[keep],
            self.last_s[keep],
        )


def long_use(
    roster: Roster, kind: EntityKind, account: Ints, value: Ints, rng: np.random.Generator
) -> Uses:
    """Uses that begin soon after the account was opened and last."""
    n_values = int(value.max(initial=-1)) + 1
    first_s = after(rng, roster.opened_s[account], 30)
    last_s = first_s + ((AS_OF_S - first_s) * np.sqrt(rng.random(len(account)))).astype(np.int64)
    return Uses(kind, account, value, n_values, first_s, last_s)


def private_uses(roster: Roster, shared: list[Uses], rng: np.random.Generator) -> list[Uses]:
    """Give every account the identifiers that it shares with nobody.

    What an account already shares counts towards its total, so that the number of identifiers
    follows one law for everyone, whatever the role.
    """
    n = roster.n_accounts
    everyone = np.arange(n)
    batches = []
    for kind in IDENTIFIER_KINDS:
        mean = MEAN_IDENTIFIERS[kind]
        certain = int(mean)
        n_wanted = certain + rng.poisson((mean - certain) * roster.activity)
        held = [np.bincount(uses.account, minlength=n) for uses in shared if uses.kind == kind]
        n_private = np.maximum(n_wanted - sum(held, np.zeros(n, np.int64)), 0)
        account = np.repeat(everyone, n_private)
        value = np.arange(len(account))
        batches.append(long_use(roster, kind, account, value, rng))
    return batches


def honest_uses(roster: Roster, rng: np.random.Generator) -> dict[str, Uses]:
    """Every identifier that honest accounts share, by a name for each situation."""
    return {
        **_household(roster, rng),
        **_dormitory(roster, rng),
        "campus_ip": _behind_one_ip(roster, Role.CAMPUS_NAT, rng),
        "carrier_ip": _behind_one_ip(roster, Role.CARRIER_NAT, rng),
        "roaming_ip": _roaming(roster, rng),
        **_kiosk(roster, rng),
        "second_hand_device": _handover(roster, Role.SECOND_HAND_PHONE, EntityKind.DEVICE, rng),
        "recycled_phone": _handover(roster, Role.RECYCLED_NUMBER, EntityKind.PHONE, rng),
    }


def _with_visitors(roster: Roster, role: Role, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Accounts and groups of an honest role, joined by as large a share of the bad."""
    cast = roster.honest[role]
    n_visitors = round(HONEST_SHARE[role] * roster.n_bad)
    visitors = roster.pick_known_and_hidden(np.arange(roster.n_bad), n_visitors, rng)
    # A large group is visited more often than a small one.
    visited = rng.choice(cast.group, len(visitors))
    account = np.concatenate([cast.account, visitors])
    return account, np.concatenate([cast.group, visited])


def _household(roster: Roster, rng: np.random.Generator) -> dict[str, Uses]:
    account, group = _with_visitors(roster, Role.HOUSEHOLD, rng)
    #: Share of homes that have such a thing in common, and of their members who use it.
    habits = {
        EntityKind.ADDRESS: (1.0, 1.0),
        EntityKind.IP: (0.85, 1.0),
        EntityKind.DEVICE: (0.35, 0.6),
        EntityKind.BANK_CARD: (0.20, 0.6),
    }
    n_homes = roster.honest[Role.HOUSEHOLD].n_groups
    batches = {}
    for kind, (home_share, member_share) in habits.items():
        has_one = rng.random(n_homes) < home_share
        joins = has_one[group] & (rng.random(len(account)) < member_share)
        uses = long_use(roster, kind, account, group, rng)
        batches[f"household_{kind}"] = uses.where(joins)
    return batches


def _dormitory(roster: Roster, rng: np.random.Generator) -> dict[str, Uses]:
    account, group = _with_visitors(roster, Role.DORMITORY, rng)
    cast = roster.honest[Role.DORMITORY]
    # Room-mates: a few neighbouring pairs share a device.
    pair = (cast.account - cast.account[0]) // 2
    n_pairs = int(pair[-1]) + 1
    shares_device = (rng.random(n_pairs) < 0.08)[pair]
    ip = long_use(roster, EntityKind.IP, account, group, rng)
    device = long_use(roster, EntityKind.DEVICE, cast.account, pair, rng)
    return {
        "dormitory_address": long_use(roster, EntityKind.ADDRESS, account, group, rng),
        "dormitory_ip": ip.where(rng.random(len(account)) < 0.9),
        "dormitory_device": device.where(shares_device),
    }


def _behind_one_ip(roster: Roster, role: Role, rng: np.random.Generator) -> Uses:
    account, group = _with_visitors(roster, role, rng)
    return long_use(roster, EntityKind.IP, account, group, rng)


def _roaming(roster: Roster, rng: np.random.Generator) -> Uses:
    """A second family of carrier addresses, used by anyone at times."""
    carrier = roster.honest[Role.CARRIER_NAT]
    account = np.flatnonzero(rng.random(roster.n_accounts) < ROAMING_SHARE)
    group = rng.choice(carrier.group, len(account))
    return long_use(roster, EntityKind.IP, account, group, rng)


def _kiosk(roster: Roster, rng: np.random.Generator) -> dict[str, Uses]:
    """A shop's device: each customer uses it once, for some minutes. Not all are registered."""
    account, group = _with_visitors(roster, Role.KIOSK, rng)
    n_kiosks = roster.honest[Role.KIOSK].n_groups
    first_s = after(rng, roster.opened_s[account], 700)
    last_s = np.minimum(first_s + rng.integers(120, 2_400, len(account)), AS_OF_S)
    uses = Uses(EntityKind.DEVICE, account, group, n_kiosks, first_s, last_s)
    is_registered = np.arange(n_kiosks) % 5 % 2 == 0
    return {
        "kiosk_registered": uses.where(is_registered[group]),
        "kiosk_unregistered": uses.where(~is_registered[group]),
    }


def _handover(roster: Roster, role: Role, kind: EntityKind, rng: np.random.Generator) -> Uses:
    """A device or number that one account gives up before another takes it over."""
    cast: Cast = roster.honest[role]
    n_pairs = len(cast.account)
    # As many of the bad give things away as of the honest.
    bad = roster.pick_known_and_hidden(np.arange(roster.n_bad), n_pairs // 20, rng)
    others = rng.permutation(roster.honest[Role.PLAIN].account)[: n_pairs - len(bad)]
    before = np.concatenate([bad, others])
    taker = rng.permutation(cast.account)[: len(before)]

    begun_s = roster.opened_s[before]
    ended_s = begun_s + ((AS_OF_S - begun_s) * rng.uniform(0.2, 0.7, len(before))).astype(np.int64)
    taken_s = after(rng, ended_s + DAY_S, 20)
    taken_s = np.maximum(taken_s, roster.opened_s[taker])
    value = np.arange(len(before))
    return Uses(
        kind,
        np.concatenate([before, taker]),
        np.concatenate([value, value]),
        len(before),
        np.concatenate([begun_s, taken_s]),
        np.concatenate([ended_s, after(rng, taken_s, 700)]),
    )
