"""A folder appears whole or not at all, and nothing that is not ours is ever replaced."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from graphrisk.errors import StorageUnavailable, UsageError
from graphrisk.report.layout import MADE_BY, RECORD
from graphrisk.report.publish import published, record_of

NAMES = (RECORD, "data.txt", "graph")


def publish(folder: Path, text: str) -> None:
    with published(folder, NAMES) as partial:
        (partial / "data.txt").write_text(text)
        (partial / "graph").mkdir()
        (partial / RECORD).write_text(json.dumps({"made_by": MADE_BY}))


@pytest.fixture
def out(tmp_path):
    """A folder with an earlier state."""
    publish(tmp_path / "out", "earlier")
    return tmp_path / "out"


def holds(out: Path, text: str) -> bool:
    """Whether the folder is whole, and alone in its place."""
    return record_of(out) is not None and (out / "data.txt").read_text() == text and alone(out)


def alone(out: Path) -> bool:
    return [path.name for path in out.parent.iterdir()] == [out.name]


class TestReplacing:
    def test_a_new_folder(self, tmp_path):
        publish(tmp_path / "deep" / "out", "first")
        assert holds(tmp_path / "deep" / "out", "first")

    def test_an_earlier_one(self, out):
        publish(out, "later")
        assert holds(out, "later")

    def test_an_empty_one(self, tmp_path):
        (tmp_path / "out").mkdir()
        publish(tmp_path / "out", "first")
        assert holds(tmp_path / "out", "first")

    def test_a_name_with_signs_of_its_own(self, tmp_path):
        publish(tmp_path / "[o*t]", "first")
        publish(tmp_path / "[o*t]", "later")
        assert holds(tmp_path / "[o*t]", "later")

    @pytest.mark.parametrize("name", ["notes.txt", ".hidden", RECORD])
    def test_never_a_folder_with_anything_else(self, tmp_path, name):
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / name).write_text("mine")
        with pytest.raises(UsageError):
            publish(tmp_path / "out", "later")
        assert (tmp_path / "out" / name).read_text() == "mine"
        assert alone(tmp_path / "out")

    def test_never_an_analysis_with_notes_of_a_person_in_it(self, out):
        (out / "notes.txt").write_text("mine")
        with pytest.raises(UsageError, match=r"notes\.txt"):
            publish(out, "later")

    def test_never_a_file(self, tmp_path):
        (tmp_path / "out").write_text("mine")
        with pytest.raises(UsageError, match="is a file"):
            publish(tmp_path / "out", "later")


class TestCrashing:
    def test_an_error_on_the_way_leaves_the_last_good_state(self, out):
        def fail() -> None:
            with published(out, NAMES) as partial:
                (partial / "data.txt").write_text("half")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        assert holds(out, "earlier")

    def test_a_full_disk_is_an_error_of_ours(self, out):
        def fail() -> None:
            with published(out, NAMES):
                raise OSError(errno.ENOSPC, "No space left on device")

        with pytest.raises(StorageUnavailable, match="No space left"):
            fail()
        assert holds(out, "earlier")

    def test_a_failed_swap_brings_the_earlier_state_back(self, out, monkeypatch):
        rename = Path.rename

        def fail_once(self: Path, target: Path) -> Path:
            if self.suffix == ".partial":
                raise OSError(errno.EIO, "Input/output error")
            return rename(self, target)

        monkeypatch.setattr(Path, "rename", fail_once)
        with pytest.raises(StorageUnavailable):
            publish(out, "later")
        assert holds(out, "earlier")

    @pytest.mark.parametrize("at", ["while writing", "while swapping"])
    def test_what_a_killed_run_leaves_is_put_right_by_the_next(self, out, at):
        program = f"""
import os, shutil
from pathlib import Path
from graphrisk.report import publish
if {at!r} == "while swapping":
    rename = Path.rename
    def last(self, target):
        if self.suffix == ".partial":
            os._exit(9)
        return rename(self, target)
    Path.rename = last
with publish.published(Path({str(out)!r}), {NAMES!r}) as partial:
    (partial / "data.txt").write_text("half")
    if {at!r} == "while writing":
        os._exit(9)
"""
        killed = subprocess.run([sys.executable, "-c", program], check=False)
        assert killed.returncode == 9
        assert [p.name for p in out.parent.iterdir() if not p.name.startswith(".")] in (
            [["out"]] if at == "while writing" else [[]]
        )
        with pytest.raises(ZeroDivisionError), published(out, NAMES):
            assert record_of(out) is not None
            raise ZeroDivisionError
        assert holds(out, "earlier")

    def test_what_a_living_run_is_writing_is_left_alone(self, out):
        other = out.parent / f".out.{os.getppid()}.partial"
        other.mkdir()
        publish(out, "later")
        assert other.is_dir()
