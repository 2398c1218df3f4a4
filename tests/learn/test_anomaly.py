"""Accounts unlike all others: weak evidence, off as shipped, its drivers named."""

import sys

import numpy as np
import polars as pl
import pytest

from graphrisk import Policy, analyze, read_dataset
from graphrisk.errors import PolicyError
from graphrisk.learn.anomaly import anomaly_terms
from graphrisk.model.evidence import UNLIKE

from .conftest import START, long_tables, stand_of

CAP = 1.5
ON = Policy.from_mapping({"anomaly": {"on": True, "cap_nats": CAP}})


def odd(tables, account="A00007", n_payments=60):
    """Let one account pay sixty others on one day, large amounts."""
    payments = pl.DataFrame(
        {
            "source_id": [account] * n_payments,
            "target_id": [f"A{i:05d}" for i in range(100, 100 + n_payments)],
            "source_kind": ["account"] * n_payments,
            "target_kind": ["account"] * n_payments,
            "relation": ["transfer"] * n_payments,
            "observed_at": [START] * n_payments,
            "amount": [90_000.0] * n_payments,
        }
    )
    links = pl.concat([tables["links"], payments.cast(tables["links"].schema)])
    return {**tables, "links": links, "labels": tables["labels"].head(0)}


def terms_of(tables, policy=ON):
    dataset = read_dataset(tables)
    return anomaly_terms(dataset, stand_of(dataset).graph, policy, 1)


def test_it_is_off_as_shipped(dataset, stand):
    assert not Policy.default().anomaly.on
    assert anomaly_terms(dataset, stand.graph, Policy.default(), 1) == ()


def test_the_odd_account_is_found_and_what_sets_it_apart_is_named():
    terms = terms_of(odd(long_tables()))
    by_code = {term.reason.code: term.nats for term in terms}
    rarest_of_300 = CAP * np.log10(0.01 * 300)
    assert by_code[f"{UNLIKE}ACTIVITY_OUT_TRANSFER"][7] == pytest.approx(rarest_of_300)
    assert sum(nats[7] > 0 for nats in by_code.values()) == 1


def test_in_a_larger_book_the_rarest_reaches_the_cap():
    nats = sum(term.nats for term in terms_of(odd(long_tables(1_200, 100, 0))))
    assert nats[7] == nats.max() == CAP


def test_few_are_called_unlike_and_none_for_more_than_the_cap():
    nats = sum(term.nats for term in terms_of(odd(long_tables())))
    assert 1 <= (nats > 0).sum() <= 0.01 * len(nats)
    assert nats.max() <= CAP


def test_accounts_that_are_all_alike_are_unlike_nobody():
    ids = [f"A{i}" for i in range(200)]
    assert terms_of({"accounts": pl.DataFrame({"account_id": ids})}) == ()


def test_labels_are_not_asked():
    tables = odd(long_tables())
    labelled = {**tables, "labels": long_tables()["labels"]}
    for one, other in zip(terms_of(tables), terms_of(labelled), strict=True):
        assert one.reason == other.reason
        assert np.array_equal(one.nats, other.nats)


def test_neither_the_order_of_rows_nor_names_of_accounts_matter():
    tables = odd(long_tables())
    ids = tables["entities"]["entity_id"].to_list()
    names = {name: f"Z{len(ids) - i:05d}" if name[0] == "A" else name for i, name in enumerate(ids)}
    renamed = {
        "entities": tables["entities"].with_columns(pl.col("entity_id").replace_strict(names)),
        "links": tables["links"]
        .sample(fraction=1.0, shuffle=True, seed=5)
        .with_columns(pl.col("source_id", "target_id").replace_strict(names)),
    }
    first, again = (
        {term.reason.code: np.sort(term.nats) for term in terms_of(each)}
        for each in (tables, renamed)
    )
    assert first.keys() == again.keys()
    assert all(np.allclose(first[code], again[code], atol=1e-9) for code in first)


def test_it_lifts_to_monitor_at_most_by_itself_and_stands_in_the_waterfall():
    policy = Policy.from_mapping({"anomaly": {"on": True, "cap_nats": 50.0, "most_share": 0.1}})
    found = analyze(read_dataset(odd(long_tables())), policy, n_threads=1)
    row = found.decisions.row(by_predicate=pl.col("account_id") == "A00007", named=True)
    assert row["tier"] == "monitor"
    told = found.evidence.filter(
        pl.col("account_id") == "A00007", pl.col("reason_code").str.starts_with(UNLIKE)
    )
    assert told["nats"].to_list() == [50.0]
    assert f"{UNLIKE}ACTIVITY_OUT_TRANSFER" in row["reason_codes"]


def test_without_the_library_a_policy_that_asks_for_it_is_refused(monkeypatch, dataset, stand):
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    with pytest.raises(PolicyError, match="scikit-learn is not installed"):
        anomaly_terms(dataset, stand.graph, ON, 1)
