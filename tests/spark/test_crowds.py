"""Crowds at one network, address, device or phone, whose rows no block holds as a whole."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

import graphrisk
from graphrisk.graph.hubs import n_linked_accounts
from graphrisk.model.policy import Policy
from graphrisk.spark import divided
from graphrisk.spark.engine import analyze
from graphrisk.spark.place import Site
from tests.spark.blocks import InTurn
from tests.spark.test_blocks_equal_the_whole import assert_same

N_ACCOUNTS, N_BLOCKS = 80, 3
START = datetime(2024, 1, 1, tzinfo=UTC)
CROWDED = ("address", "device", "email", "ip", "phone")
LIMITS = dict.fromkeys(CROWDED, 8)


def policy_with(**changes) -> Policy:
    return Policy.from_mapping({"protection": {"crowd_links": LIMITS}, **changes})


def book(seed: int) -> dict[str, pl.DataFrame]:
    """Two crowds of each kind, of uses that overlap or not, beside what few accounts share.

    Some uses have no date, some pairs several rows; a network's users live at one address; bad
    accounts are in every crowd.
    """
    rng = np.random.default_rng(seed)
    accounts = [f"A{i:02d}" for i in range(N_ACCOUNTS)]
    at_home = [one for one in accounts if rng.random() < 0.6]
    rows: list[tuple] = []

    def use(account, kind, value, *, days=700, lasts=40.0):
        begins = START + timedelta(hours=float(rng.integers(0, 24 * days)))
        ends = begins + timedelta(days=float(rng.exponential(lasts)))
        rows.append((account, kind, value, begins, ends))

    for kind in CROWDED:
        names = ("113.46.232.1", "113.46.232.2") if kind == "ip" else (f"{kind} one", f"{kind} two")
        for name, share in zip(names, (0.5, 0.3), strict=True):
            for account in at_home if kind in ("ip", "address") else accounts:
                for _ in range(rng.integers(1, 3) if rng.random() < share else 0):
                    use(account, kind, name, lasts=0.3 if name == "device two" else 40.0)
        for account in accounts:
            if rng.random() < 0.5:
                number = rng.integers(25)
                use(account, kind, f"123.64.8.{number}" if kind == "ip" else f"{kind} of {number}")
    for account in accounts:
        use(account, "bank_card", f"card of {account}")
        use(account, "id_document", f"document of {rng.integers(60)}")
    undated = [(*row[:3], None, None) for row in rows if row[2] == "113.46.232.2"][:1]
    opened = [START - timedelta(days=float(rng.integers(1, 900))) for _ in accounts]
    columns = {"first_seen_at": pl.Datetime("us", "UTC"), "last_seen_at": pl.Datetime("us", "UTC")}
    return {
        "accounts": pl.DataFrame({"account_id": accounts, "opened_at": opened}),
        "identifiers": pl.DataFrame(
            rows + undated,
            {"account_id": pl.String, "kind": pl.String, "value": pl.String, **columns},
            orient="row",
        ),
        "labels": pl.DataFrame(
            [*((one, "account", "FRAUD_CONFIRMED") for one in accounts[:12]),
             *((one, "account", "GOOD") for one in accounts[12:20]),
             ("113.46.232.1", "ip", "FRAUD_CONFIRMED")],
            ["entity_id", "entity_kind", "label"], orient="row"),
    }  # fmt: skip


def written(tables: dict[str, pl.DataFrame], folder) -> str:
    """Write tables, and every device of theirs; the second crowd's is declared to be a kiosk."""
    folder.mkdir()
    rows = tables["identifiers"]
    devices = rows.filter(pl.col("kind") == "device").select(device_id="value").unique("device_id")
    usage = pl.when(pl.col("device_id") == "device two").then(pl.lit("kiosk"))
    for name, rows in {**tables, "devices": devices.with_columns(usage=usage)}.items():
        rows.write_parquet(folder / f"{name}.parquet")
    return str(folder)


def divided_in(root) -> set[tuple[str, str]]:
    names = Site(str(root), 0, N_BLOCKS).shared("divided").names
    return set(names.select("kind", "id").rows())


def decided_alike(tmp_path, tables, policy, monkeypatch) -> graphrisk.Analysis:
    """Decide in blocks, every hub divided that may be, and hold it against the whole."""
    monkeypatch.setattr(divided, "LEAST_SHARE", 0.001)
    source = written(tables, tmp_path / "book")
    whole = graphrisk.analyze(source, policy=policy, n_threads=1)
    assert not whole.dataset.quarantine.height
    analyze(InTurn(tmp_path, N_BLOCKS), source, policy)
    assert_same(tmp_path, whole)
    return whole


def crowds_in(whole: graphrisk.Analysis) -> set[tuple[str, str]]:
    graph, n_accounts = whole.graph, n_linked_accounts(whole.graph)
    return {
        (kind, str(graph.entity_id[int(number)]))
        for kind in CROWDED
        for number in graph.of_kind(kind)
        if n_accounts[number] > LIMITS[kind]
    }


@pytest.mark.parametrize("seed", range(5))
def test_crowds_of_every_kind_are_divided_and_change_nothing(tmp_path, monkeypatch, seed):
    whole = decided_alike(tmp_path, book(seed), policy_with(), monkeypatch)
    crowds = crowds_in(whole)
    assert {kind for kind, _ in crowds} == set(CROWDED)
    assert divided_in(tmp_path) == crowds


def test_no_block_holds_the_row_of_a_crowd(tmp_path, monkeypatch):
    whole = decided_alike(tmp_path, book(0), policy_with(), monkeypatch)
    n_users = []
    for number in range(N_BLOCKS):
        block = Site(str(tmp_path), number, N_BLOCKS).recall("block")
        hub = block.graph.number_of("ip", "113.46.232.1")
        row = block.graph.neighbor[block.graph.offsets[hub] : block.graph.offsets[hub + 1]]
        assert block.is_own[row].all()
        n_users.append(len(np.unique(row)))
    assert (
        sum(n_users) == n_linked_accounts(whole.graph)[whole.graph.number_of("ip", "113.46.232.1")]
    )
    assert max(n_users) < 0.6 * sum(n_users)


def test_networks_are_named_after_where_their_users_live_whoever_has_which_row(
    tmp_path, monkeypatch
):
    """A dormitory with its networks: of 60 accounts, all of them crowds, and of 10, none."""
    rng = np.random.default_rng(1)

    def lives(names, address, network):
        rows = []
        for name in names:
            came = START + timedelta(days=float(rng.integers(0, 900)))
            seen = came + timedelta(days=30)
            things = {"address": address, "ip": network, "phone": f"P{name}", "email": f"E{name}"}
            rows += [(name, kind, value, came, seen) for kind, value in things.items()]
        return rows

    large, small = [f"L{i}" for i in range(60)], [f"S{i}" for i in range(10)]
    apart, later = [f"N{i}" for i in range(10)], START + timedelta(days=950)
    rows = [
        *lives(large, "the campus", "113.46.232.1"),
        *lives(small, "the hall", "113.46.232.2"),
        *lives(apart, "the campus", "113.46.232.3"),
        *((name, "ip", "113.46.232.1", later, later) for name in small),
    ]
    schema = ["account_id", "kind", "value", "first_seen_at", "last_seen_at"]
    accounts = pl.DataFrame({"account_id": [*large, *small, *apart]})
    tables = {"accounts": accounts, "identifiers": pl.DataFrame(rows, schema, orient="row")}
    limits = {"ip": 40, "address": 40}
    policy = Policy.from_mapping({"protection": {"crowd_links": limits}})
    whole = decided_alike(tmp_path, tables, policy, monkeypatch)
    assert divided_in(tmp_path) == {("ip", "113.46.232.1"), ("address", "the campus")}
    named = dict(whole.entities.select("entity_id", "sharing_kind").rows())
    assert {named[one] for one in ("the campus", "113.46.232.1", "the hall", "113.46.232.3")} == {
        "dormitory"
    }


def test_what_many_rows_name_but_few_accounts_use_is_given_back(tmp_path, monkeypatch):
    """A device that three accounts use every day is no crowd's, though more rows name it."""
    tables = book(2)
    days = [START + timedelta(days=day) for day in range(40)]
    daily = [
        (f"A{i:02d}", "device", "device of a family", day, day + timedelta(hours=3))
        for i in range(3)
        for day in days
    ]
    more = pl.DataFrame(daily, tables["identifiers"].schema, orient="row")
    tables["identifiers"] = pl.concat([tables["identifiers"], more])
    decided_alike(tmp_path, tables, policy_with(), monkeypatch)
    found = divided_in(tmp_path)
    assert ("device", "device of a family") not in found
    assert ("device", "device one") in found


@pytest.mark.parametrize(
    ("changes", "whose"),
    [
        ({"relations": {"uses_ip": {"overlap_grace_days": 0.0}}}, "ip"),
        ({"innocent_sharing": {"household": {"most_accounts": 0}}}, "address"),
        ({"innocent_sharing": {"household": {"most_accounts": 9}}}, "device"),
    ],
    ids=["uses are near at no distance", "a home of any size", "a home above the limit"],
)
def test_rows_are_whole_where_more_is_asked_of_them(tmp_path, monkeypatch, changes, whose):
    decided_alike(tmp_path, book(3), policy_with(**changes), monkeypatch)
    kinds = {kind for kind, _ in divided_in(tmp_path)}
    assert whose not in kinds
    assert "phone" in kinds


def test_where_a_crowd_has_a_tie_to_another_thing_its_rows_are_whole(tmp_path, monkeypatch):
    tables = book(4)
    ends = {"source_id": ["device one"], "source_kind": ["device"], "target_id": ["113.46.232.1"],
            "target_kind": ["ip"], "relation": ["seen_at"]}  # fmt: skip
    tables["links"] = pl.DataFrame(ends)
    decided_alike(tmp_path, tables, policy_with(), monkeypatch)
    assert {kind for kind, _ in divided_in(tmp_path)} == {"address", "email", "phone"}


def test_a_moment_before_a_crowd_gathered(tmp_path, monkeypatch):
    """What was seen later is in no row, and makes no crowd."""
    monkeypatch.setattr(divided, "LEAST_SHARE", 0.001)
    source, as_of = written(book(5), tmp_path / "book"), START + timedelta(days=250)
    whole = graphrisk.analyze(source, policy=policy_with(), as_of=as_of, n_threads=1)
    analyze(InTurn(tmp_path, N_BLOCKS), source, policy_with(), as_of)
    assert_same(tmp_path, whole)
    assert divided_in(tmp_path) == crowds_in(whole)
    assert len(crowds_in(whole)) < len(crowds_in(graphrisk.analyze(source, policy=policy_with())))
