"""``graphrisk``: the commands, loaded when they are asked for, and how errors leave.

Only click is imported here; ``--help`` has to be quick.
"""

from __future__ import annotations

import importlib
import os
from typing import Any

import click

from graphrisk import __version__
from graphrisk.cli.console import say_error, say_usage_error
from graphrisk.errors import GraphRiskError
from graphrisk.memory import choose_allocators

#: Command to the module that holds it, under the same name.
COMMANDS = {
    "analyze": "graphrisk.cli.analyze",
    "explain": "graphrisk.cli.explain",
    "query": "graphrisk.cli.query",
    "fit": "graphrisk.cli.fit",
    "evaluate": "graphrisk.cli.evaluate",
    "drift": "graphrisk.cli.drift",
    "demo": "graphrisk.cli.demo",
    "batch": "graphrisk.cli.batch",
    "policy": "graphrisk.cli.policy",
    "doctor": "graphrisk.cli.doctor",
}


class Program(click.Group):
    """A group that imports a command on first use and turns errors into exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in the order of a first day's work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(COMMANDS[cmd_name]), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401
        """Run a command. Errors of ours are told without a traceback, all others keep it."""
        as_json = _wants_json(ctx.args)
        choose_allocators(os.environ)
        try:
            return super().invoke(ctx)
        except GraphRiskError as error:
            say_error(error, as_json=as_json)
            ctx.exit(error.exit_code)
        except click.UsageError as error:
            if not as_json:
                raise
            say_usage_error(error)
            ctx.exit(error.exit_code)


def _wants_json(arguments: list[str]) -> bool:
    """Say whether a command line asks for JSON, by either of its names."""
    asked = " ".join(arguments)
    return "--json" in arguments or "--format json" in asked or "--format=json" in asked


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  graphrisk demo book
  graphrisk analyze book
  graphrisk doctor""",
)
@click.version_option(__version__, prog_name="graphrisk")
def main() -> None:
    """Explained decisions on linked accounts.

    Reads tables of accounts, devices, lenders and labels, and decides for every account: clear,
    monitor, review, limit or close.
    """
