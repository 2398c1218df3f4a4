"""The recursion of reach, written down once more in plain Python and floating point."""

from __future__ import annotations

import math
from collections import defaultdict

from oracles.nets import Net


def message_passing(
    net: Net, n_hops: int, *, floor: float = 0.0, echo: bool = False
) -> list[float]:
    """Evidence of every entity in nats after ``n_hops`` rounds.

    With ``echo`` an entity also tells back what it heard: noisy-OR as it is usually done.
    """
    silence: dict[tuple[int, int], float] = defaultdict(float)
    for link in net.links:
        silence[link.source, link.target] += math.log(1.0 - link.there)
        silence[link.target, link.source] += math.log(1.0 - link.back)
    own = [math.log(1.0 - min(strength, 0.999999)) for strength in net.seeds]
    told = dict.fromkeys(silence, 0.0)
    total = list(own)
    for _ in range(n_hops):
        telling = {}
        for (u, v), silent in silence.items():
            heard = 0.0 if echo else told[v, u]
            bad = 1.0 - math.exp(min(total[u] - heard, 0.0))
            prob = (1.0 - math.exp(silent)) * bad
            telling[u, v] = math.log(1.0 - prob) if prob > floor else 0.0
        told = telling
        total = list(own)
        for (_, v), nats in told.items():
            total[v] += nats
    return [-nats for nats in total]
