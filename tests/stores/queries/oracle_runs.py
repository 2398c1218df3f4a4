"""Slow answers to the questions about runs, labels and sources, from plain records."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from typing import Any

from tests.stores.queries.books import DAY_US, TIERS, Book, Run
from tests.stores.queries.ordering import Row, first_known, ordered

Values = dict[str, Any]
GOOD = ("good", "good_standing")


def runs(book: Book, values: Values) -> list[Row]:
    rows = []
    for run in book.runs:
        counts = Counter(one["tier"] for one in run.decisions.values())
        n_of_tier = {f"n_{tier}": counts[tier] for tier in TIERS}
        row = {"run_id": run.run_id, "as_of": run.as_of_us, "is_current": run is book.current}
        rows.append({**row, "policy_hash": run.policy_hash, **n_of_tier})
    return ordered(rows, "-as_of", "run_id")[: values["n_most"]]


def closure_candidates(book: Book, values: Values) -> list[Row]:
    rows = []
    for key, decision in book.current.decisions.items():
        if decision["tier"] not in values["tiers"]:
            continue
        found = [e for e in book.current.evidence if e["account"] == key and e["nats"] > 0]
        found = ordered(found, "-nats", "reason_code", "via", "source")
        lines = [
            f"{e['reason_code']} {round(e['nats'], 3)}"
            + (f" via {e['via']}" if e["via"] else "")
            + (f" ({e['source']})" if e["source"] else "")
            for e in found
        ]
        rows.append({
            "account_id": book.id_of(key), "tier": decision["tier"],
            "risk_prob": decision["risk_prob"], "rule": decision["rule"],
            "reason_codes": decision["reason_codes"], "evidence": lines[: values["n_evidence"]],
            "evidence_path": decision["evidence_path"], "status": book.entities[key].get("status"),
        })  # fmt: skip
    return ordered(rows, "-risk_prob", "account_id")[: values["n_most"]]


def seeds(book: Book, values: Values) -> list[Row]:
    as_of = book.current.as_of_us if values["as_of"] is None else values["as_of"]
    rows = []
    for label in book.labels:
        if values["source"] not in (None, label["source"]):
            continue
        known, expires = first_known(label, "known_at_us", "event_at_us"), label["expires_at_us"]
        if known is not None and known > as_of:
            state = "not yet known"
        elif expires is not None and expires <= as_of:
            state = "expired"
        elif expires is not None and expires <= as_of + values["soon_days"] * DAY_US:
            state = "expires soon"
        else:
            state = "in force"
        rows.append({"source": label["source"], "label": label["label_kind"],
                     "entity_key": label["entity_key"], "known_at": known, "expires_at": expires,
                     "state": state})  # fmt: skip
    order = ("source", "expires_at", "entity_key", "label", "known_at")
    return ordered(rows, *order)[: values["n_most"]]


def contradictions(book: Book, values: Values) -> list[Row]:
    as_of = book.current.as_of_us
    stand = [
        one for one in book.labels
        if one["source"] is not None and (one["expires_at_us"] or as_of + 1) > as_of
    ]  # fmt: skip
    found = {
        (bad["entity_key"], "label", bad["source"], bad["label_kind"], good["source"],
         good["label_kind"])
        for bad, good in itertools.product(stand, stand)
        if bad["entity_key"] == good["entity_key"] and bad["source"] != good["source"]
        and bad["label_kind"] not in GOOD and good["label_kind"] in GOOD
    }  # fmt: skip
    newest: dict[tuple[str, str], dict[str, tuple[int, float]]] = defaultdict(dict)
    for one in book.assessments:
        if one["source"] is not None and one["value"] is not None:
            said = newest[one["entity_key"], one["measure"]]
            belief = (one["as_of_us"] or 0, one["value"])
            said[one["source"]] = max(belief, said.get(one["source"], belief))
    rows = [list(one) for one in found]
    for (key, measure), said in newest.items():
        for (high_source, (_, high)), (low_source, (_, low)) in itertools.permutations(
            said.items(), 2
        ):
            if low > 0 and high >= values["apart_ratio"] * low:
                rows.append([key, measure, high_source, str(high), low_source, str(low)])
    names = ("entity_key", "about", "source_one", "says_one", "source_two", "says_two")
    order = ("entity_key", "about", "source_one", "source_two", "says_one", "says_two")
    return ordered([dict(zip(names, row, strict=True)) for row in rows], *order)[: values["n_most"]]


def stale_data(book: Book, values: Values) -> list[Row]:
    times = ("last_seen_at_us", "observed_at_us", "first_seen_at_us", "applied_at_us",
             "paid_at_us", "due_at_us")  # fmt: skip
    facts = [
        (k.values.get("source"), k.relation, first_known(k.values, *times)) for k in book.links
    ]
    facts += [(one["source"], "label", first_known(one, "known_at_us", "event_at_us"))
              for one in book.labels]  # fmt: skip
    facts += [(one["source"], "assessment", one["as_of_us"]) for one in book.assessments]
    groups = defaultdict(list)
    for source, fact, at in facts:
        if source is not None and at is not None:
            groups[source, fact].append(at)
    if not groups:
        return []
    newest = max(max(times) for times in groups.values())
    seen_from = newest if values["as_of"] is None else values["as_of"]
    rows = []
    for (source, fact), known in groups.items():
        age_days = (seen_from - max(known)) / DAY_US
        if age_days > values["stale_days"]:
            rows.append({"source": source, "fact": fact, "newest_at": max(known),
                         "age_days": age_days, "n_facts": len(known)})  # fmt: skip
    return ordered(rows, "newest_at", "source", "fact")[: values["n_most"]]


def tier_changes(book: Book, values: Values) -> list[Row]:
    by_id = {run.run_id: run for run in book.runs}
    before = by_id.get(values["earlier"])
    after = by_id.get(values["later"] or book.current.run_id)
    if before is None or after is None:
        return []
    rows = []
    for key in book.accounts:
        one, two = before.decisions[key], after.decisions[key]
        if one["tier"] == two["tier"]:
            continue
        was, now = _nats(before, key), _nats(after, key)
        sign = 1 if TIERS.index(two["tier"]) > TIERS.index(one["tier"]) else -1
        codes = sorted({*was, *now}, key=lambda c: (-sign * (now.get(c, 0) - was.get(c, 0)), c))
        code = codes[0] if codes else None
        rows.append({
            "account_id": book.id_of(key), "tier_before": one["tier"], "tier_after": two["tier"],
            "risk_before": one["risk_prob"], "risk_after": two["risk_prob"], "reason_code": code,
            "via": max((e["via"] for run in (before, after) for e in run.evidence
                        if (e["account"], e["reason_code"]) == (key, code)), default=""),
            "nats_before": was.get(code), "nats_after": now.get(code),
        })  # fmt: skip
    return ordered(rows, "account_id")[: values["n_most"]]


def _nats(run: Run, account: str) -> dict[str, float]:
    nats: dict[str, float] = defaultdict(float)
    for one in run.evidence:
        if one["account"] == account and one["reason_code"] != "PRIOR":
            nats[one["reason_code"]] += one["nats"]
    return dict(nats)
