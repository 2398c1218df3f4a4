"""However a file is cut into groups, and however it is read, the rows are all of it in order."""

import polars as pl
import pytest

from graphrisk.errors import InputRefused
from graphrisk.graph.pairs import read_pairs
from graphrisk.intake import batches
from graphrisk.intake.batches import text_batches

LINKS = pl.DataFrame(
    {
        "source_id": [f"A{i % 7}" for i in range(60)],
        "target_id": [f"D{i * i % 23}" for i in range(60)],
        "amount": range(60),
    }
)


@pytest.fixture(params=["one", "three", "all at once", "streamed"])
def parquet(request, tmp_path, monkeypatch):
    """A file of groups of 3 rows, read one, three or all groups at a time, or as it comes."""
    at_once = {"one": 2, "three": 10, "all at once": 1000, "streamed": 10}[request.param]
    monkeypatch.setattr(batches, "ROWS_AT_ONCE", at_once)
    if request.param == "streamed":
        monkeypatch.setattr(batches, "MOST_ROWS", 2)
    LINKS.write_parquet(tmp_path / "links.parquet", row_group_size=3)
    return tmp_path / "links.parquet"


def test_the_batches_of_a_file_are_its_rows_in_order(parquet):
    n_rows, parts = text_batches(parquet, ("target_id", "amount"))
    read = pl.concat(parts)
    assert n_rows == 60
    assert read.equals(LINKS.select("target_id", pl.col("amount").cast(pl.String)))


def test_the_batches_of_a_frame_and_of_csv_are_its_rows_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr(batches, "ROWS_AT_ONCE", 7)
    LINKS.write_csv(tmp_path / "links.csv")
    for links, known in ((LINKS, 60), (tmp_path / "links.csv", None)):
        n_rows, parts = text_batches(links, ("source_id", "amount"))
        assert n_rows == known
        assert pl.concat(parts)["amount"].to_list() == [str(i) for i in range(60)]


def test_numbers_of_ids_do_not_depend_on_how_they_are_read(parquet, tmp_path, monkeypatch):
    from graphrisk.graph import pairs

    monkeypatch.setattr(pairs, "_ROOM", 4)
    LINKS.write_csv(tmp_path / "links.csv")
    told = [read_pairs(links, "source_id", "target_id") for links in
            (LINKS, parquet, tmp_path / "links.csv")]  # fmt: skip
    for one in told:
        assert one.source.tolist() == told[0].source.tolist()
        assert one.target.tolist() == told[0].target.tolist()
    assert told[0].source.tolist() == [i % 7 for i in range(60)]


def test_a_file_without_rows_has_no_batch(tmp_path):
    LINKS.clear().write_parquet(tmp_path / "links.parquet")
    n_rows, parts = text_batches(tmp_path / "links.parquet", ("source_id",))
    assert (n_rows, list(parts)) == (0, [])


def test_a_column_that_is_not_there_is_named(tmp_path):
    LINKS.write_parquet(tmp_path / "links.parquet")
    for links in (LINKS, tmp_path / "links.parquet"):
        with pytest.raises(InputRefused, match="has no column sender"):
            text_batches(links, ("sender", "target_id"))


def test_what_is_both_an_account_and_a_thing_has_one_number():
    for more_things in (0, 40):
        source = ["A", "B", "C", *("A" for _ in range(more_things))]
        target = ["B", "X", "A", *(f"T{i}" for i in range(more_things))]
        pairs = read_pairs(pl.DataFrame({"s": source, "t": target}), "s", "t")
        assert pairs.target[:3].tolist() == [1, 3, 0]
        assert pairs.n_numbers == 4 + more_things
