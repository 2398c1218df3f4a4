"""The portable subset: what Neo4j and the embedded engines answer alike, told from the text alone.

Every rule stands for a difference that was seen between engines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from graphrisk.stores.tokens import Kind, Token, tokens_of

#: Properties that an engine makes up where they are not set.
MADE_UP = frozenset(("id", "name", "title", "type", "label"))
#: Functions whose answer differs: by engine, by the order in which it stores, by clock or chance.
_BY_ENGINE = frozenset(("ID", "ELEMENTID", "LABELS", "KEYS", "PROPERTIES"))
_BY_CLOCK = frozenset(
    (
        "DATE", "DATETIME", "DURATION", "LOCALDATETIME", "LOCALTIME", "RAND", "RANDOMUUID", "TIME",
        "TIMESTAMP",
    )
)  # fmt: skip
#: Words that one of the engines keeps for itself.
_KEPT = frozenset(("OVER",))
_ENDS_MATCH = frozenset(
    ("MATCH", "OPTIONAL", "WITH", "RETURN", "UNWIND", "CALL", "UNION", "MERGE", "CREATE", "SET")
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Where a statement leaves the subset.

    ``is_silent`` says that an engine answers otherwise without an error.
    """

    rule: str
    line: int
    said: str
    is_silent: bool


def lint(text: str, *, is_ordered: bool = True) -> tuple[Finding, ...]:
    """Find where a statement leaves the portable subset.

    Parameters
    ----------
    text
        The statement.
    is_ordered
        Whether its rows must come in a total order.

    Returns
    -------
    tuple of Finding
        In the order of the lines.
    """
    tokens = tokens_of(text)
    found = [one for rule in _RULES for one in rule(tokens)]
    if is_ordered:
        found += _without_order(tokens)
    return tuple(sorted(found, key=lambda one: (one.line, one.rule)))


def _made_up_properties(tokens: Sequence[Token]) -> Iterator[Finding]:
    for before, one, after in _threes(tokens):
        is_property = before.text == "." or (before.text in "{," and after.text == ":")
        if one.kind is Kind.WORD and is_property and one.text.lower() in MADE_UP:
            said = f"{one.text} is made up by an engine where it is not set; use a key of its own"
            yield Finding("made-up-property", one.line, said, True)


def _path_predicates(tokens: Sequence[Token]) -> Iterator[Finding]:
    """Find predicates over a path in the WHERE of its own MATCH."""
    in_match = in_where = False
    for before, one, after in _threes(tokens):
        if one.kind is Kind.WORD and before.text not in (".", ":"):
            word = one.text.upper()
            if word in _ENDS_MATCH:
                in_match, in_where = word == "MATCH", False
            elif word == "WHERE":
                in_where = in_match
            elif in_where and after.text == "(" and word in ("NODES", "RELATIONSHIPS"):
                said = "a predicate over a path stands after WITH, not in the WHERE of its MATCH"
                yield Finding("path-predicate", one.line, said, True)


def _merged_labels(tokens: Sequence[Token]) -> Iterator[Finding]:
    """Find nodes of several labels that are merged: an engine then reads all there are."""
    for i, one in enumerate(tokens):
        if one.says("MERGE") and [t.text for t in tokens[i + 1 : i + 7 : 2]] == ["(", ":", ":"]:
            said = "a node of several labels is merged without an index; make it WHERE NOT EXISTS"
            yield Finding("merged-labels", one.line, said, False)


def _functions(tokens: Sequence[Token]) -> Iterator[Finding]:
    for before, one, after in _threes(tokens):
        if one.kind is not Kind.WORD or after.text != "(" or before.text == ".":
            continue
        word = one.text.upper()
        if word in _BY_ENGINE and not before.says("IN"):
            said = f"{one.text}() answers in an order, or with numbers, of the engine's own"
            yield Finding("engine-order", one.line, said, True)
        elif word in _BY_CLOCK:
            said = f"{one.text}(): times are whole microseconds and come as parameters"
            yield Finding("clock-or-chance", one.line, said, False)
        elif before.says("CALL") and word != "CALL":
            yield Finding("procedure", one.line, f"the procedure {one.text}", False)


def _names_of_procedures(tokens: Sequence[Token]) -> Iterator[Finding]:
    for before, one, after in _threes(tokens):
        if before.says("CALL") and one.kind is Kind.WORD and after.text == ".":
            yield Finding("procedure", one.line, f"the procedure {one.text}…", False)


def _patterns(tokens: Sequence[Token]) -> Iterator[Finding]:
    opened: list[str] = []
    for before, one, after in _threes(tokens):
        if one.text in "([{" and one.kind is Kind.SIGN:
            opened.append(_bracket(before, one, after))
        elif one.text in ")]}" and one.kind is Kind.SIGN and opened:
            opened.pop()
        elif one.says("SHORTEST"):
            yield Finding("shortest", one.line, "SHORTEST; write shortestPath()", False)
        elif one.says("WHERE") and opened and opened[-1] in ("node", "link"):
            yield Finding("inline-where", one.line, "WHERE inside a pattern", False)
        elif one.text == "=~":
            said = "=~: what a regular expression matches depends on the engine"
            yield Finding("regular-expression", one.line, said, True)
        elif one.text in ("!", "&") and opened and opened[-1] in ("node", "link"):
            yield Finding("label-expression", one.line, f"{one.text} between labels", False)
        elif one.says("RETURN") and opened and opened[-1] == "counted":
            said = "RETURN, within COUNT or EXISTS"
            yield Finding("subquery-return", one.line, said, False)
        if one.text == "{" and before.text in (")", "->", "-") and _is_count(after):
            yield Finding("quantifier", one.line, "a quantified pattern; write *1..3", False)


def _bracket(before: Token, one: Token, after: Token) -> str:
    """Say what a bracket holds: a node, a link, a counted subquery, or anything else."""
    if one.text == "{":
        return "counted" if before.says("COUNT", "EXISTS", "COLLECT") else ""
    if one.text == "[":
        return "link" if before.text in ("-", "<-") else ""
    starts = before.text in ("-", "->", ",", "=", "(") or before.says("MATCH")
    return "node" if starts and (after.kind is Kind.WORD or after.text in ":)") else ""


def _is_count(one: Token) -> bool:
    return one.kind is Kind.NUMBER or one.text == ","


def _names(tokens: Sequence[Token]) -> Iterator[Finding]:
    for before, one, after in _threes(tokens):
        if one.text == "*" and before.says("RETURN", "WITH", "DISTINCT"):
            yield Finding("star", one.line, "* instead of the names of columns", False)
        if one.kind is Kind.WORD and one.text.upper() in _KEPT and before.text != ".":
            yield Finding("kept-word", one.line, f"{one.text} is a keyword to an engine", False)
        if before.says("RETURN") and one.depth == 0 and not _is_aliased(tokens, one):
            said = "in the last RETURN, every column says AS"
            yield Finding("alias", one.line, said, False)
        if one.says("LOAD") and after.says("CSV"):
            yield Finding("procedure", one.line, "LOAD CSV", False)


def _is_aliased(tokens: Sequence[Token], start: Token) -> bool:
    """Say whether every column from ``start`` on is named by AS."""
    at = next(n for n, one in enumerate(tokens) if one is start)
    columns: list[list[Token]] = [[]]
    for one in tokens[at:]:
        if one.depth == 0 and one.says("ORDER", "SKIP", "OFFSET", "LIMIT", "UNION"):
            break
        if one.depth == 0 and one.text == ",":
            columns.append([])
        else:
            columns[-1].append(one)
    return all(len(column) > 2 and column[-2].says("AS") for column in columns)


def _without_order(tokens: Sequence[Token]) -> list[Finding]:
    last = max((n for n, one in enumerate(tokens) if _ends(one)), default=None)
    if last is None or any(one.depth == 0 and one.says("ORDER") for one in tokens[last:]):
        return []
    said = "rows without an order: ORDER BY what tells any two of them apart"
    return [Finding("order", tokens[last].line, said, True)]


def _ends(one: Token) -> bool:
    return one.depth == 0 and one.says("RETURN")


def _threes(tokens: Sequence[Token]) -> Iterator[tuple[Token, Token, Token]]:
    """Yield every token between its neighbours."""
    edge = Token(Kind.SIGN, "\n", 0, 0)
    return zip([edge, *tokens[:-1]], tokens, [*tokens[1:], edge], strict=True)


_RULES: tuple[Callable[[Sequence[Token]], Iterator[Finding]], ...] = (
    _made_up_properties,
    _path_predicates,
    _merged_labels,
    _functions,
    _names_of_procedures,
    _patterns,
    _names,
)
