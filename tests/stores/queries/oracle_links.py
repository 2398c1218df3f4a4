"""Slow answers to the questions about links, from plain records."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from typing import Any

from tests.stores.queries.books import TIERS, USES, Book, Link
from tests.stores.queries.ordering import Row, first_known, least, ordered

Values = dict[str, Any]
SEEN = ("first_seen_at_us", "last_seen_at_us", "observed_at_us")


def n_records(book: Book, key: str) -> int:
    return len(book.touching(key))


def is_thing(book: Book, key: str) -> bool:
    return book.kind_of(key) not in ("account", "lender")


def other_end(link: Link, key: str) -> str:
    return link.target if link.source == key else link.source


def tier_of(book: Book, key: str) -> str | None:
    decision = book.current.decisions.get(key)
    return decision["tier"] if decision else None


def is_bad(book: Book, key: str) -> bool:
    return label_of(book, key) is not None


def label_of(book: Book, key: str) -> str | None:
    seeds = [f.removeprefix("seed:") for f in book.current.flags.get(key, ()) if f[:5] == "seed:"]
    return next((one for one in seeds if one not in ("good", "good_standing")), None)


def protected_as(book: Book, key: str) -> str | None:
    hubs = [f for f in book.current.flags.get(key, ()) if f.startswith("protected_hub:")]
    return hubs[0].removeprefix("protected_hub:") if hubs else None


def neighbourhood(book: Book, values: Values) -> list[Row]:
    start = f"account:{values['account_id']}"
    ways: Counter[tuple[int, str, str, str | None]] = Counter()
    middles = set()
    for link in book.touching(start):
        near = other_end(link, start)
        if near != start:
            ways[1, near, link.relation, None] += 1
            middles.add(near)
    for middle in middles:
        if n_records(book, middle) > values["hub_links"]:
            continue
        for link in book.touching(middle):
            far = other_end(link, middle)
            if far not in (start, middle):
                ways[2, far, link.relation, middle] += 1
    rows = [
        {
            "n_links": n, "entity_key": key, "relation": relation, "through": through,
            "n_records": count, "is_hub": n_records(book, key) > values["hub_links"],
            "tier": tier_of(book, key),
        }
        for (n, key, relation, through), count in ways.items()
    ]  # fmt: skip
    return ordered(rows, "n_links", "entity_key", "relation", "through")[: values["n_most"]]


def things_of(book: Book, account: str) -> dict[str, list[Link]]:
    """Identifiers of an account, each with the records that say so."""
    found = defaultdict(list)
    for link in book.touching(account, *USES.values(), "LINKED_TO"):
        if is_thing(book, other_end(link, account)):
            found[other_end(link, account)].append(link)
    return found


def n_uses(book: Book, thing: str) -> int:
    return len(book.touching(thing, *USES.values(), "LINKED_TO"))


def shared_identifiers(book: Book, values: Values) -> list[Row]:
    start = f"account:{values['account_id']}"
    mine = things_of(book, start) if start in book.entities else {}
    hubs = {thing for thing in mine if n_uses(book, thing) > values["hub_links"]}

    def seen_at(links: list[Link]) -> int | None:
        return least(*(first_known(link.values, *SEEN) for link in links))

    rows = []
    for other in book.accounts:
        theirs = things_of(book, other)
        shared = sorted(set(mine) & set(theirs) - hubs)
        if other == start or not shared:
            continue
        moments = [(seen_at(mine[thing]), seen_at(theirs[thing])) for thing in shared]
        both = [max(pair) for pair in moments if None not in pair]
        rows.append({
            "account_id": book.id_of(other), "n_shared": len(shared), "shared": shared,
            "shared_hubs": sorted(hubs & set(theirs)), "both_since_at": least(*both),
            "tier": tier_of(book, other),
        })  # fmt: skip
    return ordered(rows, "-n_shared", "account_id")[: values["n_most"]]


def rings(book: Book, values: Values) -> list[Row]:
    users = defaultdict(set)
    for account in book.accounts:
        for thing in things_of(book, account):
            if n_uses(book, thing) <= values["hub_links"]:
                users[thing].add(account)
    rings: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for one, two in itertools.combinations(sorted(users), 2):
        members = tuple(sorted(book.id_of(a) for a in users[one] & users[two]))
        if len(members) >= values["n_accounts"]:
            rings[members] |= {one, two}
    rows = [
        {"n_accounts": len(members), "n_shared": len(things), "account_ids": list(members),
         "shared": sorted(things)}
        for members, things in rings.items()
    ]  # fmt: skip
    return ordered(rows, "-n_accounts", "-n_shared", "account_ids")[: values["n_most"]]


def devices_by_bad_share(book: Book, values: Values) -> list[Row]:
    rows = []
    for key, device in book.entities.items():
        if device["kind"] != "device":
            continue
        ends = {other_end(link, key) for link in book.touching(key, "USES_DEVICE", "LINKED_TO")}
        users = {end for end in ends if book.kind_of(end) == "account"}
        n_bad = sum(is_bad(book, user) for user in users)
        if len(users) >= values["n_accounts"] and n_bad:
            rows.append({
                "device_id": device["entity_id"], "usage": device.get("usage"),
                "n_accounts": len(users), "n_bad": n_bad, "bad_share": n_bad / len(users),
                "protected_as": protected_as(book, key),
            })  # fmt: skip
    return ordered(rows, "-bad_share", "-n_bad", "device_id")[: values["n_most"]]


def new_links(book: Book, values: Values) -> list[Row]:
    times = ("first_seen_at_us", "observed_at_us", "last_seen_at_us", "applied_at_us", "at_us")
    rows = []
    for link in book.links:
        at, until = first_known(link.values, *times), values["until"]
        if link.word == "BORROWS_FROM" or at is None or at < values["since"]:
            continue
        if until is None or at < until:
            row = {"at": at, "relation": link.relation, "source": link.values.get("source")}
            rows.append({**row, "from_key": link.source, "to_key": link.target})
    return ordered(rows, "at", "from_key", "to_key", "relation", "source")[: values["n_most"]]


def weight_of(book: Book, link: Link) -> tuple[float, float]:
    """How far a link carries from its source to its target, and back."""
    weights = book.current.weights
    return weights.get(word_of(link), weights["other"])


def word_of(link: Link) -> str:
    if link.word == "LINKED_TO":
        return str(link.values["relation"])
    return {"TRANSFERRED_TO": "transfer"}.get(link.word, link.word.lower())


def paths_to_seed(book: Book, values: Values) -> list[Row]:
    rows = []

    def walk(keys: list[str], prob: float, told: str) -> None:
        last = keys[-1]
        if len(keys) > 1 and (label := label_of(book, last)):
            rows.append({"prob": prob, "n_links": len(keys) - 1, "seed_key": last, "label": label,
                         "path": told})  # fmt: skip
        if len(keys) == 5 or (len(keys) > 1 and n_records(book, last) > values["hub_links"]):
            return
        links = book.touching(last)
        for following in {other_end(link, last) for link in links}:
            if following in keys or protected_as(book, following):
                continue
            ways = []
            for link in links:
                if other_end(link, last) == following:
                    is_toward = link.source == following
                    carried = prob * weight_of(book, link)[0 if is_toward else 1]
                    arrow = f" <-{word_of(link)}- " if is_toward else f" -{word_of(link)}-> "
                    ways.append((-carried, arrow))
            carried, arrow = min(ways)
            if -carried >= values["least_prob"]:
                walk([*keys, following], -carried, told + arrow + following)

    start = f"account:{values['account_id']}"
    if start in book.entities:
        walk([start], 1.0, start)
    return ordered(rows, "-prob", "n_links", "path")[: values["n_most"]]


def blast_radius(book: Book, values: Values) -> list[Row]:
    start = values["entity_key"]
    if start not in book.entities:
        return []
    wave, heard = {start: values["strength"]}, []
    for n_links in range(1, 5):
        following: dict[str, float] = {}
        for teller, strength in wave.items():
            n = n_records(book, teller)
            if n > values["hub_links"]:
                continue
            free = book.kind_of(teller) == "account" or n <= values["free_links"]
            for link in book.touching(teller):
                hearer = other_end(link, teller)
                if hearer in (start, teller) or protected_as(book, hearer):
                    continue
                prob = strength * weight_of(book, link)[0 if link.source == teller else 1]
                prob *= 1.0 if free else values["free_links"] / n
                if prob >= values["least_prob"]:
                    following[hearer] = max(prob, following.get(hearer, 0.0))
        heard += [(prob, n_links, key) for key, prob in following.items()]
        wave = following
    best: dict[str, tuple[float, int]] = {}
    for prob, n_links, key in sorted(heard, key=lambda one: (-one[0], one[1])):
        best.setdefault(key, (prob, n_links))
    rows = []
    for key, (prob, n_links) in best.items():
        if book.kind_of(key) != "account":
            continue
        decision = book.current.decisions[key]
        added = min(-math.log(1 - prob) * values["nats_per_nat"], values["cap_nats"])
        odds = decision["risk_prob"] / (1 - decision["risk_prob"]) * math.exp(added)
        risk = odds / (1 + odds)
        steps = [values[f"{tier}_prob"] for tier in TIERS[1:]]
        rank = sum(risk >= step for step in steps)
        rank_now = sum(decision["risk_prob"] >= step for step in steps)
        if rank > max(rank_now, decision["tier_rank"]):
            rows.append({
                "account_id": book.id_of(key), "n_links": n_links, "heard_prob": prob,
                "added_nats": added, "risk_now": decision["risk_prob"], "risk_then": risk,
                "tier_now": decision["tier"], "tier_then": TIERS[rank],
            })  # fmt: skip
    return ordered(rows, "-added_nats", "n_links", "account_id")[: values["n_most"]]
