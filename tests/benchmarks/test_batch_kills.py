"""Processes are killed at every named step; the table of them must hold zeros alone."""

import importlib.util
import sys
from pathlib import Path

import pytest

PATH = Path(__file__).parents[2] / "benchmarks" / "batch_kills.py"
spec = importlib.util.spec_from_file_location("benchmark_batch_kills", PATH)
batch_kills = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = batch_kills
spec.loader.exec_module(batch_kills)


@pytest.fixture
def few(monkeypatch):
    """Put the number of actions in a batch back at the end."""
    monkeypatch.setattr(batch_kills.outbox, "BATCH_ACTIONS", batch_kills.BATCH_ACTIONS)


def test_nothing_is_lost_torn_or_duplicated_wherever_a_run_is_killed(few, tmp_path):
    rows = batch_kills.kills(tmp_path, [1], batch_kills.POINTS, n_random=3)
    assert all(row.was_killed for row in rows if row.point != "random")
    assert not [r for r in rows if r.lost or r.torn or r.duplicated or not r.is_same_hash]


def test_the_counts_see_what_they_look_for(few, tmp_path):
    batch_kills.prepare(tmp_path, seed=2)
    published = tmp_path / "published"
    assert batch_kills.count_torn(published) == 0
    first, *_ = sorted((published / "current" / "actions").iterdir())
    first.unlink()
    assert batch_kills.count_torn(published) == 1
    (published / "current" / "decisions.csv").unlink()
    assert batch_kills.count_torn(published) == 2
