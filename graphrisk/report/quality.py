"""What was read, what was set aside, and how old the records are."""

from __future__ import annotations

from datetime import datetime

from graphrisk.explain.account import masked_entity
from graphrisk.graph.hubs import hub_table
from graphrisk.model.times import iso
from graphrisk.pipeline import Analysis
from graphrisk.report.charts import WIDTH, Canvas, shortened
from graphrisk.report.markup import Html, bullets, figure, name_of, paragraph, table
from graphrisk.report.measures import ages
from graphrisk.report.run_record import quarantine_counts, totals, unlinked_counts

_SECONDS_PER_DAY = 86_400


def quality_part(analysis: Analysis) -> Html:
    """Return the tallies, and all that was changed, set aside or left unread."""
    dataset = analysis.dataset
    sums = totals(dataset.tallies)
    balance = (
        f"{sums['n_rows_read']:,} rows read = {sums['n_accepted']:,} accepted + "
        f"{sums['n_duplicates']:,} duplicates + {sums['n_quarantined']:,} quarantined. "
        "Every row is accounted for."
    )
    tallies = [
        (
            t.file if t.file.split(".")[0] == t.table else f"{t.file} ({t.table})",
            t.n_rows_read,
            t.n_accepted,
            t.n_duplicates,
            t.n_quarantined,
        )
        for t in dataset.tallies
    ]
    header = ("file (table)", "read", "accepted", "dupli\u00adcates", "quaran\u00adtined")
    parts = [paragraph(balance), table("Rows by file", header, tallies)]
    set_aside = quarantine_counts(dataset).rows()
    parts.append(Html("<h3>Set aside</h3>"))
    parts.append(
        table("Set aside", ("file", "code", "records"), set_aside)
        if set_aside
        else paragraph("Nothing.")
    )
    bare = [
        (file, column, code.replace("_", " "), n)
        for file, column, code, n in unlinked_counts(dataset).rows()
    ]
    if bare:
        parts.append(Html("<h3>Accepted, and linking nobody</h3>"))
        parts.append(table("Accepted, and linking nobody", ("file", "column", "why", "rows"), bare))
    changed = [
        (key.partition(":")[0], key.partition(":")[2].replace("_", " "), n)
        for key, n in sorted(dataset.normalised.items())
    ]
    if changed:
        parts.append(Html("<h3>Brought into one form</h3>"))
        parts.append(table("Brought into one form", ("column", "change", "cells"), changed))
    unknown = [(file, ", ".join(names)) for file, names in sorted(dataset.unknown_columns.items())]
    if unknown:
        parts.append(Html("<h3>Columns not read</h3>"))
        parts.append(table("Columns not read", ("file", "columns"), unknown))
    if dataset.unread_files:
        parts += [Html("<h3>Files not read</h3>"), bullets(dataset.unread_files)]
    inner = "\n".join(parts)
    return Html(f"<div>\n{inner}\n</div>")


def freshness_part(analysis: Analysis) -> Html:
    """Draw from when to when each source has records, up to the moment of the analysis."""
    spans = ages(analysis.dataset)
    if not spans or analysis.as_of is None:
        return paragraph("No record is dated, so nothing can be said of their age.")
    as_of = analysis.as_of
    says = (
        f"Each bar runs from the oldest to the newest record of a source. The line on the right "
        f"is the moment of the analysis, {iso(as_of)}."
    )
    canvas = Canvas("records", 12 + 33 * len(spans), "How fresh the records are", says)
    _draw_spans(canvas, spans, as_of)
    rows = [
        (table_name, name_of(source), n, iso(oldest), iso(newest), _behind(newest, as_of))
        for table_name, source, n, oldest, newest in spans
    ]
    header = ("table", "source", "dated records", "oldest", "newest", "newest, before the analysis")
    return figure(
        "How fresh the records are", canvas, says, table("Records by source", header, rows)
    )


def _draw_spans(
    canvas: Canvas, spans: list[tuple[str, str, int, datetime, datetime]], as_of: datetime
) -> None:
    first, last = min(s[3] for s in spans), max(as_of, *(s[4] for s in spans))
    length = max((last - first).total_seconds(), 1.0)

    def across(at: datetime) -> float:
        return 2 + (WIDTH - 6) * (at - first).total_seconds() / length

    for place, (table_name, source, _, oldest, newest) in enumerate(spans):
        y = 14.0 + 33 * place
        canvas.words(
            0, y, shortened(f"{table_name} · {source}" if source else table_name, 28), "strong"
        )
        canvas.words(WIDTH - 8, y, _behind(newest, as_of), "small", at="end")
        canvas.box(across(oldest), y + 5, across(newest) - across(oldest), 8, "bar")
    x = across(as_of)
    canvas.line((x, 2), (x, 8 + 33 * len(spans)), "threshold")


def _behind(newest: datetime, as_of: datetime) -> str:
    days = (as_of - newest).total_seconds() / _SECONDS_PER_DAY
    if days < 0:
        return "later, so not used"
    return "the same day" if days < 1 else f"{days:,.0f} days before"


def hubs_part(analysis: Analysis) -> Html:
    """List what the most accounts share."""
    most = hub_table(analysis.graph, most=10)
    if not len(most):
        return paragraph("Nothing is shared by two accounts.")
    numbers = analysis.graph.index.encode_mixed(most["kind"], most["entity_id"])
    told = most.hstack(analysis.risks.take(numbers).drop(most.columns))
    rows = [
        (
            name_of(masked_entity(f"{row['kind']}:{row['entity_id']}")),
            row["n_accounts"],
            row["hub_class"].replace("_", " "),
            _recognised(row["sharing_kind"], row["sharing_prob"]),
        )
        for row in told.to_dicts()
    ]
    header = ("entity", "accounts", "protected as", "looks innocent, as")
    return table("Shared by the most accounts", header, rows)


def _recognised(kind: str, prob: float | None) -> str:
    return "" if prob is None else f"{kind.replace('_', ' ')} ({prob:.0%})"
