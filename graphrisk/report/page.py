"""``report.html``: one self-contained page, without scripts, everything in it escaped."""

from __future__ import annotations

from importlib import resources

from graphrisk.explain.account import Wording
from graphrisk.model.times import iso
from graphrisk.pipeline import Analysis
from graphrisk.report.cases import cases_part
from graphrisk.report.charts import safe
from graphrisk.report.group_pictures import groups_part
from graphrisk.report.markup import Html, in_columns, name_of, paragraph, section, side_by_side
from graphrisk.report.overview import (
    families_figure,
    flow_figure,
    risk_figure,
    rules_figure,
    tiers,
)
from graphrisk.report.policy_words import policy_part
from graphrisk.report.quality import freshness_part, hubs_part, quality_part

_HOW_TO_OBJECT = (
    "Every reason names its source. Whoever holds an account may ask that source to check its "
    "record; a label, link or instalment that is corrected or withdrawn changes the decision at "
    "the next analysis. Limit and close are proposals: they take effect when a person agrees."
)


def render(analysis: Analysis, wording: Wording, dataset: str) -> str:
    """Return the page. The same analysis gives the same page, on any day."""
    style = resources.files("graphrisk.report").joinpath("page.css").read_text(encoding="utf-8")
    parts = _parts(analysis, wording)
    links = "\n".join(f'<li><a href="#{at}">{safe(title)}</a></li>' for at, title, _ in parts)
    sections = "\n".join(section(at, title, inner) for at, title, inner in parts)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Analysis of {safe(dataset)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f'<a class="skip" href="#decisions">Skip to the decisions</a>\n'
        f"<header>\n<h1>Analysis of {name_of(dataset)}</h1>\n{_about(analysis)}\n</header>\n"
        f'<nav aria-label="Parts of this page"><ul>\n{links}\n</ul></nav>\n'
        f"<main>\n{sections}\n</main>\n</body>\n</html>\n"
    )


def _about(analysis: Analysis) -> Html:
    policy = analysis.policy
    return paragraph(
        f"{len(analysis.graph.accounts):,} accounts, {analysis.graph.n_links:,} links; "
        f"as of {iso(analysis.as_of) or 'no date'}; model {analysis.model_version}, "
        f"policy {policy.policy.name} ({policy.hash})"
    )


def _parts(analysis: Analysis, wording: Wording) -> list[tuple[str, str, str]]:
    """Return anchor, title and content of each part of the page."""
    pictures = in_columns(
        flow_figure(analysis),
        risk_figure(analysis),
        rules_figure(analysis, wording),
        families_figure(analysis),
    )
    return [
        ("decisions", "Decisions", Html(f"{tiers(analysis)}\n{pictures}")),
        ("groups", "Groups", groups_part(analysis)),
        ("cases", "Highest risk", cases_part(analysis, wording)),
        (
            "quality",
            "Data quality and freshness",
            side_by_side(quality_part(analysis), freshness_part(analysis)),
        ),
        ("shared", "Shared by the most accounts", hubs_part(analysis)),
        ("policy", "What the policy says", policy_part(analysis.policy)),
        ("object", "How to object", paragraph(_HOW_TO_OBJECT)),
    ]
