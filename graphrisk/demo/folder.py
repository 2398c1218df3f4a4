"""The folder of a book: what lies in it, its README, and how it appears whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from graphrisk.demo.roster import AS_OF
from graphrisk.errors import UsageError

TRUTH_FOLDER = "truth"
_TITLE = "# A sample book of accounts, made up by graphrisk\n"
_README = (
    _TITLE
    + """
Nobody in this book exists. It was drawn at random, with {n_accounts} accounts and seed {seed},
and ends at {as_of} (the as-of date). The same seed gives the same bytes.

| table | rows | what it says |
|---|---|---|
{rows}

Times are UTC, amounts are whole minor units (cents), ids are text. An empty `paid_at` is an
instalment that is not paid; an empty `expires_at` is a label that does not expire.

## The truth

`truth/accounts` says for each account whether it is bad, the principal role it plays, the group
it belongs to, whether it carries a label in force (of either sort), and whether it hides behind
links to honest accounts. About half of the bad accounts are labelled; the others are hidden, and
some of them have no links at all. A few labels are wrong, as in life.

An analysis must not read the truth. Analyse the tables first, then join the decisions to the
truth on `account_id` and count: how many hidden bad accounts were found (`is_bad` and no bad
label), and how many honest people who only share something with a bad one were wronged. Use
`split_hint` (`learn` or `hold_out`) if something is learnt from the truth; it keeps groups whole.
"""
)
_PURPOSES = {
    "accounts": "one row per account",
    "devices": "every device in use; registered shop kiosks say so",
    "lenders": "one row per lender",
    "identifiers": "which account used which device, phone, document, card, address, IP, email",
    "applications": "loan applications and their outcome",
    "repayments": "instalments due and paid",
    "transfers": "money sent between accounts",
    "guarantees": "who stands in for whose loan",
    "assessments": "what each source believes of income, capacity and credit score",
    "labels": "what is known against an account or thing, or in favour of it",
}


def write_readme(folder: Path, n_rows: Mapping[str, int], *, n_accounts: int, seed: int) -> None:
    """Say in plain words what the tables are and how the truth is to be used."""
    rows = "\n".join(f"| {name} | {n_rows[name]} | {_PURPOSES[name]} |" for name in _PURPOSES)
    as_of = f"{AS_OF:%Y-%m-%dT%H:%M:%SZ}"
    text = _README.format(n_accounts=n_accounts, seed=seed, as_of=as_of, rows=rows)
    (folder / "README.md").write_text(text, encoding="utf-8", newline="\n")


@contextmanager
def replaced_whole(folder: Path) -> Iterator[Path]:
    """Lend a hidden sibling folder to write into; at the end it takes the name of ``folder``.

    An earlier book is replaced. On any error the sibling is removed and ``folder`` stays as it
    was.

    Raises
    ------
    UsageError
        If ``folder`` is a file, or holds anything but an earlier book.
    """
    folder = folder.resolve()
    _check_replaceable(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = folder.parent / f".{folder.name}.{os.getpid()}.partial"
    partial.mkdir()
    try:
        yield partial
        _put_in_place(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _check_replaceable(folder: Path) -> None:
    """Refuse to touch anything but an empty folder or an earlier book."""
    if not folder.exists() or _is_earlier_book(folder):
        return
    what = "a file" if not folder.is_dir() else "a folder that holds something else"
    raise UsageError(
        f"{folder} is {what}",
        expected="a folder that is new, empty, or holds an earlier sample book",
        hint="name another folder, or empty this one",
    )


def _is_earlier_book(folder: Path) -> bool:
    """Whether everything in ``folder`` was written by us (an empty folder counts)."""
    if not folder.is_dir():
        return False
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    if not found:
        return True
    names = (*_PURPOSES, f"{TRUTH_FOLDER}/accounts")
    ours = {f"{name}.{suffix}" for name in names for suffix in ("csv", "parquet")}
    readme = folder / "README.md"
    return (
        found <= ours | {TRUTH_FOLDER, "README.md"}
        and readme.is_file()
        and readme.read_text(encoding="utf-8", errors="replace").startswith(_TITLE)
    )


def _put_in_place(partial: Path, folder: Path) -> None:
    """Rename the finished book to its name; an earlier one steps aside first."""
    aside = partial.with_suffix(".earlier")
    if folder.exists():
        folder.rename(aside)
    partial.rename(folder)
    shutil.rmtree(aside, ignore_errors=True)
