"""Why a dataset can't be used, in words that name the file, the fault and the way out."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from graphrisk.intake.dataset import Dataset, DatasetRefused
from graphrisk.intake.headers import named_columns
from graphrisk.intake.rules import DatasetMapping, TableRule
from graphrisk.intake.supply import Supplies
from graphrisk.model.kinds import EntityKind

#: A header cell that looks like data: a number, a date, or nothing.
_LIKE_DATA = re.compile(r"|-?[0-9][0-9.,]*|[0-9]{4}-[0-9]{2}-[0-9]{2}.*")


def missing_columns(file: str, header: tuple[str, ...], rules: tuple[TableRule, ...]) -> list[str]:
    """Return a fault for every column that the mapping needs and the header does not have."""
    wanted: dict[str, tuple[str, ...]] = {}
    for rule in rules:
        needed = [column for column in rule.columns.values() if column.must_exist]
        wanted.update({" or ".join(column.spellings): column.spellings
                       for column in needed if column.spellings})  # fmt: skip
        wanted.update({name: (name,) for name in (*rule.where, *(rule.attributes or ()))})
    missing = [name for name, spellings in wanted.items() if not set(spellings) & set(header)]
    found = f"found columns {named_columns(header)}" if header else "found no column"
    if missing == list(wanted) and any(_LIKE_DATA.fullmatch(name) for name in header):
        return [
            f"{file}: there is no header: the first line looks like data; "
            f"expected: column names, {', '.join(wanted)} among them; next: add the header line"
        ]
    return [
        f"{file}: required column {name} is missing; {found}; "
        "next: rename the column, or name it in a mapping"
        for name in missing
    ]


def n_accounts_in(tables: Mapping[str, pl.DataFrame]) -> int:
    """Count the accounts that accepted rows list."""
    n_accounts = tables["accounts"].height if "accounts" in tables else 0
    if "entities" in tables:
        n_accounts += tables["entities"].filter(pl.col("kind") == EntityKind.ACCOUNT.value).height
    return n_accounts


def no_account(dataset: Dataset, rules: DatasetMapping, supplies: Supplies) -> str:
    """Return the fault of a dataset without an account to decide on."""
    wanted = [rule.file for rule in rules.tables if rule.into in ("accounts", "entities")]
    files = [f"{stem}.{ending}" for stem in dict.fromkeys(wanted) for ending in rules.extensions]
    set_aside = sum(tally.n_quarantined for tally in dataset.tallies
                    if tally.table in ("accounts", "entities"))  # fmt: skip
    found = named_columns(supplies.found) or "nothing"
    aside = f"; {set_aside:,} rows that could be accounts are quarantined" if set_aside else ""
    aside += _most_frequent(dataset) if set_aside else ""
    for file, n_rows in dataset.unselected.items():
        aside += f"; of {file}, {n_rows:,} rows are selected by no table of the mapping"
    return (
        f"no account in {supplies.place}: looked for {', '.join(files)}; found {found}{aside}; "
        "expected: accounts with an account_id, or entities of kind 'account'; "
        "next: add the table, or name yours in a mapping (--mapping FILE, or mapping=...)"
    )


def _most_frequent(dataset: Dataset) -> str:
    """Say why most of the rows that could be accounts were set aside."""
    aside = dataset.quarantine.filter(pl.col("table").is_in(["accounts", "entities"]))
    most = aside.group_by("code", "column").len().sort("len", "code", "column",
                                                       descending=[True, False, False])  # fmt: skip
    return f", most for {most['code'][0]} in {most['column'][0] or 'the whole row'}"


def cannot_open(file: str, error: OSError) -> str:
    """Return the fault of a file that the system does not let be read."""
    return (
        f"{file}: can't be read ({error.strerror or error}); expected: a file that you may read; "
        "next: ask for permission, or copy the file"
    )


def named(file: str, fault: str) -> str:
    """Return a fault that starts with the file it is in."""
    return fault if fault.startswith(file) else f"{file}: {fault}"


def refusal(supplies: Supplies, faults: list[str], dataset: Dataset) -> DatasetRefused:
    """Build the one error that names every fault."""
    listed = "".join(f"\n  - {fault}" for fault in faults)
    n_faults = f"{len(faults)} faults" if len(faults) > 1 else "1 fault"
    return DatasetRefused(
        f"{supplies.place} can't be used, {n_faults}:{listed}", dataset=dataset, faults=faults
    )
