"""Whether a model still fits: how far the book has moved since, and what came true.

A model is held against a later book in three ways: whether its risks, and the columns that it
rests on, are distributed as they were when it learned; whether the accounts labelled since were
ranked as well as cross-validation promised; and whether as many turned out bad as it had said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.errors import UsageError
from graphrisk.learn.columns import Column
from graphrisk.learn.evidence import Stand, columns_of
from graphrisk.learn.model import FittedModel
from graphrisk.learn.scoring import log_odds_by, weights_of
from graphrisk.model.times import iso, to_microseconds
from graphrisk.risk.additive import probability_of
from graphrisk.risk.metrics import roc_auc
from graphrisk.risk.stability import Population, population_of

#: By convention: below the first little has moved, above the second much.
SOME, MUCH = 0.1, 0.25
#: Columns that have moved much call for a new fit when they carry this share of the model.
CARRIES = 0.25
#: New labels of a sign that are needed before they are judged.
LEAST_NEW = 10
#: A ranking may be worse than promised by so much, and by as many standard errors.
WORSE_AUC, STANDARD_ERRORS = 0.05, 3.0
#: So many new bad accounts, as a share of those learned from, are worth a new fit.
MANY_NEW = 0.5
#: Accounts whose shares are looked at for what a model rests on.
_MOST_WEIGHED = 500


@dataclass(frozen=True, slots=True)
class Moved:
    """One column that is distributed otherwise than it was.

    Attributes
    ----------
    name
        The column.
    index
        Its stability index, in nats.
    share
        What part of the model rests on it, in [0, 1].
    """

    name: str
    index: float
    share: float


@dataclass(frozen=True, slots=True)
class CameTrue:
    """What became of accounts that were labelled after the model was learned.

    Attributes
    ----------
    n_bad, n_good
        How many, of each sign.
    n_bad_expected
        How many bad ones the model's risks add up to.
    roc_auc
        How well it ranks them, NaN where one sign is missing.
    """

    n_bad: int
    n_good: int
    n_bad_expected: float
    roc_auc: float


@dataclass(frozen=True, slots=True)
class Drift:
    """What has moved since a model was learned, and whether to learn again.

    Attributes
    ----------
    model_version, learned_as_of, as_of
        Which model, and the two moments.
    risk_index
        Stability index of the risk of all accounts, in nats.
    moved
        Columns whose index is at least ``SOME``, those that carry most first.
    came_true
        Outcomes since.
    because
        Why to learn again, in sentences; empty if there is no reason to.
    """

    model_version: str
    learned_as_of: str | None
    as_of: str | None
    risk_index: float
    moved: tuple[Moved, ...]
    came_true: CameTrue
    because: tuple[str, ...]

    @property
    def refit(self) -> bool:
        """Whether the model should be learned again."""
        return bool(self.because)


def book_of(model: FittedModel, columns: list[Column], n_threads: int) -> dict[str, Any]:
    """Describe the book that a model was learned from, as JSON holds it.

    Returns
    -------
    dict
        ``risk`` and ``columns``: how they are distributed over all accounts; ``weights``: how much
        each column moves risk, in nats.
    """
    by_name = {column.name: column for column in columns}
    log_odds = log_odds_by(model, columns, n_threads)
    order = np.argsort(log_odds, kind="stable")
    some = order[:: max(len(order) // _MOST_WEIGHED, 1)]
    kept = [Column(c.name, c.reason, c.rises, c.values[some]) for c in columns]
    weights = weights_of(model, kept, n_threads)
    return {
        "risk": _plain(population_of(log_odds)),
        "columns": {name: _plain(population_of(by_name[name].values)) for name in sorted(weights)},
        "weights": dict(sorted(weights.items())),
    }


def drift_of(stand: Stand, model: FittedModel) -> Drift:
    """Hold a model against a later book.

    Parameters
    ----------
    stand
        The book as of the later moment.
    model
        What ``graphrisk fit`` learned.

    Raises
    ------
    UsageError
        If the model does not say how its book was distributed.
    """
    book = model.about.get("book")
    if not book:
        raise UsageError(
            f"model {model.version} does not say how its book was distributed",
            expected="a model of this version of graphrisk fit",
            hint="learn it again",
        )
    columns = columns_of(stand, stand.known(model.seed))
    log_odds = log_odds_by(model, columns, stand.n_threads)
    risk_index = _population(book["risk"]).moved_to(log_odds)
    by_name = {column.name: column.values for column in columns}
    total = sum(book["weights"].values()) or 1.0
    unknown = np.full(len(log_odds), np.nan)
    found = [
        Moved(name, _population(then).moved_to(by_name.get(name, unknown)),
              book["weights"][name] / total)
        for name, then in book["columns"].items()
    ]  # fmt: skip
    moved = tuple(sorted((one for one in found if one.index >= SOME),
                         key=lambda one: (-one.share, one.name)))  # fmt: skip
    is_bad, here = _labelled_since(stand, model)
    prob = probability_of(log_odds)[here]
    came_true = CameTrue(
        int(is_bad.sum()), int((~is_bad).sum()), float(prob.sum()), roc_auc(is_bad, prob)
    )
    because = (
        *_of_the_book(risk_index, moved),
        *_of_outcomes(model, came_true, float((prob * (1.0 - prob)).sum())),
    )
    return Drift(
        model.version, model.about["as_of"], iso(stand.as_of) or None, risk_index, moved,
        came_true, because,
    )  # fmt: skip


def _labelled_since(
    stand: Stand, model: FittedModel
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Find the accounts whose label became known after the model was learned."""
    since, accounts = model.about["as_of"], stand.graph.accounts
    if since is None:
        return np.zeros(0, dtype=bool), np.zeros(0, dtype=np.int64)
    learned_us = to_microseconds(datetime.fromisoformat(since))
    new = stand.seeds.labels.filter(pl.col("known_us") > learned_us)["number"].to_numpy()
    here = np.flatnonzero(np.isin(accounts, new))
    return stand.seeds.bad_strength[accounts[here]] > 0, here


def _of_the_book(risk_index: float, moved: tuple[Moved, ...]) -> Iterator[str]:
    if risk_index > MUCH:
        yield (
            f"risk is distributed otherwise than when the model was learned (stability index "
            f"{risk_index:.2f}, more than {MUCH})"
        )
    much = [one for one in moved if one.index > MUCH]
    share = sum(one.share for one in much)
    if share > CARRIES:
        yield (
            f"{share:.0%} of the model rests on {len(much):,} columns that have moved much, first "
            f"{much[0].name} (stability index {much[0].index:.2f})"
        )


def _of_outcomes(model: FittedModel, came: CameTrue, variance: float) -> Iterator[str]:
    """Judge outcomes of both signs; where only bad accounts are labelled, theirs prove nothing."""
    if min(came.n_bad, came.n_good) >= LEAST_NEW:
        off = came.n_bad - came.n_bad_expected
        if abs(off) > STANDARD_ERRORS * sqrt(variance + 1.0):
            yield (
                f"{came.n_bad:,} of {came.n_bad + came.n_good:,} accounts labelled since turned "
                f"out bad; the model's risks add up to {came.n_bad_expected:.1f}"
            )
        promised = model.about["cross_validated"][model.chosen]["roc_auc"]
        # No ranking of this quality has a larger standard error (Birnbaum and Klose 1957).
        error = sqrt(promised * (1.0 - promised) / min(came.n_bad, came.n_good))
        if promised - came.roc_auc > max(WORSE_AUC, STANDARD_ERRORS * error):
            yield (
                f"accounts labelled since are ranked at a ROC-AUC of {came.roc_auc:.3f}, where "
                f"cross-validation promised {promised:.3f}"
            )
    learned = model.about["n_bad"]
    if came.n_bad >= MANY_NEW * learned:
        yield f"{came.n_bad:,} accounts turned out bad since; it was learned from {learned:,}"


def _plain(population: Population) -> dict[str, list[float]]:
    return {"edges": list(population.edges), "shares": list(population.shares)}


def _population(plain: dict[str, list[float]]) -> Population:
    return Population(tuple(plain["edges"]), tuple(plain["shares"]))
