"""The graph holds what was known at its time, and nothing else."""

from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from graphrisk import LinkGraph, read_dataset
from graphrisk.graph.build import build_graph
from graphrisk.graph.links import Links
from graphrisk.model.times import NO_TIME, to_microseconds

SAMPLE = Path(__file__).parents[2] / "fixtures" / "demo_small"


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


def tables(**extra: pl.DataFrame) -> dict[str, pl.DataFrame]:
    return {
        "accounts": pl.DataFrame(
            {"account_id": ["A1", "A2", "A3"], "opened_at": [day(1), day(1), day(20)]}
        ),
        **extra,
    }


def identifiers(*rows: tuple[str, str, str, datetime | None, datetime | None]) -> pl.DataFrame:
    return pl.DataFrame(
        rows,
        schema={
            "account_id": pl.String,
            "kind": pl.String,
            "value": pl.String,
            "first_seen_at": pl.Datetime("us", "UTC"),
            "last_seen_at": pl.Datetime("us", "UTC"),
        },
        orient="row",
    )


def links_of(graph: LinkGraph) -> list[tuple[str, str, str]]:
    return [
        (graph.name_of(int(s)), graph.relations[r], graph.name_of(int(t)))
        for s, r, t in zip(
            graph.links.source, graph.links.relation, graph.links.target, strict=True
        )
    ]


def build(frames: dict[str, pl.DataFrame], as_of: datetime | None = None) -> LinkGraph:
    return build_graph(read_dataset(frames), as_of=as_of)


def test_every_domain_table_becomes_links_of_its_relation() -> None:
    graph = build(
        tables(
            identifiers=identifiers(("A1", "phone", "P1", day(2), day(3))),
            applications=pl.DataFrame(
                {
                    "application_id": ["X1"],
                    "account_id": ["A1"],
                    "lender_id": ["L1"],
                    "applied_at": [day(4)],
                }
            ),
            transfers=pl.DataFrame(
                {"from_account_id": ["A1"], "to_account_id": ["A2"], "at": [day(5)]}
            ),
            guarantees=pl.DataFrame(
                {"guarantor_id": ["A2"], "borrower_id": ["A1"], "at": [day(6)]}
            ),
            repayments=pl.DataFrame(
                {
                    "account_id": ["A2"],
                    "lender_id": ["L2"],
                    "due_at": [day(7)],
                    "paid_at": [day(7)],
                }
            ),
        )
    )
    assert set(links_of(graph)) == {
        ("account:A1", "uses_phone", "phone:P1"),
        ("account:A1", "applied_to", "lender:L1"),
        ("account:A1", "transfer", "account:A2"),
        ("account:A2", "guarantees", "account:A1"),
        ("account:A2", "borrows_from", "lender:L2"),
    }


def test_long_tables_make_the_same_graph_as_domain_tables() -> None:
    domain = build(tables(identifiers=identifiers(("A1", "device", "D1", day(2), day(3)))))
    long = build(
        {
            "entities": pl.DataFrame(
                {"entity_id": ["A1", "A2", "A3", "D1"], "kind": ["account"] * 3 + ["device"]}
            ),
            "links": pl.DataFrame(
                {
                    "source_id": ["A1"],
                    "target_id": ["D1"],
                    "relation": ["uses_device"],
                    "first_seen_at": [day(2)],
                    "last_seen_at": [day(3)],
                }
            ),
        }
    )
    assert links_of(domain) == links_of(long)
    assert domain.links.last_seen_at.tolist() == long.links.last_seen_at.tolist()
    assert domain.entity_id.to_list() == long.entity_id.to_list()


def test_records_of_one_link_become_one_link_with_its_whole_span() -> None:
    graph = build(
        tables(
            identifiers=identifiers(
                ("A1", "phone", "P1", day(5), day(6)),
                ("A1", "phone", "P1", day(2), day(3)),
                ("A1", "phone", "P1", None, None),
            )
        )
    )
    assert graph.n_links == 1
    assert graph.links.n_records.tolist() == [3]
    assert graph.links.first_seen_at.tolist() == [to_microseconds(day(2))]
    assert graph.links.last_seen_at.tolist() == [to_microseconds(day(6))]


def test_a_link_without_a_date_stays_undated() -> None:
    graph = build(tables(identifiers=identifiers(("A1", "phone", "P1", None, None))))
    assert graph.links.first_seen_at.tolist() == [NO_TIME]
    assert graph.links.last_seen_at.tolist() == [NO_TIME]


class TestAsOf:
    """Nothing that became known after the moment of the graph may be in it."""

    seen = identifiers(
        ("A1", "phone", "EARLY", day(2), day(25)),
        ("A2", "phone", "LATE", day(15), day(16)),
        ("A3", "phone", "EARLY", day(2), day(3)),
    )

    def test_later_links_and_later_accounts_are_left_out(self) -> None:
        graph = build(tables(identifiers=self.seen), as_of=day(10))
        assert links_of(graph) == [("account:A1", "uses_phone", "phone:EARLY")]
        assert graph.number_of("account", "A3") is None
        assert graph.number_of("phone", "LATE") is None

    def test_a_later_sighting_of_an_earlier_link_is_not_known_yet(self) -> None:
        graph = build(tables(identifiers=self.seen), as_of=day(10))
        assert graph.links.last_seen_at.tolist() == [to_microseconds(day(10))]

    def test_the_graph_is_the_one_a_reader_had_on_that_day(self) -> None:
        then = build(
            tables(identifiers=identifiers(("A1", "phone", "EARLY", day(2), day(10)))).copy()
            | {
                "accounts": pl.DataFrame(
                    {"account_id": ["A1", "A2"], "opened_at": [day(1), day(1)]}
                )
            },
            as_of=day(10),
        )
        now = build(tables(identifiers=self.seen), as_of=day(10))
        assert links_of(now) == links_of(then)
        assert now.entity_id.to_list() == then.entity_id.to_list()

    @pytest.mark.parametrize("known_at, is_there", [(day(9), True), (day(11), False)])
    def test_a_labelled_phone_exists_once_its_label_is_known(
        self, known_at: datetime, is_there: bool
    ) -> None:
        labels = pl.DataFrame(
            {
                "entity_kind": ["phone"],
                "entity_id": ["P9"],
                "label": ["blacklisted"],
                "known_at": [known_at],
            }
        )
        graph = build(tables(labels=labels), as_of=day(10))
        assert (graph.number_of("phone", "P9") is not None) == is_there


def test_a_label_or_a_link_makes_no_account() -> None:
    graph = build(
        tables(identifiers=identifiers(("A1", "phone", "P1", day(2), day(3)))), as_of=day(2)
    )
    assert [graph.entity_id[int(a)] for a in graph.accounts] == ["A1", "A2"]


def test_entities_of_two_kinds_with_one_id_are_two_entities() -> None:
    graph = build(
        tables(
            identifiers=identifiers(
                ("A1", "phone", "SAME", day(2), day(3)), ("A1", "email", "SAME", day(2), day(3))
            )
        )
    )
    assert graph.number_of("phone", "SAME") != graph.number_of("email", "SAME")
    assert graph.n_links == 2


def test_the_order_of_rows_changes_nothing() -> None:
    rows = [
        (f"A{1 + i % 2}", kind, f"V{i % 5}", day(1 + i % 9), day(10 + i % 9))
        for i in range(40)
        for kind in ("phone", "device")
    ]
    shuffled = np.random.default_rng(3).permutation(len(rows))
    first = build(tables(identifiers=identifiers(*rows)))
    second = build(tables(identifiers=identifiers(*[rows[i] for i in shuffled])))
    for name in ("offsets", "neighbor", "link", "reverse"):
        assert getattr(first, name).tobytes() == getattr(second, name).tobytes()
    assert first.links.n_records.tobytes() == second.links.n_records.tobytes()


DEVICES_OF_DEVICES = {
    "accounts": pl.DataFrame({"account_id": [f"A{i}" for i in range(40)]}),
    "links": pl.DataFrame(
        {
            "source_kind": ["device"] * 40 + ["account"] * 40,
            "source_id": [f"D{i * 7 % 41}" for i in range(40)] + [f"A{i}" for i in range(40)],
            "target_kind": ["device"] * 80,
            "target_id": [f"D{i * 11 % 43 + 50}" for i in range(80)],
            "relation": ["uses_device"] * 80,
        }
    ),
}


@pytest.mark.parametrize("source", [SAMPLE, DEVICES_OF_DEVICES], ids=["sample", "one kind"])
def test_threads_build_the_same_graph(source: Path | dict[str, pl.DataFrame]) -> None:
    dataset = read_dataset(source)
    alone, *others = (build_graph(dataset, as_of=dataset.newest_at, n_threads=n) for n in (1, 2, 3))
    for other in others:
        assert other.entity_id.equals(alone.entity_id)
        for name in ("offsets", "neighbor", "link", "reverse", "kind_code"):
            assert getattr(other, name).tobytes() == getattr(alone, name).tobytes()
        for column in fields(Links):
            found, expected = getattr(other.links, column.name), getattr(alone.links, column.name)
            assert found.tobytes() == expected.tobytes()
