"""The argument and options of commands that read a book of tables and measure something in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from graphrisk.cli.analyze import read_moment

Command = TypeVar("Command", bound=Callable[..., Any])


def of_a_book(as_of: str) -> Callable[[Command], Command]:
    """Add DATASET, --mapping, --policy, --as-of (told by ``as_of``), --threads and --json."""
    options = (
        click.argument("dataset", type=click.Path(exists=True, file_okay=False, path_type=Path)),
        click.option("--mapping", metavar="NAME|FILE", help="As in graphrisk analyze."),
        click.option("--policy", type=click.Path(path_type=Path), metavar="FILE",
                     help="As in graphrisk analyze."),
        click.option("--as-of", callback=read_moment, metavar="TIME", help=as_of),
        click.option("--threads", "n_threads", type=click.IntRange(min=1), metavar="N",
                     help="Threads to use; the result does not depend on it."),
        click.option("--json", "as_json", is_flag=True,
                     help="Print one JSON object and nothing else."),
    )  # fmt: skip

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add
