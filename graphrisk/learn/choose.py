"""What is tried, by cross-validation, and which of it makes a model.

Columns come in sets, from what an account is and does to all that surrounds it. Where labels are
few the wider sets cost more than they bring, and how few that is differs from book to book; so
settings and sets are tried together, and a model is a bag of those that do best together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphrisk.learn.booster import grow, log_odds_by_round
from graphrisk.learn.columns import COLUMN_SETS, Column, in_set
from graphrisk.learn.nearness import N_FOLDS
from graphrisk.risk.metrics import roc_auc

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Boosters of one model, each with a seed of its own.
N_BAGGED = 5
#: Rounds tried, and after how many of them the model is looked at.
MOST_ROUNDS, EVERY = 400, 20
#: What is tried for the boosted trees: from few labels to many; one of them cuts each column at
#: random (Geurts, Ernst and Wehenkel 2006), and errs elsewhere than those that seek the best cut.
_TREES: tuple[Mapping[str, Any], ...] = tuple(
    {
        "num_leaves": n_leaves, "min_data_in_leaf": least, "learning_rate": rate,
        "feature_fraction": share, "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": l2,
        "max_bin": 127, **more,
    }
    for n_leaves, least, rate, share, l2, more in (
        (4, 10, 0.06, 0.3, 10.0, {}), (10, 20, 0.04, 0.5, 5.0, {}),
        (10, 20, 0.08, 0.5, 5.0, {"extra_trees": True}), (24, 20, 0.03, 0.3, 5.0, {}),
    )
)  # fmt: skip
_STUMPS: Mapping[str, Any] = {
    "num_leaves": 2, "min_data_in_leaf": 10, "learning_rate": 0.1, "feature_fraction": 0.3,
    "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 5.0, "max_bin": 63,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is learned from: labelled accounts, and their columns.

    Attributes
    ----------
    columns
        Those that tell accounts apart.
    values
        Shape (n_labelled, n_columns).
    is_bad, fold
        Outcome and fold, shape (n_labelled,).
    """

    columns: tuple[Column, ...]
    values: Floats
    is_bad: Flags
    fold: NDArray[np.int64]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.columns)

    def values_of(self, columns: str) -> Floats:
        """Give the values, those of columns outside a set all zero: no tree asks for them."""
        inside = np.array([in_set(name, columns) for name in self.names])
        return self.values if inside.all() else np.where(inside, self.values, 0.0)

    def directions(self) -> list[int]:
        """Say for each column whether more of it is worse (1) or better (-1).

        Evidence of labels says so by its making; for the rest, the labels say.
        """
        return [
            column.rises or _direction(self.values[:, i], self.is_bad)
            for i, column in enumerate(self.columns)
        ]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Settings of boosted trees, and the set of columns that they may ask."""

    columns: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tried:
    """A candidate and what cross-validation made of it.

    ``log_odds`` are of accounts that the trees had not seen, shape (n_labelled,).
    """

    candidate: Candidate
    n_rounds: int
    log_loss: float
    log_odds: Floats

    def about(self) -> dict[str, Any]:
        """Return what of it stands in the model file."""
        settings = self.candidate.settings.items()
        return {
            "columns": self.candidate.columns,
            "n_rounds": self.n_rounds,
            "log_loss": self.log_loss,
            "settings": {k: v for k, v in settings if k != "monotone_constraints"},
        }


@dataclass(frozen=True, slots=True)
class Chosen:
    """The members of a bag, and their cross-validated log-odds on average."""

    members: tuple[Tried, ...]
    log_loss: float
    log_odds: Floats


def additive_candidates(lesson: Lesson) -> tuple[Candidate, ...]:
    """Stumps under monotone constraints, for each set of columns."""
    settings = {**_STUMPS, "monotone_constraints": lesson.directions()}
    return tuple(Candidate(name, settings) for name in _sets(lesson))


def boosted_candidates(lesson: Lesson) -> tuple[Candidate, ...]:
    """Trees of a few sizes for each set of columns; the largest ask all columns only."""
    sets = _sets(lesson)
    return tuple(
        Candidate(name, settings)
        for name in sets
        for settings in (_TREES if name == sets[-1] else _TREES[:-1])
    )


def chosen_of(lesson: Lesson, candidates: Sequence[Candidate], seed: int, n_threads: int) -> Chosen:
    """Try candidates on folds, and fill a bag with those that have the least log loss together.

    Each place of the bag goes to the candidate that helps most beside those that are in, which may
    be one of them again.

    Source: Caruana et al. 2004, Ensemble Selection from Libraries of Models.
    """
    tried = cross_validate(lesson, candidates, seed, n_threads)
    members: list[Tried] = []
    total = np.zeros(len(lesson.is_bad))
    for _ in range(N_BAGGED):
        size = len(members) + 1
        losses = [log_loss((total + one.log_odds) / size, lesson.is_bad) for one in tried]
        best = tried[int(np.argmin(losses))]
        members.append(best)
        total = total + best.log_odds
    mean = total / N_BAGGED
    return Chosen(tuple(members), log_loss(mean, lesson.is_bad), mean)


def cross_validate(
    lesson: Lesson, candidates: Sequence[Candidate], seed: int, n_threads: int
) -> list[Tried]:
    """Grow each candidate on folds, and find the number of rounds of the least log loss."""

    def unseen(candidate: Candidate, fold: int) -> Floats:
        inside = lesson.fold != fold
        values = lesson.values_of(candidate.columns)
        booster = grow(values[inside], lesson.is_bad[inside], candidate.settings, MOST_ROUNDS, seed)
        return log_odds_by_round(booster, values[~inside], EVERY)

    jobs = [(candidate, fold) for candidate in candidates for fold in range(N_FOLDS)]
    with ThreadPoolExecutor(n_threads) as pool:
        found = list(pool.map(lambda job: unseen(*job), jobs))
    results = []
    for number, candidate in enumerate(candidates):
        parts = found[number * N_FOLDS : (number + 1) * N_FOLDS]
        n_marks = min(len(part) for part in parts)
        log_odds = np.zeros((n_marks, len(lesson.is_bad)))
        for fold, part in enumerate(parts):
            log_odds[:, lesson.fold == fold] = part[:n_marks]
        losses = [log_loss(each, lesson.is_bad) for each in log_odds]
        at = int(np.argmin(losses))
        results.append(Tried(candidate, (at + 1) * EVERY, losses[at], log_odds[at]))
    return results


def log_loss(log_odds: Floats, is_bad: Flags) -> float:
    """Give the mean surprise, in nats."""
    return float(np.logaddexp(0.0, np.where(is_bad, -log_odds, log_odds)).mean())


def bag(lesson: Lesson, chosen: Chosen, seed: int, n_threads: int) -> list[Any]:
    """Grow the members on all labelled accounts, each with a seed of its own.

    They get more rounds than in cross-validation, in step with there being more accounts.
    """

    def one(number: int) -> Any:  # noqa: ANN401
        member = chosen.members[number]
        n_rounds = round(member.n_rounds * (N_FOLDS / (N_FOLDS - 1)) ** 0.5)
        values = lesson.values_of(member.candidate.columns)
        return grow(values, lesson.is_bad, member.candidate.settings, n_rounds, seed + number)

    with ThreadPoolExecutor(n_threads) as pool:
        return list(pool.map(one, range(len(chosen.members))))


def _sets(lesson: Lesson) -> tuple[str, ...]:
    """Name the sets that differ, from the narrowest to the widest; none is empty."""
    sizes = {name: sum(in_set(n, name) for n in lesson.names) for name in COLUMN_SETS}
    names = list(COLUMN_SETS)
    return tuple(
        name for at, name in enumerate(names)
        if sizes[name] and (at == 0 or sizes[name] != sizes[names[at - 1]])
    )  # fmt: skip


def _direction(values: Floats, is_bad: Flags) -> int:
    here = ~np.isnan(values)
    if not is_bad[here].any() or is_bad[here].all():
        return 1
    return 1 if roc_auc(is_bad[here], values[here]) >= 0.5 else -1
