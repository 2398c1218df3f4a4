"""Slow answers to the questions about loans, guarantees and transfers, from plain records."""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import Any

import networkx as nx

from tests.stores.queries.books import DAY_US, HOUR_US, Book, Link
from tests.stores.queries.oracle_links import tier_of
from tests.stores.queries.ordering import Row, ordered

Values = dict[str, Any]


def within(at: int | None, values: Values) -> bool:
    """Whether a moment lies from ``since`` on and before ``until``."""
    if at is None:
        return values["since"] is None and values["until"] is None
    late_enough = values["since"] is None or at >= values["since"]
    return late_enough and (values["until"] is None or at < values["until"])


def lender_bursts(book: Book, values: Values) -> list[Row]:
    asked = defaultdict(list)
    for link in book.words("APPLIED_TO"):
        at = link.values.get("applied_at_us")
        if at is not None and within(at, values):
            asked[link.source].append((at, book.id_of(link.target)))
    rows = []
    for account, requests in asked.items():
        bursts = []
        for first, _ in requests:
            last = first + values["window_days"] * DAY_US
            inside = [(at, lender) for at, lender in requests if first <= at <= last]
            lenders = sorted({lender for _, lender in inside})
            bursts.append((-len(lenders), first, max(inside)[0], lenders))
        count, first, last, lenders = min(bursts)
        if -count >= values["n_lenders"]:
            rows.append({"account_id": book.id_of(account), "n_lenders": -count,
                         "lenders": lenders, "first_at": first, "last_at": last,
                         "tier": tier_of(book, account)})  # fmt: skip
    return ordered(rows, "-n_lenders", "first_at", "account_id")[: values["n_most"]]


def fast_in_fast_out(book: Book, values: Values) -> list[Row]:
    moved = [k for k in book.words("TRANSFERRED_TO") if k.source != k.target]
    known = [k for k in moved if k.values.get("amount_minor") and k.values.get("at_us") is not None]

    def n_transfers(account: str) -> int:
        return len(book.touching(account, "TRANSFERRED_TO"))

    rows = []
    for receipt in known:
        at, amount = receipt.values["at_us"], receipt.values["amount_minor"]
        if not within(at, values) or n_transfers(receipt.target) > values["hub_links"]:
            continue
        sent = [
            k for k in book.touching(receipt.target, "TRANSFERRED_TO")
            if k.source == receipt.target != k.target and k.values.get("amount_minor")
            and at <= k.values.get("at_us", -1) <= at + values["window_hours"] * HOUR_US
            and k.values.get("currency") == receipt.values.get("currency")
        ]  # fmt: skip
        total = sum(k.values["amount_minor"] for k in sent)
        if sent and total >= values["passed_on_share"] * amount:
            rows.append({
                "account_id": book.id_of(receipt.target), "received_at": at,
                "received_minor": amount, "currency": receipt.values.get("currency"),
                "from_account_id": book.id_of(receipt.source), "sent_minor": total,
                "n_sent": len(sent), "last_sent_at": max(k.values["at_us"] for k in sent),
            })  # fmt: skip
    order = ("-received_minor", "received_at", "account_id", "from_account_id", "currency")
    return ordered(rows, *order)[: values["n_most"]]


def transfer_cycles(book: Book, values: Values) -> list[Row]:
    moved = [k for k in book.words("TRANSFERRED_TO") if k.values.get("at_us") is not None]
    busy = values["hub_links"]
    moved = [k for k in moved if max(len(book.touching(e, k.word)) for e in k.ends) <= busy]
    leaving = defaultdict(list)
    for link in moved:
        leaving[link.source].append(link)
    rows = []

    def follow(chain: list[Link]) -> None:
        first, last = chain[0], chain[-1]
        if last.target == first.source:
            rows.append({
                "n_links": len(chain), "account_ids": [book.id_of(k.source) for k in chain],
                "sent_at": [k.values["at_us"] for k in chain],
                "amounts_minor": [k.values.get("amount_minor") for k in chain],
                "currencies": [k.values.get("currency") for k in chain],
            })  # fmt: skip
            return
        if len(chain) == 5 or last.target in [k.source for k in chain]:
            return
        end = first.values["at_us"] + values["window_days"] * DAY_US
        for link in leaving[last.target]:
            if last.values["at_us"] < link.values["at_us"] <= end:
                follow([*chain, link])

    for link in moved:
        if within(link.values["at_us"], values) and link.source != link.target:
            follow([link])
    order = ("n_links", "sent_at", "account_ids", "amounts_minor", "currencies")
    return ordered(rows, *order)[: values["n_most"]]


def _guarantees(book: Book) -> nx.DiGraph:
    graph = nx.DiGraph()
    graph.add_edges_from(link.ends for link in book.words("GUARANTEES"))
    return graph


def _n_given(book: Book, account: str) -> int:
    return sum(link.source == account for link in book.touching(account, "GUARANTEES"))


def guarantee_circles(book: Book, values: Values) -> list[Row]:
    rows = []
    for circle in nx.simple_cycles(_guarantees(book), length_bound=6):
        if any(_n_given(book, account) > values["hub_links"] for account in circle):
            continue
        ids = [book.id_of(account) for account in circle]
        start = ids.index(min(ids))
        if len(ids) >= max(2, values["n_links"]):
            rows.append({"n_links": len(ids), "account_ids": ids[start:] + ids[:start]})
    return ordered(rows, "n_links", "account_ids")[: values["n_most"]]


def guarantee_chains(book: Book, values: Values) -> list[Row]:
    graph = _guarantees(book)
    firsts = [one for one in graph if graph.in_degree(one) == 0]
    lasts = [one for one in graph if graph.out_degree(one) == 0]
    rows = []
    for first, last in itertools.product(firsts, lasts):
        for path in nx.all_simple_paths(graph, first, last, cutoff=6):
            givers = path[:-1]
            if any(_n_given(book, account) > values["hub_links"] for account in givers):
                continue
            if len(path) > max(2, values["n_links"]):
                rows.append({"n_links": len(path) - 1,
                             "account_ids": [book.id_of(account) for account in path]})  # fmt: skip
    return ordered(rows, "-n_links", "account_ids")[: values["n_most"]]
