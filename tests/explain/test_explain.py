"""The waterfall, the path, and the names in them."""

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrisk import Analysis, analyze
from graphrisk.explain.waterfall import _laid_out, _Rows

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def chain() -> Analysis:
    """A2 shares a device with A1, who guarantees for the defaulter A0; A3 stands alone."""
    return analyze(
        {
            "accounts": pl.DataFrame({"account_id": ["A0", "A1", "A2", "A3"]}),
            "identifiers": pl.DataFrame(
                {
                    "account_id": ["A1", "A2"],
                    "kind": ["device", "device"],
                    "value": ["D1", "D1"],
                    "last_seen_at": [NOW, NOW],
                }
            ),
            "guarantees": pl.DataFrame(
                {"guarantor_id": ["A1"], "borrower_id": ["A0"], "at": [NOW]}
            ),
            "labels": pl.DataFrame(
                {
                    "entity_kind": ["account", "account"],
                    "entity_id": ["A0", "A3"],
                    "label": ["default", "good_standing"],
                    "known_at": [NOW, NOW],
                    "source": ["core_banking", "core_banking"],
                }
            ),
        }
    )


def rows_of(analysis: Analysis, account: str) -> dict[str, dict[str, object]]:
    rows = analysis.evidence.filter(pl.col("account_id") == account).to_dicts()
    return {str(row["reason_code"]): row for row in rows}


def test_the_path_names_every_link_and_who_stands_behind_the_seed(chain: Analysis) -> None:
    path = chain.decisions.filter(pl.col("account_id") == "A2")["evidence_path"].item()
    assert path == (
        "account:A2 -uses_device-> device:D1 <-uses_device- account:A1 "
        "-guarantees-> account:A0 [default, core_banking]"
    )


def test_hops_are_links(chain: Analysis) -> None:
    hops = dict(chain.decisions.select("account_id", "n_hops").rows())
    assert (hops["A1"], hops["A2"], hops["A3"]) == (1, 3, None)


def test_the_waterfall_starts_at_the_prior(chain: Analysis) -> None:
    first = chain.evidence.group_by("account_id", maintain_order=True).first()
    assert first["reason_code"].unique().to_list() == ["PRIOR"]


def test_linked_evidence_says_over_what_it_came_and_from_whom(chain: Analysis) -> None:
    reach = rows_of(chain, "A2")["REACH_DEVICE"]
    assert (reach["via"], reach["source"], reach["group"]) == (
        "device:D1",
        "core_banking",
        "linked",
    )


def test_a_label_of_its_own_says_who_said_so(chain: Analysis) -> None:
    assert rows_of(chain, "A0")["LABEL_DEFAULT"]["source"] == "core_banking"
    assert rows_of(chain, "A3")["LABEL_GOOD_STANDING"]["group"] == "good"


def test_the_seed_itself_is_not_shown_its_own_risk_as_anothers(chain: Analysis) -> None:
    assert not any(code.startswith("REACH") for code in rows_of(chain, "A0"))
    seed = chain.decisions.filter(pl.col("account_id") == "A0")
    assert seed["evidence_path"].item() == ""


def test_reasons_are_the_strongest_terms_first(chain: Analysis) -> None:
    codes = chain.decisions.filter(pl.col("account_id") == "A0")["reason_codes"].item().split(";")
    nats = [rows_of(chain, "A0")[code]["nats"] for code in codes]
    assert codes[0] == "LABEL_DEFAULT"
    assert nats == sorted(nats, reverse=True) and len(codes) <= 4


def test_every_entity_has_a_risk_and_a_component(chain: Analysis) -> None:
    entities = {f"{row['kind']}:{row['entity_id']}": row for row in chain.entities.to_dicts()}
    assert entities["device:D1"]["n_accounts"] == 2
    assert entities["device:D1"]["risk_prob"] > 0.02
    group = {entities[name]["component"] for name in ("account:A0", "account:A2", "device:D1")}
    assert group == {"account:A0"}
    assert entities["account:A3"]["component"] == "account:A3"
    assert entities["account:A0"]["label"] == "default"


@given(st.lists(st.lists(st.integers(0, 9), unique=True).map(sorted), min_size=1, max_size=5))
def test_rows_are_laid_out_account_by_account(parts: list[list[int]]) -> None:
    rng = np.random.default_rng(0)
    parts = [list(range(10)), *parts]
    rows = [
        _Rows(
            np.array(accounts, dtype=np.int32),
            *rng.random((2, len(accounts))),
            rng.integers(0, 4, len(accounts)).astype(np.int8),
            *rng.integers(-1, 9, (2, len(accounts))).astype(np.int32),
        )
        for accounts in parts
    ]
    n_rows = np.bincount(np.concatenate(parts).astype(int), minlength=10)
    number, laid_out = _laid_out(rows, np.concatenate([[0], np.cumsum(n_rows)]))
    told = list(zip(number, *(getattr(laid_out, name) for name in _Rows.__slots__), strict=True))
    plain = [
        (code, *(getattr(part, name)[parts[code].index(account)] for name in _Rows.__slots__))
        for account in range(10)
        for code, part in enumerate(rows)
        if account in parts[code]
    ]
    assert told == plain
