"""``graphrisk batch report`` and ``metrics``: what is worth watching, for people and machines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from graphrisk.batch.config import load_config
from graphrisk.cli.analyze import now
from graphrisk.cli.batch_schedule import asked_to_stop
from graphrisk.cli.console import say_json, show, table
from graphrisk.errors import StorageUnavailable, UsageError
from graphrisk.model.kinds import Tier


def say_report(file: Path, run: str, *, as_json: bool) -> None:
    """Print the report of a run."""
    from graphrisk.batch.state import run_named, told_of
    from graphrisk.batch.watch import GONE, NEW

    found = run_named(load_config(file), now, run)
    if as_json:
        say_json({"exit_code": 0, **told_of(found)})
        return
    counts = found.counts
    if "tier_flow" not in counts:
        raise UsageError(
            f"run {found.run_id} is {found.outcome or 'under way'}, and made no report",
            expected="a run that came as far as its guards",
            hint="graphrisk batch status lists them",
        )
    click.echo(f"Run {found.run_id}: {found.outcome or 'open'}; {'; '.join(found.reasons)}")
    click.echo(
        f"Rows in quarantine: {counts['quarantined_share']:.2%}. "
        f"Stale: {', '.join(counts['stale']) or 'nothing'}."
    )
    _show("Age of the newest fact, hours", counts["data_age_hours"], "table")
    _show("From event to label, days or less", counts["label_delay_days"], "of a share")
    risk = {} if counts["risk_psi"] is None else {"risk": counts["risk_psi"]}
    moved = sorted(counts["signal_psi"].items(), key=lambda one: (-one[1], one[0]))
    _show("Moved since the run before", risk | dict(moved), "stability index of")
    flow = counts["tier_flow"]
    if flow:
        order = (*(tier.word for tier in Tier), NEW, GONE)
        later = [one for one in order if any(one in row for row in flow.values())]
        made = table("Accounts, from (row) to (column)", "", *later, numbers=tuple(later))
        for name in (one for one in order if one in flow):
            made.add_row(name, *(f"{flow[name].get(one, 0):,}" for one in later))
        show(made)


def _show(title: str, values: Mapping[str, Any], what: str) -> None:
    if values:
        made = table(title, what, "value", numbers=("value",))
        for name, value in values.items():
            made.add_row(name, f"{value:g}")
        show(made)


def say_metrics(file: Path, listen: str | None) -> None:
    """Print the metrics, or serve them until SIGTERM."""
    from graphrisk.batch.metrics import metrics_text, registry_of

    config = load_config(file)
    if listen is None:
        click.echo(metrics_text(config, now), nl=False)
        return
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal():
        raise UsageError(
            f"--listen {listen!r} can't be read", expected="HOST:PORT, such as 127.0.0.1:9479"
        )
    from prometheus_client import start_http_server

    metrics_text(config, now)  # find out whether the ledger answers, before anybody asks
    try:
        server, thread = start_http_server(
            int(port), addr=host.strip("[]"), registry=registry_of(config, now)
        )
    except OSError as error:
        raise StorageUnavailable(
            f"{listen} can't be listened on ({error.strerror or error})",
            expected="an address of this machine, and a free port",
        ) from error
    with asked_to_stop() as stop:
        click.echo(f"Metrics on http://{host}:{server.server_port}/metrics")
        stop.wait()
    server.shutdown()
    thread.join()
