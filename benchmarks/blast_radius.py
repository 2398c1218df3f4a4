"""How often the question ``blast_radius`` is right, against analysing again with the label there.

    python benchmarks/blast_radius.py [--accounts 3000] [--entities 40] [--seed 1]

Draws a demo book, analyses it into an embedded store, and draws entities without a label that
touch at least two accounts. Each is asked for, then labelled in a copy of the book that is
analysed again; what the question said is compared with the accounts that rose by a tier.
Prints Markdown: by kind of entity, and by how the label would be called.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import polars as pl
from pages import write_between

from graphrisk import Policy, analyze, read_dataset
from graphrisk.demo.book import write_book
from graphrisk.intake.dataset import Dataset
from graphrisk.model.kinds import Tier
from graphrisk.pipeline import Analysis
from graphrisk.stores.asking import ask
from graphrisk.stores.base import Store
from graphrisk.stores.findings import run_records
from graphrisk.stores.library import statement
from graphrisk.stores.opening import open_store

KINDS = ("account", "device", "phone", "bank_card", "address", "ip", "email", "id_document")
RANK = {tier.word: int(tier) for tier in Tier}
HEAD = (
    "| kind | entities | accounts that rose | listed | of those listed, rose | of those that rose, "
    "listed | tier right, of those rightly listed |\n|---|---|---|---|---|---|---|"
)


@dataclass
class Tally:
    """Counts over entities: accounts that rose, that were listed, and both."""

    n_entities: int = 0
    n_rose: int = 0
    n_listed: int = 0
    n_both: int = 0
    n_tier: int = 0

    def add(self, rose: dict[str, str], listed: dict[str, str]) -> None:
        both = rose.keys() & listed.keys()
        self.n_entities += 1
        self.n_rose += len(rose)
        self.n_listed += len(listed)
        self.n_both += len(both)
        self.n_tier += sum(rose[one] == listed[one] for one in both)

    def line(self, kind: str) -> str:
        return (
            f"| {kind} | {self.n_entities} | {self.n_rose} | {self.n_listed} "
            f"| {share(self.n_both, self.n_listed)} | {share(self.n_both, self.n_rose)} "
            f"| {share(self.n_tier, self.n_both)} |"
        )


def share(n: int, n_all: int) -> str:
    return f"{n / n_all:.2f}" if n_all else "-"


def drawn(dataset: Dataset, n_entities: int, seed: int) -> Iterator[tuple[str, str]]:
    """Draw so many entities of each kind that no label names and that touch two accounts."""
    uses, labels = dataset.tables["identifiers"], dataset.tables["labels"]
    named = set(labels.select("entity_kind", "entity_id").iter_rows())
    things = (
        uses.group_by("kind", "value").agg(n=pl.col("account_id").n_unique())
        .filter(pl.col("n") > 1).select("kind", "value")
    )  # fmt: skip
    shared = uses.join(things, on=["kind", "value"], how="semi").select("account_id").unique()
    by_kind = defaultdict(list)
    for kind, value in things.iter_rows():
        by_kind[kind].append(value)
    by_kind["account"] = shared["account_id"].to_list()
    chance = random.Random(seed)
    for kind in KINDS:
        fitting = [one for one in sorted(by_kind[kind]) if (kind, one) not in named]
        yield from ((kind, one) for one in chance.sample(fitting, min(n_entities, len(fitting))))


def with_label(dataset: Dataset, kind: str, entity_id: str, label: str, at: datetime) -> Dataset:
    """Return the book with one more label, known from the moment of the analysis on."""
    labels = dataset.tables["labels"]
    row = {"entity_kind": kind, "entity_id": entity_id, "label": label, "event_at": at,
           "known_at": at, "source": "fraud_team"}  # fmt: skip
    more = pl.DataFrame([{name: row.get(name) for name in labels.columns}], labels.schema)
    return replace(dataset, tables={**dataset.tables, "labels": pl.concat([labels, more])})


def rises(before: Analysis, after: Analysis, but: str) -> dict[str, str]:
    """Return who stands on a higher tier after, and on which; the one labelled left out."""
    pairs = before.decisions.select("account_id", was="tier").join(
        after.decisions.select("account_id", now="tier"), on="account_id"
    )
    return {one: now for one, was, now in pairs.iter_rows()
            if RANK[now] > RANK[was] and one != but}  # fmt: skip


def measure(
    dataset: Dataset, store: Store, label: str, n_entities: int, seed: int
) -> dict[str, Tally]:
    """Ask, label, analyse again, compare."""
    before = analyze(dataset)
    assert before.as_of is not None
    store.writer().load(dataset)
    store.writer().write_run(
        run_records(before.decisions, before.evidence, before.entities, before.policy)
    )
    question = statement("queries/blast_radius")
    strength = Policy.default().labels[label].strength
    tallies: dict[str, Tally] = defaultdict(Tally)
    for kind, entity_id in drawn(dataset, n_entities, seed):
        given = {"entity_key": f"{kind}:{entity_id}", "strength": str(strength), "n_most": "100000"}
        found = ask(store, question, given, n_most=100_000, timeout_s=600)
        names = [column.name for column in found.columns]
        rows = [dict(zip(names, row, strict=True)) for row in found.rows]
        listed = {row["account_id"]: row["tier_then"] for row in rows}
        after = analyze(with_label(dataset, kind, entity_id, label, before.as_of))
        rose = rises(before, after, entity_id if kind == "account" else "")
        tallies[kind].add(rose, listed)
    return tallies


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=3000)
    parser.add_argument("--entities", type=int, default=40, help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--label", default="fraud_confirmed")
    parser.add_argument("--write", action="store_true", help="into docs/stores.md")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        book = Path(place) / "book"
        write_book(book, n_accounts=chosen.accounts, seed=chosen.seed)
        dataset = read_dataset(book)
        with open_store(f"embedded:{place}/store") as store:
            tallies = measure(dataset, store, chosen.label, chosen.entities, chosen.seed)
    lines = [HEAD]
    every = Tally()
    for kind, tally in tallies.items():
        lines.append(tally.line(kind))
        for name in vars(every):
            setattr(every, name, getattr(every, name) + getattr(tally, name))
    lines += [every.line("all"), "", f"{chosen.accounts:,} accounts, label {chosen.label}."]
    print("\n".join(lines))
    if chosen.write:
        write_between("stores.md", "blast_radius", *lines)


if __name__ == "__main__":
    main()
