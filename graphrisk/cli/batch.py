"""``graphrisk batch``: scheduled runs, and the orders that people give."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from graphrisk.cli.analyze import now, read_moment
from graphrisk.cli.console import progress, say_json, show, table
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


class InOrder(click.Group):
    """A group whose commands are listed as they are written here."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in order."""
        return list(self.commands)


@click.group(
    cls=InOrder,
    epilog="""\b
Examples:
  graphrisk batch run --config batch.toml --as-of 2026-06-28
  graphrisk batch run --config batch.toml
  graphrisk batch status --config batch.toml
  graphrisk batch diff 1 2 --config batch.toml""",
)
def batch() -> None:
    """Score a book on a schedule, and publish each run once, or not at all.

    One run at a time for each book. Shadow is the default: nothing is acted on until the policy
    says otherwise. Too many closures freeze a run until two people release it.
    """


@batch.command(
    epilog="""\b
Examples:
  graphrisk batch run --config batch.toml --as-of 2026-06-28
  graphrisk batch run --config batch.toml --json""",
)
@configured
@click.option(
    "--as-of",
    callback=read_moment,
    metavar="TIME",
    help="Decide as of this moment; before the current run it is a backfill, which is kept and "
    "not acted on.  [default: the newest fact of the inputs]",
)
@click.option(
    "--threads", "n_threads", type=click.IntRange(min=1), metavar="N", help="Threads to use."
)
def run(file: Path, as_of: datetime | None, n_threads: int | None, *, as_json: bool) -> None:
    """Score the book once, now.

    The same inputs again make no new decisions. A run that was interrupted goes on from its last
    checkpoint. Exits 5 if another run holds the book, and 8 if the run is frozen or actions are
    halted.
    """
    from graphrisk.batch.run import run_batch

    config = _config(file)
    with progress() as doing:
        done = run_batch(config, now, as_of=as_of, reached=doing, n_threads=n_threads)
    code = _exit_code(done)
    if as_json:
        say_json({"exit_code": int(code), **_told(done)})
    else:
        click.echo(_line(done))
    click.get_current_context().exit(code)


@batch.command(
    epilog="""\b
Examples:
  graphrisk batch schedule --config batch.toml --every 15m --runs 1""",
)
@configured
@click.option("--cron", metavar="TEXT", help='Five fields, such as "30 2 * * *".')
@click.option("--every", metavar="PERIOD", help="Such as 90s, 15m, 2h or 1d.")
@click.option(
    "--runs", "most_runs", type=click.IntRange(min=1), metavar="N", help="Stop after N runs."
)
def schedule(
    file: Path, cron: str | None, every: str | None, most_runs: int | None, *, as_json: bool
) -> None:
    """Score the book again and again, until told to stop.

    Runs that were missed become one. Stops on SIGTERM and SIGINT at the next checkpoint, and goes
    on from there when started again. A run that fails is told, and the next one is made.
    """
    from graphrisk.cli.batch_schedule import keep_schedule

    keep_schedule(_config(file), cron=cron, every=every, most_runs=most_runs, as_json=as_json)


@batch.command(
    epilog="""\b
Examples:
  graphrisk batch status --config batch.toml
  graphrisk batch status --config batch.toml --json""",
)
@configured
@click.option(
    "--runs",
    "n_runs",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    metavar="N",
    help="How many of the newest runs to tell.",
)
def status(file: Path, n_runs: int, *, as_json: bool) -> None:
    """Tell the current run, the newest runs, and whether actions are halted."""
    from graphrisk.batch.state import state_of

    found = state_of(_config(file), now, n_runs)
    if as_json:
        told = [_told(one) for one in found.runs]
        say_json({"exit_code": 0, **found.told(), "runs": told})
        return
    click.echo(found.text())
    made = table("Runs", "run", "finished", "outcome", "mode", "closing", "actions", "why")
    for one in found.runs:
        made.add_row(
            str(one.run_id),
            _told(one)["finished_at"] or "under way",
            one.outcome or "open",
            one.mode,
            str(one.counts.get("n_closing", "")),
            str(one.counts.get("n_actions", "")),
            "; ".join(one.reasons),
        )
    show(made)


@batch.command(
    epilog="""\b
Examples:
  graphrisk batch diff 1 current --config batch.toml""",
)
@click.argument("earlier")
@click.argument("later")
@configured
@click.option(
    "--explain",
    "n_explained",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    metavar="N",
    help="How many changes to explain, the greatest rises first.",
)
def diff(earlier: str, later: str, file: Path, n_explained: int, *, as_json: bool) -> None:
    """Tell the accounts whose tier differs between two runs, and the fact that flipped each.

    EARLIER and LATER are numbers of runs, or current.
    """
    from dataclasses import asdict

    from graphrisk.batch.difference import difference

    first, second, found = difference(_config(file), now, earlier, later, n_explained=n_explained)
    if as_json:
        say_json(
            {
                "exit_code": 0,
                "earlier": first.run_id,
                "later": second.run_id,
                "changes": [asdict(change) for change in found],
            }
        )
        return
    click.echo(f"{len(found):,} accounts stand elsewhere in run {second.run_id} than in "
               f"run {first.run_id}.")  # fmt: skip
    made = table("Changes", "account", "earlier", "later", "because")
    for change in found:
        made.add_row(change.account_id, change.earlier, change.later, change.because)
    if found:
        show(made)


@batch.command(
    epilog="""\b
Examples:
  graphrisk batch release 2 --by "Ada Lovelace" --and "Grace Hopper" --config batch.toml""",
)
@click.argument("run")
@configured
@named("--by", text="Who releases it.")
@named("--and", "second", text="The second person who looked.")
@reasoned
def release(run: str, file: Path, by: str, second: str, reason: str, *, as_json: bool) -> None:
    """Publish RUN, which the breaker froze. Two people must have looked."""
    from graphrisk.batch.orders import release as order

    _say_run(order(_config(file), now, run, by, second, reason), as_json=as_json)


@batch.command(
    epilog="""\b
Examples:
  graphrisk batch halt --by "Ada Lovelace" --reason "wrong feed" --config batch.toml""",
)
@configured
@named("--by", text="Who orders it.")
@reasoned
def halt(file: Path, by: str, reason: str, *, as_json: bool) -> None:
    """Stop all actions, also of a run that is being published, until two people resume them."""
    from graphrisk.batch.orders import halt as order

    order(_config(file), now, by, reason)
    _say(f"Actions are halted by {by}.", {"halted": True}, as_json=as_json)


@batch.command(
    "resume-actions",
    epilog="""\b
Examples:
  graphrisk batch resume-actions --by "Ada Lovelace" --and "Grace Hopper" --config batch.toml""",
)
@configured
@named("--by", text="Who orders it.")
@named("--and", "second", text="The second person who looked.")
@reasoned
def resume_actions(file: Path, by: str, second: str, reason: str, *, as_json: bool) -> None:
    """Let actions go on; the next run sends what waited, if the inputs are still the same."""
    from graphrisk.batch.orders import resume_actions as order

    order(_config(file), now, by, second, reason)
    _say(f"Actions go on, by {by} and {second}.", {"halted": False}, as_json=as_json)


@batch.command(
    epilog="""\b
Examples:
  graphrisk batch rollback 2 --by "Ada Lovelace" --reason "wrong feed" --config batch.toml""",
)
@click.argument("run")
@configured
@named("--by", text="Who orders it.")
@reasoned
def rollback(run: str, file: Path, by: str, reason: str, *, as_json: bool) -> None:
    """Take back RUN and all after it.

    The run before it is current again, and every action gets its counter-action. The same inputs
    are not published again until two people release them. Works while actions are halted.
    """
    from graphrisk.batch.orders import rollback as order

    _say_run(order(_config(file), now, run, by, reason), as_json=as_json)


def _config(file: Path) -> Config:
    from graphrisk.batch.config import load_config

    return load_config(file)


def _exit_code(done: Run) -> ExitCode:
    n_quarantined = done.counts.get("rows", {}).get("n_quarantined", 0)
    return ExitCode.QUARANTINED if n_quarantined else ExitCode.CLEAN


def _told(done: Run) -> dict[str, Any]:
    """Lay a run out as JSON holds it."""
    from graphrisk.batch.state import told_of

    return told_of(done)


def _line(done: Run) -> str:
    from graphrisk.batch.state import line_of

    return line_of(done)


def _say_run(done: Run, *, as_json: bool) -> None:
    _say(_line(done), _told(done), as_json=as_json)


def _say(text: str, content: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        say_json({"exit_code": 0, **content})
    else:
        click.echo(text)
