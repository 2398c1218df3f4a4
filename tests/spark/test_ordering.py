"""Sorted among blocks, a table is what it is sorted in one piece."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from graphrisk.spark.ordering import sort_all
from graphrisk.spark.place import PARTS, Site
from tests.spark.blocks import InTurn

SCHEMA = {"kind": pl.String, "place": pl.Int64, "at": pl.Datetime("us", "UTC")}
ROWS = st.lists(
    st.tuples(st.sampled_from(["", "a", "ab", "é", None]), st.integers(-2, 2) | st.none()),
    max_size=30,
)


@settings(max_examples=20, deadline=None)
@given(blocks=st.lists(ROWS, min_size=1, max_size=4))
def test_ranges_in_their_order_are_the_whole_in_order(tmp_path_factory, blocks):
    root = tmp_path_factory.mktemp("ordering")
    tables = [pl.DataFrame([(*row, None) for row in rows], SCHEMA, orient="row") for rows in blocks]
    for block, rows in enumerate(tables):
        Site(str(root), block, len(blocks)).write_part("things", rows, folder=PARTS)
    parts = sort_all(InTurn(root, len(blocks)), {"things": ("kind", "place")})["things"]
    assert len(parts) == len(blocks)
    found = pl.concat([pl.read_parquet(part) for part in parts])
    assert_frame_equal(found, pl.concat(tables).sort("kind", "place"))


def test_no_block_sorts_much_more_than_its_share(tmp_path):
    """Keys that rise from block to block are dealt out evenly all the same."""
    for block in range(4):
        keys = pl.DataFrame({"key": range(1000 * block, 1000 * (block + 1))})
        Site(str(tmp_path), block, 4).write_part("things", keys, folder=PARTS)
    parts = sort_all(InTurn(tmp_path, 4), {"things": ("key",)})["things"]
    assert all(900 < pl.read_parquet(part).height < 1100 for part in parts)
