"""Hubs of most accounts: a lender, a network and a device, divided or whichever block has them."""

import numpy as np
import polars as pl
import pytest

import graphrisk
from graphrisk.model.policy import Policy
from graphrisk.spark.divided import Divided, only_tells
from graphrisk.spark.engine import analyze
from graphrisk.spark.holding import Held, add_up
from graphrisk.spark.place import Site
from tests.spark.blocks import InTurn
from tests.spark.test_blocks_equal_the_whole import assert_same

N_ACCOUNTS = 300


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """Nine of ten accounts at one lender, as many behind one network, a fifth at one device.

    The network is a crowd's. The lender is none, and passes on what is said of it, and so does the
    device.
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


@pytest.fixture(scope="module")
def whole(book):
    return graphrisk.analyze(book, n_threads=1)


@pytest.mark.parametrize("n_blocks", [2, 7])
def test_a_hub_of_most_accounts_changes_nothing(tmp_path, book, whole, n_blocks):
    n_accounts = whole.entities.filter(pl.col("entity_id") == "the lender")["n_accounts"].item()
    assert n_accounts > 0.8 * N_ACCOUNTS
    analyze(InTurn(tmp_path, n_blocks), book, Policy.default())
    assert_same(tmp_path, whole)
    assert divided_in(tmp_path, n_blocks) == HUBS
    for kind, name in (("ip", "the ip"), ("lender", "the lender")):
        assert_nobody_holds_the_row(tmp_path, n_blocks, whole, kind, name)


#: Whose rows are divided.
HUBS = ["the ip", "the lender"]


def divided_in(root, n_blocks) -> list[str]:
    return Site(str(root), 0, n_blocks).shared("divided").names["id"].to_list()


def assert_nobody_holds_the_row(root, n_blocks, whole, kind, name) -> None:
    """Each block holds the hub's links to its own accounts, and all blocks hold all of them."""
    graph = whole.graph
    number = graph.number_of(kind, name)
    n_links = int(graph.offsets[number + 1] - graph.offsets[number])
    n_here = []
    for one in range(n_blocks):
        block = Site(str(root), one, n_blocks).recall("block")
        hub = block.graph.number_of(kind, name)
        row = block.graph.neighbor[block.graph.offsets[hub] : block.graph.offsets[hub + 1]]
        assert block.is_own[row].all()
        n_here.append(len(row))
    assert sum(n_here) == n_links
    assert max(n_here) < 1.6 * n_links / n_blocks


LENDER = {"relations": {"applied_to": {"hub_free_links": 100.0, "hub_exponent": 0.5}}}
CROWD = {"protection": {"crowd_links": {"lender": 200}}}


@pytest.mark.parametrize("changes", [LENDER, CROWD], ids=["damped", "protected"])
def test_what_is_asked_of_all_links_of_a_divided_hub_is_told_to_every_block(
    tmp_path, book, changes
):
    """Its damping and its protection: no block sees a hundred, or two hundred, of them."""
    policy = Policy.from_mapping(changes)
    analyze(InTurn(tmp_path, 7), book, policy)
    assert divided_in(tmp_path, 7) == HUBS
    assert_same(tmp_path, graphrisk.analyze(book, policy=policy, n_threads=1))


def test_a_hub_to_which_anything_is_carried_is_one_blocks(tmp_path, book):
    policy = Policy.from_mapping({"relations": {"applied_to": {"toward_target_prob": 0.1}}})
    analyze(InTurn(tmp_path, 7), book, policy)
    assert divided_in(tmp_path, 7) == ["the ip"]
    assert_same(tmp_path, graphrisk.analyze(book, policy=policy, n_threads=1))


@pytest.mark.parametrize(
    ("kind", "ties", "expected"),
    [
        ("lender", [("applied_to", "account", "lender")], True),
        ("lender", [("borrows_from", "account", "lender"), ("owns", "account", "device")], True),
        ("lender", [("lent_to", "lender", "account")], False),
        ("lender", [("applied_to", "account", "lender"), ("other", "lender", "ip")], False),
        ("merchant", [("bought_at", "account", "merchant")], False),
        ("kiosk", [("uses_device", "account", "kiosk")], False),
    ],
)
def test_only_what_tells_and_is_never_told_is_divided(kind, ties, expected):
    """``lent_to`` is read as ``applied_to`` turned round, which carries to the lender."""
    assert only_tells(kind, ties, Policy.default()) is expected


def test_blocks_add_up_what_they_hold():
    """Against counting by hand; the first block that has a hub writes it."""

    def held(number, hubs, links):
        return Held(
            number,
            pl.DataFrame(hubs, {"place": pl.Int64, "n_accounts": pl.Int64}, orient="row"),
            pl.DataFrame(
                links, {"place": pl.Int64, "relation": pl.String, "n_links": pl.Int64}, orient="row"
            ),
            {},
        )

    hubs = pl.DataFrame({"kind": ["lender"] * 2, "id": ["L0", "L1"]}).with_columns(
        block=0, limit_accounts=pl.lit(None, pl.Int64), gap_us=pl.lit(None, pl.Int64)
    )
    facts = add_up(
        [
            held(0, [], []),
            held(1, [(0, 2)], [(0, "applied_to", 2), (0, "borrows_from", 1)]),
            held(2, [(0, 1), (1, 4)], [(0, "applied_to", 1), (1, "applied_to", 4)]),
        ],
        Divided(hubs),
    )
    assert facts.n_accounts.tolist() == [3, 4]
    assert facts.n_links.tolist() == [4, 4]
    assert facts.writer.tolist() == [1, 2]
    assert facts.of_relation.rows() == [
        (0, "applied_to", 3), (0, "borrows_from", 1), (1, "applied_to", 4),
    ]  # fmt: skip
