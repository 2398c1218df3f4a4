"""Draw a seeded book of accounts for measuring speed, with about ten links for each account.

    python benchmarks/speed/books.py OUT --accounts 1000000 --seed 1 [--csv]

Writes OUT/book (the domain tables, for ``graphrisk analyze``) and OUT/links.parquet with
OUT/seeds.parquet (the same links as one long table, for ranking and for the peers). With
``--csv`` the long table is written as CSV too. Ids are 17 characters in no order.

The shape is that of a consumer lender: most identifiers are private, households share an
address, rings of 5 to 50 accounts share devices and cards, a few devices and networks are used by
thousands, 60 lenders by nearly everybody, and some accounts receive most transfers. All of it is
made up; the share of private identifiers decides how much can be folded away.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

Ints = NDArray[np.int64]

N_LENDERS = 60
DAY_US = 86_400_000_000
START_US = 1_735_689_600_000_000  # 2025-01-01T00:00:00Z
N_DAYS = 540
#: First letter of the ids of each kind, which also tells their numbers apart.
LETTERS = {"account": "A", "device": "D", "phone": "P", "bank_card": "C", "address": "R",
           "ip": "I", "lender": "L"}  # fmt: skip
RELATIONS = {"device": "uses_device", "phone": "uses_phone", "bank_card": "uses_bank_card",
             "address": "lives_at", "ip": "uses_ip"}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """Links of one relation: from an account to a numbered entity of a kind, at a time."""

    kind: str
    account: Ints
    target: Ints
    at_us: Ints


@dataclass(frozen=True)
class Drawn:
    """A book as numbers."""

    n_accounts: int
    parts: tuple[Part, ...]
    bad: Ints
    good: Ints

    @property
    def n_links(self) -> int:
        """How many link records there are."""
        return sum(len(part.account) for part in self.parts)


def draw(n_accounts: int, seed: int) -> Drawn:
    """Draw a book; the same numbers for the same seed."""
    chance = np.random.default_rng(seed)
    ring = _rings(n_accounts, chance)
    shared = {
        "device": _things(n_accounts, 1.5, 0.84, 4.0, (1_000, 50_000), 8e-6, ring, chance),
        "phone": _things(n_accounts, 1.0, 0.93, 2.0, (0, 0), 0.0, ring[: len(ring) // 2], chance),
        "bank_card": _things(n_accounts, 1.0, 0.92, 2.2, (0, 0), 0.0, ring, chance),
        "address": _things(n_accounts, 1.0, 0.22, 2.2, (0, 0), 0.0, ring[:0], chance),
        "ip": _things(n_accounts, 1.6, 0.35, 2.4, (1_000, 30_000), 4e-5, ring[:0], chance),
    }
    lenders = (np.arange(1, N_LENDERS + 1) ** -1.1).cumsum()
    n_loans = int(2.9 * n_accounts)
    pairs = {
        **shared,
        "lender": (
            chance.integers(0, n_accounts, n_loans),
            np.searchsorted(lenders, chance.random(n_loans) * lenders[-1]),
        ),
        "account": _transfers(n_accounts, chance),
    }
    parts = []
    for kind, (account, target) in pairs.items():
        order = chance.permutation(len(account))  # records come in no order
        at = START_US + chance.integers(0, N_DAYS * DAY_US // 1_000_000, len(account)) * 1_000_000
        parts.append(Part(kind, account[order], target[order].astype(np.int64), at))
    labelled = chance.permutation(n_accounts)[: n_accounts // 50]
    half = n_accounts // 100
    of_rings = np.unique(ring[:, 0])[: half // 2] if len(ring) else labelled[:0]
    bad = np.union1d(labelled[: half - len(of_rings)], of_rings)
    return Drawn(n_accounts, tuple(parts), bad, np.setdiff1d(labelled[half:], bad))


def _rings(n_accounts: int, chance: np.random.Generator) -> Ints:
    """Draw rings over 2% of the accounts: rows of account and ring."""
    member = chance.permutation(n_accounts)[: n_accounts // 50].astype(np.int64)
    ends = np.cumsum(chance.integers(5, 51, max(1, len(member) // 5)))
    return np.stack([member, np.searchsorted(ends, np.arange(len(member)), side="right")], axis=1)


def _things(
    n_accounts: int,
    per_account: float,
    private_share: float,
    users: float,
    hub_size: tuple[int, int],
    hub_rate: float,
    ring: Ints,
    chance: np.random.Generator,
) -> tuple[Ints, Ints]:
    """Draw who uses which things of a kind: private ones, small groups, rings, hubs."""
    n_private = int(n_accounts * per_account * private_share)
    n_grouped = int(n_accounts * per_account * (1.0 - private_share))
    owner = np.arange(n_private, dtype=np.int64) % n_accounts
    pieces = [(owner, np.arange(n_private, dtype=np.int64))]
    next_thing = n_private

    def add(account: Ints, thing: Ints) -> None:
        nonlocal next_thing
        pieces.append((account, thing + next_thing))
        next_thing += int(thing.max(initial=-1)) + 1

    n_hubs = max(1, int(n_accounts * hub_rate)) if hub_rate else 0
    if n_hubs:
        low, high = hub_size[0], min(hub_size[1], n_accounts // 20)
        sizes = np.exp(chance.uniform(np.log(min(low, high)), np.log(high), n_hubs)).astype(int)
        sizes = sizes[np.cumsum(sizes) <= 0.6 * n_grouped]
        hub = np.repeat(np.arange(len(sizes)), sizes)
        add(chance.integers(0, n_accounts, len(hub)), hub)
        n_grouped -= len(hub)
    add(chance.integers(0, n_accounts, n_grouped), chance.integers(0, int(n_grouped / users) + 1,
                                                                   n_grouped))  # fmt: skip
    if len(ring):
        add(ring[:, 0], ring[:, 1])
    account, thing = (np.concatenate(column) for column in zip(*pieces, strict=True))
    return account, thing


def _transfers(n_accounts: int, chance: np.random.Generator) -> tuple[Ints, Ints]:
    """Draw one transfer for each account on average; receivers follow a power law."""
    sender = chance.integers(0, n_accounts, n_accounts)
    place = (n_accounts * chance.random(n_accounts) ** 3).astype(np.int64)
    receiver = chance.permutation(n_accounts)[place]
    apart = sender != receiver
    return sender[apart], receiver[apart]


def ids(kind: str, numbers: Ints) -> pl.Series:
    """Write numbers of a kind as ids of 17 characters: a letter and a mixed 64-bit number."""
    mixed = numbers.astype(np.uint64) + np.uint64(ord(LETTERS[kind]) << 56)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    text = np.empty((len(numbers), 17), dtype=np.uint8)
    text[:, 0] = ord(LETTERS[kind])
    digits = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
    for place in range(16):
        text[:, place + 1] = digits[(mixed >> np.uint64(4 * place)) & np.uint64(15)]
    offsets = np.arange(0, 17 * len(numbers) + 1, 17, dtype=np.int64)
    array = pa.LargeStringArray.from_buffers(
        len(numbers), pa.py_buffer(offsets), pa.py_buffer(text)
    )
    return pl.Series(values=array, dtype=pl.String)


def long_links(drawn: Drawn) -> pl.DataFrame:
    """Lay all links out as one long table: ``source_id, target_id, relation, observed_at``."""
    return pl.concat(
        [
            pl.DataFrame(
                {
                    "source_id": ids("account", part.account),
                    "target_id": ids(part.kind, part.target),
                    "relation": _relation(part.kind, len(part.account)),
                    "observed_at": _times(part.at_us),
                }
            )
            for part in drawn.parts
        ]
    )


def _relation(kind: str, n_rows: int) -> pl.Series:
    name = {"lender": "applied_to", "account": "transfer"}.get(kind) or RELATIONS[kind]
    return pl.Series([name]).new_from_index(0, n_rows)


def _times(at_us: Ints) -> pl.Series:
    return pl.Series(at_us).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def write_book(folder: Path, drawn: Drawn) -> None:
    """Write the domain tables as Parquet."""
    folder.mkdir(parents=True, exist_ok=True)
    everyone = ids("account", np.arange(drawn.n_accounts))
    opened = _times(np.full(drawn.n_accounts, START_US))
    pl.DataFrame({"account_id": everyone, "opened_at": opened}).write_parquet(
        folder / "accounts.parquet"
    )
    used = []
    for part in drawn.parts:
        account, other = ids("account", part.account), ids(part.kind, part.target)
        at = _times(part.at_us)
        if part.kind == "lender":
            number = pl.Series(np.arange(len(account))).cast(pl.String)
            pl.DataFrame(
                {"application_id": number, "account_id": account, "lender_id": other,
                 "applied_at": at}
            ).write_parquet(folder / "applications.parquet")  # fmt: skip
        elif part.kind == "account":
            minor = pl.Series(np.arange(len(account)) % 90_000 + 100)
            pl.DataFrame(
                {"from_account_id": account, "to_account_id": other, "at": at,
                 "amount_minor": minor, "currency": ["EUR"] * len(account)}
            ).write_parquet(folder / "transfers.parquet")  # fmt: skip
        else:
            until = _times(np.minimum(part.at_us + 60 * DAY_US, START_US + N_DAYS * DAY_US))
            used.append(
                pl.DataFrame(
                    {"account_id": account, "kind": pl.Series([part.kind]).new_from_index(
                        0, len(account)), "value": other, "first_seen_at": at,
                     "last_seen_at": until}
                )
            )  # fmt: skip
    pl.concat(used).write_parquet(folder / "identifiers.parquet")
    labels(drawn).write_parquet(folder / "labels.parquet")


def labels(drawn: Drawn) -> pl.DataFrame:
    """Return the labels: confirmed fraud and good standing, known when the book begins."""
    who = np.concatenate([drawn.bad, drawn.good])
    names = ["fraud_confirmed"] * len(drawn.bad) + ["good_standing"] * len(drawn.good)
    return pl.DataFrame(
        {"entity_kind": pl.Series(["account"]).new_from_index(0, len(who)),
         "entity_id": ids("account", who), "label": names,
         "known_at": _times(np.full(len(who), START_US + (N_DAYS - 30) * DAY_US)),
         "source": pl.Series(["fraud_team"]).new_from_index(0, len(who))}
    )  # fmt: skip


def write(out: Path, n_accounts: int, seed: int, *, csv: bool = False) -> Drawn:
    """Draw a book and write all of it."""
    drawn = draw(n_accounts, seed)
    write_book(out / "book", drawn)
    links = long_links(drawn)
    links.write_parquet(out / "links.parquet", row_group_size=500_000)
    if csv:
        links.write_csv(out / "links.csv")
    pl.DataFrame({"entity_id": ids("account", drawn.bad)}).write_parquet(out / "seeds.parquet")
    return drawn


def main() -> None:
    """Write a book, and say how big it is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--csv", action="store_true", help="write the long table as CSV too")
    wanted = parser.parse_args()
    drawn = write(wanted.out, wanted.accounts, wanted.seed, csv=wanted.csv)
    print(f"{drawn.n_accounts:,} accounts, {drawn.n_links:,} links in {wanted.out}")


if __name__ == "__main__":
    main()
