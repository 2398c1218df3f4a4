"""Books are drawn once and read by many tests."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from graphrisk.demo.book import BookSummary, write_book


@dataclass(frozen=True, slots=True)
class Book:
    """A written book, read back."""

    folder: Path
    summary: BookSummary

    def __getitem__(self, name: str) -> pl.DataFrame:
        return pl.read_parquet(self.folder / f"{name}.parquet")

    @property
    def truth(self) -> pl.DataFrame:
        return self["truth/accounts"]

    def ids(self, *roles: str) -> pl.Series:
        """Accounts that play any of these roles."""
        return self.truth.filter(pl.col("role").is_in(roles))["account_id"]

    def uses(self, kind: str) -> pl.DataFrame:
        """Identifier rows of one kind."""
        return self["identifiers"].filter(pl.col("kind") == kind)


def _written(folder: Path, n_accounts: int) -> Book:
    return Book(folder, write_book(folder, n_accounts=n_accounts, seed=3, file_format="parquet"))


@pytest.fixture(scope="session")
def book(tmp_path_factory) -> Book:
    return _written(tmp_path_factory.mktemp("demo") / "book", 20_000)


@pytest.fixture(scope="session", params=[200, 601, 20_000])
def any_book(request, tmp_path_factory) -> Book:
    return _written(tmp_path_factory.mktemp("demo") / "book", request.param)
