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


#: Every stage's end, and the two steps by which others see something. `make kills` takes all.
AT = ("started", "analysed", "guarded", "prepared", "batch 1 sent", "delivered", "pointer flipped")


def test_nothing_is_lost_torn_or_duplicated_wherever_a_run_is_killed(few, tmp_path):
    points = [(point, nth) for point, nth in batch_kills.POINTS if point in AT]
    assert len(points) == len(AT)
    rows = batch_kills.kills(tmp_path, [1], points, n_random=2)
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


def test_a_store_is_counted_with_the_folder(few, tmp_path):
    rows = batch_kills.kills(tmp_path, [1], [("batch 1 sent", 1)], 0, with_store=True)
    assert [(r.was_killed, r.lost, r.torn, r.duplicated) for r in rows] == [(True, 0, 0, 0)]
