"""However a book is cut into blocks, they find what one machine finds, to the last bit.

Here without Spark.
"""

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import graphrisk
from graphrisk.errors import UsageError
from graphrisk.intake.columns import TABLES
from graphrisk.model.policy import Policy
from graphrisk.spark.ends import ENDS, NOBODY, owners
from graphrisk.spark.engine import analyze
from graphrisk.spark.session import Cluster
from tests.spark.blocks import InTurn, rows_of

FIXTURE = "fixtures/demo_small"


def assert_same(root, local):
    decisions = rows_of(root, "decisions", "account_id")
    assert_frame_equal(decisions, local.decisions, check_exact=True)
    evidence = rows_of(root, "evidence", "account_id", "row_in_block").drop("row_in_block")
    assert_frame_equal(evidence, local.evidence, check_exact=True)
    entities = rows_of(root, "entities", "kind", "entity_id")
    assert_frame_equal(entities, local.entities, check_exact=True)


@pytest.fixture(scope="module")
def whole():
    return graphrisk.analyze(FIXTURE, n_threads=1)


@pytest.mark.parametrize("n_blocks", [1, 2, 7, 24])
def test_the_sample_is_decided_alike(tmp_path, whole, n_blocks):
    found = analyze(InTurn(tmp_path, n_blocks), FIXTURE, Policy.default())
    assert_same(tmp_path, whole)
    assert found.as_of == whole.as_of
    assert sum(block.n_links for block in found.blocks) == whole.graph.n_links
    assert sum(block.n_entities for block in found.blocks) == whole.graph.n_entities


def test_an_earlier_moment_is_decided_alike(tmp_path):
    """Accounts opened later, labels known later and links seen later are in no block."""
    as_of = datetime(2026, 3, 1, tzinfo=UTC)
    whole = graphrisk.analyze(FIXTURE, as_of=as_of, n_threads=1)
    analyze(InTurn(tmp_path, 3), FIXTURE, Policy.default(), as_of)
    assert_same(tmp_path, whole)


class Apart(InTurn):
    """Makes each round a job of its own, as a cluster does that loses workers again and again."""

    def repeat(self, step, most, *args):
        return Cluster._apart(self, step, most, 0, *args)


def test_rounds_apart_find_the_same(tmp_path, whole):
    analyze(Apart(tmp_path, 3), FIXTURE, Policy.default())
    assert_same(tmp_path, whole)


def test_before_the_first_account_there_is_nothing_to_decide(tmp_path):
    with pytest.raises(UsageError, match="no account was open"):
        analyze(InTurn(tmp_path, 2), FIXTURE, Policy.default(), datetime(1990, 1, 1, tzinfo=UTC))


@st.composite
def long_tables(draw):
    """Draw a few accounts and things, linked at random, some of them labelled."""
    n_accounts, n_things = draw(st.integers(1, 8)), draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    kinds = rng.choice(["device", "phone", "address", "shop"], n_things)
    accounts = [f"A{i}" for i in range(n_accounts)]
    things = [f"T{i}" for i in range(n_things)]
    n_links = int(rng.integers(1, 4 * n_accounts))
    ends = [(int(rng.integers(n_accounts)), int(rng.integers(n_things))) for _ in range(n_links)]
    paid = [(a, b) for a in range(n_accounts) for b in range(n_accounts)
            if a != b and rng.random() < 0.2]  # fmt: skip
    relations = ["uses"] * len(ends) + ["transfer"] * len(paid)
    labelled = [i for i in range(n_accounts) if rng.random() < 0.4]
    return {
        "entities": pl.DataFrame({"entity_id": accounts + things,
                                  "kind": ["account"] * n_accounts + kinds.tolist()}),
        "links": pl.DataFrame({
            "source_id": [accounts[a] for a, _ in ends] + [accounts[a] for a, _ in paid],
            "target_id": [things[t] for _, t in ends] + [accounts[b] for _, b in paid],
            "relation": relations,
            "observed_at": [f"2026-01-{rng.integers(1, 28):02d}" for _ in relations],
        }),
        "labels": pl.DataFrame(
            {"entity_id": [accounts[i] for i in labelled],
             "label": [str(rng.choice(["bad", "good"])) for _ in labelled]},
            schema={"entity_id": pl.String, "label": pl.String},
        ),
    }  # fmt: skip


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables=long_tables(), n_blocks=st.integers(2, 5))
def test_any_small_graph_is_decided_alike(tmp_path_factory, tables, n_blocks):
    root = tmp_path_factory.mktemp("blocks")
    folder = root / "book"
    folder.mkdir()
    for name, rows in tables.items():
        rows.write_csv(folder / f"{name}.csv")
    whole = graphrisk.analyze(folder, n_threads=1)
    analyze(InTurn(root, n_blocks), folder, Policy.default())
    assert_same(root, whole)


def test_every_table_says_whom_its_rows_name():
    assert set(ENDS) == set(TABLES)


def test_an_owner_follows_from_kind_and_id_alone():
    kinds, ids = pl.Series(["account", "device", "account", None]), pl.Series(["1", "1", "1", "1"])
    block = owners(kinds, ids, 1000)
    assert block[0] == block[2] != block[1]
    assert block[3] == NOBODY
    assert (owners(kinds[:3], ids[:3], 1) == 0).all()
