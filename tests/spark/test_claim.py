"""One driver at a time has the folder of an analysis, and what is not ours in it is left alone."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from graphrisk.errors import ExitCode, Locked, StorageUnavailable, UsageError
from graphrisk.spark import claim
from graphrisk.spark.claim import LOCK, claimed
from tests.cli.conftest import FIXTURE, call

HOLDER = """
import sys, time
from pathlib import Path
from graphrisk.spark.claim import claimed

with claimed(Path(sys.argv[1]), print):
    print("held", flush=True)
    time.sleep(600)
"""


def test_the_second_driver_is_refused_until_the_first_one_is_dead(tmp_path):
    folder = tmp_path / "here"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, folder], stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout.readline() == "held\n"
        with pytest.raises(Locked, match=f"another run works in .* \\(process {first.pid} on "):
            claimed(folder, print).__enter__()
        first.kill()
    with claimed(folder, print) as later:
        assert later.earlier() is None
        assert f"process {first.pid}" not in (folder / LOCK).read_text()
    assert not folder.exists()


def test_a_lock_that_was_removed_meanwhile_is_no_lock(tmp_path):
    """The first one ends, and removes the folder; two others can't both have it after that."""
    folder = tmp_path / "here"
    with claimed(folder, print):
        (folder / LOCK).unlink()
        with claimed(folder, print), pytest.raises(Locked):
            claimed(folder, print).__enter__()


@pytest.mark.parametrize("holds", ["notes.txt", "20261127", "20261127T100000000000.txt"])
def test_what_is_not_ours_is_not_touched(tmp_path, holds):
    (tmp_path / holds).write_text("mine")
    with pytest.raises(UsageError, match=f"holds something else \\({holds}\\)"):
        claimed(tmp_path, print).__enter__()
    assert [path.name for path in tmp_path.iterdir()] == [holds]
    with pytest.raises(UsageError, match="holds something else"):
        claimed(tmp_path / holds, print).__enter__()


def test_what_somebody_else_put_there_is_not_trusted(tmp_path, monkeypatch):
    """What is gone on with is unpickled."""
    monkeypatch.setattr(claim, "_user_in", lambda folder: folder.stat().st_uid + 1)
    with pytest.raises(UsageError, match="belongs to somebody else"):
        claimed(tmp_path, print).__enter__()


def test_a_record_of_something_else_is_not_gone_on_with(tmp_path):
    run = tmp_path / "20261127T100000000000"
    run.mkdir()
    for record in ('{"made_by": "else"}', "[]", "no json", '{"made_by": "graphrisk", "asked": 3}'):
        (run / "checkpoint.json").write_text(record)
        with pytest.raises(KeyboardInterrupt), claimed(tmp_path, print) as mine:
            assert mine.earlier() is None
            begun = mine.checkpoint({}, datetime(2026, 11, 27, tzinfo=UTC), 1, usual_blocks=1)
            assert begun.resumed_from == ()
            begun.root.rename(run)
            raise KeyboardInterrupt


def test_a_place_that_can_not_be_written_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StorageUnavailable, match="can't be written or locked"):
        claimed(tmp_path / "file" / "here", print).__enter__()


def analyse(out, *more):
    return call("analyze", FIXTURE, "--engine", "spark", "--out", out, *more)


def test_the_command_refuses_a_second_run_for_one_analysis(tmp_path):
    out = tmp_path / "june.analysis"
    with claimed(tmp_path / ".june.analysis.spark", print):
        done = analyse(out)
    assert done.exit_code == ExitCode.LOCKED
    assert "one run at a time for each analysis" in done.stderr
    assert not list(tmp_path.iterdir())


def test_the_command_leaves_alone_what_is_not_ours(tmp_path):
    notes = tmp_path / ".june.analysis.spark" / "notes.txt"
    notes.parent.mkdir()
    notes.write_text("mine")
    done = analyse(tmp_path / "june.analysis")
    assert done.exit_code == ExitCode.USAGE
    assert notes.read_text() == "mine"
