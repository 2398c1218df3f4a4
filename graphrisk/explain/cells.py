"""Text in terminal cells: Chinese characters are two wide, and a line may break between them."""

from __future__ import annotations

import re
import unicodedata

#: No line begins with one of these.
_CLOSING = "，。；：、！？）》”’」』】…,.;:!?)]"
#: A word of narrow characters with the blanks before it, or one wide character.
_PIECE = re.compile(r"\s*(?:[\u1100-\uffff\U00020000-\U0003ffff]|[^\s\u1100-\uffff]+)|\s+")


def width(text: str) -> int:
    """Count the cells that a text takes."""
    return sum(_cells(char) for char in text)


def padded(text: str, n_cells: int, *, right: bool = False) -> str:
    """Fill a text up with blanks, on the left if it is to stand ``right``."""
    blanks = " " * max(0, n_cells - width(text))
    return blanks + text if right else text + blanks


def wrapped(text: str, n_cells: int, indent: str = "", first: str | None = None) -> str:
    """Break a text into lines of at most ``n_cells``; a longer word keeps a line of its own.

    Parameters
    ----------
    text, n_cells
        What to break, and where.
    indent, first
        What each line begins with, and the first one if that differs.
    """
    lines, line = [], indent if first is None else first
    is_empty = True
    for piece in _PIECE.findall(" ".join(text.split())):
        if not is_empty and width(line + piece) > n_cells and piece.strip()[:1] not in _CLOSING:
            lines.append(line)
            line, is_empty = indent, True
        line += piece.lstrip() if is_empty else piece
        is_empty = False
    return "\n".join([*lines, line]).rstrip()


def printable(text: str) -> str:
    """Replace what would move a cursor or turn the direction of writing; line ends stay."""
    return "".join(char if char == "\n" or char.isprintable() else "\ufffd" for char in text)


def _cells(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
