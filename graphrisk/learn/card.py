"""The model card: what a model was learned from, how well it did, and what it must not be used for.

Source: Mitchell et al. 2019, Model Cards for Model Reporting.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from graphrisk.learn.model import FittedModel

_FIGURES = ("roc_auc", "average_precision", "log_loss", "brier", "ece")


def card_of(model: FittedModel) -> str:
    """Write the card as Markdown; the same model makes the same bytes."""
    return "\n".join(_lines(model)) + "\n"


def _lines(model: FittedModel) -> Iterator[str]:
    about = model.about
    yield f"# Model {model.version}"
    yield ""
    yield (
        f"Learned as of {about['as_of'] or 'no date'} from {about['n_bad']:,} bad and "
        f"{about['n_good']:,} good of {about['n_accounts']:,} accounts, under the policy "
        f"{about['policy_hash']}, with seed {model.seed}."
    )
    yield ""
    yield "## How well it did"
    yield ""
    yield (
        f"Cross-validated in {about['n_folds']} folds: each account was scored by trees that had "
        "not seen it, and no label entered its own account's columns. The calibration was fitted "
        "on the same scores, so its error here is a little small. Folds are random, which "
        "flatters: run `graphrisk evaluate --split time` before relying on it."
    )
    yield ""
    yield from _table(about["cross_validated"])
    yield ""
    yield (
        f"**{model.chosen}** decides, as it had the lower log loss. The two models' risks differ "
        f"by {about['distance']['mean_prob']:.4f} on average; their ranks correlate at "
        f"{about['distance']['rank_correlation']:.3f}."
    )
    yield ""
    yield from _slices(about.get("slices", ()))
    yield "## Limits"
    yield ""
    yield "- It knows what is recorded: bad accounts that nobody found, it took for good ones."
    yield "- It is about this book as of that date; another book or year needs another fit."
    yield "- Attributes may stand in for what the law forbids to use; look at each column below."
    yield "- It proposes. What closing needs (two families, one of them strong, near, fresh and"
    yield "  confirmed, and a human) is asked of the policy's own evidence, whatever this says."
    if about["n_bad"] < 100:
        yield f"- {about['n_bad']:,} bad accounts are few: the figures above may be off by much."
    yield ""
    yield "## Made with"
    yield ""
    yield ", ".join(f"{name} {number}" for name, number in about["versions"].items()) + "."
    yield ""
    yield f"## Columns ({len(about['columns']):,})"
    yield ""
    yield from (f"- `{name}`" for name in about["columns"])


def _table(figures: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    named = " | ".join(name.replace("_", " ") for name in _FIGURES)
    yield f"| model | {named} | members: columns (rounds) |"
    yield "|---|" + "---|" * (len(_FIGURES) + 1)
    for name, row in figures.items():
        cells = " | ".join(f"{row[figure]:.4f}" for figure in _FIGURES)
        members = Counter((one["columns"], one["n_rounds"]) for one in row["members"])
        told = ", ".join(f"{n} of {columns} ({rounds})" for (columns, rounds), n in members.items())
        yield f"| {name} | {cells} | {told} |"


def _slices(slices: Any) -> Iterator[str]:  # noqa: ANN401
    if not slices:
        return
    yield "## By part of the book"
    yield ""
    yield "| part | accounts | bad | mean risk | bad share | ROC-AUC |"
    yield "|---|---|---|---|---|---|"
    for one in slices:
        auc = "too few" if one["roc_auc"] is None else f"{one['roc_auc']:.3f}"
        yield (
            f"| {one['part']} | {one['n_accounts']:,} | {one['n_bad']:,} | "
            f"{one['mean_risk']:.4f} | {one['bad_share']:.4f} | {auc} |"
        )
    yield ""
