"""The loop of ``graphrisk batch schedule``: signals, sleep, and a line for each run."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType
from typing import Any

import click

from graphrisk.batch.config import Config
from graphrisk.batch.journal import masked
from graphrisk.batch.run import run_batch
from graphrisk.batch.schedule import keep_running, slots_of
from graphrisk.batch.state import line_of, told_of
from graphrisk.cli.analyze import now
from graphrisk.cli.console import say_error
from graphrisk.errors import GraphRiskError, UsageError
from graphrisk.model.times import iso


def keep_schedule(
    config: Config, *, cron: str | None, every: str | None, most_runs: int | None, as_json: bool
) -> None:
    """Run a book on a schedule until SIGTERM or SIGINT, or for so many runs.

    Raises
    ------
    UsageError
        If the schedule can't be read.
    GraphRiskError
        What stopped the last of a given number of runs.
    """
    slots = slots_of(config, cron=cron, every=every)
    with asked_to_stop() as stop:
        failed: list[GraphRiskError] = []

        def run() -> None:
            failed.clear()
            try:
                done = run_batch(config, now, stopping=stop.is_set)
            except UsageError:
                raise
            except GraphRiskError as error:
                failed.append(error)
                _tell_error(error, as_json=as_json)
            else:
                _tell(line_of(done), told_of(done), as_json=as_json)

        def wait(seconds: float) -> None:
            stop.wait(seconds)

        keep_running(
            config, slots, now, run=run, wait=wait, stopping=stop.is_set, most_runs=most_runs
        )
        if failed and not stop.is_set():
            click.get_current_context().exit(failed[0].exit_code)


@contextmanager
def asked_to_stop() -> Iterator[Event]:
    """Lend an event that is set when the system asks to stop."""
    stop = Event()

    def handle(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop.set()

    before = {name: signal.signal(name, handle) for name in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _tell(text: str, content: dict[str, Any], *, as_json: bool) -> None:
    """Print one line, at once."""
    at = iso(now())
    line = json.dumps({"at": at, **content}, ensure_ascii=False) if as_json else f"{at} {text}"
    click.echo(line)


def _tell_error(error: GraphRiskError, *, as_json: bool) -> None:
    if not as_json:
        click.echo(f"{iso(now())}", err=True)
        say_error(error, as_json=False)
        return
    _tell(
        "",
        {
            "error": type(error).__name__,
            "found": masked(error.found),
            "hint": error.hint,
            "exit_code": int(error.exit_code),
        },
        as_json=True,
    )
