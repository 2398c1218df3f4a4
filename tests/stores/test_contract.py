"""What every store promises, on Neo4j and on the embedded engine."""

import math
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphrisk import analyze, read_dataset
from graphrisk.errors import IntegrityFailure, Locked, UsageError
from tests.stores.places import (
    analysed,
    assert_equal,
    dataset_of,
    demo,
    everything,
    run_of,
    table,
)

pytestmark = pytest.mark.xdist_group("neo4j")

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)

#: Text that would change the meaning of a statement, were it ever pasted into one.
HOSTILE = (
    "plain",
    "'",
    '"',
    "`",
    "\\",
    "\\'",
    "$rows",
    "{}",
    "{0}",
    "%s",
    "'}) DETACH DELETE n //",
    "\"}) MATCH (n) DETACH DELETE n RETURN ('",
    "x`) DETACH DELETE (n:`Entity",
    ":Account",
    "Entity {entity_key: 'x'}",
    "a:b",
    "line\nline",
    "tab\tcr\r",
    "/* */ -- ;",
    "null",
    "NaN",
    "true",
    " space ",
    "张伟 𝄞 é é",
    "\u202eright to left\u2066",
    "A" * 256,
)


def hostile_tables():
    """Every column of every table with every hostile text, and a kind of the user's own."""
    accounts = [{"account_id": f"A{n}{text}", "status": text} for n, text in enumerate(HOSTILE)]
    ids = [row["account_id"] for row in accounts]
    both = list(zip(ids, HOSTILE, strict=True))
    return {
        "accounts": table("accounts", accounts),
        "devices": table("devices", [{"device_id": t, "usage": t} for t in HOSTILE]),
        "lenders": table("lenders", [{"lender_id": t} for t in HOSTILE]),
        "entities": table(
            "entities",
            [
                {"kind": "wallet", "entity_id": t, "usage": t}
                | {f"n{m}{name}": float(n) for m, name in enumerate(HOSTILE)}
                for n, t in enumerate(HOSTILE)
            ],
        ),
        "identifiers": table(
            "identifiers",
            [
                {"account_id": a, "kind": kind, "value": t, "source": t, "first_seen_at": NOON}
                for a, t in both
                for kind in (
                    "device",
                    "phone",
                    "id_document",
                    "bank_card",
                    "address",
                    "ip",
                    "email",
                )
            ],
        ),
        "applications": table(
            "applications",
            [
                {"application_id": t, "account_id": a, "lender_id": t, "applied_at": NOON}
                | {"amount_minor": 2**62, "currency": "CNY", "outcome": t, "source": t}
                for a, t in both
            ],
        ),
        "repayments": table(
            "repayments",
            [{"account_id": a, "lender_id": t, "due_at": NOON, "source": t} for a, t in both],
        ),
        "transfers": table(
            "transfers",
            [{"from_account_id": a, "to_account_id": ids[0], "at": NOON} for a in ids[1:]],
        ),
        "guarantees": table(
            "guarantees", [{"guarantor_id": a, "borrower_id": ids[0]} for a in ids[1:]]
        ),
        "assessments": table(
            "assessments",
            [{"account_id": a, "source": t, "measure": "m", "value": 0.1 + 0.2} for a, t in both],
        ),
        "links": table(
            "links",
            [
                {"source_kind": "account", "source_id": a, "target_kind": "wallet", "target_id": t}
                | {"relation": "owns", "weight": 1 / 3, "source": t, "observed_at": NOON}
                for a, t in both
            ],
        ),
        "labels": table(
            "labels",
            [
                {"entity_kind": "wallet", "entity_id": t, "label": "bad", "source": t}
                | {"severity": 0.7, "known_at": NOON}
                for t in HOSTILE
            ],
        ),
    }


def small(**changes):
    """Two accounts with a phone, one of them bad."""
    tables = {
        "accounts": table("accounts", [{"account_id": "A1", "status": "active"},
                                       {"account_id": "A2", "opened_at": NOON}]),
        "identifiers": table("identifiers", [
            {"account_id": a, "kind": "phone", "value": "+8613900000001", "last_seen_at": NOON}
            for a in ("A1", "A2")
        ]),
        "labels": table("labels", [
            {"entity_kind": "account", "entity_id": "A1", "label": "default", "source": "court"}
        ]),
    }  # fmt: skip
    return dataset_of({**tables, **changes})


def test_what_was_loaded_is_read_back(store):
    dataset = demo()
    written = store.writer().load(dataset, n_batch=1000)
    assert written.n_links_created > 0
    assert_equal(store.view().tables(), dataset.tables)


def test_hostile_values_are_values_and_nothing_else(store):
    tables = hostile_tables()
    store.writer().load(dataset_of(tables))
    assert_equal(store.view().tables(), tables)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1),
        min_size=1,
        max_size=8,
        unique=True,
    )
)
def test_any_text_comes_back_as_it_was(store, texts):
    tables = {
        "accounts": table("accounts", [{"account_id": t, "status": t[::-1]} for t in texts]),
        "labels": table("labels", [{"entity_kind": "account", "entity_id": t, "label": "bad",
                                    "source": t} for t in texts]),
    }  # fmt: skip
    store.writer().load(dataset_of(tables))
    assert_equal(store.view().tables(), tables)


def test_a_second_load_writes_nothing(store):
    dataset = demo()
    store.writer().load(dataset)
    before = everything(store)
    assert store.writer().load(dataset).is_nothing
    assert everything(store) == before


def test_rows_in_another_order_are_the_same_book(store):
    dataset = demo()
    store.writer().load(dataset)
    other = dataset_of({name: rows.reverse() for name, rows in dataset.tables.items()})
    assert store.writer().load(other).is_nothing


def test_the_same_analysis_from_files_and_from_the_store(store):
    dataset = demo()
    store.writer().load(dataset, n_batch=500)
    from_files, from_store = analysed(), analyze(read_dataset(store.view().tables()))
    for name in ("decisions", "evidence", "entities"):
        assert getattr(from_files, name).equals(getattr(from_store, name)), name
    assert run_of(from_files).run_id == run_of(from_store).run_id


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": table("labels", [])},
        {"accounts": table("accounts", [{"account_id": "A1"}, {"account_id": "A2"}])},
        {"accounts": table("accounts", [{"account_id": "A1", "status": "closed"},
                                        {"account_id": "A3"}]),
         "identifiers": table("identifiers", [])},
        {"devices": table("devices", [{"device_id": "D1", "usage": "kiosk"}])},
        {"entities": table("entities", [{"kind": "wallet", "entity_id": "W", "score": 0.5}])},
        {"links": table("links", [{"source_kind": "account", "source_id": "A1", "relation": "r",
                                   "target_kind": "account", "target_id": "A2"}])},
    ],
    ids=["label withdrawn", "status unknown", "account gone", "device", "attribute", "link"],
)  # fmt: skip
def test_a_load_makes_the_store_what_a_clean_load_makes(store, changes):
    """Whatever was there before, and back again."""
    first, second = small(), small(**changes)
    writer = store.writer()
    writer.load(first)
    clean_first = everything(store)
    writer.load(second)
    assert_equal(store.view().tables(), second.tables)
    writer.load(first)
    assert everything(store) == clean_first


def test_a_listed_table_without_rows_is_not_a_missing_one(store):
    store.writer().load(small(devices=table("devices", [])))
    assert store.view().tables()["devices"].is_empty()
    store.writer().load(small())
    assert "devices" not in store.view().tables()


def test_an_empty_store_holds_no_book(store):
    with pytest.raises(UsageError, match="holds no book"):
        store.view().tables()


class Stopped(Exception):
    """Somebody pulled the plug."""


def stop_at(word, n_done=0):
    def progress(what, n, n_rows):
        if what == word and n >= n_done:
            raise Stopped

    return progress


def test_a_load_that_stopped_is_not_read_and_is_finished_by_the_next(store):
    dataset = demo()
    with pytest.raises(Stopped):
        store.writer().load(dataset, n_batch=200, progress=stop_at("uses_phone", 200))
    with pytest.raises(IntegrityFailure, match="half loaded"):
        store.view().tables()
    rest = store.writer().load(dataset)
    assert 0 < rest.n_links_created < sum(len(rows) for rows in dataset.tables.values())
    assert_equal(store.view().tables(), dataset.tables)
    assert store.writer().load(dataset).is_nothing


def test_a_load_that_was_overtaken_stops(store):
    """Two datasets are never mixed: the one that began last is the one that is there."""
    first, second = demo(), small()
    done = []

    def overtake(what, n, n_rows):
        if what == "uses_phone" and not done:
            done.append(store.writer().load(second))

    with pytest.raises(Locked):
        store.writer().load(first, n_batch=200, progress=overtake)
    store.writer().load(second)
    assert_equal(store.view().tables(), second.tables)


def test_nobody_sees_half_a_run(store):
    dataset = demo()
    analysis = analysed()
    run = run_of(analysis)
    writer, view = store.writer(), store.view()
    writer.load(dataset)
    seen = set()
    writer.write_run(run, n_batch=100, progress=lambda *_: seen.add(view.current_run()))
    assert seen == {None}
    assert view.current_run() == run.run_id
    assert writer.write_run(run).is_nothing

    seen.clear()
    earlier = run_of(analysed(MARCH))
    writer.write_run(earlier, n_batch=100, progress=lambda *_: seen.add(view.current_run()))
    assert seen == {run.run_id}
    assert view.current_run() == earlier.run_id
    kept = view.ask("MATCH (r:Run) RETURN r.run_id AS run_id", {}).rows
    assert {one for (one,) in kept} == {run.run_id, earlier.run_id}
    # Back to the first: it is there, so only the pointer moves.
    assert writer.write_run(run).n_nodes_created == 0
    assert view.current_run() == run.run_id


def test_a_run_holds_what_was_decided(store):
    dataset = demo()
    analysis = analysed()
    run = run_of(analysis)
    store.writer().load(dataset)
    store.writer().write_run(run)
    found = store.view().ask(
        "MATCH (d:Decision {run_id: $run_id})-[:DECIDES]->(a:Account) "
        "RETURN a.account_id AS account_id, d.tier AS tier, d.risk_prob AS risk_prob, "
        "d.reason_codes AS reason_codes, d.n_hops AS n_hops",
        {"run_id": run.run_id},
    )
    kept = pl.DataFrame(found.rows, list(found.columns), orient="row").sort("account_id")
    wanted = analysis.decisions
    for name in ("account_id", "tier", "risk_prob"):
        assert kept[name].to_list() == wanted[name].to_list()
    assert kept["n_hops"].to_list() == wanted["n_hops"].to_list()
    assert [";".join(one) for one in kept["reason_codes"]] == wanted["reason_codes"].to_list()

    sums = store.view().ask(
        "MATCH (e:Evidence {run_id: $run_id})-[:SUPPORTS]->(d:Decision) "
        "RETURN d.account_id AS account_id, sum(e.nats) AS nats, max(d.risk_prob) AS risk_prob",
        {"run_id": run.run_id},
    )
    above = wanted.filter(pl.col("tier") != "clear")["account_id"].to_list()
    assert sorted(one[0] for one in sums.rows) == above
    for _, nats, risk_prob in sums.rows:
        assert nats == pytest.approx(math.log(risk_prob / (1 - risk_prob)))


@pytest.mark.parametrize("word", ["decisions", "evidence", "flags", "relation_weights"])
def test_a_run_that_stopped_is_completed_or_replaced(store, word):
    dataset = demo()
    run = run_of(analysed())
    other = run_of(analysed(MARCH))
    writer = store.writer()
    writer.load(dataset)
    with pytest.raises(Stopped):
        writer.write_run(run, n_batch=100, progress=stop_at(word))
    assert store.view().current_run() is None
    writer.write_run(other)
    left = store.view().ask(
        "MATCH (n {run_id: $run_id}) RETURN count(n) AS n", {"run_id": run.run_id}
    )
    assert left.rows == ((0,),)
    with pytest.raises(Stopped):
        writer.write_run(run, n_batch=100, progress=stop_at(word))
    writer.write_run(run)
    assert store.view().current_run() == run.run_id
    assert writer.write_run(run).is_nothing


def test_a_run_of_another_book_is_refused_and_stays_unseen(store):
    store.writer().load(small())
    with pytest.raises(IntegrityFailure, match="tied to its account"):
        store.writer().write_run(run_of(analysed()))
    assert store.view().current_run() is None


def test_an_answer_is_cut_at_the_limit_and_says_so(store):
    store.writer().load(demo())
    text = "MATCH (n:Account) RETURN n.account_id AS account_id ORDER BY account_id"
    cut = store.view().ask(text, {}, n_most=5)
    whole = store.view().ask(text, {})
    assert (len(cut.rows), cut.is_cut, cut.columns) == (5, True, ("account_id",))
    assert (cut.rows, whole.is_cut) == (whole.rows[:5], False)
    assert not store.view().ask(text, {}, n_most=len(whole.rows)).is_cut


@pytest.mark.parametrize(
    "text",
    [
        "CREATE (n:Phone {entity_key: 'phone:x'})",
        "CREATE (n:New)",
        "MERGE (n:Book {book: 'other'}) RETURN n.book AS book",
        "MATCH (n:Entity) SET n.entity_key = 'x'",
        "MATCH (n) SET n.status = 'x' RETURN n.status AS status",
        "MATCH (n) REMOVE n.entity_key",
        "MATCH (n) DETACH DELETE n",
        "DROP CONSTRAINT graphrisk_entity",
        "CREATE INDEX theirs FOR (n:Entity) ON (n.status)",
    ],
)
def test_asking_can_not_write(store, text):
    store.writer().load(small())
    before, kept = everything(store), store.view().ask("SHOW INDEXES", {})
    with pytest.raises(UsageError):
        store.view().ask(text, {})
    assert everything(store) == before
    assert len(store.view().ask("SHOW INDEXES", {}).rows) == len(kept.rows)


def test_a_statement_that_is_wrong_is_told(store):
    with pytest.raises(UsageError, match="refused"):
        store.view().ask("MATCH (n RETURN n", {})
