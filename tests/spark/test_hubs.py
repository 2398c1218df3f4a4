"""Hubs of most accounts: a lender, a network and a device, whichever block has them."""

import numpy as np
import polars as pl
import pytest

import graphrisk
from graphrisk.model.policy import Policy
from graphrisk.spark.engine import analyze
from tests.spark.blocks import InTurn
from tests.spark.test_blocks_equal_the_whole import assert_same

N_ACCOUNTS = 300


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """Nine of ten accounts at one lender, as many behind one network, a fifth at one device.

    Network and device are crowds; the lender is none, and passes on what is said of it.
    """
    rng = np.random.default_rng(3)
    accounts = [f"A{i}" for i in range(N_ACCOUNTS)]

    def some(share):
        return [one for one in accounts if rng.random() < share]

    hubs = {"lender": "applied_to", "ip": "uses_ip", "device": "uses_device"}
    used = {"lender": some(0.9), "ip": some(0.9), "device": some(0.2)}
    links = [(one, f"the {kind}", kind, hubs[kind]) for kind in hubs for one in used[kind]]
    links += [(one, f"D{rng.integers(60)}", "device", "uses_device") for one in accounts]
    days = [f"2026-01-{rng.integers(1, 29):02d}" for _ in links]
    things = sorted({(entity, kind) for _, entity, kind, _ in links})
    tables = {
        "entities": pl.DataFrame([*((one, "account") for one in accounts), *things],
                                 ["entity_id", "kind"], orient="row"),
        "links": pl.DataFrame(
            [(*link, day) for link, day in zip(links, days, strict=True)],
            ["source_id", "target_id", "target_kind", "relation", "observed_at"], orient="row"),
        "labels": pl.DataFrame(
            [*((one, "account", "bad") for one in accounts[:20]), ("the lender", "lender", "bad"),
             *((one, "account", "good") for one in accounts[20:30])],
            ["entity_id", "entity_kind", "label"], orient="row"),
    }  # fmt: skip
    folder = tmp_path_factory.mktemp("hubs")
    for name, rows in tables.items():
        rows.write_csv(folder / f"{name}.csv")
    return folder


@pytest.mark.parametrize("n_blocks", [2, 7])
def test_a_hub_of_most_accounts_changes_nothing(tmp_path, book, n_blocks):
    whole = graphrisk.analyze(book, n_threads=1)
    n_accounts = whole.entities.filter(pl.col("entity_id") == "the lender")["n_accounts"].item()
    assert n_accounts > 0.8 * N_ACCOUNTS
    analyze(InTurn(tmp_path, n_blocks), book, Policy.default())
    assert_same(tmp_path, whole)
