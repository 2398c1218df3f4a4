"""Accounts above clear, one by one: the path of the evidence, its sums, and the rule."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from graphrisk.explain.account import Explanation, Path, Step, Wording, masked_entity
from graphrisk.explain.show import percent, provenance, said_by
from graphrisk.model.kinds import Tier
from graphrisk.pipeline import Analysis
from graphrisk.report.charts import WIDTH, Canvas, shortened
from graphrisk.report.chosen import explained, noteworthy
from graphrisk.report.markup import (
    LETTERS,
    Html,
    badge,
    figure,
    name_of,
    paragraph,
    side_by_side,
    table,
)
from graphrisk.report.nodes import draw_node

MOST_CASES = 12
_MOST_STEPS = 10
#: Heights of a bar with one line of words, and of each further line, in units of the picture.
_ROW, _LINE = 31.0, 13.0
_LINE_CHARS = 42


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a waterfall: its words, and where it starts and ends in log-odds."""

    lines: tuple[str, ...]
    start: float
    end: float

    @classmethod
    def of(cls, text: str, start: float, nats: float) -> Bar:
        """Break the words into as many lines as they need."""
        return cls(tuple(textwrap.wrap(text, _LINE_CHARS)), start, start + nats)


def cases_part(analysis: Analysis, wording: Wording) -> Html:
    """Return the cases, those without a label of their own first."""
    told = explained(analysis, wording, noteworthy(analysis, MOST_CASES))
    if not told:
        return paragraph("No account stands above clear.")
    tiers = _tiers_of(analysis, told)
    lead = paragraph(
        "The highest risks above clear; accounts without a label of their own come first, for "
        "they are the ones that only links or behaviour speak against."
    )
    cases = (_case(one, n, tiers, wording) for n, one in enumerate(told, start=1))
    return Html(f"{lead}\n{side_by_side(*cases)}")


def _tiers_of(analysis: Analysis, told: Sequence[Explanation]) -> dict[str, str]:
    """Look up the tiers of all accounts on the paths."""
    named = {e.partition(":")[2] for one in told if one.path for e in _entities(one.path)}
    found = analysis.decisions.filter(pl.col("account_id").is_in(sorted(named)))
    return dict(zip(found["account_id"], found["tier"], strict=True))


def _entities(path: Path) -> list[str]:
    return [path.start, *(hop.entity for hop in path.hops)]


def _case(told: Explanation, n: int, tiers: Mapping[str, str], wording: Wording) -> Html:
    asked = told.tier_by_risk
    rule = f"{told.rule_text[:1].upper()}{told.rule_text[1:]}."
    if asked != told.tier:
        rule += f" The risk alone asks for {asked}."
    parts = [_waterfall_figure(told, n, wording)]
    if told.path is not None:
        parts.insert(0, _path_figure(told.path, n, tiers))
    return Html(
        f'<article class="case edge-{told.tier}" aria-labelledby="case-{n}-title">\n'
        f'<h3 id="case-{n}-title">{name_of(told.account_id)} {badge(told.tier)} '
        f'<span class="n">{percent(told.risk_prob)}</span></h3>\n{paragraph(rule)}\n'
        + "\n".join(parts)
        + "\n</article>"
    )


def _path_figure(path: Path, n: int, tiers: Mapping[str, str]) -> Html:
    """Draw the path from the account down to the seed."""
    entities, step = _entities(path), 58.0
    label = path.label.replace("_", " ")
    says = f"From the account to the label it leads to, {_links(len(path.hops))} away"
    says += f": {label}, {said_by(path.source)}." if label else "."
    canvas = Canvas(f"path-{n}", 40 + step * len(path.hops), "Strongest evidence path", says)
    for depth, hop in enumerate(path.hops):
        top, bottom = 18 + step * depth + 15, 18 + step * (depth + 1) - 15
        tip, tail = (bottom, bottom - 7) if hop.forward else (top, top + 7)
        canvas.line((20, top), (20, bottom), "link")
        canvas.shape([(20, tip), (15.5, tail), (24.5, tail)], "arrow")
        canvas.words(44, (top + bottom) / 2 + 4, shortened(hop.relation.replace("_", " ")), "small")
    for depth, entity in enumerate(entities):
        kind, _, name = entity.partition(":")
        y, is_seed = 18 + step * depth, bool(label) and depth == len(path.hops)
        tier = tiers.get(name, "") if kind == "account" else ""
        shown = masked_entity(entity)
        draw_node(canvas, 20, y, kind, tier, is_seed=is_seed, tip=shown)
        canvas.words(44, y + (0 if is_seed else 4), shortened(shown, 28), "strong")
        if is_seed:
            said = said_by(shortened(path.source, 14))
            canvas.words(44, y + 15, f"{label}, {said}", "small")
    rows = [(0, name_of(masked_entity(path.start)), "")]
    rows += [
        (i, name_of(masked_entity(hop.entity)),
         f"{hop.relation} {'from the one above' if hop.forward else 'towards the one above'}")
        for i, hop in enumerate(path.hops, start=1)
    ]  # fmt: skip
    behind = table("Evidence path", ("step", "entity", "link"), rows)
    return figure("Strongest evidence path", canvas, says, behind, 4)


def _links(n: int) -> str:
    return "one link" if n == 1 else f"{n} links"


def _waterfall_figure(told: Explanation, n: int, wording: Wording) -> Html:
    """Draw what each reason adds, from the prior to the risk."""
    says = (
        f"From the prior {percent(told.prior_prob)} to {percent(told.risk_prob)}: each bar adds "
        "to the right (+) or takes to the left (−); at its end, the risk so far."
    )
    bars = _bars(told.steps)
    height = 44 + sum(_ROW + _LINE * (len(bar.lines) - 1) for bar in bars)
    canvas = Canvas(f"sums-{n}", height, "What each reason adds", says)
    _draw_waterfall(canvas, bars, wording)
    rows = [
        (s.code, f"{s.nats:+.3f}", percent(s.risk_prob), s.text,
         name_of(provenance(s, masked_entity)))
        for s in told.steps
    ]  # fmt: skip
    header = ("reason", "nats", "risk after", "in words", "from")
    return figure("What each reason adds", canvas, says, table("Waterfall", header, rows), 4)


def _bars(steps: Sequence[Step]) -> list[Bar]:
    """Lay the bars out; the smallest steps share one."""
    by_size = sorted(range(1, len(steps)), key=lambda i: -abs(steps[i].nats))
    shown = set(by_size[:_MOST_STEPS]) if len(steps) > _MOST_STEPS + 2 else set(by_size)
    at = steps[0].log_odds
    bars = [Bar.of("start: nothing is known of the account", at, 0.0)]
    for i, step in enumerate(steps[1:], start=1):
        if i in shown:
            bars.append(Bar.of(step.text, bars[-1].end, step.nats))
    rest = [steps[i].nats for i in by_size if i not in shown]
    if rest:
        bars.append(Bar.of(f"{len(rest)} smaller reasons together", bars[-1].end, sum(rest)))
    return bars


def _draw_waterfall(canvas: Canvas, bars: Sequence[Bar], wording: Wording) -> None:
    ends = [end for bar in bars for end in (bar.start, bar.end)]
    borders = {tier: math.log(p / (1 - p)) for tier, p in wording.tier_probs.items() if 0 < p < 1}
    low, high = min([*ends, *borders.values()]), max([*ends, *borders.values()])

    def across(at: float) -> float:
        return 2.0 + (WIDTH - 12.0) * (at - low) / max(high - low, 1e-9)

    for tier, at in borders.items():
        letter = LETTERS[Tier[tier.upper()]]
        canvas.words(across(at), 11, letter, f"strong ink-{tier}", at="middle")
    y = 30.0
    for place, bar in enumerate(bars):
        after = percent(1 / (1 + math.exp(-bar.end)))
        change = f"{bar.end - bar.start:+.2f} → {after}".replace("-", "−") if place else after
        canvas.words(WIDTH, y, change, "strong", at="end")
        for line in bar.lines:
            canvas.words(0, y, line)
            y += _LINE
        for at in borders.values():
            canvas.line((across(at), y - 10), (across(at), y + 4), "rung")
        if place:
            left, right = across(min(bar.start, bar.end)), across(max(bar.start, bar.end))
            look = "fill-up" if bar.end > bar.start else "fill-down"
            canvas.box(left, y - 8, right - left, 9, look)
        else:
            canvas.box(across(bar.end) - 1, y - 8, 3, 9, "node-clear")
        y += _ROW - _LINE
    canvas.words(WIDTH / 2, y + 2, "letters: where each tier begins", "small", at="middle")
