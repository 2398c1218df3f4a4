"""A folder that is written while the analysis goes on is the one that is written at its end."""

import errno
from pathlib import Path

import pytest

from graphrisk.errors import StorageUnavailable
from graphrisk.intake import shelf
from graphrisk.intake.read import read_dataset
from graphrisk.intake.shelf import Shelf, scan
from graphrisk.pipeline import analyze
from graphrisk.report import folder as folders
from graphrisk.report.folder import drafted, write_analysis
from graphrisk.report.layout import RECORD

from .conftest import FIXTURE, NOW, RUN


@pytest.fixture(autouse=True)
def even_small_tables_are_put_away(monkeypatch):
    monkeypatch.setattr(shelf, "FEWEST_ROWS", 1)


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Read all files but the record, which tells the time that was taken."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != RECORD
    }


def test_it_holds_the_same_bytes(tmp_path):
    write_analysis(tmp_path / "after", analyze(read_dataset(FIXTURE)), RUN, lambda: NOW)
    dataset = read_dataset(FIXTURE)
    with drafted(tmp_path / "meanwhile") as draft:
        shelved = draft.shelve(dataset)
        analysis = analyze(shelved, on_made=draft.write)
        draft.finish(analysis, RUN, lambda: NOW)
    assert bytes_of(tmp_path / "meanwhile") == bytes_of(tmp_path / "after")


def test_tables_that_were_put_away_are_read_from_the_published_folder(tmp_path):
    dataset = read_dataset(FIXTURE)
    with drafted(tmp_path / "out") as draft:
        shelved = draft.shelve(dataset)
        draft.finish(analyze(shelved, on_made=draft.write), RUN, lambda: NOW)
    assert isinstance(shelved.tables, Shelf)
    assert set(shelved.tables) == set(dataset.tables)
    for name, table in dataset.tables.items():
        assert shelved.tables[name].sort(table.columns).equals(table.sort(table.columns))
        assert scan(shelved.tables, name).collect().height == table.height
    assert shelved.newest_at == dataset.newest_at


def test_a_fault_while_the_analysis_goes_on_leaves_the_earlier_folder(tmp_path, monkeypatch):
    out = tmp_path / "out"
    write_analysis(out, analyze(read_dataset(FIXTURE)), RUN, lambda: NOW)
    before = bytes_of(out)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(folders, "write_sheet", full)
    dataset = read_dataset(FIXTURE)
    with pytest.raises(StorageUnavailable), drafted(out) as draft:
        draft.finish(analyze(draft.shelve(dataset), on_made=draft.write), RUN, lambda: NOW)
    assert bytes_of(out) == before
    assert list(tmp_path.iterdir()) == [out]


def test_an_analysis_that_fails_leaves_nothing(tmp_path):
    dataset = read_dataset(FIXTURE)
    with pytest.raises(ZeroDivisionError), drafted(tmp_path / "out") as draft:
        draft.shelve(dataset)
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())
