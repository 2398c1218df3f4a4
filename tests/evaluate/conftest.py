"""A book in which some devices are shared by bad accounts, and the rest is quiet."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from graphrisk import Dataset, read_dataset

START = datetime(2026, 1, 1, tzinfo=UTC)
N_ACCOUNTS, N_BAD = 240, 60


def tables(seed: int = 0, n_accounts: int = N_ACCOUNTS, n_bad: int = N_BAD):
    """Accounts on devices in threes; bad ones share with bad ones, four times of five."""
    random = np.random.default_rng(seed)
    ids = [f"A{i:03d}" for i in range(n_accounts)]
    is_bad = np.arange(n_accounts) < n_bad
    device = np.where(
        random.random(n_accounts) < 0.8,
        np.where(is_bad, np.arange(n_accounts) // 3, 1000 + np.arange(n_accounts) // 3),
        random.integers(0, n_accounts // 3, n_accounts),
    )
    at = [START + timedelta(days=int(day)) for day in random.integers(0, 60, n_accounts)]
    known = [START + timedelta(days=int(day)) for day in random.integers(60, 160, n_accounts)]
    dated = [when if bad else None for when, bad in zip(known, is_bad, strict=True)]
    return {
        "accounts": pl.DataFrame({"account_id": ids, "opened_at": at}),
        "identifiers": pl.DataFrame(
            {
                "account_id": ids,
                "kind": ["device"] * n_accounts,
                "value": [f"D{d}" for d in device],
                "first_seen_at": at,
                "last_seen_at": [START + timedelta(days=170)] * n_accounts,
            }
        ),
        "labels": pl.DataFrame(
            {
                "entity_kind": ["account"] * n_accounts,
                "entity_id": ids,
                "label": ["fraud_confirmed" if bad else "good" for bad in is_bad],
                "known_at": pl.Series(dated, dtype=pl.Datetime("us", "UTC")),
            }
        ),
    }


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    return read_dataset(tables())
