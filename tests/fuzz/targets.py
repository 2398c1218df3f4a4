"""What the fuzzer calls: one function for each parser, from bytes to nothing.

A target returns, or the parser refuses with an error of its own. Anything else that is raised is a
finding. What a parser accepts is checked: rows balance, forms are their own forms.
"""

from __future__ import annotations

import re
import tempfile
import unicodedata
from collections.abc import Callable
from functools import cache
from pathlib import Path

import polars as pl

from graphrisk.errors import GraphRiskError, IntegrityFailure
from graphrisk.intake.cells import Column, Moment
from graphrisk.intake.columns import TABLES
from graphrisk.intake.dataset import Dataset, DatasetRefused
from graphrisk.intake.identifiers import FORMS
from graphrisk.intake.mapping import load_mapping
from graphrisk.intake.numbers import clean_amounts, clean_numbers
from graphrisk.intake.read import read_dataset
from graphrisk.intake.times import clean_times
from graphrisk.model.policy import Policy

Target = Callable[[bytes], None]
#: What cleaning takes out before: control and invisible characters, and bytes that are no text.
_SET_ASIDE = (
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffd]"
)
_GB18030 = 'encoding = "gb18030"\n[[table]]\nfile = "accounts"\ninto = "accounts"\n'


@cache
def folder() -> Path:
    """One folder for all runs of a process; a fuzzer makes thousands a second."""
    kept.append(tempfile.TemporaryDirectory(prefix="fuzz"))
    return Path(kept[-1].name)


kept: list[tempfile.TemporaryDirectory[str]] = []


def conserved(dataset: Dataset) -> None:
    """Every row read is accepted, a duplicate, or quarantined with a record."""
    for tally in dataset.tallies:
        n_settled = tally.n_accepted + tally.n_duplicates + tally.n_quarantined
        assert tally.n_rows_read == n_settled
        here = (pl.col("file") == tally.file) & (pl.col("table") == tally.table)
        assert dataset.quarantine.filter(here)["line"].n_unique() == tally.n_quarantined
        assert dataset.unlinked.filter(here)["line"].n_unique() == tally.n_unlinked
        if tally.table in dataset.tables:
            n_stored = dataset.tables[tally.table].height
            assert n_stored == tally.n_accepted - tally.n_unlinked


def _dataset(name: str, data: bytes, mapping: Path | None = None) -> None:
    path = folder() / name
    path.write_bytes(data)
    try:
        conserved(read_dataset(folder(), mapping=mapping))
    except DatasetRefused as refused:
        assert refused.faults
        conserved(refused.dataset)
    finally:
        path.unlink()


def accounts_csv(data: bytes) -> None:
    _dataset("accounts.csv", data)


def identifiers_csv(data: bytes) -> None:
    (folder() / "accounts.csv").write_text("account_id\na1\na2\n")
    _dataset("identifiers.csv", data)
    (folder() / "accounts.csv").unlink()


def outcomes_csv(data: bytes) -> None:
    (folder() / "accounts.csv").write_text("account_id\nA1\nA2\nA3\nA4\n")
    _dataset("outcomes.csv", data)
    (folder() / "accounts.csv").unlink()


def accounts_gb18030(data: bytes) -> None:
    mapping = folder() / "mapping.toml"
    mapping.write_text(_GB18030)
    _dataset("accounts.csv", data, mapping)
    mapping.unlink()


def accounts_parquet(data: bytes) -> None:
    _dataset("accounts.parquet", data)


def mapping_toml(data: bytes) -> None:
    path = folder() / "fuzzed.toml"
    path.write_bytes(data)
    _expect_our_errors(lambda: load_mapping(path))


def policy_toml(data: bytes) -> None:
    path = folder() / "policy.toml"
    path.write_bytes(data)
    _expect_our_errors(lambda: Policy.load(path))


def _expect_our_errors(call: Callable[[], object]) -> None:
    try:
        call()
    except GraphRiskError as error:
        assert not isinstance(error, IntegrityFailure)
        assert str(error)


def identifiers(data: bytes) -> None:
    value = data.decode("utf-8", errors="replace").strip()[:256]
    if not value or re.search(_SET_ASIDE, value) or unicodedata.normalize("NFKC", value) != value:
        return  # such cells are set aside, or changed, before their kind is looked at
    for form in FORMS.values():
        for region in (None, "CN", "US"):
            once = form.read(value, region)
            if form.is_plain(pl.Series([value]))[0]:
                assert once == (value, None, None)
            if once.no_link is None:
                again = form.read(once.value, None)
                assert (again.value, again.no_link) == (once.value, None)


def times(data: bytes) -> None:
    cells = data.decode("utf-8", errors="replace").split("\n")
    for zone in (None, "America/Los_Angeles"):
        column = Column(TABLES["accounts"]["opened_at"], pl.Series("at", cells))
        _expect_our_errors(lambda column=column, zone=zone: clean_times(column, Moment(zone)))


def amounts(data: bytes) -> None:
    cells = data.decode("utf-8", errors="replace").split("\n")
    for decimals, separators in ((None, (".", "")), (2, (".", "")), (2, (",", "."))):
        column = Column(TABLES["transfers"]["amount_minor"], pl.Series("amount", cells))
        clean_amounts(column, decimals, separators=separators)
        assert (column.values.drop_nulls() >= 0).all()
    for spec in (TABLES["links"]["weight"], TABLES["assessments"]["value"]):
        column = Column(spec, pl.Series("number", cells))
        clean_numbers(column)
        assert column.values.drop_nulls().is_finite().all()


TARGETS: dict[str, Target] = {
    target.__name__: target
    for target in (
        *(accounts_csv, identifiers_csv, outcomes_csv, accounts_gb18030, accounts_parquet),
        *(mapping_toml, policy_toml, identifiers, times, amounts),
    )
}
