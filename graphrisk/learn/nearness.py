"""Labels around an account: counts, averages and walks from bad and from good seeds.

An account's own label never enters its own columns, nor what it makes of others: labelled
accounts are dealt into folds, and the columns of a fold are made with its labels hidden. All
folds, and the whole, are spread together, side by side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.learn.columns import Column, coded, family_of, near_reason, strength_of
from graphrisk.learn.records import Records
from graphrisk.learn.spread import Neighborhood
from graphrisk.model.evidence import NEAR, Group, Reason
from graphrisk.model.policy import Policy

Floats = NDArray[np.float64]

N_FOLDS = 5
#: Damping of the walks, and how many steps each is given.
WALKS = ((0.5, 10), (0.85, 25), (0.95, 50))
#: Mass that stands for what is not known, in seeds.
SMOOTHING = 0.03


@dataclass(frozen=True, slots=True)
class Known:
    """Which accounts are labelled, and the folds they are dealt into.

    Attributes
    ----------
    sign
        1 bad, 0 good, -1 not labelled, shape (n_entities,), int8.
    fold
        0 to ``N_FOLDS - 1``, and ``N_FOLDS`` for entities that are not labelled accounts, shape
        (n_entities,), int64. Labels of other kinds of entities are never hidden.
    """

    sign: NDArray[np.int8]
    fold: NDArray[np.int64]

    def prior(self) -> Floats:
        """Give the share of bad among the labels that each fold sees, and the whole; (N + 1,).

        Never nothing and never all. A fold's own labels are left out here too.
        """
        n_bad, n_good = (np.sign(self.seen(sign)).sum(axis=0) for sign in (1, 0))
        return np.asarray((n_bad + 0.5) / (n_bad + n_good + 1.0), dtype=np.float64)

    def seen(self, sign: int) -> Floats:
        """Mark the labels of a sign that each fold sees, and the whole; (n_entities, N + 1)."""
        marked = np.repeat((self.sign == sign).astype(np.float64)[:, None], N_FOLDS + 1, axis=1)
        inside = np.flatnonzero(self.fold < N_FOLDS)
        marked[inside, self.fold[inside]] = 0.0
        return marked


def deal(sign: NDArray[np.int8], accounts: NDArray[np.int32], seed: int) -> Known:
    """Deal labelled accounts into folds, as many bad and as many good into each."""
    random = np.random.default_rng(seed)
    fold = np.full(len(sign), N_FOLDS)
    for value in (1, 0):
        rows = accounts[sign[accounts] == value]
        fold[random.permutation(rows)] = np.arange(len(rows)) % N_FOLDS
    return Known(sign, fold)


def near_columns(
    graph: LinkGraph,
    around: Neighborhood,
    records: Sequence[Records],
    known: Known,
    policy: Policy,
    n_threads: int,
) -> list[Column]:
    """Measure the labels around every account, its own fold hidden."""
    accounts = graph.accounts
    fold = known.fold[accounts]
    bad, good, priors = known.seen(1), known.seen(0), known.prior()
    prior = priors[fold]

    # A fold sees fewer labels than the whole: what it counts is scaled up to be alike.
    scale = np.where(fold < N_FOLDS, N_FOLDS / (N_FOLDS - 1.0), 1.0)

    def own(table: Floats) -> Floats:
        """Take for each account the column that does not know it."""
        return np.asarray(table[accounts, fold] * scale)

    columns = []
    for name, reason, *counts in _by_relation(graph, records, bad, good, policy, n_threads):
        b, g = map(own, counts)
        ratio = (b + 2.0 * prior) / (b + g + 2.0)
        columns += [
            Column(f"near.{name}.bad", reason, 1, b),
            Column(f"near.{name}.good", reason, -1, g),
            Column(f"near.{name}.ratio", reason, 1, ratio),
        ]
    reason = near_reason()
    for name, of_bad, of_good, unit in _walks(around, bad, good, n_threads):
        b, g = own(of_bad), own(of_good)
        odds = np.log(b + unit * prior) - np.log(g + unit * (1.0 - prior))
        columns.append(Column(f"near.{name}.odds", reason, 1, odds))
        if name.endswith(("_1", "_2")):
            columns.append(Column(f"near.{name}.bad", reason, 1, b))
    harmonic = _harmonic(around, bad, good, priors, n_threads)[accounts, fold]
    return [*columns, Column("near.harmonic", reason, 1, harmonic)]


def _by_relation(
    graph: LinkGraph, records: Sequence[Records], bad: Floats, good: Floats, policy: Policy,
    n_threads: int,
) -> Iterator[tuple[str, Reason, Floats, Floats]]:  # fmt: skip
    """Count labels one link away over each relation, and two over the things it shares."""
    is_account = np.zeros(graph.n_entities, dtype=bool)
    is_account[graph.accounts] = True
    for each in records:
        for way, here, there in each.both_ways():
            if not is_account[here].any():
                continue
            family = family_of(each.relation, policy, receiving=way == "in")
            reason = Reason(
                f"{NEAR}{coded(family)}", Group.LINKED, family, strength_of(family, policy),
                f"bad and good accounts it is linked to over {family} links", "",
            )  # fmt: skip
            forth = _rows(here, there, graph.n_entities)
            if is_account[there].any():
                name = f"{each.relation}.{way}"
                yield name, reason, forth.total(bad, n_threads), forth.total(good, n_threads)
            if not is_account[there].all():
                back = _rows(there, here, graph.n_entities)
                arrived = [_over_things(forth, back, seen, n_threads) for seen in (bad, good)]
                yield f"{each.relation}.{way}.shared", reason, arrived[0], arrived[1]


def _over_things(forth: Neighborhood, back: Neighborhood, seen: Floats, n_threads: int) -> Floats:
    """Count labels of those who share a thing, each worth less at a thing that many share."""
    worth = 1.0 / np.sqrt(np.maximum(back.degree, 1.0))[:, None]
    arrived = forth.total(back.total(seen, n_threads) * worth, n_threads)
    own = forth.total(worth, n_threads) * seen
    return np.maximum(arrived - own, 0.0)


def _rows(here: NDArray[np.int64], there: NDArray[np.int64], n: int) -> Neighborhood:
    pair = np.unique(here * n + there)
    pair = pair[pair // n != pair % n]
    counts = np.bincount(pair // n, minlength=n)
    return Neighborhood(np.concatenate(([0], np.cumsum(counts))), (pair % n).astype(np.int32))


def _walks(
    around: Neighborhood, bad: Floats, good: Floats, n_threads: int
) -> Iterator[tuple[str, Floats, Floats, float]]:
    """Walk one to three steps, and at three horizons; three ways to share among links."""
    degree = np.maximum(around.degree, 1.0)[:, None]
    seeds = np.hstack([bad, good])
    half = bad.shape[1]
    for kind, sent, received in (
        ("mean", np.ones_like(degree), 1.0 / degree),
        ("even", degree**-0.5, degree**-0.5),
        ("shared", 1.0 / degree, np.ones_like(degree)),
    ):

        def step(mass: Floats, sent: Floats = sent, received: Floats = received) -> Floats:
            return around.total(mass * sent, n_threads) * received

        mass = seeds
        for n_steps in (1, 2, 3):
            mass = step(mass)
            yield f"{kind}_{n_steps}", mass[:, :half], mass[:, half:], 1e-3
        for damping, n_sweeps in WALKS:
            mass = seeds
            for _ in range(n_sweeps):
                mass = (1.0 - damping) * seeds + damping * step(mass)
            # What a seed keeps of its own mass says nothing of its neighbours.
            mass = mass - (1.0 - damping) * seeds
            unit = SMOOTHING * (1.0 - damping)
            yield f"{kind}_{damping:g}", mass[:, :half], mass[:, half:], unit


def _harmonic(
    around: Neighborhood, bad: Floats, good: Floats, prior: Floats, n_threads: int
) -> Floats:
    """Average over neighbours with the labels held, a busy one counting less; 30 sweeps."""
    worth = (1.0 / np.log(2.0 + around.degree))[:, None]
    total = around.total(worth, n_threads) + 0.1
    held = (bad + good) > 0
    value = np.where(held, bad, prior)
    for _ in range(30):
        mean = (around.total(value * worth, n_threads) + 0.1 * prior) / total
        value = np.where(held, bad, mean)
    return mean
