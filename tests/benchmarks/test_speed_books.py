"""The book that speed is measured on is the same for the same seed, and can be read."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from graphrisk import rank_accounts, read_dataset

FOLDER = Path(__file__).parents[2] / "benchmarks" / "speed"


def script(name):
    spec = importlib.util.spec_from_file_location(f"speed_{name}", FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


books = script("books")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("speed")
    return folder, books.write(folder, 2000, 3, csv=True)


def test_the_same_seed_draws_the_same_book():
    one, other = books.long_links(books.draw(500, 1)), books.long_links(books.draw(500, 1))
    assert one.equals(other)
    assert not one.equals(books.long_links(books.draw(500, 2)))


def test_a_book_has_about_ten_links_for_each_account_and_mostly_private_things():
    links = books.long_links(books.draw(5000, 1))
    assert 9.5 < len(links) / 5000 < 10.5
    things = links.filter(~pl.col("target_id").str.starts_with("A"))
    users = things.group_by("target_id").len()["len"]
    assert (users == 1).mean() > 0.7
    assert users.max() > 1000


def test_ids_have_17_characters_and_are_distinct():
    ids = books.ids("device", np.arange(100_000))
    assert ids.n_unique() == 100_000
    assert (ids.str.len_bytes() == 17).all()
    assert ids.str.starts_with("D").all()


def test_every_row_of_the_tables_is_accepted(written):
    folder, drawn = written
    dataset = read_dataset(folder / "book")
    assert not len(dataset.quarantine)
    assert sum(len(dataset.tables[t]) for t in ("identifiers", "applications", "transfers")) == (
        drawn.n_links
    )


def test_the_long_table_is_the_same_in_both_forms(written):
    folder, _ = written
    seeds = pl.read_parquet(folder / "seeds.parquet")["entity_id"]
    ranked = rank_accounts(folder / "links.parquet", seeds, most=50)
    assert rank_accounts(folder / "links.csv", seeds, most=50).equals(ranked)
