"""Methods that learn nothing, as the literature has them: what the default has to be held against.

Each takes who is linked to whom, each pair once and both ways, whatever relates them, and the
visible labels; and gives one number for each node, higher for worse.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: Numbers of nodes to numbers of nodes, shape (n,) both.
Step = Callable[[Floats], Floats]

#: Mass that stands for what is not known, in seeds.
SMOOTHING = 0.03


def untrained_methods(around: Step, bad: Floats, good: Floats) -> dict[str, Floats]:
    """Score every node by each method.

    Parameters
    ----------
    around
        Adds up a number over each node's neighbours.
    bad, good
        1 at the visible labels of each sign, else 0, shape (n,).
    """
    degree = around(np.ones_like(bad))
    per_link = 1.0 / np.maximum(degree, 1.0)
    even = per_link**0.5
    prior = (bad.sum() + 1.0) / (bad.sum() + good.sum() + 2.0)
    first = around(bad * per_link)
    found = {"degree": degree, "seed count": first + around(first * per_link)}
    for name, step in (
        ("PageRank", lambda mass: around(mass * per_link)),
        ("label spreading", lambda mass: even * around(mass * even)),
    ):
        b, g = (_spread(step, seed, 0.85, 60) for seed in (bad, good))
        found[f"{name} from bad"] = b
        found[f"{name}, bad against good"] = _share(b, g, prior)
        if name == "PageRank":
            found["PageRank by degree"] = b * per_link
    found["harmonic"] = _harmonic(around, degree, bad, good, prior)
    found["belief propagation"] = _beliefs(around, degree, bad, good)
    found["SybilSCAR"] = _residuals(around, even, bad, good)
    for name, passed in (("square root", even), ("links", per_link)):
        found[f"noisy-OR by {name}"] = _noisy_or(around, passed, bad)
    return found


def _spread(step: Step, seed: Floats, damping: float, n_sweeps: int) -> Floats:
    """Walk from seeds; what arrives, their own start left out. Page et al. 1999; Zhou 2004."""
    mass = seed
    for _ in range(n_sweeps):
        mass = (1.0 - damping) * seed + damping * step(mass)
    return mass - (1.0 - damping) * seed


def _share(bad: Floats, good: Floats, prior: float) -> Floats:
    return (bad + SMOOTHING * prior) / (bad + good + SMOOTHING)


def _harmonic(around: Step, degree: Floats, bad: Floats, good: Floats, prior: float) -> Floats:
    """Average over neighbours with the labels held, a busy one counting less. Zhu et al. 2003."""
    worth = 1.0 / np.log(2.0 + degree)
    total, held = around(worth) + 0.1, (bad + good) > 0
    value = np.where(held, bad, prior)
    for _ in range(60):
        value = np.where(held, bad, (around(value * worth) + 0.1 * prior) / total)
    return value


def _beliefs(around: Step, degree: Floats, bad: Floats, good: Floats) -> Floats:
    """Linearised belief propagation with a coupling at which it settles. Gatterbauer 2015."""
    start = 0.1 * (bad / max(bad.sum(), 1.0) - good / max(good.sum(), 1.0)) * (bad + good).sum()
    coupling = 0.5 / max(_largest(around, len(degree)), 1.0)
    value: Floats = start
    for _ in range(60):
        value = start + coupling * around(value) - coupling**2 * degree * value
    return np.asarray(value - start, dtype=np.float64)


def _largest(around: Step, n: int) -> float:
    vector = np.ones(n)
    for _ in range(60):
        vector = around(vector)
        vector /= max(float(np.linalg.norm(vector)), 1e-12)
    return float(vector @ around(vector))


def _residuals(around: Step, even: Floats, bad: Floats, good: Floats) -> Floats:
    """Add up neighbours' doubts, a label of the rarer sign counting more. Wang et al. 2017."""
    n_labels = (bad + good).sum()
    start = n_labels * (bad / max(2 * bad.sum(), 1.0) - good / max(2 * good.sum(), 1.0))
    value: Floats = start
    for _ in range(10):
        value = start + 0.9 * even * around(value * even)
    return np.asarray(value - start, dtype=np.float64)


def _noisy_or(around: Step, passed: Floats, bad: Floats) -> Floats:
    """Pass on risk over each link by itself, four links far."""
    surprise = np.zeros_like(bad)
    for _ in range(5):
        risk = np.maximum(bad, -np.expm1(surprise))
        surprise = around(np.log1p(-0.9 * risk * passed))
    return -surprise
