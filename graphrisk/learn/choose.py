"""Which of the candidates make a model, by cross-validation.

Half of a model is those that do best together, half those that do as well as the best as far as the
labels can tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphrisk.learn.booster import grow, log_odds_by_round
from graphrisk.learn.candidates import Candidate
from graphrisk.learn.lesson import Lesson
from graphrisk.learn.nearness import N_FOLDS

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Boosters of each half of a model, each with a seed of its own.
N_BAGGED = 5
#: Rounds tried, and after how many of them the model is looked at.
MOST_ROUNDS, EVERY = 400, 20
#: Folds after which those that are surely worse are given up.
RACED_FOLDS = 2
#: Standard errors of the difference to the best: beyond the first a candidate is surely worse, and
#: within the second it is as good.
SURELY, ALIKE = 2.0, 1.0


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


def chosen_of(lesson: Lesson, candidates: Sequence[Candidate], seed: int, n_threads: int) -> Chosen:
    """Try candidates on folds, and fill a bag: half with the best together, half with the alike.

    Where few accounts are known to be bad, what does best together is partly chance; an average of
    all that are as good asks nothing of chance. Where many are, the first half is the better one.
    """
    tried = cross_validate(lesson, candidates, seed, n_threads)
    members = (*_together(tried, lesson.is_bad), *_in_turn(tried, lesson.is_bad))
    mean = np.mean([one.log_odds for one in members], axis=0)
    return Chosen(members, log_loss(mean, lesson.is_bad), mean)


def _together(tried: Sequence[Tried], is_bad: Flags) -> list[Tried]:
    """Give each place to the candidate that helps most beside those that are in, or again to one.

    Source: Caruana et al. 2004, Ensemble Selection from Libraries of Models.
    """
    members: list[Tried] = []
    total = np.zeros(len(is_bad))
    for size in range(1, N_BAGGED + 1):
        losses = [log_loss((total + one.log_odds) / size, is_bad) for one in tried]
        best = tried[int(np.argmin(losses))]
        members.append(best)
        total = total + best.log_odds
    return members


def _in_turn(tried: Sequence[Tried], is_bad: Flags) -> list[Tried]:
    """Give places in turn to those that are as good as the best, the better ones first."""
    alike = still_in([_surprise(one.log_odds, is_bad) for one in tried], ALIKE)
    ranked = sorted((tried[i] for i in alike), key=lambda one: one.log_loss)
    return [ranked[place % len(ranked)] for place in range(N_BAGGED)]


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
    kept = still_in(surprise, SURELY)
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


def still_in(surprise: Sequence[Floats], n_errors: float) -> list[int]:
    """Say who is behind the best by no more than some standard errors of the difference.

    Parameters
    ----------
    surprise
        Of each candidate, its log loss at each account, shape (n,), in nats.
    n_errors
        What of the mean difference to the best is left to chance.
    """
    best = min(surprise, key=lambda one: one.mean())
    kept = []
    for number, one in enumerate(surprise):
        behind = one - best
        if behind.mean() <= n_errors * behind.std() / np.sqrt(len(behind)):
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
