"""The probability that reach approximates: every link carries or not, and seeds are bad or not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oracles.nets import Net

Arc = tuple[int, int, int]  # from, to, number of the event that opens it


def enumerated(net: Net, n_hops: int, *, both_ways_alike: bool) -> NDArray[np.float64]:
    """Probability that a bad seed is within ``n_hops`` open links, by trying every case.

    With ``both_ways_alike`` a link is one event, open in both directions or in none; otherwise
    each direction is an event of its own.
    """
    arcs, chances = _events(net, both_ways_alike=both_ways_alike)
    cases = np.arange(2 ** len(chances))
    is_open = [(cases >> event) & 1 == 1 for event in range(len(chances))]
    weight = np.ones(len(cases))
    for chance, here in zip(chances, is_open, strict=True):
        weight *= np.where(here, chance, 1.0 - chance)
    return 1.0 - _nothing_arrives(net, n_hops, arcs, is_open, len(cases)) @ weight


def sampled(net: Net, n_hops: int, n_samples: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """The same by Monte Carlo, for nets too large to enumerate; a link is one event."""
    arcs, chances = _events(net, both_ways_alike=True)
    is_open = [rng.random(n_samples) < chance for chance in chances]
    return 1.0 - _nothing_arrives(net, n_hops, arcs, is_open, n_samples).mean(axis=1)


def _events(net: Net, *, both_ways_alike: bool) -> tuple[list[Arc], list[float]]:
    arcs: list[Arc] = []
    chances: list[float] = []
    for link in net.links:
        arcs.append((link.source, link.target, len(chances)))
        chances.append(link.there)
        if both_ways_alike:
            assert link.there == link.back
        else:
            chances.append(link.back)
        arcs.append((link.target, link.source, len(chances) - 1))
    return arcs, chances


def _nothing_arrives(
    net: Net, n_hops: int, arcs: list[Arc], is_open: list[NDArray[np.bool_]], n_cases: int
) -> NDArray[np.float64]:
    """For each entity and case, the chance that every seed that gets there is not bad."""
    silent = np.ones((net.n_entities, n_cases))
    for seed, strength in enumerate(net.seeds):
        if strength == 0.0:
            continue
        there = np.zeros((net.n_entities, n_cases), dtype=bool)
        there[seed] = True
        for _ in range(n_hops):
            before = there.copy()
            for start, end, event in arcs:
                there[end] |= before[start] & is_open[event]
        silent[there] *= 1.0 - strength
    return silent
