"""One picture of a decision: for the analyst the waterfall and the path, for the customer why.

Texts are set line by line in cells of known width, so that no id, however long, leaves the
picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from graphrisk.explain.account import Explanation, Path
from graphrisk.explain.cells import printable, width, wrapped
from graphrisk.explain.notice import Notice
from graphrisk.explain.reasons import LANGUAGES, words
from graphrisk.explain.show import head, percent, seed_text

_WIDTH, _MARGIN = 760, 24
_LINE, _CELL = 22, 7.3
_CELLS = int((_WIDTH - 2 * _MARGIN) / _CELL)
_LABEL_CELLS, _BARS_FROM, _BARS_TO, _RISK_AT = 36, 300, 640, 736
_STYLE = """
.graphrisk text { font: 12px ui-monospace, "Noto Sans Mono CJK SC", monospace; fill: #24292f; }
.graphrisk .title { font-size: 14px; font-weight: 600; }
.graphrisk .soft { fill: #57606a; }
.graphrisk .up { fill: #b3382c; }
.graphrisk .down { fill: #1f6f4e; }
.graphrisk .prior { fill: #8c959f; }
.graphrisk .axis { stroke: #8c959f; }
.graphrisk .node { fill: none; stroke: #57606a; stroke-width: 1.5; }
.graphrisk .seed { fill: #b3382c; stroke: #b3382c; }
@media (prefers-color-scheme: dark) {
  .graphrisk text { fill: #e6edf3; }
  .graphrisk .soft { fill: #9da7b3; }
  .graphrisk .up { fill: #ff8a7d; }
  .graphrisk .down { fill: #5cc48f; }
  .graphrisk .node { stroke: #9da7b3; }
  .graphrisk .seed { fill: #ff8a7d; stroke: #ff8a7d; }
}
"""


def case_picture(told: Explanation, lang: str) -> str:
    """Draw the waterfall, and below it the strongest evidence path. Texts are in ``lang``."""
    say = words(lang)
    title, made = head(told, say)
    rows = [_text(_MARGIN, 30, title, "title"), _text(_MARGIN, 52, made, "soft")]
    rows += _waterfall(told, top=84)
    y = 84 + _LINE * len(told.steps) + 30
    if told.path is not None:
        rows.append(_text(_MARGIN, y, say.say("case", "path"), "title"))
        seed = seed_text(told.path, say) if told.path.label else ""
        rows += _path(told.path, seed, top=y + _LINE + 4)
        y += _LINE * (len(told.path.hops) + 2 + bool(seed))
    return _svg(rows, y, LANGUAGES[lang], title)


def notice_picture(notice: Notice) -> str:
    """Draw a customer's notice: the decision and its reasons, and nothing of the case."""
    lines = [(notice.title, "title"), *((text, "") for text in notice.decided)]
    lines += [(notice.why, "soft")]
    lines += [(f"{n}. {reason.text}", "") for n, reason in enumerate(notice.reasons, start=1)]
    lines += [(text, "soft") for text in notice.how_to_object]
    rows, y = [], 30
    for text, look in lines:
        for line in wrapped(text, _CELLS).splitlines():
            rows.append(_text(_MARGIN, y, line, look))
            y += _LINE
        y += 8
    return _svg(rows, y, notice.lang, notice.title)


def _waterfall(told: Explanation, top: int) -> Iterator[str]:
    """Draw each step as a bar from where the last one ended."""
    ends = [step.log_odds for step in told.steps]
    low, high = min(0.0, *ends), max(0.0, *ends)
    scale = (_BARS_TO - _BARS_FROM) / ((high - low) or 1.0)
    zero = _BARS_FROM - low * scale
    bottom = top + _LINE * len(ends) - 4
    yield f'<line class="axis" x1="{zero:.1f}" y1="{top - 8}" x2="{zero:.1f}" y2="{bottom}"/>'
    for row, step in enumerate(told.steps):
        y = top + _LINE * row
        start, end = (at - low for at in (step.log_odds - step.nats, step.log_odds))
        look = "prior" if row == 0 else "up" if step.nats > 0 else "down"
        left, wide = _BARS_FROM + min(start, end) * scale, max(abs(end - start) * scale, 1.0)
        yield _text(_MARGIN, y + 8, shortened(step.code, _LABEL_CELLS), "")
        yield (
            f'<rect class="{look}" x="{left:.1f}" y="{y - 4}" width="{wide:.1f}" height="14">'
            f"<title>{_xml(step.text)}: {step.nats:+.3f}</title></rect>"
        )
        yield _text(_RISK_AT, y + 8, percent(step.risk_prob), "soft", anchor="end")


def _path(path: Path, seed: str, top: int) -> Iterator[str]:
    """Draw a path from above to below, the account first."""
    hops = [(f"-{h.relation}->" if h.forward else f"<-{h.relation}-", h.entity) for h in path.hops]
    last = len(hops)
    yield (
        f'<line class="axis" x1="{_MARGIN + 8}" y1="{top}" x2="{_MARGIN + 8}" '
        f'y2="{top + _LINE * last}"/>'
    )
    for row, (arrow, entity) in enumerate([("", path.start), *hops]):
        y = top + _LINE * row
        look = "node seed" if row == last and seed else "node"
        yield f'<circle class="{look}" cx="{_MARGIN + 8}" cy="{y}" r="5"/>'
        text = shortened(f"{arrow} {entity}".strip(), _CELLS - 4)
        yield _text(_MARGIN + 24, y + 4, text, "", full=entity)
    if seed:
        yield _text(_MARGIN + 24, top + _LINE * (last + 1) + 4, seed, "soft")


def shortened(text: str, n_cells: int) -> str:
    """Leave out the middle of a text that is wider than ``n_cells``."""
    if width(text) <= n_cells:
        return text
    start, end = text, text
    while width(start) > (n_cells - 1) // 2:
        start = start[:-1]
    while width(end) > n_cells // 2:
        end = end[1:]
    return f"{start}…{end}"


def _svg(rows: list[str], height: int, lang: str, title: str) -> str:
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="graphrisk" lang="{lang}" '
            f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" role="img" '
            f'aria-label="{_xml(title)}">',
            f"<title>{_xml(title)}</title>",
            f"<style>{_STYLE}</style>",
            *rows,
            "</svg>",
        )
    )


def _text(
    x: float, y: float, text: str, look: str, *, anchor: str = "start", full: str = ""
) -> str:
    named = f' class="{look}"' if look else ""
    hover = f"<title>{_xml(full)}</title>" if full else ""
    shown = _xml(shortened(text, _CELLS))
    return f'<text{named} x="{x}" y="{y}" text-anchor="{anchor}">{shown}{hover}</text>'


def _xml(text: str) -> str:
    return escape(printable(text))
