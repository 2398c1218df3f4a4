"""``run.json``: what went in, what came out, with which versions, and how long it took."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

import polars as pl

import graphrisk
from graphrisk.graph.hubs import hub_table
from graphrisk.intake.dataset import Dataset, FileTally
from graphrisk.model.policy import Policy
from graphrisk.model.schema import plain
from graphrisk.model.times import iso
from graphrisk.pipeline import Analysis
from graphrisk.report.layout import MADE_BY

_LIBRARIES = ("numpy", "polars", "numba")


@dataclass(frozen=True, slots=True)
class Run:
    """What the caller knows of a run: where the data came from, and the clock's times."""

    dataset: str
    started_at: datetime
    finished_at: datetime
    seconds: Mapping[str, float]


def analysis_record(analysis: Analysis, run: Run) -> dict[str, Any]:
    """Return the record of an analysis."""
    graph, policy = analysis.graph, analysis.policy
    return {
        **head_of_record(run, analysis.dataset),
        "as_of": iso(analysis.as_of) or None,
        "model_version": analysis.model_version,
        "policy": policy_record(policy),
        "counts": {
            "n_accounts": len(graph.accounts),
            "n_entities": graph.n_entities,
            "n_links": graph.n_links,
        },
        "tiers": analysis.tier_counts(),
        "rules": counts(analysis.decisions["rule"]),
        "signal_states": {code: dict(n) for code, n in analysis.signal_states.items()},
        "hubs": hub_table(graph).to_dicts(),
        "n_threads": analysis.n_threads,
        "seed": None,
    }


def policy_record(policy: Policy) -> dict[str, Any]:
    """Return what a record says of the policy."""
    return {
        "name": policy.policy.name,
        "version": policy.policy.version,
        "hash": policy.hash,
        "content": plain(policy),
    }


def refusal_record(dataset: Dataset, faults: tuple[str, ...], run: Run) -> dict[str, Any]:
    """Return the record of a dataset that was refused."""
    return {**head_of_record(run, dataset), "refused": True, "faults": list(faults)}


def totals(tallies: tuple[FileTally, ...]) -> dict[str, int]:
    """Add the tallies up; rows read are accepted, duplicates, or quarantined."""
    names = ("n_rows_read", "n_accepted", "n_duplicates", "n_quarantined")
    return {name: sum(getattr(tally, name) for tally in tallies) for name in names}


def counts(column: pl.Series) -> dict[str, int]:
    """Count the values of a text column, most frequent first."""
    counted = column.value_counts().sort("count", column.name, descending=[True, False])
    return dict(zip(counted[column.name], counted["count"], strict=True))


def quarantine_counts(dataset: Dataset) -> pl.DataFrame:
    """Count the quarantine's records: ``file, code, n_records``."""
    return dataset.quarantine.group_by("file", "code").agg(n_records=pl.len()).sort("file", "code")


def unlinked_counts(dataset: Dataset) -> pl.DataFrame:
    """Count the rows that were accepted and make no link: ``file, column, code, n_rows``."""
    counted = dataset.unlinked.group_by("file", "column", "code").agg(n_rows=pl.len())
    return counted.sort("file", "column", "code")


def head_of_record(run: Run, dataset: Dataset) -> dict[str, Any]:
    """Return what the record of any run has."""
    return {
        "made_by": MADE_BY,
        "versions": versions(),
        "dataset": run.dataset,
        "mapping": dataset.mapping_name,
        "inputs": [asdict(tally) for tally in dataset.tallies],
        "rows": totals(dataset.tallies),
        "quarantine": quarantine_counts(dataset).to_dicts(),
        "unlinked": unlinked_counts(dataset).to_dicts(),
        "normalised": dict(dataset.normalised),
        "n_spellings": dataset.spellings.height,
        "columns": {file: list(names) for file, names in dataset.columns.items()},
        "unknown_columns": {file: list(names) for file, names in dataset.unknown_columns.items()},
        "unread_files": list(dataset.unread_files),
        "unselected_rows": dict(dataset.unselected),
        "started_at": iso(run.started_at),
        "finished_at": iso(run.finished_at),
        "seconds": {stage: round(seconds, 6) for stage, seconds in run.seconds.items()},
        "peak_memory_bytes": _peak_memory_bytes(),
    }


def versions() -> dict[str, str]:
    """Return the versions of all that can change what is found."""
    return {
        "graphrisk": graphrisk.__version__,
        "python": platform.python_version(),
        **{name: version(name) for name in _LIBRARIES},
    }


def _peak_memory_bytes() -> int | None:
    """Return the most memory this process has held, or None where that can't be told."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
