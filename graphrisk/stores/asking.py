"""Ask a store: a question of the library, or one of the investigator's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphrisk.errors import UsageError
from graphrisk.stores.base import Store
from graphrisk.stores.header import Column, Statement
from graphrisk.stores.lint import Finding, lint
from graphrisk.stores.readonly import check_reads
from graphrisk.stores.showing import plain
from graphrisk.stores.terms import Answer
from graphrisk.stores.values import TYPES, Parameter, bind, shown

#: Times in a store; ad-hoc answers show columns that end so as ISO 8601.
_TIME_ENDING = "_at_us"


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer as it is shown: times as ISO 8601, nodes and links as maps.

    ``is_cut`` says that there are more rows.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    is_cut: bool


def ask(
    store: Store, question: Statement, given: Mapping[str, str], *, n_most: int, timeout_s: float
) -> Asked:
    """Ask a question of the library.

    Parameters
    ----------
    store
        Where to ask.
    question
        A statement that reads.
    given
        Parameters as text, by name.
    n_most, timeout_s
        Most rows, and longest time in seconds.

    Raises
    ------
    UsageError
        If a parameter is missing, unknown or can't be read, or the store's engine can't answer.
    StorageUnavailable
        If the store does not answer in time.
    """
    if store.engine not in question.engines:
        raise UsageError(
            f"{question.name} can't be asked of the {store.engine} store",
            expected=f"a store of {' or '.join(question.engines)}",
        )
    values = bind(question.parameters, given)
    found = store.view().ask(question.text, values, n_most=n_most, timeout_s=timeout_s)
    return _asked(found, question.columns)


def ask_freely(
    store: Store, text: str, given: Mapping[str, str], *, n_most: int, timeout_s: float
) -> tuple[Asked, tuple[Finding, ...]]:
    """Ask a question of the investigator's own, which may only read.

    Parameters
    ----------
    store, n_most, timeout_s
        As for :func:`ask`.
    text
        A statement in Cypher.
    given
        Parameters as text, by name, or by ``name:type``.

    Returns
    -------
    Asked
        The answer. Columns that end in ``_at_us`` are times.
    tuple of Finding
        Where an embedded engine may answer otherwise than Neo4j without saying so.

    Raises
    ------
    UsageError
        If the statement does more than read, or a parameter can't be read.
    StorageUnavailable
        If the store does not answer in time.
    """
    check_reads(text)
    parameters, texts = _typed(given)
    values = bind(parameters, texts)
    found = store.view().ask(text, values, n_most=n_most, timeout_s=timeout_s)
    columns = tuple(
        Column(name, "time" if name.endswith(_TIME_ENDING) else "", "") for name in found.columns
    )
    warned = () if store.engine == "neo4j" else lint(text, is_ordered=False)
    return _asked(found, columns), tuple(one for one in warned if one.is_silent)


def _typed(given: Mapping[str, str]) -> tuple[tuple[Parameter, ...], dict[str, str]]:
    """Read ``name:type`` into a parameter of that type; text without one."""
    parameters, texts = [], {}
    for key, value in given.items():
        name, _, type_ = key.partition(":")
        if (type_ or "text") not in TYPES:
            raise UsageError(
                f"{name} is of type {type_!r}", expected=", ".join(one for one in TYPES)
            )
        parameters.append(Parameter(name, type_ or "text", True, None, ""))
        texts[name] = value
    return tuple(parameters), texts


def _asked(found: Answer, columns: tuple[Column, ...]) -> Asked:
    rows = tuple(
        tuple(shown(column.type, plain(value)) for column, value in zip(columns, row, strict=True))
        for row in found.rows
    )
    return Asked(columns, rows, found.is_cut)
