"""A book's state as Prometheus reads it, taken from the ledger when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from graphrisk.batch import runs
from graphrisk.batch.config import Config
from graphrisk.batch.destination import write_whole
from graphrisk.batch.ledger import Clock
from graphrisk.batch.state import State, state_of
from graphrisk.errors import StorageUnavailable

PREFIX = "graphrisk_batch_"
_HOUR_S, _DAY_S = 3_600.0, 86_400.0
#: Runs that are looked through for the newest that came as far as its guards.
_N_RUNS = 50


def metrics_text(config: Config, clock: Clock) -> str:
    """Return the metrics of a book in Prometheus' text format.

    Raises
    ------
    StorageUnavailable
        If the ledger can't be used.
    """
    return generate_latest(registry_of(config, clock)).decode()


def write_metrics(config: Config, clock: Clock) -> None:
    """Write the metrics to the file that the configuration names, whole, if it names one."""
    if not config.monitoring.metrics_file:
        return
    place = config.path_of(config.monitoring.metrics_file)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        write_whole(place, metrics_text(config, clock))
    except OSError as error:
        raise StorageUnavailable(
            f"{place} can't be written ({error.strerror or error})",
            expected="a place with room, and permission to write",
            hint="see monitoring.metrics_file of the configuration; the run itself is over",
        ) from error


def registry_of(config: Config, clock: Clock) -> CollectorRegistry:
    """Return a registry that reads the ledger at each scrape."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Book(config, clock))
    return registry


def alert_rules() -> str:
    """Return the alert rules that come with graphrisk, a Prometheus rule file."""
    return (resources.files("graphrisk.batch") / "alerts.yml").read_text(encoding="utf-8")


@dataclass(frozen=True, eq=False)
class _Book(Collector):
    """Lays the state of a book out as metrics."""

    config: Config
    clock: Clock

    def describe(self) -> list[Metric]:
        """Name nothing beforehand: the ledger is not asked when this is registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Read the ledger, and yield every metric."""
        state = state_of(self.config, self.clock, _N_RUNS)
        book = {"book": state.book}
        yield from _of_state(state, book)
        told = [run for run in state.runs if run.kind == runs.SCORE and "tier_flow" in run.counts]
        if told:
            yield from _of_run(told[0].counts, book)


def _of_state(state: State, book: Mapping[str, str]) -> Iterator[Metric]:
    yield _gauge("halted", "Whether actions are halted.", book, bool(state.halt))
    yield _gauge("running", "Whether a run is under way.", book, bool(state.holder))
    counted = CounterMetricFamily(
        f"{PREFIX}runs", "Runs by what became of them.", labels=("book", "outcome")
    )
    for outcome, n_runs in sorted(state.outcomes.items()):
        counted.add_metric((state.book, outcome or "open"), n_runs)
    yield counted
    yield _by("actions", "Actions of the newest run.", book, "state", state.actions)
    if state.runs:
        newest = state.runs[0]
        yield _gauge(
            "last_run_started_timestamp_seconds", "When the newest run began.", book,
            _timestamp_s(newest.started_at),
        )  # fmt: skip
        became = {newest.outcome or "open": 1}
        yield _by("last_run", "What became of the newest run.", book, "outcome", became)
        if newest.started_at and newest.finished_at:
            lasted = (newest.finished_at - newest.started_at).total_seconds()
            yield _gauge("last_run_seconds", "How long the newest run took.", book, lasted)
    if state.last_done is not None:
        yield _gauge(
            "last_success_timestamp_seconds",
            "When a run was last published, or found nothing new.", book,
            _timestamp_s(state.last_done.finished_at),
        )  # fmt: skip


def _of_run(counts: Mapping[str, Any], book: Mapping[str, str]) -> Iterator[Metric]:
    """Lay out what the newest run found that came as far as its guards."""
    yield _by("accounts", "Accounts by tier.", book, "tier", counts["tiers"])
    yield _by("held_accounts", "Accounts that a guard held.", book, "guard", counts["held"])
    yield _gauge("closing_accounts", "Accounts that it would close.", book, counts["n_closing"])
    yield _gauge("stale_sources", "Feeds older than their limit.", book, len(counts["stale"]))
    yield _gauge(
        "quarantined_ratio", "Share of rows in quarantine.", book, counts["quarantined_share"]
    )
    ages = {name: hours * _HOUR_S for name, hours in counts["data_age_hours"].items()}
    yield _by("data_age_seconds", "Age of the newest fact, at the run.", book, "table", ages)
    delays = {share: days * _DAY_S for share, days in counts["label_delay_days"].items()}
    yield _by(
        "label_delay_seconds", "From event to label: so long, or less, for a share of the labels.",
        book, "share", delays,
    )  # fmt: skip
    if counts["risk_psi"] is not None:
        yield _gauge(
            "risk_psi", "Stability index of risk against the run before.", book, counts["risk_psi"]
        )
    yield _by(
        "signal_psi", "Stability index of each reason against the run before.", book, "reason",
        counts["signal_psi"],
    )  # fmt: skip
    flow = GaugeMetricFamily(
        f"{PREFIX}tier_flow_accounts", "Accounts by tier, before and after.",
        labels=("book", "earlier", "later"),
    )  # fmt: skip
    for earlier, row in counts["tier_flow"].items():
        for later, n_accounts in row.items():
            flow.add_metric((book["book"], earlier, later), n_accounts)
    yield flow


def _gauge(name: str, text: str, book: Mapping[str, str], value: float) -> GaugeMetricFamily:
    family = GaugeMetricFamily(PREFIX + name, text, labels=tuple(book))
    family.add_metric(tuple(book.values()), float(value))
    return family


def _by(
    name: str, text: str, book: Mapping[str, str], label: str, values: Mapping[str, float]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(PREFIX + name, text, labels=(*book, label))
    for word, value in values.items():
        family.add_metric((*book.values(), word), float(value))
    return family


def _timestamp_s(moment: datetime | None) -> float:
    return 0.0 if moment is None else moment.timestamp()
