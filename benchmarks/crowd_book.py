"""Write a book whose accounts all come through one network, and half of which live at one address.

    python benchmarks/crowd_book.py OUT --accounts 50000

Each account has a phone and a bank card of its own, half a device, and one application at one of
sixty lenders; one in a hundred is known to be bad. It asks what the largest crowd costs the block
that holds it; see docs/spark.md.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
NETWORK, ADDRESS = "113.46.232.1", "Campus Road 1"


def main() -> None:
    """Write the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--accounts", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    given.out.mkdir(parents=True)
    for name, rows in crowd_book(given.accounts, given.seed).items():
        rows.write_parquet(given.out / f"{name}.parquet")


def crowd_book(n_accounts: int, seed: int) -> dict[str, pl.DataFrame]:
    """Draw the tables of a book with one crowd."""
    rng = np.random.default_rng(seed)
    number = np.arange(n_accounts)
    account = pl.Series([f"A{i:07d}" for i in number])

    def days_before(days: np.ndarray) -> pl.Series:
        return pl.Series([AS_OF - timedelta(days=float(day)) for day in days])

    came = rng.uniform(30, 900, n_accounts)
    last = came * rng.uniform(0.0, 1.0, n_accounts)

    def used(kind: str, values: list[str], who: np.ndarray) -> pl.DataFrame:
        return pl.DataFrame(
            {
                "account_id": account.gather(who),
                "kind": [kind] * len(who),
                "value": values,
                "first_seen_at": days_before(came[who]),
                "last_seen_at": days_before(last[who]),
            }
        )

    here = number[rng.random(n_accounts) < 0.5]
    bad = number[rng.random(n_accounts) < 0.01]
    return {
        "accounts": pl.DataFrame({"account_id": account, "opened_at": days_before(came + 1)}),
        "identifiers": pl.concat(
            [
                used("ip", [NETWORK] * n_accounts, number),
                used("address", [ADDRESS] * len(here), here),
                used("phone", [f"+8613{i:09d}" for i in number], number),
                used("bank_card", [f"C{i:07d}" for i in number], number),
                used("device", [f"D{i // 2:07d}" for i in number], number),
            ]
        ),
        "applications": pl.DataFrame(
            {
                "application_id": [f"P{i:07d}" for i in number],
                "account_id": account,
                "lender_id": [f"L{i:02d}" for i in rng.integers(0, 60, n_accounts)],
                "applied_at": days_before(last),
            }
        ),
        "labels": pl.DataFrame(
            {
                "entity_id": account.gather(bad),
                "entity_kind": ["account"] * len(bad),
                "label": ["FRAUD_CONFIRMED"] * len(bad),
                "known_at": days_before(last[bad]),
            }
        ),
    }


if __name__ == "__main__":
    main()
