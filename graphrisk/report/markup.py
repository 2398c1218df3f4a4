"""HTML by hand: sections, tables and figures, with every text in them escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphrisk.model.kinds import Tier
from graphrisk.report.charts import Canvas, safe

#: One letter for each tier, so that no tier is known by its colour alone.
LETTERS = {Tier.CLEAR: "C", Tier.MONITOR: "M", Tier.REVIEW: "R", Tier.LIMIT: "L", Tier.CLOSE: "X"}


_NUMBER = '<td class="n">'


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


Cell = str | int | float


def name_of(entity: str) -> Html:
    """Return a name that a stranger chose: its direction of writing stays its own."""
    return Html(f"<bdi>{safe(entity)}</bdi>")


def badge(tier: str) -> Html:
    """Return a tier by letter, colour and word."""
    letter = LETTERS[Tier[tier.upper()]]
    return Html(f'<span class="tier {tier}"><b aria-hidden="true">{letter}</b> {tier}</span>')


def paragraph(text: str) -> Html:
    """Return a paragraph."""
    return Html(f"<p>{_html(text)}</p>")


def bullets(texts: Iterable[str]) -> Html:
    """Return a list."""
    return Html("<ul>\n" + "\n".join(f"<li>{_html(text)}</li>" for text in texts) + "\n</ul>")


def section(anchor: str, title: str, *parts: str) -> Html:
    """Return a section under a heading of its own."""
    inner = "\n".join(_html(part) for part in parts if part)
    return Html(
        f'<section id="{anchor}" aria-labelledby="{anchor}-title">\n'
        f'<h2 id="{anchor}-title">{safe(title)}</h2>\n{inner}\n</section>'
    )


def figure(title: str, picture: Canvas, says: str, behind: str, level: int = 3) -> Html:
    """Return a picture with its heading, what it says, and the table it was drawn from."""
    return Html(
        f"<figure>\n<figcaption><h{level}>{_html(title)}</h{level}>"
        f'<p class="says">{_html(says)}</p></figcaption>'
        f"\n{picture}\n{folded('The numbers behind the picture', behind)}\n</figure>"
    )


def folded(title: str, inner: str) -> Html:
    """Return something that opens when asked for."""
    return Html(f"<details>\n<summary>{_html(title)}</summary>\n{inner}\n</details>")


def side_by_side(*parts: str) -> Html:
    """Return parts that stand beside each other where there is room."""
    return Html('<div class="beside">\n' + "\n".join(parts) + "\n</div>")


def in_columns(*parts: str) -> Html:
    """Return parts of unlike height, set in as many columns as there is room for."""
    return Html('<div class="columns">\n' + "\n".join(parts) + "\n</div>")


def table(title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Html:
    """Return a table that can be read cell by cell; numbers stand right, long words break."""
    head = "".join(f'<th scope="col">{safe(name)}</th>' for name in header)
    body = "\n".join(f"<tr>{''.join(_cell(cell) for cell in row)}</tr>" for row in rows)
    return Html(
        f'<div class="wide" role="region" aria-label="{safe(title)}" tabindex="0">'
        f'<table>\n<caption class="unseen">{safe(title)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>"
    )


def _cell(cell: Cell) -> str:
    if isinstance(cell, str):
        is_number = cell[:1] in "+-−" and cell[1:2].isdigit()
        return f"{_NUMBER if is_number else '<td>'}{_html(cell)}</td>"
    return f"{_NUMBER}{cell:,}</td>"


def _html(text: str) -> str:
    return text if isinstance(text, Html) else safe(text)
