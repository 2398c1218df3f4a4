"""``graphrisk batch``: scheduled runs, and what is to be known of them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from graphrisk.cli.analyze import now, read_moment
from graphrisk.cli.batch_options import config_of, configured, exit_code_of, line_of_run, told
from graphrisk.cli.batch_orders import ORDERS
from graphrisk.cli.console import progress, say_json, show, table
from graphrisk.errors import UsageError


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

    config = config_of(file)
    with progress() as doing:
        done = run_batch(config, now, as_of=as_of, reached=doing, n_threads=n_threads)
    code = exit_code_of(done)
    if as_json:
        say_json({"exit_code": int(code), **told(done)})
    else:
        click.echo(line_of_run(done))
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

    keep_schedule(config_of(file), cron=cron, every=every, most_runs=most_runs, as_json=as_json)


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

    found = state_of(config_of(file), now, n_runs)
    if as_json:
        say_json({"exit_code": 0, **found.told(), "runs": [told(one) for one in found.runs]})
        return
    click.echo(found.text())
    made = table("Runs", "run", "finished", "outcome", "mode", "closing", "actions", "why")
    for one in found.runs:
        made.add_row(
            str(one.run_id),
            told(one)["finished_at"] or "under way",
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

    first, second, found = difference(config_of(file), now, earlier, later, n_explained=n_explained)
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
  graphrisk batch report current --config batch.toml""",
)
@click.argument("run")
@configured
def report(run: str, file: Path, *, as_json: bool) -> None:
    """Tell of RUN what is worth watching.

    Drift of risk and of each reason against the run before, label delay, age of the data, rows in
    quarantine, and how many accounts went from which tier to which. RUN is a number, or current.
    """
    from graphrisk.cli.batch_monitoring import say_report

    say_report(file, run, as_json=as_json)


@batch.command(
    epilog="""\b
Examples:
  graphrisk batch metrics --config batch.toml
  graphrisk batch metrics --alert-rules""",
)
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="TOML that describes the scheduled book.",
)
@click.option(
    "--listen", metavar="HOST:PORT", help="Serve them over HTTP until SIGTERM, without a password."
)
@click.option("--alert-rules", is_flag=True, help="Print the alert rules that come with it.")
def metrics(file: Path | None, listen: str | None, *, alert_rules: bool) -> None:
    """Print the metrics of a book as Prometheus reads them."""
    if alert_rules:
        from graphrisk.batch.metrics import alert_rules as shipped

        click.echo(shipped(), nl=False)
        return
    if file is None:
        raise UsageError("neither --config nor --alert-rules", expected="one of them")
    from graphrisk.cli.batch_monitoring import say_metrics

    say_metrics(file, listen)


for order in ORDERS:
    batch.add_command(order)
