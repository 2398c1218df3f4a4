"""Parquet, DataFrames and NetworkX graphs go through the same door as CSV."""

from datetime import UTC, datetime

import networkx as nx
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from graphrisk.errors import InputRefused, UsageError
from graphrisk.intake.dataset import DatasetRefused
from graphrisk.intake.read import read_dataset

ROWS = {
    "account_id": ["a1", "a2"],
    "opened_at": [datetime(2024, 5, 1, tzinfo=UTC), None],
    "status": ["open", None],
}


@pytest.mark.parametrize("build", [pl.DataFrame, pd.DataFrame, pa.table])
def test_any_sort_of_table_gives_the_same_rows(build):
    dataset = read_dataset({"accounts": build(ROWS)})
    assert dataset.tables["accounts"].to_dict(as_series=False) == ROWS
    (tally,) = dataset.tallies
    assert (tally.file, tally.sha256, tally.n_rows_in_file) == ("accounts", "", 2)


def test_parquet_gives_the_same_rows(folder):
    (folder.path / "accounts.csv").unlink()
    pl.DataFrame(ROWS).write_parquet(folder.path / "accounts.parquet")
    dataset = folder.read()
    assert dataset.tables["accounts"].to_dict(as_series=False) == ROWS
    assert len(dataset.tallies[0].sha256) == 64


def test_rows_of_a_table_are_numbered_from_one():
    dataset = read_dataset({"accounts": pl.DataFrame({"account_id": ["a1", None]})})
    assert dataset.quarantine.select("file", "line").rows() == [("accounts", 2)]


@pytest.mark.parametrize("content", [b"", b"PAR1 cut short"])
def test_a_parquet_file_that_does_not_open_is_refused(folder, content):
    (folder.path / "labels.parquet").write_bytes(content)
    (fault,) = folder.refused().faults
    assert fault.startswith("labels.parquet: ")


def test_pandas_columns_of_any_sort():
    accounts = pd.DataFrame(
        {
            "account_id": pd.Series(["x", 7, "008"], dtype=object),
            "status": pd.Categorical(["open", None, "open"]),
            "opened_at": pd.to_datetime(["2024-05-01", None, "2024-05-02"]),
        }
    ).set_axis([5, 5, 5], axis="index")
    before = accounts.copy(deep=True)
    dataset = read_dataset({"accounts": accounts})
    assert dataset.tables["accounts"]["account_id"].to_list() == ["x", "7", "008"]
    assert dataset.tables["accounts"]["status"].to_list() == ["open", None, "open"]
    assert dataset.normalised == {"accounts.opened_at:naive_time_read_as_utc": 2}
    pd.testing.assert_frame_equal(accounts, before)


def test_pandas_integers_beside_a_gap_are_still_integers():
    transfers = pd.DataFrame({"from_account_id": [1, 1], "to_account_id": [2, 2],
                              "at": ["2024-01-01"] * 2, "amount_minor": [100, None],
                              "currency": ["EUR", None]})  # fmt: skip
    dataset = read_dataset({"accounts": pd.DataFrame({"account_id": [1, 2]}),
                            "transfers": transfers})  # fmt: skip
    assert dataset.tables["transfers"]["amount_minor"].to_list() == [100, None]


def test_pandas_ids_that_became_floats_are_refused():
    accounts = pd.DataFrame({"account_id": [1, None]})
    with pytest.raises(DatasetRefused, match="id_not_text"):
        read_dataset({"accounts": accounts})


def test_numeric_columns_of_entities_are_attributes_and_others_are_reported(folder):
    folder.write("entities", "entity_id,kind,age,score,name,blank", "w1,account,30,,x,",
                 "w2,account,,0.5,y,")  # fmt: skip
    dataset = folder.read()
    assert dataset.tables["entities"].columns == ["entity_id", "kind", "usage", "age", "score"]
    assert dataset.tables["entities"].select("age", "score").rows() == [(30.0, None), (None, 0.5)]
    assert dataset.unknown_columns == {"entities.csv": ("name", "blank")}


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"accounts": pl.DataFrame({"account_id": [["a"]]})}, "List"),
        ({"accounts": pl.DataFrame({"account_id": [b"a"]})}, "Binary"),
        ({"accounts": [1, 2]}, "a list"),
        ({"accounts": pd.DataFrame([["a", "b"]], columns=["account_id"] * 2)}, "more than once"),
        ({"acounts": pl.DataFrame({"account_id": ["a"]})}, "found acounts"),
        ({}, "found nothing"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(tables, said):
    with pytest.raises(DatasetRefused) as caught:
        read_dataset(tables)
    assert said in caught.value.faults[0]


def test_a_source_of_another_sort_is_a_usage_error():
    with pytest.raises(UsageError, match="type int"):
        read_dataset(5)


def test_a_graph_is_read_as_long_tables():
    graph = nx.DiGraph()
    graph.add_node(1, label="bad", age=30)
    graph.add_node(2, label="good")
    graph.add_node("d1", kind="device", colour="red")
    graph.add_edge(1, "d1", relation="uses_device", weight=0.5, observed_at="2024-01-01")
    graph.add_edge(1, 2)
    graph.add_edge(2, 2)
    dataset = read_dataset(graph)
    assert dataset.tables["entities"].rows() == [
        ("1", "account", None, 30.0),
        ("2", "account", None, None),
        ("d1", "device", None, None),
    ]
    links = dataset.tables["links"]
    assert links.select("source_id", "target_id", "relation", "weight").rows() == [
        ("1", "d1", "uses_device", 0.5),
        ("1", "2", "link", None),
    ]
    assert dataset.tables["labels"].select("entity_kind", "entity_id", "label").rows() == [
        ("account", "1", "bad"),
        ("account", "2", "good"),
    ]
    assert dataset.quarantine["code"].to_list() == ["self_link"]
    assert dataset.unknown_columns == {"entities": ("colour",)}
    assert [tally.table for tally in dataset.tallies] == ["entities", "links", "labels"]


def test_a_graph_without_links_and_one_whose_nodes_cannot_be_told_apart():
    assert read_dataset(nx.empty_graph(2)).tables["links"].is_empty()
    with pytest.raises(InputRefused, match="same text"):
        read_dataset(nx.Graph([(1, "1")]))


@pytest.mark.parametrize("cells", [[["a"], {"x": 1}], [b"a", "b"], [object(), "b"]])
def test_cells_that_are_no_text_are_not_made_text(cells):
    table = pd.DataFrame({"account_id": pd.Series(cells, dtype=object)})
    with pytest.raises(DatasetRefused, match="column 'account_id' holds"):
        read_dataset({"accounts": table})


@pytest.mark.parametrize(
    "table",
    [pl.LazyFrame({"account_id": ["a"]}), pa.RecordBatch.from_pydict({"account_id": ["a"]}), None],
)
def test_what_is_no_table_is_refused_by_its_name(table):
    with pytest.raises(DatasetRefused, match=f"a {type(table).__name__}; expected: a pandas"):
        read_dataset({"accounts": table})


def test_a_table_is_named_by_text():
    with pytest.raises(UsageError, match="tables by the name 1"):
        read_dataset({1: pl.DataFrame({"account_id": ["a"]})})
