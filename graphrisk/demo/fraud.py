"""Identifiers that fraudsters share: farms of devices, rings of identities, crews, disguises."""

from __future__ import annotations

import numpy as np

from graphrisk.demo.honest import Uses, long_use
from graphrisk.demo.roles import Role
from graphrisk.demo.roster import Roster
from graphrisk.model.kinds import EntityKind

#: A farm keeps about one device for so many accounts.
ACCOUNTS_PER_FARM_DEVICE = 6
#: What two members of an identity ring have in common, and how often.
RING_KINDS = {EntityKind.PHONE: 0.35, EntityKind.BANK_CARD: 0.40, EntityKind.ID_DOCUMENT: 0.25}


def fraud_uses(roster: Roster, rng: np.random.Generator) -> dict[str, Uses]:
    """Every identifier that fraudsters share, by a name for each situation."""
    return {
        **_farm(roster, rng),
        **_ring(roster, rng),
        **_crew(roster, rng),
        "camouflage_ip": _camouflage_ip(roster, rng),
    }


def _farm(roster: Roster, rng: np.random.Generator) -> dict[str, Uses]:
    """Few devices under many accounts, in use at the same time; often one line to the net."""
    farm = roster.bad[Role.DEVICE_FARM]
    n_devices = np.clip(farm.group_size // ACCOUNTS_PER_FARM_DEVICE, 1, 8)
    first_device = np.cumsum(n_devices) - n_devices
    main = farm.rank % n_devices[farm.group]
    # Now and then an account is worked from a second device of the farm.
    is_moved = (rng.random(len(main)) < 0.4) & (n_devices[farm.group] > 1)
    second = (main + 1) % n_devices[farm.group]
    account = np.concatenate([farm.account, farm.account[is_moved]])
    device = np.concatenate([main, second[is_moved]])
    group = np.concatenate([farm.group, farm.group[is_moved]])
    ip = long_use(roster, EntityKind.IP, farm.account, farm.group, rng)
    has_one_line = rng.random(farm.n_groups) < 0.5
    return {
        "farm_device": long_use(
            roster,
            EntityKind.DEVICE,
            account,
            first_device[group] + device,
            rng,
        ),
        "farm_ip": ip.where(has_one_line[farm.group]),
    }


def _ring(roster: Roster, rng: np.random.Generator) -> dict[str, Uses]:
    """Neighbours around a ring share one thing each, and never all the same one."""
    ring = roster.bad[Role.IDENTITY_RING]
    size = ring.group_size[ring.group]
    chord = np.flatnonzero(rng.random(len(size)) < 0.3)
    one = np.concatenate([ring.account, ring.account[chord]])
    step = np.concatenate([np.ones_like(size), np.full(len(chord), 2)])
    rank, around = np.append(ring.rank, ring.rank[chord]), np.append(size, size[chord])
    other = one - rank + (rank + step) % around
    drawn = rng.choice(len(RING_KINDS), len(one), p=list(RING_KINDS.values()))
    batches = {}
    for position, kind in enumerate(RING_KINDS):
        pair = np.flatnonzero(drawn == position)
        account = np.concatenate([one[pair], other[pair]])
        value = np.tile(np.arange(len(pair)), 2)
        batches[f"ring_{kind}"] = long_use(roster, kind, account, value, rng)
    return batches


def _crew(roster: Roster, rng: np.random.Generator) -> dict[str, Uses]:
    """Runaways who came through the same broker: some crews share an IP or an email."""
    crew = roster.bad[Role.LENDER_BURST_RUNAWAY]
    habit = rng.random(crew.n_groups)[crew.group]
    batches = {}
    for kind, joins in ((EntityKind.IP, habit < 0.5), (EntityKind.EMAIL, habit > 0.7)):
        uses = long_use(roster, kind, crew.account, crew.group, rng)
        batches[f"crew_{kind}"] = uses.where(joins)
    return batches


def _camouflage_ip(roster: Roster, rng: np.random.Generator) -> Uses:
    """Some fraudsters are seen behind the same IP as a well-known good account, on purpose."""
    disguised = rng.permutation(np.flatnonzero(roster.is_camouflaged))
    disguised = disguised[: max(1, len(disguised) // 3)]
    honest = rng.choice(np.flatnonzero(roster.is_good_standing), len(disguised))
    account = np.concatenate([disguised, honest])
    value = np.tile(np.arange(len(disguised)), 2)
    return long_use(roster, EntityKind.IP, account, value, rng)
