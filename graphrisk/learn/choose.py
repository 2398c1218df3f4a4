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
from graphrisk.learn.columns import COLUMN_SETS, OWN, in_set
from graphrisk.learn.lesson import Lesson
from graphrisk.learn.nearness import N_FOLDS

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Boosters of one model, each with a seed of its own.
N_BAGGED = 5
#: Rounds tried, and after how many of them the model is looked at.
MOST_ROUNDS, EVERY = 400, 20
#: Folds after which those that are surely worse are given up.
RACED_FOLDS = 2
#: What is tried for the boosted trees: from few labels to many; two of them cut each column at
#: random (Geurts, Ernst and Wehenkel 2006), and err elsewhere than those that seek the best cut.
_TREES: tuple[Mapping[str, Any], ...] = tuple(
    {
        "num_leaves": n_leaves, "min_data_in_leaf": least, "learning_rate": rate,
        "feature_fraction": share, "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": l2,
        "max_bin": 255, **more,
    }
    for n_leaves, least, rate, share, l2, more in (
        (4, 10, 0.06, 0.3, 10.0, {}), (10, 20, 0.04, 0.5, 5.0, {}),
        (10, 20, 0.08, 0.5, 5.0, {"extra_trees": True}),
        (32, 10, 0.05, 1.0, 5.0, {"extra_trees": True}),
    )
)  # fmt: skip
#: What a cut on anything but the account's own facts is worth where they come first.
OUTSIDE_WORTH = 0.5
_STUMPS: Mapping[str, Any] = {
    "num_leaves": 2, "min_data_in_leaf": 10, "learning_rate": 0.1, "feature_fraction": 0.3,
    "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 5.0, "max_bin": 63,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """Settings of boosted trees, and the set of columns that they may ask.

    With ``own_first``, own facts go before: a cut on any other column has to gain twice as much.
    """

    columns: str
    settings: Mapping[str, Any]
    own_first: bool = False

    def settings_for(self, lesson: Lesson) -> Mapping[str, Any]:
        """Return the settings as they are for the columns of a lesson."""
        worth = [1.0 if in_set(name, OWN) else OUTSIDE_WORTH for name in lesson.names]
        return {**self.settings, "feature_contri": worth} if self.own_first else self.settings


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
            "own_first": self.candidate.own_first,
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
    wider = sets[1:] if sets[0] == OWN else ()
    return tuple(Candidate(name, _TREES[1], own_first=True) for name in wider) + tuple(
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
    """Grow each candidate on folds, and find the number of rounds of the least log loss.

    Those that are surely worse than the best after the first folds are grown no further, and are
    not among what is returned.

    Source: Maron and Moore 1994, Hoeffding Races (here, two standard errors of the difference).
    """
    tried = _on_folds(lesson, candidates, range(RACED_FOLDS), seed, n_threads)
    raced = np.flatnonzero(lesson.fold < RACED_FOLDS)
    surprise = [_surprise(one[int(np.argmin(_losses(one[:, raced], lesson.is_bad[raced])))][raced],
                          lesson.is_bad[raced]) for one in tried]  # fmt: skip
    kept = still_in(surprise)
    rest = _on_folds(
        lesson, [candidates[i] for i in kept], range(RACED_FOLDS, N_FOLDS), seed, n_threads
    )
    results = []
    for i, other in zip(kept, rest, strict=True):
        n_marks = min(len(tried[i]), len(other))
        log_odds = np.where(lesson.fold < RACED_FOLDS, tried[i][:n_marks], other[:n_marks])
        losses = _losses(log_odds, lesson.is_bad)
        at = int(np.argmin(losses))
        results.append(Tried(candidates[i], (at + 1) * EVERY, losses[at], log_odds[at]))
    return results


def still_in(surprise: Sequence[Floats]) -> list[int]:
    """Say who stays in the race: whoever is not surely worse than the best.

    Parameters
    ----------
    surprise
        Of each candidate, its log loss at each account, shape (n,), in nats.
    """
    best = min(surprise, key=lambda one: one.mean())
    kept = []
    for number, one in enumerate(surprise):
        behind = one - best
        if behind.mean() <= 2.0 * behind.std() / np.sqrt(len(behind)):
            kept.append(number)
    return kept


def _on_folds(
    lesson: Lesson, candidates: Sequence[Candidate], folds: range, seed: int, n_threads: int
) -> list[Floats]:
    """Give the log-odds of each candidate after each mark, shape (n_marks, n_labelled)."""

    def unseen(candidate: Candidate, fold: int) -> Floats:
        inside = lesson.fold != fold
        values = lesson.values_of(candidate.columns)
        settings = candidate.settings_for(lesson)
        booster = grow(values[inside], lesson.is_bad[inside], settings, MOST_ROUNDS, seed)
        return log_odds_by_round(booster, values[~inside], EVERY)

    jobs = [(candidate, fold) for candidate in candidates for fold in folds]
    with ThreadPoolExecutor(n_threads) as pool:
        found = list(pool.map(lambda job: unseen(*job), jobs))
    results = []
    for number in range(len(candidates)):
        parts = found[number * len(folds) : (number + 1) * len(folds)]
        n_marks = min(len(part) for part in parts)
        log_odds = np.zeros((n_marks, len(lesson.is_bad)))
        for fold, part in zip(folds, parts, strict=True):
            log_odds[:, lesson.fold == fold] = part[:n_marks]
        results.append(log_odds)
    return results


def _losses(log_odds: Floats, is_bad: Flags) -> list[float]:
    return [log_loss(each, is_bad) for each in log_odds]


def _surprise(log_odds: Floats, is_bad: Flags) -> Floats:
    return np.asarray(np.logaddexp(0.0, np.where(is_bad, -log_odds, log_odds)))


def log_loss(log_odds: Floats, is_bad: Flags) -> float:
    """Give the mean surprise, in nats."""
    return float(_surprise(log_odds, is_bad).mean())


def bag(lesson: Lesson, chosen: Chosen, seed: int, n_threads: int) -> list[Any]:
    """Grow the members on all labelled accounts, each with a seed of its own.

    They get more rounds than in cross-validation, in step with there being more accounts.
    """

    def one(number: int) -> Any:  # noqa: ANN401
        member = chosen.members[number]
        n_rounds = round(member.n_rounds * (N_FOLDS / (N_FOLDS - 1)) ** 0.5)
        values = lesson.values_of(member.candidate.columns)
        settings = member.candidate.settings_for(lesson)
        return grow(values, lesson.is_bad, settings, n_rounds, seed + number)

    with ThreadPoolExecutor(n_threads) as pool:
        return list(pool.map(one, range(len(chosen.members))))


def _sets(lesson: Lesson) -> tuple[str, ...]:
    """Name the sets that differ, from the narrowest to the widest; none is empty."""
    sizes = {name: sum(in_set(n, name) for n in lesson.names) for name in COLUMN_SETS}
    return tuple(
        name for at, name in enumerate(COLUMN_SETS)
        if sizes[name] and (at == 0 or sizes[name] != sizes[COLUMN_SETS[at - 1]])
    )  # fmt: skip
