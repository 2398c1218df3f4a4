"""``--store`` and ``--database``: which store a command works with, and what it did there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

import click

from graphrisk.errors import GraphRiskError, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from graphrisk.intake.dataset import Dataset
    from graphrisk.pipeline import Analysis
    from graphrisk.stores.base import Store
    from graphrisk.stores.terms import Progress

_Command = TypeVar("_Command", bound=Callable[..., Any])

#: In the place of a dataset: take the one that the store holds.
FROM_STORE = "-"


def store_options(command: _Command) -> _Command:
    """Give a command ``--store URL`` and ``--database NAME``."""
    database = click.option(
        "--database", metavar="NAME", help="Database of the server.  [default: neo4j]"
    )
    store = click.option(
        "--store",
        "store_url",
        metavar="URL",
        help="Graph store: neo4j://HOST:PORT or bolt://HOST:PORT (each also +s for TLS, +ssc for "
        "TLS without a check of the certificate), or embedded:DIR. Name and password come from "
        "GRAPHRISK_NEO4J_USER and GRAPHRISK_NEO4J_PASSWORD_FILE, never from the command line.",
    )
    return store(database(command))


def opened(url: str | None, database: str | None) -> Store | None:
    """Open the store that was asked for, None if none was."""
    if not _is_wanted(url, database):
        return None
    from graphrisk.stores.opening import open_store

    return open_store(str(url), database=database)


def check_shared(url: str | None, database: str | None) -> None:
    """Find out whether the store that was asked for is a server that answers."""
    if _is_wanted(url, database):
        from graphrisk.stores.opening import open_bolt

        with open_bolt(str(url), database):
            pass


def _is_wanted(url: str | None, database: str | None) -> bool:
    if url is None and database is not None:
        raise UsageError("--database without --store", expected="--store URL beside it")
    return url is not None


def stored_dataset(store: Store | None, mapping: str | None, received_at: datetime) -> Dataset:
    """Read the dataset that a store holds, or with a mapping a graph of the user's own."""
    from graphrisk.intake.read import read_dataset

    if store is None:
        raise UsageError(
            f"{FROM_STORE} in the place of the dataset",
            expected="--store URL beside it: the store that holds the graph",
            hint="name a folder of tables, or a store",
        )
    if mapping is None:
        return read_dataset(store.view().tables())
    from graphrisk.stores.foreign import graph_sources

    tables = store.view().foreign(graph_sources(mapping))
    return read_dataset(tables, mapping=mapping, received_at=received_at)


def keep(
    store: Store, analysis: Analysis, doing: Callable[[str], None], *, is_there: bool
) -> dict[str, Any]:
    """Load the dataset of an analysis unless it is there, write the run, and tell what changed."""
    from graphrisk.stores.findings import run_records
    from graphrisk.stores.terms import Written

    writer, tell = store.writer(), shown(doing)
    loaded = Written() if is_there else writer.load(analysis.dataset, progress=tell)
    run = run_records(analysis.decisions, analysis.evidence, analysis.entities, analysis.policy)
    ran = writer.write_run(run, progress=tell)
    return {
        "name": store.name,
        "run_id": run.run_id,
        "loaded": asdict(loaded),
        "run_written": asdict(ran),
    }


@contextmanager
def beside(out: object) -> Iterator[None]:
    """Say, if a store can't be brought up to date, that the folder is there all the same."""
    try:
        yield
    except GraphRiskError:
        click.echo(f"Analysis written to {out}; the store was not brought up to date.", err=True)
        raise


def shown(doing: Callable[[str], None]) -> Progress:
    """Tell the progress of a store in words."""

    def tell(what: str, n_done: int, n_rows: int) -> None:
        doing(f"Store: {what.replace('_', ' ')}, {n_done:,} of {n_rows:,} rows.")

    return tell


def told(kept: dict[str, Any]) -> str:
    """Say in a line what changed in a store."""
    loaded, ran = kept["loaded"], kept["run_written"]
    changes = {name: loaded[name] + ran[name] for name in loaded}
    if not any(changes.values()):
        return f"Store {kept['name']}: nothing changed; run {kept['run_id']} is the current one."
    return (
        f"Store {kept['name']}: {changes['n_nodes_created']:,} nodes and "
        f"{changes['n_links_created']:,} relationships made, {changes['n_nodes_deleted']:,} and "
        f"{changes['n_links_deleted']:,} removed; run {kept['run_id']} is the current one."
    )
