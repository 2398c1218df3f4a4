"""The header of a statement: its grammar, and that it says what the statement does."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphrisk.errors import IntegrityFailure
from graphrisk.stores.tokens import parameters_in, results_of, tokens_of
from graphrisk.stores.values import TYPES, Parameter, default_of

ACCESS = ("read", "write")
ENGINES = ("neo4j", "embedded")

_LINE = re.compile(r"//\s?(title|answers|access|engines|note|param|column)\b\s*(.*)")
_MORE = re.compile(r"//\s{2,}(\S.*)")
_FIELD = re.compile(r":\s*(.*)")
_NAMED = re.compile(
    r"(\w+)\s*:\s*([^·=,]+?)\s*(?:(=)\s*([^·]*?)|,\s*(required|optional))?\s*·\s*(.+)"
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the answer: its name, its type, and what it means."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of the library.

    Attributes
    ----------
    name
        Path below ``cypher``, without ``.cypher``.
    title, answers
        What it is called, and the question that it answers.
    access
        ``read`` or ``write``.
    engines
        Where it runs: ``neo4j``, ``embedded``.
    parameters
        What it takes, in the order of the header.
    columns
        What it gives, in the order of its RETURN; empty if it returns nothing.
    notes
        What else a reader must know, such as what a threshold means.
    text
        The statement, without the header.
    """

    name: str
    title: str
    answers: str
    access: str
    engines: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    columns: tuple[Column, ...]
    notes: tuple[str, ...]
    text: str


def parse(name: str, content: str) -> Statement:
    """Read a file of the library.

    Raises
    ------
    IntegrityFailure
        Names every fault: of the header, and between it and the statement.
    """
    faults: list[str] = []
    lines, text = _split(content)
    fields = _fields(lines, faults)
    takes = [_parameter(line, faults) for line in fields["param"]]
    gives = [_column(line, faults) for line in fields["column"]]
    parameters = tuple(one for one in takes if one)
    columns = tuple(one for one in gives if one)
    named = ",".join(fields["engines"] or ENGINES).split(",")
    engines = tuple(one.strip() for one in named)
    access = "".join(fields["access"])
    if access and access not in ACCESS:
        faults.append(f"access is {access!r}, expected read or write")
    faults += [f"no engine is called {one!r}" for one in engines if one not in ENGINES]
    faults += _disagreements(text, parameters, columns)
    if faults:
        raise IntegrityFailure(
            f"{name}.cypher: {'; '.join(faults)}",
            expected="a header as in docs/graph-model.md, and a statement that does what it says",
        )
    return Statement(
        name, fields["title"][0], fields["answers"][0], access, engines, parameters, columns,
        tuple(fields["note"]), text,
    )  # fmt: skip


def _split(content: str) -> tuple[list[str], str]:
    """Part the comment lines that a file begins with from the statement."""
    lines = content.splitlines()
    n_header = next((n for n, line in enumerate(lines) if not line.startswith("//")), len(lines))
    return lines[:n_header], "\n".join(lines[n_header:]).strip()


def _fields(lines: Sequence[str], faults: list[str]) -> Mapping[str, list[str]]:
    """Gather the lines of each field. A line that is indented goes on with the one before."""
    fields: dict[str, list[str]] = {
        word: [] for word in ("title", "answers", "access", "engines", "note", "param", "column")
    }
    last: list[str] = []
    for line in lines:
        more, found = _MORE.fullmatch(line), _LINE.fullmatch(line)
        if more and last:
            last[-1] += f" {more.group(1).strip()}"
        elif found and found.group(1) in ("param", "column"):
            last = fields[found.group(1)]
            last.append(found.group(2).strip())
        elif found and (field := _FIELD.fullmatch(found.group(2))):
            last = fields[found.group(1)]
            last.append(field.group(1).strip())
        else:
            faults.append(f"the header can't be read at {line!r}")
    for word in ("title", "answers", "access"):
        if len(fields[word]) != 1 or not fields[word][0]:
            faults.append(f"the header needs one {word}, found {len(fields[word])}")
    return fields


def _parameter(line: str, faults: list[str]) -> Parameter | None:
    found = _NAMED.fullmatch(line)
    if found is None or not (found[3] or found[5]):
        faults.append(
            f"param {line!r} can't be read, expected: NAME: TYPE, required · MEANING; or "
            "NAME: TYPE, optional · MEANING; or NAME: TYPE = DEFAULT · MEANING"
        )
        return None
    name, type_, meaning = found[1], found[2], found[6]
    if type_ not in TYPES:
        faults.append(f"param {name} is of type {type_!r}, expected one of {', '.join(TYPES)}")
        return None
    default = None
    if found[3]:
        try:
            default = default_of(type_, found[4])
        except ValueError as error:
            faults.append(f"param {name}: the default {error}")
    return Parameter(name, type_, found[5] == "required", default, meaning)


def _column(line: str, faults: list[str]) -> Column | None:
    found = _NAMED.fullmatch(line)
    if found is None or found[3] or found[5]:
        faults.append(f"column {line!r} can't be read, expected: NAME: TYPE · MEANING")
        return None
    if found[2] not in TYPES:
        faults.append(
            f"column {found[1]} is of type {found[2]!r}, expected one of {', '.join(TYPES)}"
        )
        return None
    return Column(found[1], found[2], found[6])


def _disagreements(
    text: str, parameters: Sequence[Parameter], columns: Sequence[Column]
) -> list[str]:
    """Say where header and statement differ."""
    tokens = tokens_of(text)
    if not tokens:
        return ["there is no statement below the header"]
    used, declared = parameters_in(tokens), [one.name for one in parameters]
    faults = [f"${one} is not declared" for one in sorted(used - set(declared))]
    faults += [f"param {one} is not used" for one in declared if one not in used]
    faults += [f"param {one} is declared twice" for one in _twice(declared)]
    expected = tuple(one.name for one in columns)
    faults += [f"column {one} is declared twice" for one in _twice(expected)]
    for given in results_of(tokens) or ((),):
        if given != expected:
            shown = ", ".join(one or "(no name)" for one in given) or "nothing"
            faults.append(f"it returns {shown}; columns are {', '.join(expected) or 'none'}")
    if any(one.text == ";" for one in tokens):
        faults.append("a file holds one statement, without a semicolon")
    return faults


def _twice(names: Sequence[str]) -> list[str]:
    return sorted({one for one in names if names.count(one) > 1})
