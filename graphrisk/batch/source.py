"""What a run reads: a folder or a store, the hashes of what is in it, how old each feed is."""

from __future__ import annotations

import glob
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from graphrisk.batch.config import STANDARD, Config
from graphrisk.batch.places import Stores
from graphrisk.errors import InputRefused
from graphrisk.intake.columns import TABLES
from graphrisk.intake.dataset import Dataset
from graphrisk.intake.read import read_dataset
from graphrisk.model.times import iso

#: A date, and maybe an hour and a minute, in a folder's name: 2026-06-29, 20260629T0315.
_DATED = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:[T_-]?(\d{2})[:-]?(\d{2}))?")


@dataclass(frozen=True, slots=True)
class Inputs:
    """Where a run reads, and a hash of everything there, by name.

    Of a folder these are the SHA-256 of its files. Of a store ``tables`` holds what was read, and
    the hashes are of the rows of each table, in any order.
    """

    place: str
    hashes: Mapping[str, str]
    tables: Mapping[str, pl.DataFrame] | None = None


#: Stands for the inputs of a run that is past reading them.
NO_INPUTS = Inputs("", {})


def find_inputs(stores: Stores, moment: datetime) -> Inputs:
    """Find what a run at ``moment`` reads, and hash it.

    Of dated folders it is the newest whose date is not after ``moment``. A store has one book,
    which is read here, so that what was hashed is what is decided.

    Raises
    ------
    InputRefused
        If there is no such folder, or no file in it.
    StorageUnavailable
        If the store can't be reached.
    """
    config = stores.config
    if config.source.store:
        return _stored(stores)
    pattern = str(config.path_of(config.source.path))
    folder = _newest(pattern, moment) if glob.has_magic(pattern) else Path(pattern)
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    sha256 = {
        file.name: _sha256(file)
        for file in files
        if file.is_file() and not file.name.startswith(".")
    }
    if not sha256:
        raise InputRefused(
            f"{folder} holds no tables",
            expected="a folder of CSV or Parquet tables",
            hint="check source.path of the configuration, and whether the feed arrived",
        )
    return Inputs(str(folder), sha256)


def read_inputs(inputs: Inputs, config: Config, received_at: datetime) -> Dataset:
    """Read and validate what was found.

    Raises
    ------
    InputRefused
        If it can't be used, or a file changed between hashing and reading.
    """
    if inputs.tables is None:
        dataset = read_dataset(Path(inputs.place), mapping=config.mapping, received_at=received_at)
        _check_unchanged(dataset, inputs)
        return dataset
    if config.mapping == STANDARD:
        return read_dataset(inputs.tables)
    return read_dataset(inputs.tables, mapping=config.mapping, received_at=received_at)


def run_key(
    inputs: Inputs, config: Config, policy_hash: str, model_version: str, as_of: datetime | None
) -> str:
    """Return what two runs share if nothing that decides differs between them.

    ``model_version`` holds the hash of a fitted model.
    """
    content = {
        "inputs": dict(inputs.hashes),
        "mapping": config.mapping_hash(),
        "policy": policy_hash,
        "model": model_version,
        "as_of": iso(as_of),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _check_unchanged(dataset: Dataset, inputs: Inputs) -> None:
    """Raise ``InputRefused`` if a file changed between hashing and reading."""
    changed = sorted(
        {t.file for t in dataset.tallies if t.sha256 and inputs.hashes.get(t.file) != t.sha256}
    )
    if changed:
        raise InputRefused(
            f"{', '.join(changed)} changed while being read",
            expected="a feed that lies still",
            hint="write feeds elsewhere and rename the folder when it is complete; run again",
        )


def stale_feeds(
    dataset: Dataset, max_age_hours: Mapping[str, float], moment: datetime
) -> list[str]:
    """Find the feeds whose newest fact is older than their limit, or that hold no dated fact.

    A feed is a table (``labels``), or what one source says in it (``labels:fraud_team``).
    """
    stale = []
    for feed, hours in sorted(max_age_hours.items()):
        newest = newest_fact(dataset, feed)
        if newest is None:
            stale.append(f"{feed}: no dated fact")
        elif moment - newest > timedelta(hours=hours):
            age_hours = (moment - newest) / timedelta(hours=1)
            stale.append(f"{feed}: newest fact {age_hours:.1f} hours old, limit {hours:g}")
    return stale


def newest_fact(dataset: Dataset, feed: str) -> datetime | None:
    """Return when the newest fact of a feed happened, None if none has a date."""
    table, _, source = feed.partition(":")
    rows = dataset.tables.get(table)
    if rows is None:
        return None
    if source:
        rows = rows.filter(pl.col("source") == source) if "source" in rows.columns else rows.clear()
    columns = [column.name for column in TABLES[table].columns if column.is_event_time]
    found = [rows[column].max() for column in columns]
    return max((moment for moment in found if isinstance(moment, datetime)), default=None)


def _newest(pattern: str, moment: datetime) -> Path:
    whole = Path(pattern)
    found = Path(whole.anchor).glob(str(whole.relative_to(whole.anchor)))
    dated = [(at, path) for path in found if (at := _date_of(path))]
    past = sorted((at, path) for at, path in dated if at <= moment)
    if not past:
        raise InputRefused(
            f"no dated folder fits {pattern} as of {iso(moment)}",
            expected="folders whose names hold a date, such as 2026-06-29",
            hint="check source.path of the configuration, and whether the feed arrived",
        )
    return past[-1][1]


def _date_of(path: Path) -> datetime | None:
    found = _DATED.search(path.name)
    if not found or not path.is_dir() or path.name.startswith("."):
        return None
    try:
        return datetime(*(int(part) for part in found.groups("0")), tzinfo=UTC)  # type: ignore[arg-type, misc]
    except ValueError:
        return None


def _stored(stores: Stores) -> Inputs:
    """Read the book of a store, or with a mapping a graph of the user's own."""
    from graphrisk.stores.digest import digest_of_all, digests
    from graphrisk.stores.foreign import graph_sources

    config = stores.config
    store = stores.store(config.source.store, config.source.database)
    view = store.view()
    tables = (
        view.tables() if config.mapping == STANDARD else view.foreign(graph_sources(config.mapping))
    )
    hashes = {name: digest_of_all([digests(name, rows)]) for name, rows in sorted(tables.items())}
    return Inputs(store.name, hashes, tables)


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
