"""The tokens of a Cypher statement: enough to see what it names, never to change it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

_TOKEN = re.compile(
    r"""
    (?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))
  | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
  | (?P<quoted>`(?:[^`]|``)*`)
  | (?P<parameter>\$\w+)
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
  | (?P<word>[^\W\d]\w*)
  | (?P<sign><>|<=|>=|=~|\+=|->|<-|\.\.|\|\||[^\s\w])
    """,
    re.VERBOSE | re.DOTALL,
)
_OPENING, _CLOSING = "([{", ")]}"
#: What a clause of results may be followed by.
_AFTER_RESULTS = frozenset(("ORDER", "SKIP", "OFFSET", "LIMIT", "UNION", ";"))


class Kind(StrEnum):
    """What a token is."""

    COMMENT = "comment"
    TEXT = "text"
    QUOTED = "quoted"
    PARAMETER = "parameter"
    NUMBER = "number"
    WORD = "word"
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Token:
    """One token; ``depth`` counts the brackets that are open around it."""

    kind: Kind
    text: str
    depth: int
    line: int

    def says(self, *words: str) -> bool:
        """Say whether it is one of these words or signs; case does not matter."""
        return self.kind in (Kind.WORD, Kind.SIGN) and self.text.upper() in words


def tokens_of(statement: str) -> tuple[Token, ...]:
    """Split a statement into tokens, comments left out.

    A quote that is not closed becomes a sign of its own, which no lawful statement holds.
    """
    return tuple(_tokens(statement))


def _tokens(statement: str) -> Iterator[Token]:
    depth = 0
    for found in _TOKEN.finditer(statement):
        kind, text = Kind(found.lastgroup or "sign"), found.group()
        if kind is Kind.COMMENT:
            continue
        if kind is Kind.SIGN and text in _CLOSING:
            depth -= 1
        yield Token(kind, text, depth, statement.count("\n", 0, found.start()) + 1)
        if kind is Kind.SIGN and text in _OPENING:
            depth += 1


def parameters_in(tokens: Sequence[Token]) -> frozenset[str]:
    """Return the names of all parameters, without their ``$``."""
    return frozenset(one.text[1:] for one in tokens if one.kind is Kind.PARAMETER)


def results_of(tokens: Sequence[Token]) -> tuple[tuple[str, ...], ...]:
    """Return the names of the columns of every RETURN that ends the statement or a part of UNION.

    A column without a name of its own is an empty text.
    """
    starts = [at for at, one in enumerate(tokens) if one.depth == 0 and one.says("RETURN")]
    return tuple(_names(tokens[at + 1 :]) for at in starts)


def _names(tokens: Sequence[Token]) -> tuple[str, ...]:
    columns: list[list[Token]] = [[]]
    for one in tokens:
        if one.depth == 0 and one.text.upper() in _AFTER_RESULTS:
            break
        if one.depth == 0 and one.text == ",":
            columns.append([])
        elif columns[-1] or not one.says("DISTINCT"):
            columns[-1].append(one)
    return tuple(_name(column) for column in columns)


def _name(column: Sequence[Token]) -> str:
    """Return what follows AS, or a variable that stands alone."""
    is_named = len(column) == 1 or (len(column) > 2 and column[-2].says("AS"))
    return column[-1].text if is_named and column[-1].kind is Kind.WORD else ""
