"""From numbers to written texts: ids, identifiers, addresses and times, column by column.

Each id is a seeded permutation of the internal number, so that ids tell nothing. None of the
people, numbers and places exist; any likeness is chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

import numpy as np
import polars as pl

from graphrisk.demo.honest import Uses
from graphrisk.demo.roster import Ints, Roster
from graphrisk.model.kinds import IDENTIFIER_KINDS, EntityKind

ID_PREFIX = {EntityKind.DEVICE: "D", EntityKind.PHONE: "+86139", EntityKind.ID_DOCUMENT: "E"}
FIRST_OCTETS = (36, 39, 42, 58, 61, 101, 106, 111, 112, 113, 114, 117, 120, 121, 123, 171, 175)
ROADS = tuple(
    f"{name} {way}"
    for name in (
        *("Garden", "River", "Station", "Temple", "Orchard", "Bridge", "Harbour", "Mill"),
        *("Willow", "Lotus", "Pine", "Bamboo", "Jade", "Spring", "Market", "School"),
    )
    for way in ("Road", "Street", "Lane")
)
GIVEN_NAMES = ("lin", "wei", "yan", "hao", "min", "jun", "xia", "ning", "rui", "tao", "qing", "bo")
FAMILY_NAMES = ("chen", "wang", "zhao", "liu", "sun", "guo", "he", "luo", "xu", "ma", "tang", "ye")


@dataclass(frozen=True, slots=True)
class Codes:
    """Codes that stand for internal numbers in written ids, so that numbers tell nothing."""

    account: Ints
    #: For each kind, the code of each identifier value.
    value: dict[EntityKind, Ints]
    #: For each batch of shared identifiers, the codes of its values.
    batch: dict[str, Ints]


def draw_codes(
    roster: Roster, shared: dict[str, Uses], private: list[Uses], rng: np.random.Generator
) -> Codes:
    """Permute accounts and identifier values and scatter them over their id spaces."""
    value: dict[EntityKind, Ints] = {}
    batch: dict[str, Ints] = {}
    for kind in IDENTIFIER_KINDS:
        named = {name: uses for name, uses in shared.items() if uses.kind == kind}
        alone = sum(uses.n_values for uses in private if uses.kind == kind)
        n_shared = sum(uses.n_values for uses in named.values())
        n_values = n_shared + alone
        # Addresses fill their town: a small book needs no unit 25,000.
        space = max(10**6, 2 * n_values) if kind == EntityKind.ADDRESS else 10**8
        value[kind] = scatter(n_values, space, rng)
        begin = 0
        for name, uses in named.items():
            batch[name] = value[kind][begin : begin + uses.n_values]
            begin += uses.n_values
    return Codes(scatter(roster.n_accounts, 10**8, rng), value, batch)


def scatter(n_numbers: int, space: int, rng: np.random.Generator) -> Ints:
    """``n_numbers`` different codes below ``space``, in random order."""
    stride = int(rng.integers(space // 4, space // 2)) * 2 + 1
    while gcd(stride, space) != 1:
        stride += 2
    return (rng.permutation(n_numbers) * stride + int(rng.integers(space))) % space


def account_text(code: str) -> pl.Expr:
    """Account ids such as ``A04821733``."""
    return pl.format("A{}", digits(pl.col(code), 8))


def lender_text(number: str) -> pl.Expr:
    """Lender ids such as ``L07``."""
    return pl.format("L{}", digits(pl.col(number) + 1, 2))


def identifier_text(kind: EntityKind, region: pl.Expr) -> pl.Expr:
    """The text of an identifier, from its ``code`` (and, for an address, its region)."""
    code = pl.col("code")
    if kind in ID_PREFIX:
        return pl.format("{}{}", pl.lit(ID_PREFIX[kind]), digits(code, 8))
    match kind:
        case EntityKind.BANK_CARD:
            # No issuer owns numbers that begin with 9999; the check digit is a true one.
            return pl.format("9999000{}{}", digits(code, 8), _luhn_digit(code))
        case EntityKind.IP:
            first = pick(FIRST_OCTETS, code % len(FIRST_OCTETS))
            rest = code // len(FIRST_OCTETS)
            parts = (rest // (254 * 256) % 256, rest // 254 % 256, rest % 254 + 1)
            return pl.format("{}.{}.{}.{}", first, *parts)
        case EntityKind.EMAIL:
            given = pick(GIVEN_NAMES, code % len(GIVEN_NAMES))
            family = pick(FAMILY_NAMES, code // 12 % len(FAMILY_NAMES))
            return pl.format("{}.{}{}@example.com", given, family, code // 144)
        case EntityKind.ADDRESS:
            road = pick(ROADS, code % len(ROADS))
            rest = code // len(ROADS)
            where = (rest // 60 + 1, rest % 60 + 1, road, digits(region + 1, 2))
            return pl.format("Unit {}, Block {}, {}, R{}", *where)
    raise AssertionError(f"no text for identifiers of kind {kind}")


def digits(number: pl.Expr, width: int) -> pl.Expr:
    """A whole number with leading zeros."""
    return number.cast(pl.String).str.zfill(width)


def pick(words: tuple[object, ...], position: pl.Expr) -> pl.Expr:
    """The word at each position."""
    return pl.lit(pl.Series([str(word) for word in words])).gather(position)


def _luhn_digit(code: pl.Expr) -> pl.Expr:
    """Check digit of ``9999000`` followed by the eight digits of ``code``."""
    total = pl.lit(9 * 4)  # 9 doubled is 18, and 1 + 8 is 9 again: each 9 counts 9
    for place in range(8):
        digit = code // 10**place % 10
        total = total + (digit * 2 - 9 * (digit > 4) if place % 2 == 0 else digit)
    return (10 - total % 10) % 10


def time_of(seconds: str) -> pl.Expr:
    """A UTC time from seconds; negative seconds mean that there is none."""
    known = pl.when(pl.col(seconds) >= 0).then(pl.col(seconds) * 1_000_000)
    return known.cast(pl.Datetime("us", "UTC"))


def identifier_texts(kind: EntityKind, codes: Ints) -> pl.Series:
    """The texts of these codes; not for addresses, whose text needs a region."""
    frame = pl.DataFrame({"code": codes})
    return frame.select(identifier_text(kind, pl.lit(0))).to_series()
