"""What may be asked ad hoc: statements that read, by their words, before any engine sees them.

An engine refuses writes too: Neo4j by the access mode of the transaction, the embedded one by the
rights of its user. This is the first of two fences, and the only one for what reads files,
reaches other hosts or manages the server.
"""

from __future__ import annotations

from collections.abc import Sequence

from graphrisk.errors import UsageError
from graphrisk.stores.tokens import Kind, Token, tokens_of

#: Words that begin a clause which writes, manages, loads or leaves the database.
_REFUSED = frozenset(
    (
        "ALTER", "CREATE", "DEALLOCATE", "DELETE", "DENY", "DETACH", "DROP", "DRYRUN", "ENABLE",
        "FOREACH", "GRANT", "INSERT", "LOAD", "MERGE", "NODETACH", "REALLOCATE", "REMOVE",
        "RENAME", "REVOKE", "SET", "SHOW", "STOP", "TERMINATE", "TRANSACTIONS", "USE",
    )
)  # fmt: skip
#: After and before these a word is a name: of a property, a label, a column, a variable.
_BEFORE_A_NAME = (".", ":", "AS")
_AFTER_A_NAME = (".", ":", ",", ")", "]", "=")


def check_reads(text: str) -> None:
    """Refuse a statement that does more than read.

    Raises
    ------
    UsageError
        Names every word that is not allowed.
    """
    faults = faults_of(text)
    if faults:
        raise UsageError(
            "; ".join(faults),
            expected="one statement that only reads the graph: MATCH, WITH, UNWIND, RETURN, "
            "subqueries",
            hint="write `word` in backticks where it is a name",
        )


def faults_of(text: str) -> list[str]:
    """Say what in a statement is more than reading; an empty list if nothing is."""
    tokens = tokens_of(text)
    if not tokens:
        return ["there is no statement"]
    faults = []
    if "\\u" in text or "\\U" in text:
        # Some engines read \uXXXX before anything else: a quote written so ends a text.
        faults.append("\\u is not allowed, write the character")
    faults += [
        f"{one.text} (line {one.line}) is not allowed"
        for at, one in enumerate(tokens)
        if _is_refused(tokens, at)
    ]
    faults += [f"{one.text} (line {one.line}) is not closed" for one in tokens if _is_open(one)]
    if any(one.text == ";" for one in tokens):
        faults.append("one statement, without a semicolon")
    return faults


def _is_refused(tokens: Sequence[Token], at: int) -> bool:
    one = tokens[at]
    if one.kind is not Kind.WORD:
        return False
    before = tokens[at - 1].text.upper() if at else ""
    after = tokens[at + 1].text if at + 1 < len(tokens) else ""
    if one.says("CALL"):  # a subquery is read like the rest; a procedure may do anything
        return after not in ("{", "(")
    return one.text.upper() in _REFUSED and not (before in _BEFORE_A_NAME or after in _AFTER_A_NAME)


def _is_open(one: Token) -> bool:
    """Say whether a token is a quote that nothing closes."""
    return one.kind is Kind.SIGN and one.text in "'\"`"
