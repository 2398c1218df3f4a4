"""The configuration is checked whole; inputs are found by date."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from graphrisk.batch.config import load_config
from graphrisk.batch.places import Stores
from graphrisk.batch.source import find_inputs
from graphrisk.errors import InputRefused, UsageError

SMALL = 'book = "b"\n[source]\npath = "feed"\n[destination]\nfolder = "out"\n'


def load(folder: Path, text: str):
    (folder / "batch.toml").write_text(text, encoding="utf-8")
    return load_config(folder / "batch.toml")


def test_paths_start_at_the_file(tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    config = load(tmp_path, SMALL)
    assert config.path_of("feed") == tmp_path / "feed"
    assert config.ledger_url == f"sqlite:///{tmp_path}/state/ledger.sqlite"
    assert load(tmp_path, f'ledger = "sqlite:///x"\n{SMALL}').ledger_url == "sqlite:///x"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('"b"', '"../b"'), "book = '../b': letters, digits"),
        (("path", "pth"), "source.pth is not known; did you mean 'path'?"),
        (("[destination]", "[rules]\nmodel = 'x'\n[destination]"), "rules.model = 'x', and"),
        (("[destination]", "[schedule]\ntimezone = 'Mars'\n[destination]"), "not an IANA zone"),
        (
            ("[destination]", "[source.max_age_hours]\nlabls = 3\n[destination]"),
            "source.max_age_hours.labls: no table 'labls'",
        ),
        (
            ("[destination]", "[source.max_age_hours]\nlabels = 0\n[destination]"),
            "expected a number above 0",
        ),
        (('folder = "out"', 'folder = "out"\nkeep_runs = 0'), "destination.keep_runs = 0"),
        (('book = "b"', 'book = "b"\nhome = "x"'), "home is not a key"),
        (('"b"', '"b'), "is not TOML"),
    ],
)
def test_faults(tmp_path, change, said):
    with pytest.raises(UsageError, match=re.escape(said)):
        load(tmp_path, SMALL.replace(*change))


def test_all_faults_at_once(tmp_path):
    with pytest.raises(UsageError, match=r"^3 fault\(s\)"):
        load(tmp_path, 'nothing = 1\n[source]\npath = "x"\n')


def test_a_missing_file(tmp_path):
    with pytest.raises(UsageError, match="can't be read"):
        load_config(tmp_path / "none.toml")


@pytest.fixture
def dated(tmp_path):
    for name in ("2026-06-28", "20260629T0315", "2026-06-30", ".2026-06-29", "notes"):
        folder = tmp_path / "feeds" / name
        folder.mkdir(parents=True)
        (folder / "accounts.csv").write_text("account_id\n")
    return load(tmp_path, SMALL.replace('"feed"', '"feeds/*"'))


@pytest.mark.parametrize(
    ("moment", "name"),
    [
        ((2026, 6, 28, 23), "2026-06-28"),
        ((2026, 6, 29, 3), "2026-06-28"),
        ((2026, 6, 29, 4), "20260629T0315"),
        ((2030, 1, 1), "2026-06-30"),
    ],
)
def test_the_newest_dated_folder_that_is_not_ahead(dated, moment, name):
    assert Path(find_inputs(Stores(dated), datetime(*moment, tzinfo=UTC)).place).name == name


def test_no_folder_yet(dated):
    with pytest.raises(InputRefused, match="no dated folder fits"):
        find_inputs(Stores(dated), datetime(2026, 1, 1, tzinfo=UTC))


def test_a_folder_without_tables(tmp_path):
    with pytest.raises(InputRefused, match="holds no tables"):
        find_inputs(Stores(load(tmp_path, SMALL)), datetime(2026, 1, 1, tzinfo=UTC))


def test_a_mapping_file_counts_by_its_content(tmp_path):
    config = load(tmp_path, SMALL.replace("[dest", 'mapping = "m.toml"\n[dest'))
    (tmp_path / "m.toml").write_text("one")
    one = config.mapping_hash()
    (tmp_path / "m.toml").write_text("two")
    assert config.mapping_hash() != one
    assert load(tmp_path, SMALL).mapping_hash() == "standard"
