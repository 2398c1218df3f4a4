"""The Cypher library: one statement a file, each with a header that says what it takes and gives.

The files are found in the wheel (``graphrisk/cypher``), or in the ``cypher`` folder of the
repository where the package is installed from it. docs/graph-model.md holds the header's grammar.
"""

from __future__ import annotations

import difflib
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from graphrisk.errors import IntegrityFailure, UsageError
from graphrisk.stores.header import Statement, parse

#: Where investigators' own questions lie, below ``cypher``.
QUERIES = "queries"
#: The reads of LDBC FinBench's transaction workload: complex, then simple. docs/finbench.md.
FINBENCH_READS = (
    *(f"finbench/tcr{number:02d}" for number in range(1, 13)),
    *(f"finbench/tsr{number:02d}" for number in range(1, 7)),
)
_SUFFIX = ".cypher"
_MOST_NEAR = 3


def statement(name: str) -> Statement:
    """Return one statement of the library.

    Parameters
    ----------
    name
        Its path below ``cypher``, without ``.cypher``, such as ``load/account``.

    Raises
    ------
    UsageError
        If there is no such file; names the nearest.
    IntegrityFailure
        If the file and its header do not agree; names every fault.
    """
    known = names()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=_MOST_NEAR, cutoff=0.4)
        raise UsageError(
            f"no statement is called {name!r}",
            expected=", ".join(near) if near else "a name of the library",
            hint="graphrisk query lists the investigator's questions",
        )
    return _read(name)


@cache
def names(folder: str = "") -> tuple[str, ...]:
    """Return the names of all statements, or of those below one folder, sorted."""
    found = sorted(_below(library_folder(), ""))
    return tuple(one for one in found if not folder or one.startswith(f"{folder}/"))


def queries() -> tuple[Statement, ...]:
    """Return the investigator's questions, sorted by name."""
    return tuple(statement(name) for name in names(QUERIES))


def library_folder(package: Traversable | None = None) -> Traversable:
    """Return the folder of the library: the wheel's own, or else the repository's.

    Parameters
    ----------
    package
        The installed package; its own by default.
    """
    package = package or resources.files("graphrisk")
    inside = package / "cypher"
    if inside.is_dir():
        return inside
    beside = Path(str(package)).parent / "cypher"
    if beside.is_dir():
        return beside
    raise IntegrityFailure(
        "the folder of Cypher statements is missing",
        expected="cypher inside the package, or beside it in the repository",
        hint="install graphrisk again",
    )


@cache
def _read(name: str) -> Statement:
    file = library_folder()
    for part in f"{name}{_SUFFIX}".split("/"):
        file = file / part
    return parse(name, file.read_text(encoding="utf-8"))


def _below(folder: Traversable, path: str) -> list[str]:
    found = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _below(entry, f"{path}{entry.name}/")
        elif entry.name.endswith(_SUFFIX):
            found.append(path + entry.name.removesuffix(_SUFFIX))
    return found
