"""Write a labelled book of accounts: domain tables at the top, the truth in its own folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import polars as pl

from graphrisk.demo import tables
from graphrisk.demo.folder import TRUTH_FOLDER, replaced_whole, write_readme
from graphrisk.demo.fraud import fraud_uses
from graphrisk.demo.honest import honest_uses, private_uses
from graphrisk.demo.labels import draw_labels, labels_table
from graphrisk.demo.loans import (
    draw_applications,
    draw_assessments,
    draw_repayments,
    lender_popularity,
)
from graphrisk.demo.roster import AS_OF, Roster, draw_roster
from graphrisk.demo.texts import draw_codes, identifier_texts
from graphrisk.demo.transfers import draw_guarantees, draw_transfers
from graphrisk.errors import UsageError
from graphrisk.model.kinds import EntityKind

__all__ = ["AS_OF", "FEWEST_ACCOUNTS", "MOST_ACCOUNTS", "BookSummary", "write_book"]

FileFormat = Literal["csv", "parquet"]

FEWEST_ACCOUNTS = 200
#: Beyond this the id spaces of eight digits would run out.
MOST_ACCOUNTS = 20_000_000
ROWS_PER_GROUP = 250_000


@dataclass(frozen=True, slots=True)
class BookSummary:
    """What was written: how many rows in each table, and how many accounts in each role."""

    folder: Path
    n_accounts: int
    n_bad: int
    n_labelled_bad: int
    seed: int
    #: Rows by table name, without the truth.
    n_rows: Mapping[str, int]
    #: Accounts by role, as the truth folder names it.
    n_roles: Mapping[str, int]


class _Streams(NamedTuple):
    """One stream of random numbers per section, so that a change to one moves no other."""

    roster: np.random.Generator
    honest: np.random.Generator
    fraud: np.random.Generator
    private: np.random.Generator
    money: np.random.Generator
    labels: np.random.Generator
    codes: np.random.Generator
    tables: np.random.Generator


def write_book(
    folder: Path, *, n_accounts: int, seed: int, file_format: FileFormat = "csv"
) -> BookSummary:
    """Write a realistic labelled book of ``n_accounts`` into ``folder``.

    The book appears whole or not at all. An earlier book in the same folder is replaced.

    Parameters
    ----------
    folder
        Where to write; made if it does not exist.
    n_accounts
        Number of accounts, from 200 to 20,000,000. About ten links each.
    seed
        Any whole number from 0. The same number of accounts and seed give the same bytes.
    file_format
        ``csv``, with times like ``2026-03-01T09:30:00Z``, or ``parquet``.

    Returns
    -------
    BookSummary
        Rows by table and accounts by role.

    Raises
    ------
    UsageError
        If ``n_accounts`` or ``seed`` is out of range, or ``folder`` holds something else.
    """
    _check(n_accounts, seed, file_format)
    with replaced_whole(folder) as partial:
        return _write_into(partial, folder, n_accounts, seed, file_format)


def _write_into(
    partial: Path, folder: Path, n_accounts: int, seed: int, file_format: FileFormat
) -> BookSummary:
    seeds = np.random.SeedSequence(seed).spawn(len(_Streams._fields))
    streams = _Streams(*(np.random.Generator(np.random.PCG64(one)) for one in seeds))
    roster = draw_roster(n_accounts, streams.roster)
    (partial / TRUTH_FOLDER).mkdir()
    n_rows = _write_tables(partial, roster, streams, file_format)
    write_readme(partial, n_rows, n_accounts=n_accounts, seed=seed)
    n_roles = {str(role): 0 for role in roster.honest} | {str(role): 0 for role in roster.bad}
    for role, cast in (*roster.honest.items(), *roster.bad.items()):
        n_roles[role] += len(cast.account)
    return BookSummary(
        folder=folder.resolve(),
        n_accounts=n_accounts,
        n_bad=roster.n_bad,
        n_labelled_bad=int(roster.is_labelled_bad.sum()),
        seed=seed,
        n_rows=n_rows,
        n_roles=n_roles,
    )


def _write_tables(
    partial: Path, roster: Roster, streams: _Streams, file_format: FileFormat
) -> dict[str, int]:
    """Draw and write one table after the other, so that a large book never sits in memory."""
    n_rows: dict[str, int] = {}

    def write(name: str, table: pl.DataFrame) -> None:
        n_rows[name] = table.height
        _write_table(table, partial / f"{name}.{file_format}")

    shared = honest_uses(roster, streams.honest) | fraud_uses(roster, streams.fraud)
    private = private_uses(roster, list(shared.values()), streams.private)
    codes = draw_codes(roster, shared, private, streams.codes)
    rng = streams.tables
    write("accounts", tables.accounts_table(roster, codes, rng))
    identifiers = tables.identifiers_table(roster, shared, private, codes, rng)
    write("identifiers", identifiers)
    kiosks = identifier_texts(EntityKind.DEVICE, codes.batch["kiosk_registered"])
    write("devices", tables.devices_table(identifiers, kiosks, rng))
    del identifiers, private, shared

    popularity = lender_popularity(int(np.clip(roster.n_accounts // 40, 14, 60)), streams.money)
    write("lenders", tables.lenders_table(len(popularity)))
    applications = draw_applications(roster, popularity, streams.money)
    write("applications", tables.applications_table(applications, codes, rng))
    repayments = draw_repayments(roster, applications, streams.money)
    write("repayments", tables.repayments_table(repayments, codes, rng))
    write("transfers", tables.transfers_table(draw_transfers(roster, streams.money), codes))
    write("guarantees", tables.guarantees_table(draw_guarantees(roster, streams.money), codes))
    write("assessments", tables.assessments_table(draw_assessments(roster, streams.money), codes))

    labels = draw_labels(roster, streams.labels)
    write("labels", labels_table(labels, codes, len(popularity), rng))
    truth = tables.truth_table(roster, labels, codes, rng)
    _write_table(truth, partial / TRUTH_FOLDER / f"accounts.{file_format}")
    return n_rows


def _write_table(table: pl.DataFrame, path: Path) -> None:
    if path.suffix == ".csv":
        table.write_csv(path, datetime_format="%Y-%m-%dT%H:%M:%SZ")
    else:
        # Left alone, row groups would follow the number of threads and the bytes with them.
        table.rechunk().write_parquet(path, row_group_size=ROWS_PER_GROUP)


def _check(n_accounts: int, seed: int, file_format: str) -> None:
    if not FEWEST_ACCOUNTS <= n_accounts <= MOST_ACCOUNTS:
        raise UsageError(
            f"{n_accounts} accounts asked for",
            expected=f"{FEWEST_ACCOUNTS} to {MOST_ACCOUNTS} accounts",
            hint="choose another --accounts; a smaller book could not hold every situation",
        )
    if seed < 0:
        raise UsageError(
            f"seed {seed}", expected="a whole number from 0", hint="choose another --seed"
        )
    if file_format not in ("csv", "parquet"):
        raise UsageError(
            f"file format {file_format!r}", expected="csv or parquet", hint="choose one of them"
        )
