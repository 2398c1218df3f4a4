"""Small made-up books, drawn from a seed, with ids and words that try to break out of a statement.

A book is what the oracles look at: plain records. ``picture`` lays the same book out as a graph.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tests.stores.queries.engines import Picture

DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000
START_US = 1_750_000_000_000_000

HOSTILE = (
    "'}) DETACH DELETE n //",
    '"; MATCH (n) SET n.tier = "close" RETURN "',
    "`:Account`",
    "$account_id",
    "a\nb\r\tc\\",
    "人🦊\u202e",
    "' OR 1=1 --",
    "{kind: 'account'}",
    "%s {} \\u0027",
    "null",
)
USES = {
    "device": "USES_DEVICE",
    "phone": "USES_PHONE",
    "id_document": "HAS_ID_DOCUMENT",
    "bank_card": "USES_BANK_CARD",
    "address": "LIVES_AT",
    "ip": "USES_IP",
    "email": "USES_EMAIL",
}
LABEL_OF_KIND = {
    "account": "Account", "device": "Device", "lender": "Lender", "phone": "Phone",
    "id_document": "IdDocument", "bank_card": "BankCard", "address": "Address", "ip": "Ip",
    "email": "Email",
}  # fmt: skip
WEIGHTS = {
    "uses_device": (0.7, 0.7), "uses_phone": (0.75, 0.6), "has_id_document": (0.85, 0.85),
    "uses_bank_card": (0.75, 0.75), "lives_at": (0.45, 0.45), "uses_ip": (0.35, 0.3),
    "uses_email": (0.7, 0.7), "applied_to": (0.0, 0.15), "borrows_from": (0.0, 0.15),
    "transfer": (0.3, 0.25), "guarantees": (0.15, 0.5), "other": (0.2, 0.1),
}  # fmt: skip
TIERS = ("clear", "monitor", "review", "limit", "close")
SOURCES = ("bureau", "core", "fraud's team", None)
LABELS = ("default", "fraud_confirmed", "bad", "good", "good_standing")


@dataclass(frozen=True)
class Link:
    """One link record."""

    source: str
    word: str
    target: str
    values: dict[str, Any]

    @property
    def relation(self) -> str:
        return self.values.get("relation") or self.word

    @property
    def ends(self) -> tuple[str, str]:
        return self.source, self.target


@dataclass
class Run:
    run_id: str
    as_of_us: int
    decisions: dict[str, dict[str, Any]] = field(default_factory=dict)
    evidence: list[dict[str, Any]] = field(default_factory=list)
    weights: dict[str, tuple[float, float]] = field(default_factory=lambda: WEIGHTS)
    policy_hash: str = "p"
    flags: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Book:
    seed: int
    entities: dict[str, dict[str, Any]] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    labels: list[dict[str, Any]] = field(default_factory=list)
    assessments: list[dict[str, Any]] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)

    @property
    def current(self) -> Run:
        return self.runs[-1]

    @property
    def accounts(self) -> list[str]:
        return [key for key, one in self.entities.items() if one["kind"] == "account"]

    def id_of(self, key: str) -> str:
        return self.entities[key]["entity_id"]

    def kind_of(self, key: str) -> str:
        return self.entities[key]["kind"]

    @cached_property
    def by_end(self) -> dict[str, list[Link]]:
        """Link records of each entity; a link to itself once."""
        found = defaultdict(list)
        for link in self.links:
            for end in sorted(set(link.ends)):
                found[end].append(link)
        return found

    def touching(self, key: str, *words: str) -> list[Link]:
        found = self.by_end.get(key, [])
        return [link for link in found if link.word in words] if words else found

    def words(self, *words: str) -> list[Link]:
        return [link for link in self.links if link.word in words]

    def add(self, start: str, word: str, end: str, /, **values: Any) -> None:
        """Add a link record, unless there is one like it: equal records are one."""
        made = Link(start, word, end, {k: v for k, v in values.items() if v is not None})
        if made not in self.links:
            self.links.append(made)


def draw(seed: int) -> Book:
    """Draw a book; the same seed draws the same one."""
    chance = random.Random(seed)
    book = Book(seed)
    n_accounts = chance.randint(6, 14)
    accounts = [_entity(book, "account", _id(seed, "A", n)) for n in range(n_accounts)]
    for key in accounts:
        book.entities[key]["status"] = chance.choice(["active", "closed", None])
    things = [
        _entity(book, kind, _id(seed, kind[0], n))
        for kind in (*USES, "wallet")
        for n in range(chance.randint(0, 3))
    ]
    lenders = [_entity(book, "lender", _id(seed, "L", n)) for n in range(6)]
    for key in things:
        if book.kind_of(key) == "device":
            book.entities[key]["usage"] = chance.choice(["kiosk", None, None])
    _uses(book, chance, accounts, things)
    _loans(book, chance, accounts, lenders)
    _money(book, chance, accounts)
    _facts(book, chance, accounts, things)
    book.runs = [_run(book, chance, n) for n in range(2)]
    return book


def _id(seed: int, prefix: str, number: int) -> str:
    """Every third id tries to break out; five books in a row try all that is hostile."""
    tail = HOSTILE[(4 * seed + number // 3) % len(HOSTILE)] if number % 3 == 0 else ""
    return f"{prefix}{number}{tail}"


def _entity(book: Book, kind: str, entity_id: str) -> str:
    key = f"{kind}:{entity_id}"
    book.entities[key] = {"kind": kind, "entity_id": entity_id, "entity_key": key}
    if kind in ("account", "device", "lender"):
        book.entities[key][f"{kind}_id"] = entity_id
    return key


def _at(chance: random.Random, *, days: int = 40, may_miss: bool = True) -> int | None:
    if may_miss and chance.random() < 0.1:
        return None
    return START_US + chance.randrange(days * 8) * 3 * HOUR_US


def _uses(book: Book, chance: random.Random, accounts: list[str], things: list[str]) -> None:
    if not things:
        return
    ring = chance.sample(accounts, k=4)
    for a in accounts:
        shared = things[:3] if a in ring else []
        for thing in {*shared, *chance.sample(things, k=min(len(things), chance.randint(0, 3)))}:
            for _ in range(chance.choice([1, 1, 2])):
                _use(book, chance, a, thing)
    for _ in range(3):
        one, two = chance.choice([*accounts, *things]), chance.choice(things)
        if one != two:
            book.add(
                *chance.choice([(one, "LINKED_TO", two), (two, "LINKED_TO", one)]),
                relation=chance.choice(["knows", "uses_device", "it's"]),
                observed_at_us=_at(chance), source=chance.choice(SOURCES),
            )  # fmt: skip


def _use(book: Book, chance: random.Random, account: str, thing: str) -> None:
    first = _at(chance)
    last = None if first is None or chance.random() < 0.2 else first + chance.randrange(9) * DAY_US
    source = chance.choice(SOURCES)
    kind = book.kind_of(thing)
    if kind in USES:
        book.add(account, USES[kind], thing,
                 first_seen_at_us=first, last_seen_at_us=last, source=source)  # fmt: skip
    else:
        book.add(account, "LINKED_TO", thing, relation="holds", first_seen_at_us=first,
                 last_seen_at_us=last, source=source)  # fmt: skip


def _loans(book: Book, chance: random.Random, accounts: list[str], lenders: list[str]) -> None:
    for a in accounts:
        start = _at(chance, may_miss=False)
        for lender in chance.sample(lenders, k=chance.randint(0, 5)):
            late = chance.randrange(40) * 6 * HOUR_US
            book.add(a, "APPLIED_TO", lender,
                     applied_at_us=None if chance.random() < 0.1 else start + late,
                     source=chance.choice(SOURCES), outcome="approved")  # fmt: skip
            if chance.random() < 0.3:
                book.add(a, "BORROWS_FROM", lender, due_at_us=start + 30 * DAY_US,
                         paid_at_us=_at(chance), source=chance.choice(SOURCES))  # fmt: skip


def _money(book: Book, chance: random.Random, accounts: list[str]) -> None:
    few = accounts[:6]

    def send(one: str, two: str, at: int | None) -> None:
        book.add(one, "TRANSFERRED_TO", two, at_us=at,
                 amount_minor=chance.choice([100, 90, 85, 50, 1000, None]),
                 currency=chance.choice(["CNY", "CNY", "USD", None]))  # fmt: skip

    for _ in range(chance.randint(5, 30)):
        send(chance.choice(few), chance.choice(few), _at(chance, days=20))
    circle = chance.sample(few, k=chance.randint(2, 5))
    at = START_US + chance.randrange(20) * DAY_US
    for one, two in zip(circle, [*circle[1:], circle[0]], strict=True):
        at += chance.randrange(1, 20) * HOUR_US
        book.add(one, "TRANSFERRED_TO", two, at_us=at, currency="CNY",
                 amount_minor=chance.choice([1000, 950, 800]))  # fmt: skip
    for _ in range(chance.randint(3, 9)):
        one, two = sorted(chance.sample(accounts[:9], k=2))
        book.add(one, "GUARANTEES", two, at_us=_at(chance), amount_minor=500, currency="CNY")
    circle = chance.sample(accounts, k=chance.randint(2, 6))
    if chance.random() < 0.6:
        for one, two in zip(circle, [*circle[1:], circle[0]], strict=True):
            book.add(one, "GUARANTEES", two, at_us=_at(chance), currency="CNY")


def _facts(book: Book, chance: random.Random, accounts: list[str], things: list[str]) -> None:
    for n in range(chance.randint(2, 9)):
        book.labels.append({
            "record_id": f"l{n}", "label_kind": chance.choice(LABELS),
            "event_at_us": _at(chance),
            "known_at_us": _at(chance) if chance.random() < 0.7 else None,
            "expires_at_us": _at(chance, days=90) if chance.random() < 0.5 else None,
            "source": chance.choice(SOURCES),
            "entity_key": chance.choice([*accounts[:4], *things]),
        })  # fmt: skip
    for n in range(chance.randint(0, 12)):
        book.assessments.append({
            "record_id": f"s{n}", "source": chance.choice(SOURCES),
            "measure": chance.choice(["income", "score"]),
            "value": chance.choice([0.0, 10.5, 100.0, 180.0, None]), "as_of_us": _at(chance),
            "entity_key": chance.choice(accounts[:3]),
        })  # fmt: skip


def _run(book: Book, chance: random.Random, number: int) -> Run:
    run = Run(f"run{number}'", START_US + (20 + 20 * number) * DAY_US)
    for key, one in book.entities.items():
        flags = []
        if chance.random() < 0.25:
            flags.append(f"seed:{chance.choice(LABELS)}")
        if one["kind"] != "account" and chance.random() < 0.1:
            flags.append(f"protected_hub:{chance.choice(['kiosk', 'campus'])}")
        if flags:
            run.flags[key] = flags
    for key in book.accounts:
        rank = chance.choice([0, 0, 1, 2, 3, 4])
        run.decisions[key] = {
            "tier": TIERS[rank], "tier_rank": rank,
            "risk_prob": round(chance.uniform(0.01, 0.06) if rank < 2 else chance.random(), 6),
            "rule": "by_risk", "reason_codes": ["RING", "REACH_DEVICE"][: rank % 3],
            "evidence_path": chance.choice(["", f"{key} -uses-> x"]),
        }  # fmt: skip
        if rank:
            codes = ["PRIOR", "RING", "REACH_DEVICE", "RANK_GOOD", "LABEL_DEFAULT"]
            for n, code in enumerate(chance.sample(codes, k=chance.randint(1, 5))):
                run.evidence.append({
                    "account": key, "reason_code": code, "via": chance.choice(["", "device:d'0"]),
                    "source": chance.choice(["", "core"]), "place": n,
                    "nats": round(chance.uniform(-2, 3), 3),
                })  # fmt: skip
    return run


def picture(book: Book) -> Picture:
    """Lay a book out as docs/graph-model.md says."""
    drawn = Picture()
    for key, values in book.entities.items():
        own = LABEL_OF_KIND.get(values["kind"])
        drawn.node(key, ("Entity", own) if own else ("Entity",), **values)
    for link in book.links:
        drawn.link(*((link.source, link.word, link.target)), **link.values)
    for label in book.labels:
        values = {name: value for name, value in label.items() if name != "entity_key"}
        drawn.link(drawn.node(label["record_id"], ("RiskLabel",), **values), "LABELS",
                   label["entity_key"])  # fmt: skip
    for one in book.assessments:
        values = {name: value for name, value in one.items() if name != "entity_key"}
        drawn.link(drawn.node(one["record_id"], ("Assessment",), **values), "ASSESSES",
                   one["entity_key"])  # fmt: skip
    for run in book.runs:
        _draw_run(drawn, book, run)
    drawn.node("current", ("CurrentRun",), book="default", run_id=book.current.run_id)
    return drawn


def _draw_run(drawn: Picture, book: Book, run: Run) -> None:
    drawn.node(f"run {run.run_id}", ("Run",), run_id=run.run_id, as_of_us=run.as_of_us,
               policy_hash=run.policy_hash, n_accounts=len(run.decisions))  # fmt: skip
    for relation, (forward, backward) in run.weights.items():
        drawn.node(f"weight {run.run_id} {relation}", ("RelationWeight",), run_id=run.run_id,
                   relation=relation, forward_prob=forward, backward_prob=backward)  # fmt: skip
    for key, values in run.decisions.items():
        made = drawn.node(f"{run.run_id} {key}", ("Decision",), decision_key=f"{run.run_id} {key}",
                          run_id=run.run_id, account_id=book.id_of(key), **values)  # fmt: skip
        drawn.link(made, "DECIDES", key)
    for n, one in enumerate(run.evidence):
        made = drawn.node(f"{run.run_id} e{n}", ("Evidence",), run_id=run.run_id,
                          reason_code=one["reason_code"], nats=one["nats"], via=one["via"],
                          source=one["source"])  # fmt: skip
        drawn.link(made, "SUPPORTS", f"{run.run_id} {one['account']}")
    for key, flags in run.flags.items():
        for flag in flags:
            made = drawn.node(f"{run.run_id} {key} {flag}", ("Flag",), run_id=run.run_id, flag=flag)
            drawn.link(made, "FLAGS", key)
