"""The book at a glance: tiers, how rules moved them, how risk is spread, who spoke."""

from __future__ import annotations

import math
import textwrap

import numpy as np
from numpy.typing import NDArray

from graphrisk.explain.account import Wording
from graphrisk.explain.show import percent
from graphrisk.model.kinds import Tier
from graphrisk.pipeline import Analysis
from graphrisk.report.charts import WIDTH, Canvas, brief
from graphrisk.report.markup import LETTERS, Html, badge, figure, paragraph, table
from graphrisk.report.measures import families, flow, histogram, log_odds, moved

TIER_TEXTS = {
    Tier.CLEAR: "nothing to do",
    Tier.MONITOR: "watch",
    Tier.REVIEW: "a person looks at it",
    Tier.LIMIT: "limit credit, if a person agrees",
    Tier.CLOSE: "close, if a person agrees",
}
#: Risks written below the histogram.
_TICKS = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)
_WORDS_PER_LINE = 62


def tiers(analysis: Analysis) -> Html:
    """Return the accounts of each tier as large figures."""
    total = max(len(analysis.decisions), 1)
    cards = "\n".join(
        f'<li class="card edge-{word}">{badge(word)} <strong>{n:,}</strong> '
        f"<span>{_share(n, total)}</span> <span>{TIER_TEXTS[Tier[word.upper()]]}</span></li>"
        for word, n in analysis.tier_counts().items()
    )
    return Html(f'<ul class="cards">\n{cards}\n</ul>')


def flow_figure(analysis: Analysis) -> Html:
    """Draw how many accounts the rules gave another tier than their risk asks for."""
    rows = flow(analysis.decisions).rows()
    shown = [row for row in rows if row[:2] != (Tier.CLEAR.word, Tier.CLEAR.word)]
    n_moved = sum(n for asked, got, n in rows if asked != got)
    says = (
        f"Left: what the risk alone asks for. Right: what was decided. The rules gave {n_moved:,} "
        f"of {len(analysis.decisions):,} accounts another tier (coloured bands). Accounts clear on "
        "both sides are left out."
    )
    canvas = Canvas("flow", 300, "From risk to decision", says)
    _draw_flow(canvas, shown)
    cells = [(badge(asked), badge(got), n) for asked, got, n in rows]
    behind = table("From risk to decision", ("risk asks for", "decided", "accounts"), cells)
    return figure("From risk to decision", canvas, says, behind)


def _draw_flow(canvas: Canvas, rows: list[tuple[str, str, int]]) -> None:
    """Draw bands between two ladders, the highest tier on top; thickness counts accounts."""
    top, bottom, gap, left, right = 14.0, 292.0, 18.0, 122.0, 258.0
    tiers_down = [tier.word for tier in reversed(Tier)]
    total = max(sum(n for *_, n in rows), 1)
    scale = (bottom - top - gap * (len(tiers_down) - 1)) / total
    ends: list[dict[str, float]] = []
    for side, x, at, label_x in ((0, left - 10, "end", left - 16), (1, right, "start", right + 16)):
        y, starts = top, {}
        for tier in tiers_down:
            n = sum(row[2] for row in rows if row[side] == tier)
            starts[tier] = y
            if n:
                canvas.box(x, y, 10, n * scale, f"fill-{tier}", f"{tier}: {n:,}")
                canvas.words(label_x, y + n * scale / 2 + 4, f"{tier} {brief(n)}", "strong", at=at)
            y += n * scale + gap
        ends.append(starts)
    order = {tier: place for place, tier in enumerate(tiers_down)}
    for asked, got, n in sorted(rows, key=lambda row: (order[row[0]], order[row[1]])):
        change = order[got] - order[asked]
        look = "band-held" if change > 0 else "band-raised" if change < 0 else "band"
        start, end = (left, ends[0][asked]), (right, ends[1][got])
        canvas.ribbon(start, end, n * scale, look, f"{asked} to {got}: {n:,} accounts")
        ends[0][asked] += n * scale
        ends[1][got] += n * scale


def risk_figure(analysis: Analysis) -> Html:
    """Draw how risk is spread over the accounts, with the thresholds of the tiers."""
    ladder = analysis.policy.tiers.ladder()
    edges, counts = histogram(analysis.decisions["risk_prob"].to_numpy(), ladder)
    says = (
        "Accounts by risk. Both scales are stretched: across, equal steps are equal evidence; "
        "upwards, each line is ten times the one below. Dashed: where each tier begins."
    )
    canvas = Canvas("risk", 250, "How risk is spread", says)
    _draw_histogram(canvas, edges, counts, ladder)
    probs = 1 / (1 + np.exp(-edges))
    cells = [
        (f"{percent(float(low))} to {percent(float(high))}", int(n))
        for low, high, n in zip(probs[:-1], probs[1:], counts, strict=True)
        if n
    ]
    behind = table("Accounts by risk", ("risk", "accounts"), cells)
    return figure("How risk is spread", canvas, says, behind)


def _draw_histogram(
    canvas: Canvas,
    edges: NDArray[np.float64],
    counts: NDArray[np.int64],
    ladder: tuple[float, ...],
) -> None:
    left, right, floor, top = 54.0, 372.0, 218.0, 26.0
    first, last = float(edges[0]), float(edges[-1])
    decades = max(math.ceil(math.log10(max(int(counts.max()), 2))), 1)

    def across(at: float) -> float:
        return left + (right - left) * (at - first) / (last - first)

    def upwards(n: float) -> float:
        return floor - (floor - top) * (math.log10(n) + 0.3) / (decades + 0.3)

    for decade in range(decades + 1):
        y = upwards(10**decade)
        canvas.line((left, y), (right, y), "grid")
        canvas.words(left - 6, y + 4, brief(10**decade), "small", at="end")
    for low, high, n in zip(edges[:-1], edges[1:], counts, strict=True):
        if n:
            x, y = across(float(low)), upwards(int(n))
            canvas.box(x, y, across(float(high)) - x - 0.8, floor - y, "bar", f"{n:,} accounts")
    canvas.line((left, floor), (right, floor), "axis")
    for prob in _TICKS:
        x = across(float(log_odds(np.array(prob))))
        canvas.line((x, floor), (x, floor + 4), "axis")
        canvas.words(x, floor + 16, f"{100 * prob:g}%", "small", at="middle")
    canvas.words((left + right) / 2, floor + 31, "risk", "small", at="middle")
    for tier, prob in zip(list(Tier)[1:], ladder, strict=True):
        x = across(float(np.clip(log_odds(np.array(prob)), first, last)))
        canvas.line((x, top - 6), (x, floor), "threshold")
        canvas.words(x, top - 10, LETTERS[tier], f"strong ink-{tier.word}", at="middle")


def rules_figure(analysis: Analysis, wording: Wording) -> Html:
    """Draw which rules gave accounts another tier, and how many."""
    rows = moved(analysis.decisions).rows()
    if not rows:
        return Html(f"<h3>Rules that moved decisions</h3>\n{paragraph('None did.')}")
    wrapped = [textwrap.wrap(wording.rules[rule], _WORDS_PER_LINE) for rule, _ in rows]
    height = 8 + sum(34 + 14 * len(lines) for lines in wrapped)
    says = "Each rule, and the accounts it gave another tier than their risk asks for."
    canvas = Canvas("rules", height, "Rules that moved decisions", says)
    most, y = max(n for _, n in rows), 14.0
    for (rule, n), lines in zip(rows, wrapped, strict=True):
        look = "fill-up" if rule.startswith("raised") else "fill-down"
        for line in lines:
            canvas.words(0, y, line)
            y += 14
        canvas.box(0, y - 8, (WIDTH - 60) * n / most, 10, look, f"{rule}: {n:,}")
        canvas.words((WIDTH - 60) * n / most + 6, y + 1, brief(n), "strong")
        y += 34
    cells = [(rule, n, wording.rules[rule]) for rule, n in rows]
    behind = table("Rules that moved decisions", ("rule", "accounts", "in words"), cells)
    return figure("Rules that moved decisions", canvas, says, behind)


def families_figure(analysis: Analysis) -> Html:
    """Draw what each family of evidence brought, for and against."""
    rows = families(analysis.waterfall).rows()
    if not rows:
        return paragraph("No evidence was found: every account stands at the prior.")
    says = (
        "Evidence is counted in nats, added up over all accounts: to the right (+) what raised "
        "risks, to the left (−) what lowered them."
    )
    canvas = Canvas("families", 10 + 36 * len(rows), "Evidence by family", says)
    most_up, most_down = max(row[3] for row in rows), max(-row[4] for row in rows)
    scale = (WIDTH - 8) / max(most_up + most_down, 1e-9)
    zero = 4 + most_down * scale
    canvas.line((zero, 17), (zero, 36 * len(rows)), "stem")
    for place, (group, family, n, up, down) in enumerate(rows):
        y = 14.0 + 36 * place
        spoken = f"{family.replace('_', ' ')} ({group})"
        canvas.words(0, y, spoken, "strong")
        nats = " and ".join(f"{v:+,.1f}".replace("-", "−") for v in (up, down) if v)
        canvas.words(WIDTH, y, f"{nats} nats · {n:,} accounts", "small", at="end")
        if down:
            canvas.box(zero + down * scale, y + 5, -down * scale, 10, "fill-down", f"{down:+,.1f}")
        if up:
            canvas.box(zero, y + 5, up * scale, 10, "fill-up", f"{up:+,.1f}")
    cells = [
        (group, family.replace("_", " "), n, f"{up:+,.1f}", f"{down:+,.1f}")
        for group, family, n, up, down in rows
    ]
    header = ("group", "family", "accounts", "nats that raised", "nats that lowered")
    return figure("Who spoke, and how loud", canvas, says, table("By family", header, cells))


def _share(n: int, total: int) -> str:
    return f"{100 * n / total:.1f}% of accounts"
