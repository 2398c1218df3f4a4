"""``evaluation.html``: the backtest on one page, without scripts, each picture with its table."""

from __future__ import annotations

import math
from importlib import resources
from itertools import pairwise

import polars as pl

from graphrisk.evaluate.backtest import BUDGETS, FIGURES, Backtest
from graphrisk.report.charts import WIDTH, Canvas, safe, shortened
from graphrisk.report.markup import Html, figure, in_columns, name_of, paragraph, section, table

_LEFT = 34.0
_SIDE = WIDTH - 2 * _LEFT
HEADERS = {
    "roc_auc": "ROC-AUC",
    "average_precision": "average precision",
    "lift": "lift",
    "precision_at_n_bad": "precision at n bad",
    **{f"recall_at_{b:g}": f"recall at {b:.1%} of good wronged" for b in BUDGETS},
}


def render(found: Backtest, dataset: str, about: str) -> str:
    """Return the page. The same backtest gives the same page, on any day.

    Parameters
    ----------
    found
        The backtest.
    dataset, about
        Its name, and how it was tested, in a sentence.
    """
    style = resources.files("graphrisk.report").joinpath("page.css").read_text(encoding="utf-8")
    parts = [
        ("methods", "Against simple methods", methods_part(found)),
        ("calibration", "Does the risk hold", calibration_figure(found)),
        ("tiers", "By tier", _tiers_part(found)),
        ("slices", "Parts of the book", _slices_part(found)),
        ("splits", "What was tested", _frame("What was tested", found.splits)),
    ]
    links = "\n".join(f'<li><a href="#{at}">{safe(title)}</a></li>' for at, title, _ in parts)
    sections = "\n".join(section(at, title, inner) for at, title, inner in parts)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Backtest of {safe(dataset)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f'<a class="skip" href="#methods">Skip to the figures</a>\n'
        f"<header>\n<h1>Backtest of {name_of(dataset)}</h1>\n{paragraph(about)}\n</header>\n"
        f'<nav aria-label="Parts of this page"><ul>\n{links}\n</ul></nav>\n'
        f"<main>\n{sections}\n</main>\n</body>\n</html>\n"
    )


def methods_part(found: Backtest) -> Html:
    """Return two pictures of all methods, with means over the splits, and the table of splits."""
    means = found.means()
    pictures = in_columns(*(_bars(means, name) for name in FIGURES[:2]))
    return Html(f"{pictures}\n{_frame('Mean over the splits', means)}")


def _bars(means: pl.DataFrame, name: str) -> Html:
    title = HEADERS[name]
    says = f"{title}, mean over the splits; the first bar is what was tested."
    canvas = Canvas(name.replace("_", "-"), 34 * len(means) + 6, title, says)
    for place, (method, value) in enumerate(means.select("method", name).iter_rows()):
        y = 12.0 + 34 * place
        canvas.words(0, y, shortened(method), "strong" if place == 0 else "")
        canvas.words(WIDTH - 2, y, f"{value:.3f}", at="end")
        canvas.box(0, y + 5, WIDTH * max(value, 0.0), 9, "bar" if place == 0 else "band")
    rows = means.select("method", name)
    return figure(title, canvas, says, _frame(title, rows))


def calibration_figure(found: Backtest) -> Html:
    """Draw the reliability curve: the share that turned out bad over the risk that was told."""
    curve = found.reliability
    says = (
        f"Each dot is a tenth of the tested accounts: the risk told, and the share that turned "
        f"out bad. On the line both agree. Mean distance (ECE) {curve.ece:.4f}; mean squared "
        f"error (Brier) {found.brier:.4f}."
    )
    title = "Risk told, and share that was bad"
    canvas = Canvas("reliability", WIDTH, title, says)

    def at(told: float, came: float) -> tuple[float, float]:
        return _LEFT + _SIDE * told, WIDTH - _LEFT - _SIDE * came

    canvas.line(at(0, 0), at(1, 1), "threshold")
    for share in (0.0, 0.5, 1.0):
        canvas.words(at(share, 0)[0], WIDTH - 16, f"{share:.0%}", "small", at="middle")
        canvas.words(_LEFT - 5, at(0, share)[1] + 4, f"{share:.0%}", "small", at="end")
    dots = list(zip(curve.mean_prob.tolist(), curve.bad_share.tolist(), strict=True))
    for before, after in pairwise(dots):
        canvas.line(at(*before), at(*after), "link")
    for (told, came), n in zip(dots, curve.n_accounts.tolist(), strict=True):
        canvas.ring(*at(told, came), 4, "bar", f"{n:,} accounts: told {told:.3f}, was {came:.3f}")
    canvas.words(WIDTH / 2, WIDTH - 2, "risk told", "small", at="middle")
    rows = [
        (n, f"{told:.4f}", f"{came:.4f}")
        for (told, came), n in zip(dots, curve.n_accounts.tolist(), strict=True)
    ]
    return figure(title, canvas, says, table(title, ("accounts", "risk told", "was bad"), rows))


def _tiers_part(found: Backtest) -> Html:
    says = paragraph(
        "What tested accounts were decided, and how many of them turned out bad. Limit and close "
        "are proposals until a person agrees."
    )
    return Html(f"{says}\n{_frame('By tier', found.tiers)}")


def _slices_part(found: Backtest) -> Html:
    says = paragraph(
        "The interval holds nine of ten draws of the same number of accounts. Parts with too few "
        "bad or good accounts are counted, not judged."
    )
    return Html(f"{says}\n{_frame('Parts of the book', found.slices)}")


def _frame(title: str, rows: pl.DataFrame) -> Html:
    header = [HEADERS.get(name, name.replace("_", " ")) for name in rows.columns]
    return table(title, header, [[_cell(value) for value in row] for row in rows.rows()])


def _cell(value: object) -> str | int:
    if value is None:
        return "–"
    if isinstance(value, float):
        return "–" if math.isnan(value) else f"{value:.4f}"
    return value if isinstance(value, int) else str(value)
