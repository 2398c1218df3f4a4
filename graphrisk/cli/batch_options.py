"""What the commands of ``graphrisk batch`` share: options, and how a run is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from graphrisk.cli.console import say_json
from graphrisk.errors import ExitCode

if TYPE_CHECKING:
    from graphrisk.batch.config import Config
    from graphrisk.batch.runs import Run

Command = TypeVar("Command", bound=Callable[..., None])


def configured(command: Command) -> Command:
    """Give a command ``--config`` and ``--json``."""
    file = click.option(
        "--config",
        "file",
        type=click.Path(path_type=Path),
        required=True,
        metavar="FILE",
        help="TOML that describes the scheduled book.",
    )
    as_json = click.option(
        "--json", "as_json", is_flag=True, help="Print one JSON object and nothing else."
    )
    return file(as_json(command))


def named(*flags: str, text: str) -> Callable[[Command], Command]:
    """Give a command an option that holds the name of a person."""
    return click.option(*flags, required=True, metavar="NAME", help=text)


reasoned = click.option(
    "--reason", default="", metavar="TEXT", help="Why; kept in the ledger with the names."
)


def config_of(file: Path) -> Config:
    """Read and check the configuration."""
    from graphrisk.batch.config import load_config

    return load_config(file)


def exit_code_of(done: Run) -> ExitCode:
    """Return 3 where rows are in quarantine, else 0."""
    n_quarantined = done.counts.get("rows", {}).get("n_quarantined", 0)
    return ExitCode.QUARANTINED if n_quarantined else ExitCode.CLEAN


def told(done: Run) -> dict[str, Any]:
    """Lay a run out as JSON holds it."""
    from graphrisk.batch.state import told_of

    return told_of(done)


def line_of_run(done: Run) -> str:
    """Say in one line what became of a run."""
    from graphrisk.batch.state import line_of

    return line_of(done)


def say_run(done: Run, *, as_json: bool) -> None:
    """Print what became of a run."""
    say(line_of_run(done), told(done), as_json=as_json)


def say(text: str, content: dict[str, Any], *, as_json: bool) -> None:
    """Print a line, or one JSON object."""
    if as_json:
        say_json({"exit_code": 0, **content})
    else:
        click.echo(text)
