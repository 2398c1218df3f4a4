"""Draw one decision: the path from an account to a seed, its sums, and its place on the ladder."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from graphrisk.explain.account import Explanation, Path
from graphrisk.explain.show import percent

_WIDTH, _HEIGHT = 760, 330
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f; }
.small { font-size: 11px; fill: #57606a; }
.strong { font-weight: 600; }
.node { fill: #ffffff; stroke: #57606a; stroke-width: 1.5; }
.seed { stroke: #cf222e; stroke-width: 3; }
.asked { stroke: #0969da; stroke-width: 3; }
.link { stroke: #57606a; stroke-width: 1.5; }
.tick { stroke: #57606a; }
.up { fill: #cf222e; }
.down { fill: #1a7f37; }
.rung { fill: none; stroke: #8c959f; }
.here { fill: #0969da; stroke: #0969da; }
.on { fill: #ffffff; font-weight: 600; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .small { fill: #9da7b3; }
  .node { fill: #161b22; stroke: #9da7b3; }
  .seed { stroke: #ff7b72; }
  .asked { stroke: #58a6ff; }
  .link, .tick { stroke: #9da7b3; }
  .up { fill: #ff7b72; }
  .down { fill: #3fb950; }
  .here { fill: #1f6feb; stroke: #1f6feb; }
  .on { fill: #ffffff; }
}
"""
_TIERS = ("clear", "monitor", "review", "limit", "close")


def svg(told: Explanation) -> str:
    """Return the picture of an explanation that has a path."""
    if told.path is None:
        raise ValueError(f"{told.account_id} has no path to draw")
    path = " to ".join([told.path.start, *(hop.entity for hop in told.path.hops)])
    title = f"Account {told.account_id}: {told.tier}, risk {percent(told.risk_prob)}. Path: {path}."
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(title)}">',
        f"<title>{escape(title)}</title>",
        f"<style>{_STYLE}</style>",
        *_path(told, told.path),
        *_sums(told),
        *_ladder(told),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _path(told: Explanation, path: Path) -> Iterator[str]:
    """Draw the entities of the path from left to right, the account first, the seed last."""
    entities = [path.start, *(hop.entity for hop in path.hops)]
    gap = (_WIDTH - 180) / len(path.hops)
    for place, hop in enumerate(path.hops):
        x = 90 + gap * place
        arrow = f"{hop.relation} →" if hop.forward else f"← {hop.relation}"
        yield f'<line class="link" x1="{x:.0f}" y1="70" x2="{x + gap:.0f}" y2="70"/>'
        yield _text(x + gap / 2, 60, arrow, "small")
    brought = sum(step.nats for step in told.steps if step.via == path.hops[0].entity)
    yield _text(90 + gap / 2, 88, f"brings {brought:+.2f} nats", "small")
    for place, entity in enumerate(entities):
        x = 90 + gap * place
        kind, _, name = entity.partition(":")
        look = "node" + (" asked" if place == 0 else " seed" if place == len(path.hops) else "")
        if kind == "account":
            yield f'<circle class="{look}" cx="{x:.0f}" cy="70" r="22"/>'
        else:
            yield (f'<rect class="{look}" x="{x - 22:.0f}" y="48" width="44" height="44" rx="6"/>')
        yield _text(x, 30, name, "strong")
        yield _text(x, 112, kind, "small")
    yield _text(90, 128, "the account to decide", "small")
    seed = 90 + gap * len(path.hops)
    yield _text(seed, 128, f"seed: {path.label}", "small")
    yield _text(seed, 143, f"according to {path.source}", "small")


def _sums(told: Explanation) -> Iterator[str]:
    """Draw the waterfall by group, from the prior's log-odds to the risk's."""
    groups = ("prior", "own", "linked", "good")
    sums = {g: sum(s.nats for s in told.steps if s.group == g) for g in groups}
    reached = [sums["prior"], sums["prior"] + sums["own"]]
    reached.append(reached[-1] + sums["linked"])
    reached.append(reached[-1] + sums["good"])
    low, high = min(*reached, 0.0), max(*reached, 0.0)
    scale = 250 / (high - low)

    def x_of(log_odds: float) -> float:
        return 100 + (log_odds - low) * scale

    yield _text(20, 162, "From prior to risk, in nats", "strong", anchor="start")
    start = 0.0
    for row, group in enumerate(groups):
        end = start + sums[group]
        y = 176 + 24 * row
        look = "up" if end > start else "down"
        left, width = min(x_of(start), x_of(end)), abs(end - start) * scale
        yield f'<rect class="{look}" x="{left:.1f}" y="{y}" width="{width:.1f}" height="14"/>'
        yield _text(20, y + 12, group, "", anchor="start")
        yield _text(370, y + 12, f"{sums[group]:+.2f}", "", anchor="start")
        start = end
    zero = x_of(0.0)
    yield f'<line class="tick" x1="{zero:.1f}" y1="172" x2="{zero:.1f}" y2="270"/>'
    yield _text(zero, 284, "even odds", "small")
    total = f"sum {start:+.2f}, which is a risk of {percent(told.risk_prob)}"
    yield _text(20, 308, total, "strong", anchor="start")


def _ladder(told: Explanation) -> Iterator[str]:
    """Draw the tiers as rungs; the decision is filled."""
    yield _text(470, 162, "Decision", "strong", anchor="start")
    for rung, tier in enumerate(reversed(_TIERS)):
        y = 174 + 24 * rung
        here = tier == told.tier
        yield (
            f'<rect class="{"here" if here else "rung"}" x="470" y="{y}" width="84" height="20" '
            'rx="3"/>'
        )
        yield _text(512, y + 14, tier, "on" if here else "small")
        if tier == told.tier_by_risk and not here:
            yield _text(564, y + 14, "what the risk asks for", "small", anchor="start")
        if here:
            yield _text(564, y + 14, told.rule.replace("_", " "), "small", anchor="start")
    yield _text(470, 308, "limit and close: a human must agree", "small", anchor="start")


def _text(x: float, y: float, text: str, look: str, *, anchor: str = "middle") -> str:
    named = f' class="{look}"' if look else ""
    return f'<text{named} x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{escape(text)}</text>'
