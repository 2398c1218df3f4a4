"""The three read-writes on a store: several statements of the library in one transaction.

Each locks both ends and reads whether they are blocked, adds its edge, and looks at what that
made. If the strategy finds fault the transaction is taken back, and a second one blocks both ends.
"""

from __future__ import annotations

from collections.abc import Callable

from neo4j import Driver, ManagedTransaction

from benchmarks.finbench.spec import Values
from benchmarks.finbench.writes import ABORTED, BLOCKED, COMMITTED
from graphrisk.stores.library import statement

Check = Callable[[ManagedTransaction, Values], bool]


class Fault(Exception):
    """The strategy found fault: the transaction must be taken back."""


def ask(tx: ManagedTransaction, name: str, p: Values) -> list[Values]:
    """Run a statement of the library with those of the values that it takes."""
    found = statement(f"finbench/{name}")
    taken = {one.name: p[one.name] for one in found.parameters}
    return [record.data() for record in tx.run(found.text, taken)]


def trw01(driver: Driver, p: Values, database: str = "neo4j") -> str:
    """Transfer, unless that closes a circle of three accounts within the window."""
    return _run(driver, database, p, "account", "tw12", _closes_a_circle)


def trw02(driver: Driver, p: Values, database: str = "neo4j") -> str:
    """Transfer, unless src and dst then both take in too much for what they pay out."""
    return _run(driver, database, p, "account", "tw12", _exceeds_the_ratio)


def trw03(driver: Driver, p: Values, database: str = "neo4j") -> str:
    """Guarantee, unless the chain from src then carries too much in loans."""
    return _run(driver, database, p, "person", "tw10", _exceeds_the_loans)


def _closes_a_circle(tx: ManagedTransaction, p: Values) -> bool:
    return bool(ask(tx, "trw01_cycles", p)[0]["numCycles"])


def _exceeds_the_ratio(tx: ManagedTransaction, p: Values) -> bool:
    asked = {**p, "threshold": p["amountThreshold"]}
    ratios = [ask(tx, "tcr07", {**asked, "id": p[end]})[0] for end in ("srcId", "dstId")]
    return all(one["inOutRatio"] > p["ratioThreshold"] for one in ratios)


def _exceeds_the_loans(tx: ManagedTransaction, p: Values) -> bool:
    found = ask(tx, "tcr11", {**p, "id": p["srcId"]})[0]
    return bool(found["sumLoanAmount"] > p["threshold"])


def _run(driver: Driver, database: str, p: Values, kind: str, add: str, fails: Check) -> str:
    """Return what came of it: committed, aborted because an end is blocked, or both blocked."""

    def try_to_add(tx: ManagedTransaction) -> str:
        ends = ask(tx, f"trw_lock_{kind}s", p)
        if not ends or ends[0]["isBlocked"]:
            return ABORTED
        ask(tx, add, {**p, f"{kind}Id1": p["srcId"], f"{kind}Id2": p["dstId"]})
        if fails(tx, p):
            raise Fault
        return COMMITTED

    def block_both(tx: ManagedTransaction) -> str:
        for end in ("srcId", "dstId"):
            ask(tx, "tw18" if kind == "account" else "tw19", {f"{kind}Id": p[end]})
        return BLOCKED

    with driver.session(database=database) as session:
        try:
            return session.execute_write(try_to_add)
        except Fault:
            return session.execute_write(block_both)


READ_WRITES = {f.__name__: f for f in (trw01, trw02, trw03)}
