"""Planted bugs: kernels that are wrong the way kernels are wrong in the wild."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from graphrisk.propagation.fixed import NAT
from oracles.messages import message_passing
from oracles.nets import Heard, Net, Rows, rows_of, spread


def _with_nats(heard: Heard, nats: list[float] | np.ndarray) -> Heard:
    return replace(heard, nats=np.array(nats))


def seeds_share_one_mass(net: Net) -> Heard:
    """Normalise the restart vector, as most PageRanks do: a new seed takes from the old ones."""
    heard = spread(net)
    n_seeds = max(sum(strength > 0 for strength in net.seeds), 1)
    return replace(heard, mass=heard.mass // n_seeds, family_mass=heard.family_mass / n_seeds)


def relative_floor(net: Net) -> Heard:
    """Cut what is weak beside the strongest evidence anywhere."""
    heard = spread(net)
    return _with_nats(heard, np.where(heard.nats < 0.02 * heard.nats.max(), 0.0, heard.nats))


def share_of_all_evidence(net: Net) -> Heard:
    """Scale evidence so that it sums to one."""
    heard = spread(net)
    return _with_nats(heard, heard.nats / max(heard.nats.sum(), 1e-300))


def split_among_links(net: Net) -> Heard:
    """Divide what an entity passes on by how many links it has."""
    degree = np.zeros(net.n_entities)
    for link in net.links:
        degree[link.source] += 1
        degree[link.target] += 1
    thinned = tuple(
        replace(k, there=k.there / degree[k.source], back=k.back / degree[k.target])
        for k in net.links
    )
    return spread(replace(net, links=thinned))


def first_link_takes_the_rest(net: Net) -> Heard:
    """Round the shares of parallel links and give the first what rounding leaves."""
    return replace(spread(net), family_nats=_by_family(net, rows_of(net)))


def _by_family(net: Net, rows: Rows) -> np.ndarray:
    told = spread(net).nats  # one message per pair, from the evidence at its other end
    sums = np.zeros((net.n_entities, 3), dtype=np.int64)
    for v in range(net.n_entities):
        slots = range(rows.offsets[v], rows.offsets[v + 1])
        for u in sorted({int(rows.neighbor[j]) for j in slots}):
            group = [j for j in slots if rows.neighbor[j] == u]
            silence = [np.log(1.0 - rows.out_prob[rows.reverse[j]]) for j in group]
            carry = 1.0 - np.exp(sum(silence))
            units = int(np.rint(-np.log(1.0 - carry * -np.expm1(-told[u])) * NAT))
            shares = [int(np.rint(s / sum(silence) * units)) for s in silence]
            shares[0] = units - sum(shares[1:])
            for j, share in zip(group, shares, strict=True):
                sums[v, rows.family_in[j]] += share
    return sums / NAT


def float_sums(net: Net) -> Heard:
    """Add messages in floating point, in the order the links happen to have."""
    return _with_nats(spread(net), message_passing(net, 5, floor=1e-9))


def ties_to_the_first_entity(net: Net) -> Heard:
    """Let the entity with the smallest number hear a little more."""
    heard = spread(net)
    nats = heard.nats.copy()
    nats[0] *= 1.0 + 1e-15
    return _with_nats(heard, nats)


def stops_when_the_average_is_still(net: Net) -> Heard:
    """End the rounds once evidence moves little on average over all entities."""
    before = message_passing(net, 1)
    for n_hops in range(2, 9):
        now = message_passing(net, n_hops)
        if np.abs(np.subtract(now, before)).mean() < 0.05:
            break
        before = now
    return _with_nats(spread(net), now)


def warm_start() -> Callable[[Net], Heard]:
    """Begin each run from what the last one left: mass that was retracted lingers on."""
    left: dict[int, np.ndarray] = {}

    def run(net: Net) -> Heard:
        heard = spread(net)
        mass = np.maximum(heard.mass, left.get(net.n_entities, 0) // 2)
        left[net.n_entities] = heard.mass
        return replace(heard, mass=mass)

    return run


def running_totals() -> Callable[[Net], Heard]:
    """Keep totals in floating point and add the difference that each change makes."""
    state: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def run(net: Net) -> Heard:
        now = np.array(message_passing(net, 5))
        total, last = state.get(net.n_entities, (now, now))
        total = total + (now - last)
        state[net.n_entities] = (total, now)
        return _with_nats(spread(net), total)

    return run
