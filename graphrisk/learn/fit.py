"""Learn from labels: an additive monotone model, boosted trees, and which of them decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

import graphrisk
from graphrisk.errors import UsageError
from graphrisk.learn.booster import Trees, grow, library, log_odds_by_round, shapes_of
from graphrisk.learn.calibrate import Platt, platt
from graphrisk.learn.columns import Column, matrix
from graphrisk.learn.drift import book_of
from graphrisk.learn.evidence import Stand, columns_of
from graphrisk.learn.model import ADDITIVE, BOOSTED, Additive, Boosted, FittedModel
from graphrisk.learn.nearness import N_FOLDS, Known
from graphrisk.model.times import iso
from graphrisk.risk.additive import probability_of
from graphrisk.risk.metrics import average_precision, brier, reliability, roc_auc

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Fewer labelled accounts of a sign than this teach nothing.
LEAST_OF_EACH = 2 * N_FOLDS
#: Boosters of one model, each with a seed of its own.
N_BAGGED = 5
#: Rounds tried, and after how many of them the model is looked at.
MOST_ROUNDS, EVERY = 400, 20
#: What is tried for the boosted trees: from few labels to many.
TRIED: tuple[Mapping[str, Any], ...] = tuple(
    {
        "num_leaves": n_leaves, "min_data_in_leaf": least, "learning_rate": rate,
        "feature_fraction": share, "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": l2,
        "max_bin": 127,
    }
    for n_leaves, least, rate, share, l2 in (
        (4, 10, 0.06, 0.3, 10.0), (10, 20, 0.04, 0.5, 5.0), (24, 20, 0.03, 0.3, 5.0),
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

    def directions(self) -> list[int]:
        """Say for each column whether more of it is worse (1) or better (-1).

        Evidence of labels says so by its making; for the rest, the labels say.
        """
        return [
            column.rises or _direction(self.values[:, i], self.is_bad)
            for i, column in enumerate(self.columns)
        ]


@dataclass(frozen=True, slots=True)
class Tried:
    """Settings and what cross-validation made of them.

    ``log_odds`` are of accounts that the trees had not seen, shape (n_labelled,).
    """

    settings: Mapping[str, Any]
    n_rounds: int
    log_loss: float
    log_odds: Floats


def fit(
    stand: Stand, *, seed: int = 0, progress: Callable[[str], None] | None = None
) -> FittedModel:
    """Learn both models from the labelled accounts of a dataset.

    Parameters
    ----------
    stand
        The dataset as of a moment; labels known later are not used.
    seed
        Of the folds and the trees.

    Raises
    ------
    UsageError
        If there are too few labels, or LightGBM is not installed.
    """
    library()
    say = progress or (lambda text: None)
    known = stand.known(seed)
    lesson_of_labels(known)  # refuses before the work begins
    say("Make columns of evidence, no account's own label in its own.")
    columns = columns_of(stand, known)
    lesson = lesson_of(columns, known, stand)
    say("Learn the additive model.")
    monotone = {**_STUMPS, "monotone_constraints": lesson.directions()}
    stumps = cross_validate(lesson, (monotone,), seed, stand.n_threads)
    say("Learn the boosted trees.")
    trees = cross_validate(lesson, TRIED, seed, stand.n_threads)
    say("Learn both on all labels.")
    grown = {
        name: _bag(lesson, tried, seed, stand.n_threads)
        for name, tried in ((ADDITIVE, stumps), (BOOSTED, trees))
    }
    shapes, base = shapes_of(grown[ADDITIVE], lesson.names)
    lines = {name: platt(t.log_odds, lesson.is_bad)
             for name, t in ((ADDITIVE, stumps), (BOOSTED, trees))}  # fmt: skip
    chosen = BOOSTED if trees.log_loss < stumps.log_loss else ADDITIVE
    model = FittedModel(
        chosen=chosen,
        additive=Additive(base, shapes, lines[ADDITIVE]),
        boosted=Boosted(
            Trees(lesson.names, tuple(each.model_to_string() for each in grown[BOOSTED])),
            lines[BOOSTED],
        ),
        seed=seed,
        about=_about(stand, lesson, {ADDITIVE: stumps, BOOSTED: trees}, lines, chosen),
    )
    book = book_of(model, columns, stand.n_threads)
    return replace(model, about={**model.about, "book": book})


def lesson_of_labels(known: Known) -> tuple[int, int]:
    """Count the bad and the good accounts; refuse if they are too few.

    Raises
    ------
    UsageError
        With what was found.
    """
    labelled = known.fold < N_FOLDS
    n_bad = int((known.sign[labelled] == 1).sum())
    n_good = int(labelled.sum()) - n_bad
    if min(n_bad, n_good) < LEAST_OF_EACH:
        raise UsageError(
            f"{n_bad:,} bad and {n_good:,} good accounts are labelled",
            expected=f"at least {LEAST_OF_EACH} of each; 30 bad ones before it is worth much",
            hint="supply labels of accounts, good_standing ones too; until then use the policy's "
            "own model, which learns from nothing",
        )
    return n_bad, n_good


def lesson_of(columns: Sequence[Column], known: Known, stand: Stand) -> Lesson:
    """Keep labelled accounts, and columns that are not the same for all of them."""
    accounts = stand.graph.accounts
    rows = np.flatnonzero(known.fold[accounts] < N_FOLDS)
    kept = tuple(column for column in columns if _varies(column.values[rows]))
    if not kept:
        raise UsageError(
            "all labelled accounts look the same",
            expected="links, attributes or behaviour that tell accounts apart",
            hint="supply more tables",
        )
    return Lesson(
        kept,
        matrix(kept, (column.name for column in kept))[rows],
        known.sign[accounts[rows]] == 1,
        known.fold[accounts[rows]],
    )


def cross_validate(
    lesson: Lesson, tried: Sequence[Mapping[str, Any]], seed: int, n_threads: int
) -> Tried:
    """Try settings on folds; keep those, and the number of rounds, of the least log loss."""

    def unseen(settings: Mapping[str, Any], fold: int) -> Floats:
        inside = lesson.fold != fold
        booster = grow(lesson.values[inside], lesson.is_bad[inside], settings, MOST_ROUNDS, seed)
        return log_odds_by_round(booster, lesson.values[~inside], EVERY)

    jobs = [(settings, fold) for settings in tried for fold in range(N_FOLDS)]
    with ThreadPoolExecutor(n_threads) as pool:
        found = list(pool.map(lambda job: unseen(*job), jobs))
    results = []
    for number, settings in enumerate(tried):
        parts = found[number * N_FOLDS : (number + 1) * N_FOLDS]
        n_marks = min(len(part) for part in parts)
        log_odds = np.zeros((n_marks, len(lesson.is_bad)))
        for fold, part in enumerate(parts):
            log_odds[:, lesson.fold == fold] = part[:n_marks]
        losses = [log_loss(each, lesson.is_bad) for each in log_odds]
        at = int(np.argmin(losses))
        results.append(Tried(settings, (at + 1) * EVERY, losses[at], log_odds[at]))
    return min(results, key=lambda one: one.log_loss)


def log_loss(log_odds: Floats, is_bad: Flags) -> float:
    """Give the mean surprise, in nats."""
    return float(np.logaddexp(0.0, np.where(is_bad, -log_odds, log_odds)).mean())


def _bag(lesson: Lesson, tried: Tried, seed: int, n_threads: int) -> list[Any]:
    """Grow on all labelled accounts, a few seeds; in step with there being more of them."""
    n_rounds = round(tried.n_rounds * (N_FOLDS / (N_FOLDS - 1)) ** 0.5)

    def one(number: int) -> Any:  # noqa: ANN401
        return grow(lesson.values, lesson.is_bad, tried.settings, n_rounds, seed + number)

    with ThreadPoolExecutor(n_threads) as pool:
        return list(pool.map(one, range(N_BAGGED)))


def _varies(values: Floats) -> bool:
    known = values[~np.isnan(values)]
    return len(known) > 0 and (len(known) < len(values) or bool((known != known[0]).any()))


def _direction(values: Floats, is_bad: Flags) -> int:
    here = ~np.isnan(values)
    if not is_bad[here].any() or is_bad[here].all():
        return 1
    return 1 if roc_auc(is_bad[here], values[here]) >= 0.5 else -1


def _about(
    stand: Stand,
    lesson: Lesson,
    tried: Mapping[str, Tried],
    lines: Mapping[str, Platt],
    chosen: str,
) -> dict[str, Any]:
    figures = {
        name: {
            "n_rounds": one.n_rounds,
            "settings": {k: v for k, v in one.settings.items() if k != "monotone_constraints"},
            **_figures(lesson.is_bad, probability_of(lines[name].of(one.log_odds)), one.log_loss),
        }
        for name, one in tried.items()
    }
    probs = [probability_of(lines[name].of(one.log_odds)) for name, one in tried.items()]
    return {
        "as_of": iso(stand.as_of) or None,
        "policy_hash": stand.policy.hash,
        "n_accounts": len(stand.graph.accounts),
        "n_bad": int(lesson.is_bad.sum()),
        "n_good": int((~lesson.is_bad).sum()),
        "n_folds": N_FOLDS,
        "columns": list(lesson.names),
        "cross_validated": figures,
        "distance": {
            "mean_prob": float(np.abs(probs[0] - probs[1]).mean()),
            "rank_correlation": _rank_correlation(*probs),
        },
        "slices": _slices(lesson, probs[0] if chosen == ADDITIVE else probs[1]),
        "versions": {"graphrisk": graphrisk.__version__}
        | {name: version(name) for name in ("lightgbm", "numpy", "polars")},
    }


def _figures(is_bad: Flags, prob: Floats, loss: float) -> dict[str, float]:
    return {
        "roc_auc": roc_auc(is_bad, prob),
        "average_precision": average_precision(is_bad, prob),
        "log_loss": loss,
        "brier": brier(is_bad, prob),
        "ece": reliability(is_bad, prob).ece,
    }


def _slices(lesson: Lesson, prob: Floats) -> list[dict[str, Any]]:
    """Look at accounts with few, some and many links by themselves."""
    names = lesson.names
    if "structure.degree" not in names:
        return []
    degree = lesson.values[:, names.index("structure.degree")]
    few, many = np.quantile(degree, (1 / 3, 2 / 3))
    parts = {
        f"at most {few:.0f} links": degree <= few,
        f"more than {few:.0f}, at most {many:.0f}": (degree > few) & (degree <= many),
        f"more than {many:.0f} links": degree > many,
    }
    return [
        {
            "part": part, "n_accounts": int(here.sum()), "n_bad": int(lesson.is_bad[here].sum()),
            "mean_risk": float(prob[here].mean()), "bad_share": float(lesson.is_bad[here].mean()),
            "roc_auc": roc_auc(lesson.is_bad[here], prob[here])
            if min(lesson.is_bad[here].sum(), (~lesson.is_bad[here]).sum()) >= 10 else None,
        }
        for part, here in parts.items() if here.any()
    ]  # fmt: skip


def _rank_correlation(one: Floats, other: Floats) -> float:
    """Spearman's, of two risks of the same accounts."""
    ranks = [np.searchsorted(np.sort(values), values).astype(np.float64) for values in (one, other)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])
