"""``report.html``: one self-contained page, without scripts, everything in it escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib import resources

import polars as pl

from graphrisk.explain.account import Explanation, Path, Wording, masked_entity
from graphrisk.explain.show import percent, provenance, said_by
from graphrisk.graph.hubs import hub_table
from graphrisk.model.kinds import Tier
from graphrisk.model.times import iso
from graphrisk.pipeline import MODEL_VERSION, Analysis
from graphrisk.report.chosen import explained, riskiest
from graphrisk.report.run_record import counts, quarantine_counts

N_EXPLAINED = 20
_TIER_TEXTS = {
    Tier.CLEAR: "nothing to do",
    Tier.MONITOR: "watch",
    Tier.REVIEW: "a person looks at it",
    Tier.LIMIT: "limit credit, if a person agrees",
    Tier.CLOSE: "close, if a person agrees",
}
_HOW_TO_OBJECT = (
    "Every reason names its source. Whoever holds an account may ask that source to check its "
    "record; a label, link or instalment that is corrected or withdrawn changes the decision at "
    "the next analysis. Limit and close are proposals: they take effect when a person agrees."
)

_NUMBER = '<td class="n">'
Cell = str | int | float


def render(analysis: Analysis, wording: Wording, dataset: str) -> str:
    """Return the page. The same analysis gives the same page, on any day."""
    style = resources.files("graphrisk.report").joinpath("page.css").read_text(encoding="utf-8")
    riskiest_first = explained(analysis, wording, riskiest(analysis, N_EXPLAINED))
    sections = (
        _section("Decisions", _tiers(analysis)),
        _section("Rules that held decisions back", _rules(analysis, wording)),
        _section("Data quality", _quality(analysis)),
        _section("Evidence by family", _families(analysis)),
        _section("Shared by the most accounts", _hubs(analysis)),
        _section("Highest risk", "\n".join(_account(told) for told in riskiest_first)),
        _section("How to object", f"<p>{escape(_HOW_TO_OBJECT)}</p>"),
    )
    title = f"Analysis of {escape(dataset)}"
    about = (
        f"{len(analysis.graph.accounts):,} accounts, {analysis.graph.n_links:,} links; "
        f"as of {iso(analysis.as_of) or 'no date'}; model {MODEL_VERSION}, "
        f"policy {analysis.policy.policy.name} ({analysis.policy.hash})"
    )
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f"<h1>{title}</h1>\n<p>{escape(about)}</p>\n" + "\n".join(sections) + "\n</body>\n</html>\n"
    )


def _tiers(analysis: Analysis) -> str:
    total = max(len(analysis.decisions), 1)
    rows = [
        (word, n, f"{100 * n / total:.1f}%", _TIER_TEXTS[Tier[word.upper()]])
        for word, n in analysis.tier_counts().items()
    ]
    return _table(("tier", "accounts", "share", "what it asks for"), rows)


def _rules(analysis: Analysis, wording: Wording) -> str:
    moved = analysis.decisions.filter(pl.col("tier") != pl.col("tier_by_risk"))
    rows = [(rule, n, wording.rules[rule]) for rule, n in counts(moved["rule"]).items()]
    return _table(("rule", "accounts", "in words"), rows) if rows else "<p>None did.</p>"


def _quality(analysis: Analysis) -> str:
    dataset = analysis.dataset
    tallies = [
        (t.file, t.table, t.n_rows_read, t.n_accepted, t.n_duplicates, t.n_quarantined)
        for t in dataset.tallies
    ]
    parts = [_table(("file", "table", "read", "accepted", "duplicates", "quarantined"), tallies)]
    set_aside = quarantine_counts(dataset).rows()
    if set_aside:
        parts += ["<h3>Set aside</h3>", _table(("file", "code", "records"), set_aside)]
    unknown = [(file, ", ".join(names)) for file, names in dataset.unknown_columns.items()]
    if unknown:
        parts += ["<h3>Columns not read</h3>", _table(("file", "columns"), unknown)]
    if dataset.unread_files:
        parts.append(f"<p>Files not read: {escape(', '.join(dataset.unread_files))}</p>")
    return "\n".join(parts)


def _families(analysis: Analysis) -> str:
    by_family = (
        analysis.evidence.filter(pl.col("group") != "prior")
        .group_by("group", "family")
        .agg(n_accounts=pl.col("account_id").n_unique(), nats=pl.col("nats").mean())
        .sort("group", "family")
    )
    rows = [(group, family.replace("_", " "), n_accounts, f"{nats:+.3f}")
            for group, family, n_accounts, nats in by_family.rows()]  # fmt: skip
    return _table(("group", "family", "accounts", "mean nats of a term"), rows)


def _hubs(analysis: Analysis) -> str:
    rows = [(masked_entity(f"{kind}:{name}"), n)
            for kind, name, n in hub_table(analysis.graph, most=10).rows()]  # fmt: skip
    return _table(("entity", "accounts"), rows)


def _account(told: Explanation) -> str:
    """Return one account as a fold-out: its waterfall, its path, its rule."""
    rows = [
        (
            step.code,
            f"{step.nats:+.3f}",
            percent(step.risk_prob),
            step.text,
            provenance(step, masked_entity),
        )
        for step in told.steps
    ]
    waterfall = _table(("reason", "nats", "risk after", "in words", "from"), rows)
    return (
        f"<details>\n<summary><b>{escape(told.account_id)}</b> "
        f'<span class="tier {escape(told.tier)}">{escape(told.tier)}</span> '
        f"{escape(percent(told.risk_prob))}</summary>\n{waterfall}\n"
        f"<p>{escape(_path_text(told.path))}</p>\n<p>{escape(told.rule_text)}</p>\n</details>"
    )


def _path_text(path: Path | None) -> str:
    if path is None:
        return "No evidence path leads here."
    hops = (f"{hop.relation} {masked_entity(hop.entity)}" for hop in path.hops)
    seed = f"{path.label} ({said_by(path.source)})"
    return " · ".join((f"Strongest path: {masked_entity(path.start)}", *hops, seed))


def _section(title: str, content: str) -> str:
    return f"<section>\n<h2>{escape(title)}</h2>\n{content}\n</section>"


def _table(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return an HTML table; numbers stand right."""
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "\n".join(f"<tr>{''.join(_cell(cell) for cell in row)}</tr>" for row in rows)
    return f'<div class="wide"><table>\n<tr>{head}</tr>\n{body}\n</table></div>'


def _cell(cell: Cell) -> str:
    if isinstance(cell, str):
        is_number = cell[:1] in "+-" and cell[1:2].isdigit()
        return f"{_NUMBER if is_number else '<td>'}{escape(cell)}</td>"
    return f"{_NUMBER}{cell:,}</td>"
