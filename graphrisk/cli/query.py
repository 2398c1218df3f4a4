"""``graphrisk query``: ask the graph, by a question of the library or one of your own."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphrisk.cli.console import progress, say_json, show, table
from graphrisk.cli.storing import opened, shown, store_options
from graphrisk.errors import UsageError

if TYPE_CHECKING:
    from graphrisk.stores.asking import Asked
    from graphrisk.stores.base import Store
    from graphrisk.stores.header import Statement

FORMATS = ("table", "csv", "json")
#: In the place of a statement: read it from stdin.
FROM_STDIN = "-"
#: Cells of a line where no terminal says how many it has.
WIDTH = 120


@click.command(
    epilog="""\b
Examples:
  graphrisk query
  graphrisk query shared_identifiers --about
  graphrisk query shared_identifiers --param account_id=A05214698
  graphrisk query rings --in book.analysis --format csv""",
)
@click.argument("name", required=False)
@click.option(
    "--param",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter. May be given again. Times as ISO 8601, lists with commas or as JSON. With "
    "--cypher also NAME:TYPE=VALUE; without a type it is text.",
)
@click.option("--about", is_flag=True, help="Say what the question takes and gives, and stop.")
@click.option(
    "--cypher",
    metavar="TEXT",
    help="A statement of your own, which may only read; - takes it from stdin.",
)
@click.option(
    "--in",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Analysis folder.  [default: the newest *.analysis in the current directory]",
)
@store_options
@click.option(
    "--format",
    "shape",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="What to print.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--limit",
    "n_most",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    help="Rows at most.",
)
@click.option(
    "--timeout-s",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    help="Seconds after which the store gives up.",
)
def query(
    name: str | None,
    given: tuple[str, ...],
    *,
    about: bool,
    cypher: str | None,
    folder: Path | None,
    store_url: str | None,
    database: str | None,
    shape: str,
    as_json: bool,
    n_most: int,
    timeout_s: float,
) -> None:
    """Ask the graph the question NAME; without NAME, list the questions.

    The graph is that of an analysis folder, laid out on the first question, or that of a store.
    Nothing can be changed by asking. Identifiers are shown in full.
    """
    shape = "json" if as_json else shape
    if name is not None and cypher is not None:
        raise UsageError("a question of the library and --cypher", expected="one of the two")
    if cypher is not None:
        text = sys.stdin.read() if cypher == FROM_STDIN else cypher
        _ask_freely(text, given, (folder, store_url, database), shape, n_most, timeout_s)
        return
    if name is None:
        if given or about:
            raise UsageError("no question is named", expected="NAME", hint="graphrisk query")
        _list(shape)
        return
    question = _question(name)
    if about:
        _tell(question, shape)
        return
    from graphrisk.stores.asking import ask
    from graphrisk.stores.values import bind

    texts = _texts(given)
    bind(question.parameters, texts)  # what can't be asked is told before a store is opened
    with _place(folder, store_url, database) as store:
        answer = ask(store, question, texts, n_most=n_most, timeout_s=timeout_s)
    _print(answer, shape, title=question.title, name=name, n_most=n_most)


def _question(name: str) -> Statement:
    """Find a question of the library, or a read of FinBench; names the nearest if there is none."""
    import difflib

    from graphrisk.stores.library import FINBENCH_READS, QUERIES, names, statement

    if name in FINBENCH_READS:
        return statement(name)
    known = [one.removeprefix(f"{QUERIES}/") for one in names(QUERIES)]
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
        raise UsageError(
            f"no question is called {name!r}",
            expected=", ".join(near or known),
            hint="graphrisk query lists them",
        )
    return statement(f"{QUERIES}/{name}")


def _texts(given: Sequence[str]) -> dict[str, str]:
    """Part NAME=VALUE; what stands after = is never told in an error."""
    texts: dict[str, str] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name or name in texts:
            what = "is given twice" if name in texts else "can't be read"
            raise UsageError(f"a --param {what}", expected="--param NAME=VALUE, each name once")
        texts[name] = value
    return texts


def _place(folder: Path | None, store_url: str | None, database: str | None) -> Store:
    """Open the store to ask: the one that is named, or that of an analysis folder."""
    if folder is not None and store_url is not None:
        raise UsageError("--in and --store", expected="one of the two")
    store = opened(store_url, database)
    if store is not None:
        return store
    from graphrisk.report.reading import analyses
    from graphrisk.stores.cache import open_cache

    with progress() as doing:
        return open_cache(folder or analyses(Path())[0], progress=shown(doing))


def _ask_freely(
    text: str,
    given: Sequence[str],
    place: tuple[Path | None, str | None, str | None],
    shape: str,
    n_most: int,
    timeout_s: float,
) -> None:
    """Ask a statement that only reads; what else it does is told before a store is opened."""
    from graphrisk.stores.asking import ask_freely
    from graphrisk.stores.readonly import check_reads

    texts = _texts(given)
    check_reads(text)
    with _place(*place) as store:
        answer, warned = ask_freely(store, text, texts, n_most=n_most, timeout_s=timeout_s)
    for one in warned:
        click.echo(f"Warning: line {one.line}: {one.said}; Neo4j may answer otherwise", err=True)
    _print(answer, shape, title="", name="", n_most=n_most)


def _print(answer: Asked, shape: str, *, title: str, name: str, n_most: int) -> None:
    """Print an answer. That rows are missing is said on stderr, and in JSON."""
    from graphrisk.explain.cells import printable
    from graphrisk.stores.showing import as_csv

    columns = [column.name for column in answer.columns]
    if shape == "json":
        rows = [dict(zip(columns, row, strict=True)) for row in answer.rows]
        say_json({"exit_code": 0, "query": name, "is_cut": answer.is_cut, "rows": rows})
        return
    if shape == "csv":
        click.echo(as_csv(columns, answer.rows), nl=False)
    else:
        numbers = [c.name for c in answer.columns if c.type in ("integer", "number")]
        made = table(title, *map(printable, columns), numbers=numbers)
        for row in answer.rows:
            made.add_row(*(printable(_in_table(one)) for one in row))
        show(made, width=None if sys.stdout.isatty() else WIDTH)
        if not answer.rows:
            click.echo("Nothing was found.")
    if answer.is_cut:
        click.echo(f"There are more than {n_most} rows; see --limit.", err=True)


def _in_table(value: object) -> str:
    """Show a number by six digits that count, and a list by a line for each item."""
    from graphrisk.stores.showing import cell

    if isinstance(value, list):
        return "\n".join(_in_table(one) for one in value)
    return f"{value:.6g}" if isinstance(value, float) else cell(value)


def _list(shape: str) -> None:
    """List the questions of the library."""
    from graphrisk.stores.library import queries

    if shape == "json":
        say_json({"exit_code": 0, "queries": [_described(one) for one in queries()]})
        return
    made = table("Questions", "name", "what it answers", "parameters")
    for one in queries():
        takes = ", ".join(p.name for p in one.parameters if p.required)
        made.add_row(_name(one), one.answers, takes)
    show(made)
    click.echo("Only required parameters are named; graphrisk query NAME --about tells all.")


def _tell(question: Statement, shape: str) -> None:
    """Say what a question takes and gives."""
    if shape == "json":
        say_json({"exit_code": 0, **_described(question)})
        return
    lines = [f"{_name(question)}: {question.title}", question.answers]
    lines += ["", "Parameters"]
    for one in question.parameters:
        need = "required" if one.required else f"default {_default(one.type, one.default)}"
        lines.append(f"  {one.name} ({one.type}, {need}): {one.meaning}")
    lines += ["", "Columns"]
    lines += [f"  {one.name} ({one.type}): {one.meaning}" for one in question.columns]
    lines += ["", *question.notes] if question.notes else []
    click.echo("\n".join(lines))


def _default(type_: str, value: object) -> str:
    from graphrisk.stores.showing import cell
    from graphrisk.stores.values import shown as as_shown

    return "none" if value is None else cell(as_shown(type_, value)) or "empty"


def _name(question: Statement) -> str:
    return question.name.rpartition("/")[2]


def _described(question: Statement) -> dict[str, Any]:
    from dataclasses import asdict

    described = asdict(question)
    return {**described, "name": _name(question)}
