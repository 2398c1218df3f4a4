"""What people order: ``graphrisk batch release``, ``halt``, ``resume-actions``, ``rollback``."""

from __future__ import annotations

from pathlib import Path

import click

from graphrisk.cli.analyze import now
from graphrisk.cli.batch_options import config_of, configured, named, reasoned, say, say_run


@click.command(
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

    say_run(order(config_of(file), now, run, by, second, reason), as_json=as_json)


@click.command(
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

    order(config_of(file), now, by, reason)
    say(f"Actions are halted by {by}.", {"halted": True}, as_json=as_json)


@click.command(
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

    order(config_of(file), now, by, second, reason)
    say(f"Actions go on, by {by} and {second}.", {"halted": False}, as_json=as_json)


@click.command(
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

    say_run(order(config_of(file), now, run, by, reason), as_json=as_json)


ORDERS = (release, halt, resume_actions, rollback)
