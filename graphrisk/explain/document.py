"""A short document in blocks, and the same document as plain text, Markdown and HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from graphrisk.explain.cells import padded, printable, width, wrapped

_WIDTH = 88
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~&$])")
_STARTS_A_BLOCK = re.compile(r"^(\s*)([-+=])")
_STYLE = """
:root { color-scheme: light dark;
  --ink: #1c2430; --paper: #fdfdfb; --soft: #566171; --line: #d3d8df; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ee; --paper: #14181f; --soft: #a2aebd; --line: #333c49; }
}
body { margin: 2rem auto; max-width: 48rem; padding: 0 1rem; overflow-wrap: anywhere;
  background: var(--paper); color: var(--ink); font: 16px/1.6 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; }
h2 { font-size: 1.1rem; margin: 2rem 0 .4rem; }
p { margin: .5rem 0; }
li { margin: .5rem 0; }
.soft { color: var(--soft); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; }
th, td { padding: .3rem 1rem .3rem 0; text-align: left; vertical-align: top; min-width: 4rem; }
th { color: var(--soft); font-weight: 500; }
tbody tr + tr td { border-top: 1px solid var(--line); }
svg { max-width: 100%; height: auto; }
@media print {
  body { margin: 0; max-width: none; font-size: 11pt; }
  li, tr { break-inside: avoid; }
}
"""


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of what follows."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A few sentences; ``soft`` ones stand back."""

    text: str
    soft: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list of points, numbered or not; each may have a second line."""

    items: Sequence[tuple[str, str]]
    numbered: bool = True


@dataclass(frozen=True, slots=True)
class Grid:
    """A table."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is SVG already; left out where only text can be."""

    svg: str


Block = Heading | Paragraph | Items | Grid | Picture


@dataclass(frozen=True, slots=True)
class Document:
    """A title and blocks. ``lang`` is the language as browsers name it."""

    lang: str
    title: str
    blocks: Sequence[Block]


def plain(document: Document) -> str:
    """Write a document for a terminal or a letter."""
    parts = [f"{document.title}\n{'=' * width(document.title)}"]
    for block in document.blocks:
        match block:
            case Heading(text):
                parts.append(text)
            case Paragraph(text):
                parts.append(wrapped(text, _WIDTH))
            case Items():
                parts.append("\n".join(_plain_items(block)))
            case Grid():
                parts.append("\n".join(_plain_rows([block.header, *block.rows])))
            case Picture():
                pass
    return printable("\n\n".join(parts))


def markdown(document: Document) -> str:
    """Write a document as Markdown; nothing in its texts is markup."""
    parts = [f"# {_md(document.title)}"]
    for block in document.blocks:
        match block:
            case Heading(text):
                parts.append(f"## {_md(text)}")
            case Paragraph(text):
                parts.append(_md(text))
            case Items():
                parts.append("\n".join(_markdown_items(block)))
            case Grid(header, rows):
                lines = [map(_md, header), ["---"] * len(header), *(map(_md, row) for row in rows)]
                parts.append("\n".join(f"| {' | '.join(line)} |" for line in lines))
            case Picture():
                pass
    return "\n\n".join(parts) + "\n"


def html(document: Document) -> str:
    """Write a document as one page that needs nothing else."""
    title = _html(document.title)
    inner = "\n".join(_html_block(block) for block in document.blocks)
    return (
        f'<!doctype html>\n<html lang="{_html(document.lang)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{title}</h1>\n{inner}\n</body>\n</html>\n"
    )


def _plain_items(block: Items) -> Iterator[str]:
    for place, (text, more) in enumerate(block.items, start=1):
        mark = f"{place}." if block.numbered else "-"
        indent = " " * (len(mark) + 3)
        yield wrapped(text, _WIDTH, indent, first=f"  {mark} ")
        if more:
            yield wrapped(more, _WIDTH, indent)


def _plain_rows(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (padded(cell, n) for cell, n in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()


def _markdown_items(block: Items) -> Iterator[str]:
    for place, (text, more) in enumerate(block.items, start=1):
        mark = f"{place}." if block.numbered else "-"
        yield f"{mark} {_md(text)}" + (f"\\\n{' ' * (len(mark) + 1)}{_md(more)}" if more else "")


def _html_block(block: Block) -> str:
    match block:
        case Heading(text):
            return f"<h2>{_html(text)}</h2>"
        case Paragraph(text, soft):
            start = '<p class="soft">' if soft else "<p>"
            return f"{start}{_html(text)}</p>"
        case Items(items, numbered):
            tag = "ol" if numbered else "ul"
            inner = "\n".join(f"<li>{_html_item(*item)}</li>" for item in items)
            return f"<{tag}>\n{inner}\n</{tag}>"
        case Grid(header, rows):
            head = "".join(f'<th scope="col">{_html(cell)}</th>' for cell in header)
            body = "\n".join(
                f"<tr>{''.join(_html_cell(cell) for cell in row)}</tr>" for row in rows
            )
            return (
                f'<div class="wide" tabindex="0"><table>\n<thead><tr>{head}</tr></thead>\n'
                f"<tbody>\n{body}\n</tbody>\n</table></div>"
            )
        case Picture(svg):
            return svg


def _html_item(text: str, more: str) -> str:
    return _html(text) + (f'<br><span class="soft">{_html(more)}</span>' if more else "")


def _html_cell(cell: str) -> str:
    return f"<td>{_html(cell)}</td>"


def _html(text: str) -> str:
    return escape(printable(text))


def _md(text: str) -> str:
    escaped = _MARKDOWN.sub(r"\\\1", printable(" ".join(text.split())))
    return _STARTS_A_BLOCK.sub(r"\1\\\2", escaped)
