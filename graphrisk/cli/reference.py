"""docs/cli.md, written from the commands themselves.

To write it again: ``python -m graphrisk.cli.reference > docs/cli.md``.
"""

from __future__ import annotations

from collections.abc import Iterator

import click

from graphrisk.cli.main import main
from graphrisk.errors import ExitCode

_INTRODUCTION = """# Command line

Written from the commands; a test keeps it in step. To write it again:

    python -m graphrisk.cli.reference > docs/cli.md

Results go to stdout, errors and progress to stderr. With `--json` a command prints one JSON
object to stdout, also when it fails: `error`, `found`, `expected`, `hint`, `faults`, `exit_code`.
"""
_EXIT_TEXTS = {
    ExitCode.CLEAN: "done; every row was read",
    ExitCode.USAGE: "wrong arguments, policy or mapping; nothing was done",
    ExitCode.QUARANTINED: "done; some rows were set aside, see `quarantine.jsonl`",
    ExitCode.REFUSED: "the dataset was refused, no decisions; every fault is told",
    ExitCode.LOCKED: "another run holds the place",
    ExitCode.BACKEND_UNAVAILABLE: "something needed is missing, full or can't be written",
    ExitCode.INTEGRITY: "a promise did not hold; don't use the result",
    ExitCode.BREAKER: "too many adverse decisions; a human must look",
}
_FOLDER = """## The analysis folder

| file | what it holds |
|---|---|
| `decisions.parquet`, `decisions.csv` | one row for each account: risk, tier, reasons, path, rule |
| `evidence.parquet` | one row for each term of each account; nats add up to its log-odds |
| `entities.parquet` | the risk of every entity |
| `graph/` | `entities`, `links`, `labels` as Parquet: a dataset that can be analysed again |
| `dataset/` | the accepted rows of every table as Parquet: analysed again, the same decisions |
| `store/` | only after a first `graphrisk query`: the graph to be asked; can be deleted |
| `quarantine.jsonl` | one line for each fault of each row that was set aside, values masked |
| `unlinked.jsonl` | one line for each row that names a value of nobody, values masked |
| `spellings.parquet` | from stored ids back to what was supplied, in clear |
| `reasons.json` | what reason codes and rules mean, and the thresholds of the tiers |
| `run.json` | inputs and their hashes, row counts, policy, versions, timings |
| `report.html` | all of it on one page |

The folder appears whole or not at all. An earlier analysis of the same name is replaced; a folder
that holds anything else never is. `decisions`, `evidence` and `entities` have the same bytes for
the same input, whatever the order of rows and the number of threads. `graph/` holds entities,
links and labels, not the applications and repayments that signals are measured on: analysed
again, it gives the same graph and less evidence.

A text cell of `decisions.csv` that a spreadsheet would run as a formula begins with an apostrophe.

When a dataset is refused, its faults are written to `<out>.refused/` and an earlier analysis stays.
"""


def render() -> str:
    """Return the reference as Markdown."""
    exits = "\n".join(f"| {code.value} | {text} |" for code, text in _EXIT_TEXTS.items())
    parts = [
        _INTRODUCTION,
        *(f"## {path}\n\n```\n{text}\n```\n" for path, text in helps()),
        _FOLDER,
        f"## Exit codes\n\n| code | meaning |\n|---|---|\n{exits}\n",
    ]
    return "\n".join(parts)


def helps() -> Iterator[tuple[str, str]]:
    """Yield the path and the help text of every command, the program itself first."""
    yield from _helps_of(main, "graphrisk")


def _helps_of(
    command: click.Command, path: str, parent: click.Context | None = None
) -> Iterator[tuple[str, str]]:
    ctx = click.Context(
        command, parent, path.rpartition(" ")[2], terminal_width=88, **command.context_settings
    )
    yield path, command.get_help(ctx)
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            below = command.get_command(ctx, name)
            if below is not None:
                yield from _helps_of(below, f"{path} {name}", ctx)


if __name__ == "__main__":
    click.echo(render(), nl=False)
