"""How long each question of the library takes on a store, with the hardest parameters there are.

    python benchmarks/questions.py BOOK --store embedded:DIR [--draws 3] [--write]
    python benchmarks/questions.py BOOK --store neo4j://HOST:PORT --write

Brings the store to the book and writes two runs into it, of a week before the newest fact and of
the newest fact; what is there already is not written again. Each question is then asked with
parameters drawn at random, and about the accounts and things that have most links. Prints a line
of a Markdown table for each; with --write it goes to docs/stores.md.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from statistics import median

import polars as pl
from pages import machine, write_between

from graphrisk import analyze, read_dataset
from graphrisk.errors import StorageUnavailable
from graphrisk.intake.dataset import Dataset
from graphrisk.stores.asking import ask
from graphrisk.stores.base import Store
from graphrisk.stores.findings import RunRecords, run_records
from graphrisk.stores.header import Statement
from graphrisk.stores.library import queries
from graphrisk.stores.opening import open_store
from graphrisk.stores.values import iso

HEAD = "| question | asked | median, ms | longest, ms | most rows |\n|---|---|---|---|---|"
#: An answer that takes longer is told as such.
PATIENCE_S = 120.0
MOST_ROWS = 1_000


def runs_of(dataset: Dataset) -> tuple[RunRecords, RunRecords]:
    """Analyse the book as of a week before, and as of its newest fact."""
    now = analyze(dataset)
    assert now.as_of is not None
    before = analyze(dataset, as_of=now.as_of - timedelta(days=7))
    first, second = (
        run_records(one.decisions, one.evidence, one.entities, one.policy) for one in (before, now)
    )
    return first, second


def draws(question: Statement, dataset: Dataset, run_id: str, n: int) -> Iterator[dict[str, str]]:
    """Yield parameters: drawn at random, then the busiest there are."""
    uses = dataset.tables["identifiers"]
    things = uses.group_by("kind", "value").agg(n=pl.len()).sort("n", "kind", "value")
    accounts = uses.group_by("account_id").agg(n=pl.len()).sort("n", "account_id")
    chance = random.Random(question.name)
    newest = dataset.newest_at
    assert newest is not None
    values = {
        "account_id": [*chance.sample(accounts["account_id"].to_list(), n),
                       accounts["account_id"][-1]],
        "entity_key": [
            *(f"{kind}:{value}" for kind, value in
              chance.sample(things.select("kind", "value").rows(), n)),
            *(f"{kind}:{value}" for kind, value in things.select("kind", "value").rows()[-2:]),
            f"account:{accounts['account_id'][-1]}",
        ],
        "since": [iso(newest - timedelta(days=days)) for days in (1, 7)],
        "earlier": [run_id],
    }  # fmt: skip
    wanted = [one.name for one in question.parameters if one.required]
    n_asked = max((len(values[name]) for name in wanted), default=min(n, 2))
    for number in range(n_asked):
        yield {name: values[name][number % len(values[name])] for name in wanted}


def line(store: Store, question: Statement, given: list[dict[str, str]]) -> str:
    """Ask with all parameters, and return a line of the table."""
    took, n_rows, too_long = [], 0, False
    for one in given:
        started = time.perf_counter()
        try:
            answer = ask(store, question, one, n_most=MOST_ROWS, timeout_s=PATIENCE_S)
            n_rows = max(n_rows, len(answer.rows))
        except StorageUnavailable:
            too_long = True
        took.append((time.perf_counter() - started) * 1e3)
    longest = f"over {PATIENCE_S * 1e3:,.0f}" if too_long else f"{max(took):,.0f}"
    name = question.name.rpartition("/")[2]
    return f"| `{name}` | {len(given)} | {median(took):,.0f} | {longest} | {n_rows:,} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("book", type=Path)
    parser.add_argument("--store", required=True)
    parser.add_argument("--database")
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="into docs/stores.md")
    chosen = parser.parse_args()
    dataset = read_dataset(chosen.book)
    first, second = runs_of(dataset)
    lines = [HEAD]
    with open_store(chosen.store, database=chosen.database) as store:
        writer = store.writer()
        writer.load(dataset)
        writer.write_run(first)
        writer.write_run(second)
        print(HEAD)
        for question in queries():
            given = list(draws(question, dataset, first.run_id, chosen.draws))
            lines.append(line(store, question, given))
            print(lines[-1], flush=True)
        engine = store.engine
    n_accounts = len(dataset.tables["accounts"])
    about = f"{n_accounts:,} accounts, two runs. On {machine()}."
    print(about)
    if chosen.write:
        write_between("stores.md", f"questions {engine}", *lines, "", about)


if __name__ == "__main__":
    main()
