"""What the commands say: results on stdout, errors and progress on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from graphrisk.errors import ExitCode, GraphRiskError

if TYPE_CHECKING:
    from rich.table import Table


def say_json(content: Mapping[str, Any]) -> None:
    """Write one JSON object to stdout."""
    click.echo(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))


def say_error(
    error: GraphRiskError, *, as_json: bool, details: Mapping[str, Any] | None = None
) -> None:
    """Tell what was found, what was expected and what to do next, and every fault.

    As JSON, one object goes to stdout, with ``details`` added; otherwise lines go to stderr.
    """
    faults: Sequence[str] = getattr(error, "faults", ())
    found = error.found.partition("\n")[0] if faults else error.found
    if as_json:
        say_json(
            {
                "error": type(error).__name__,
                "found": found,
                "expected": error.expected,
                "hint": error.hint,
                "faults": list(faults),
                "exit_code": int(error.exit_code),
                **(details or {}),
            }
        )
        return
    lines = [f"Error: {found}", *(f"  - {fault}" for fault in faults if fault != found)]
    if error.expected:
        lines.append(f"  expected: {error.expected}")
    if error.hint:
        lines.append(f"  next: {error.hint}")
    click.echo("\n".join(lines), err=True)


def say_usage_error(error: click.UsageError) -> None:
    """Tell of a command that click could not read, as JSON."""
    command = error.ctx.command_path if error.ctx else "graphrisk"
    say_json(
        {
            "error": "UsageError",
            "found": error.format_message(),
            "expected": "the arguments and options of the command's help",
            "hint": f"{command} --help",
            "faults": [],
            "exit_code": int(ExitCode.USAGE),
        }
    )


def table(title: str, *columns: str, numbers: Sequence[str] = ()) -> Table:
    """Make a plain table; the columns in ``numbers`` stand right."""
    from rich import box
    from rich.table import Table

    made = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for column in columns:
        made.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    return made


def show(made: Table, *, err: bool = False, width: int | None = None) -> None:
    """Print a table whose cells are text as it is: nothing in them is markup.

    Lines take ``width`` cells, by default as many as the terminal has.
    """
    from rich.console import Console

    Console(stderr=err, width=width, markup=False, highlight=False, emoji=False).print(made)


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Lend a function that shows what is being done, on stderr, where somebody is watching."""
    if not sys.stderr.isatty():
        yield lambda text: None
        return
    from rich.console import Console

    with Console(stderr=True, markup=False, highlight=False).status("") as status:
        yield status.update
