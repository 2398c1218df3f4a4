"""The program as a user meets it: arguments in, exit code, stdout and stderr out."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from graphrisk.cli.main import main

FIXTURE = Path(__file__).parents[2] / "fixtures" / "demo_small"

Run = Callable[..., Result]


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call the program in an empty directory."""
    monkeypatch.chdir(tmp_path)
    return call


@pytest.fixture(scope="session")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """The analysis of the small sample book, and what was said of it. To be read only."""
    folder = tmp_path_factory.mktemp("analysed") / "demo_small.analysis"
    return folder, call("analyze", FIXTURE, "--out", folder)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A copy of the small sample book that a test may spoil."""
    return shutil.copytree(FIXTURE, tmp_path / "book", ignore=shutil.ignore_patterns("truth"))


def append(table: Path, *rows: str) -> None:
    with table.open("a", encoding="utf-8") as file:
        file.writelines(f"{row}\n" for row in rows)
