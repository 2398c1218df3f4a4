"""Every question of the library with its slow answer, and the parameters it is asked with."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from typing import Any

from graphrisk.stores.header import Statement
from tests.stores.queries import oracle_links, oracle_money, oracle_runs
from tests.stores.queries.books import DAY_US, HOSTILE, START_US, Book
from tests.stores.queries.ordering import Row

Values = dict[str, Any]

ORACLES: dict[str, Callable[[Book, Values], list[Row]]] = {
    f"queries/{name}": getattr(room, name)
    for room, names in (
        (oracle_links, ("neighbourhood", "shared_identifiers", "rings", "devices_by_bad_share",
                        "new_links", "paths_to_seed", "blast_radius")),
        (oracle_money, ("lender_bursts", "fast_in_fast_out", "transfer_cycles",
                        "guarantee_circles", "guarantee_chains")),
        (oracle_runs, ("runs", "closure_candidates", "seeds", "contradictions", "stale_data",
                       "tier_changes")),
    )
    for name in names
}  # fmt: skip


def times(chance: random.Random) -> int | None:
    return chance.choice([None, None, None, START_US + chance.randrange(40) * DAY_US])


#: How a parameter is drawn where its default would not do.
DRAWN: dict[str, Callable[[Book, random.Random], Any]] = {
    "account_id": lambda book, chance: book.id_of(chance.choice(book.accounts)),
    "entity_key": lambda book, chance: chance.choice(list(book.entities)),
    "hub_links": lambda book, chance: chance.choice([2, 5, 8, 50]),
    "n_most": lambda book, chance: chance.choice([1, 3, 500, 500]),
    "n_accounts": lambda book, chance: chance.choice([2, 3]),
    "n_lenders": lambda book, chance: chance.choice([2, 3, 4]),
    "window_days": lambda book, chance: chance.choice([1.5, 7.0, 30.0]),
    "n_links": lambda book, chance: chance.choice([2, 3]),
    "least_prob": lambda book, chance: chance.choice([0.01, 0.05]),
    "free_links": lambda book, chance: chance.choice([2.0, 5.0]),
    "stale_days": lambda book, chance: chance.choice([2.0, 10.0]),
    "passed_on_share": lambda book, chance: chance.choice([0.5, 0.9]),
    "tiers": lambda book, chance: chance.choice([["close"], ["limit", "close"], []]),
    "earlier": lambda book, chance: book.runs[0].run_id,
    "later": lambda book, chance: chance.choice([None, book.runs[1].run_id, "none"]),
    "since": lambda book, chance: times(chance),
    "until": lambda book, chance: times(chance),
    "as_of": lambda book, chance: times(chance),
    "source": lambda book, chance: chance.choice([None, "core", *HOSTILE[:1]]),
}


def parameters(one: Statement, book: Book, number: int) -> Values:
    """Draw the parameters of a question; the same number draws the same ones."""
    chance = random.Random(f"{book.seed} {one.name} {number}")
    values = {}
    for given in one.parameters:
        draw = DRAWN.get(given.name)
        value = draw(book, chance) if draw else given.default
        values[given.name] = START_US if value is None and given.required else value
    return values


def differences(one: Statement, found: list[Row], expected: list[Row]) -> Iterator[str]:
    """Say where an answer is not the oracle's, row by row."""
    if len(found) != len(expected):
        yield f"{len(found)} rows, expected {len(expected)}"
    names = [column.name for column in one.columns]
    for n, (row, other) in enumerate(zip(found, expected, strict=False)):
        for name in names:
            if not same(row[name], other[name]):
                yield f"row {n}, {name}: {row[name]!r}, expected {other[name]!r}"


def same(one: object, two: object) -> bool:
    """Whether two values are equal; floats to 12 digits: engines have their own logarithms."""
    if isinstance(one, float) and isinstance(two, float | int):
        return math.isclose(one, two, rel_tol=1e-12, abs_tol=1e-12)
    return type(one) is type(two) and one == two
