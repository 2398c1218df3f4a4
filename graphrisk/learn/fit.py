"""Learn from labels: an additive monotone model, boosted trees, and which of them decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

import graphrisk
from graphrisk.errors import UsageError
from graphrisk.learn.booster import Trees, library, shapes_of
from graphrisk.learn.calibrate import Platt, platt
from graphrisk.learn.candidates import additive_candidates, boosted_candidates
from graphrisk.learn.choose import Chosen, bag, chosen_of
from graphrisk.learn.columns import Column, matrix
from graphrisk.learn.drift import book_of
from graphrisk.learn.evidence import Stand, columns_of
from graphrisk.learn.lesson import Lesson
from graphrisk.learn.model import ADDITIVE, BOOSTED, Additive, Boosted, FittedModel
from graphrisk.learn.nearness import N_FOLDS, Known
from graphrisk.model.times import iso
from graphrisk.risk.additive import probability_of
from graphrisk.risk.metrics import average_precision, brier, reliability, roc_auc

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Fewer labelled accounts of a sign than this teach nothing.
LEAST_OF_EACH = 2 * N_FOLDS


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
    return fit_columns(stand, known, columns_of(stand, known), seed=seed, progress=say)


def fit_columns(
    stand: Stand,
    known: Known,
    columns: list[Column],
    *,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
) -> FittedModel:
    """Learn both models from columns that were made from that stand and those folds.

    Raises
    ------
    UsageError
        If no column tells the labelled accounts apart.
    """
    say = progress or (lambda text: None)
    lesson = lesson_of(columns, known, stand)
    say("Learn the additive model.")
    stumps = chosen_of(lesson, additive_candidates(lesson), seed, stand.n_threads)
    say("Learn the boosted trees.")
    trees = chosen_of(lesson, boosted_candidates(lesson), seed, stand.n_threads)
    say("Learn both on all labels.")
    grown = {
        name: bag(lesson, chosen, seed, stand.n_threads)
        for name, chosen in ((ADDITIVE, stumps), (BOOSTED, trees))
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


def _varies(values: Floats) -> bool:
    known = values[~np.isnan(values)]
    return len(known) > 0 and (len(known) < len(values) or bool((known != known[0]).any()))


def _about(
    stand: Stand,
    lesson: Lesson,
    tried: Mapping[str, Chosen],
    lines: Mapping[str, Platt],
    chosen: str,
) -> dict[str, Any]:
    figures = {
        name: {
            "members": [member.about() for member in one.members],
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
