"""What an attacker with k accounts can try: on an honest victim, and for an accomplice.

Every attack is a small book around the one account that it is about. The attacker has what anyone
can get: accounts of his own, some of them found out, the victim's public traits, and time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from graphrisk import Analysis, analyze

DAY = "2024-06-01T00:00:00Z"
LATER = "2024-11-01T00:00:00Z"
COLUMNS = {
    "accounts": ("account_id", "opened_at"),
    "identifiers": ("account_id", "kind", "value", "first_seen_at", "last_seen_at"),
    "labels": ("entity_kind", "entity_id", "label", "event_at", "known_at", "source"),
    "transfers": ("from_account_id", "to_account_id", "at", "amount_minor", "currency"),
    "guarantees": ("guarantor_id", "borrower_id", "at"),
    "links": ("source_id", "target_id", "relation", "source_kind", "target_kind", "observed_at"),
}
TARGET = "target"


@dataclass
class Book:
    """Rows of text by table, around an honest account of some years, ``TARGET``."""

    rows: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.account(TARGET, opened_at="2022-03-01T00:00:00Z")
        for kind, value in (
            ("device", "D62240008"),
            ("phone", "+8613992743369"),
            ("address", "Unit 7, Block 3, Garden Road"),
            ("ip", "61.4.240.229"),
        ):
            self.uses(TARGET, kind, value, since="2022-03-02T00:00:00Z")

    def add(self, table: str, *row: str) -> None:
        self.rows.setdefault(table, []).append(row)

    def account(self, name: str, opened_at: str = "2024-05-01T00:00:00Z") -> str:
        self.add("accounts", name, opened_at)
        return name

    def uses(self, name: str, kind: str, value: str, since: str = DAY) -> None:
        self.add("identifiers", name, kind, value, since, LATER)

    def label(self, name: str, label: str, source: str = "own", at: str = DAY) -> None:
        self.add("labels", "account", name, label, at, at, source)

    def pays(self, name: str, other: str) -> None:
        self.add("transfers", name, other, LATER, "10000", "CNY")

    def accounts(self, k: int, prefix: str, label: str = "") -> list[str]:
        """Open k accounts, all with the same label if one is given."""
        names = [self.account(f"{prefix}{n:05}") for n in range(k)]
        if label:
            for name in names:
                self.label(name, label)
        return names

    def analyse(self) -> Analysis:
        tables = {
            name: pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS[name], pl.String), orient="row")
            for name, rows in self.rows.items()
        }
        return analyze(tables)


# ── On a victim ──────────────────────────────────────────────────────────────────────────────


def named_as_guarantor(book: Book, k: int) -> None:
    """k found-out fraudsters name the victim as their guarantor and contact."""
    for bad in book.accounts(k, "b", "fraud_confirmed"):
        book.add("guarantees", TARGET, bad, DAY)
        book.add("links", bad, TARGET, "named_contact", "account", "account", DAY)


def guaranteed_by_fraudsters(book: Book, k: int) -> None:
    """k found-out fraudsters declare that they guarantee for the victim."""
    for bad in book.accounts(k, "b", "fraud_confirmed"):
        book.add("guarantees", bad, TARGET, DAY)


def paid_by_fraudsters(book: Book, k: int) -> None:
    """k found-out fraudsters send the victim money."""
    for bad in book.accounts(k, "b", "fraud_confirmed"):
        book.pays(bad, TARGET)


def moved_in_next_door(book: Book, k: int) -> None:
    """k found-out fraudsters write the victim's address, and use the victim's Wi-Fi."""
    for bad in book.accounts(k, "b", "fraud_confirmed"):
        book.uses(bad, "address", "Unit 7, Block 3, Garden Road")
        book.uses(bad, "ip", "61.4.240.229")


def reported_by_one(book: Book, k: int) -> None:
    """One reporter files k reports of the victim, each for another day."""
    for n in range(k):
        at = f"2024-{n // 280 % 12 + 1:02}-{n % 28 + 1:02}T{n // 28 % 10:02}:00:00Z"
        book.label(TARGET, "fraud_suspected", "rival", at)


def neighbours_reported(book: Book, k: int) -> None:
    """One reporter files reports of k honest accounts at the victim's address and network."""
    for name in book.accounts(k, "n"):
        book.uses(name, "address", "Unit 7, Block 3, Garden Road")
        book.uses(name, "ip", "61.4.240.229")
        book.label(name, "fraud_suspected", "rival")


def everything_at_once(book: Book, k: int) -> None:
    """k found-out fraudsters do all of this, and the victim is reported too."""
    for bad in book.accounts(k, "b", "fraud_confirmed"):
        book.add("guarantees", TARGET, bad, DAY)
        book.add("guarantees", bad, TARGET, DAY)
        book.add("links", bad, TARGET, "named_contact", "account", "account", DAY)
        book.pays(bad, TARGET)
        book.uses(bad, "address", "Unit 7, Block 3, Garden Road")
        book.uses(bad, "ip", "61.4.240.229")
    reported_by_one(book, k)


def claimed_device(book: Book, k: int) -> None:
    """k found-out fraudsters forge the victim's device id in their app."""
    for bad in book.accounts(k, "b", "fraud_confirmed"):
        book.uses(bad, "device", "D62240008")


def claimed_phone(book: Book, k: int) -> None:
    """k found-out fraudsters write the victim's telephone number in a form."""
    for bad in book.accounts(k, "b", "fraud_confirmed"):
        book.uses(bad, "phone", "+8613992743369")


def claimed_all(book: Book, k: int) -> None:
    """k found-out fraudsters claim the victim's device and number, live there, name and pay it."""
    everything_at_once(book, k)
    for bad in [f"b{n:05}" for n in range(k)]:
        book.uses(bad, "device", "D62240008")
        book.uses(bad, "phone", "+8613992743369")


# ── For an accomplice, who shares a device with a found-out fraudster ─────────────────────────


def accomplice(book: Book) -> None:
    fraudster = book.account("fraudster")
    book.label(fraudster, "fraud_confirmed")
    book.uses(fraudster, "device", "D62240008")


def diluted(book: Book, k: int) -> None:
    """k fake accounts log in on the shared device."""
    accomplice(book)
    for fake in book.accounts(k, "f"):
        book.uses(fake, "device", "D62240008")


def paying_the_good(book: Book, k: int) -> None:
    """The accomplice pays k accounts in good standing."""
    accomplice(book)
    for good in book.accounts(k, "g", "good_standing"):
        book.pays(TARGET, good)


def among_the_good(book: Book, k: int) -> None:
    """The accomplice writes the address and uses the network of k accounts in good standing."""
    accomplice(book)
    for good in book.accounts(k, "g", "good_standing"):
        book.uses(good, "address", "Unit 7, Block 3, Garden Road")
        book.uses(good, "ip", "61.4.240.229")


def own_fakes(book: Book, k: int) -> None:
    """The accomplice has k further devices, each shared with a fake account of his own."""
    accomplice(book)
    for n, fake in enumerate(book.accounts(k, "f")):
        book.uses(TARGET, "device", f"E{n:08}")
        book.uses(fake, "device", f"E{n:08}")


def paid_by_fakes(book: Book, k: int) -> None:
    """k fake accounts send the accomplice money, and get some."""
    accomplice(book)
    for fake in book.accounts(k, "f"):
        book.pays(fake, TARGET)
        book.pays(TARGET, fake)


def good_customer(book: Book, k: int) -> None:
    """k accounts in good standing pay the accomplice, and share an e-mail address with him each."""
    accomplice(book)
    for n, good in enumerate(book.accounts(k, "g", "good_standing")):
        book.pays(good, TARGET)
        book.uses(good, "email", f"shared{n}@example.org")
        book.uses(TARGET, "email", f"shared{n}@example.org")


def all_for_one(book: Book, k: int) -> None:
    """k accounts in good standing and k fakes with phones of their own do all of this at once."""
    paying_the_good(book, k)
    for n, fake in enumerate(book.accounts(k, "f")):
        book.uses(fake, "device", "D62240008")
        book.uses(fake, "phone", f"+8613900{n:06}")
        book.pays(f"g{n:05}", fake)
        book.pays(fake, TARGET)
        book.uses(f"g{n:05}", "address", "Unit 7, Block 3, Garden Road")


Attack = Callable[[Book, int], None]

ON_VICTIMS: tuple[Attack, ...] = (
    named_as_guarantor,
    guaranteed_by_fraudsters,
    paid_by_fraudsters,
    moved_in_next_door,
    reported_by_one,
    neighbours_reported,
    everything_at_once,
)
#: Strong families hear what an account says it uses, but limit nobody who had it first.
WITH_THE_VICTIMS_OWN: tuple[Attack, ...] = (claimed_device, claimed_phone, claimed_all)
FOR_ACCOMPLICES: tuple[Attack, ...] = (
    diluted,
    paying_the_good,
    among_the_good,
    own_fakes,
    paid_by_fakes,
    good_customer,
    all_for_one,
)


def attacked(attack: Attack, k: int) -> Analysis:
    """Analyse a book under attack."""
    book = Book()
    attack(book, k)
    return book.analyse()


def on_target(analysis: Analysis) -> tuple[str, float]:
    """Return the tier and the risk of the account that the attack is about."""
    row = analysis.decisions.row(by_predicate=pl.col("account_id") == TARGET, named=True)
    return row["tier"], row["risk_prob"]
