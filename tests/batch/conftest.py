"""A scheduled book in a folder of its own, a clock that tests set, and real processes."""

import csv
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from graphrisk.batch.config import Config, load_config
from graphrisk.batch.run import run_batch
from graphrisk.batch.runs import Run
from graphrisk.demo.book import write_book
from graphrisk.demo.roster import AS_OF

N_ACCOUNTS = 300
#: No process takes longer, however busy the machine.
MOST_WAIT_S = 120
LIVE = f"""
mode = "live"
approved_by = "Ada Lovelace"
impact_assessment_sha256 = "{"0" * 64}"
shadow_min_days = 0
"""
#: A breaker that nothing in a small book trips.
LAX = """
[breaker]
max_closures = 1000
relative_min_closures = 1000
"""
DRIVER = Path(__file__).with_name("driver.py")


@dataclass
class Clock:
    """A clock that stands still unless it is moved."""

    at: datetime = field(default_factory=lambda: AS_OF + timedelta(hours=3))

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> datetime:
        self.at += timedelta(**by)
        return self.at


@dataclass
class Place:
    """A folder with a book, its configuration, and what is published of it."""

    home: Path
    clock: Clock

    @property
    def config(self) -> Config:
        return load_config(self.home / "batch.toml")

    @property
    def published(self) -> Path:
        return self.home / "published"

    @property
    def current(self) -> Path:
        return self.published / "current"

    def configure(self, policy: str = "", more: str = "") -> None:
        """Write the configuration; ``policy`` is laid over the default."""
        (self.home / "policy.toml").write_text(policy, encoding="utf-8")
        (self.home / "batch.toml").write_text(
            'book = "small"\n[source]\npath = "feed"\n[rules]\npolicy = "policy.toml"\n'
            '[destination]\nfolder = "published"\n' + more,
            encoding="utf-8",
        )

    def run(self, **options: object) -> Run:
        return run_batch(self.config, self.clock, **options)

    def table(self, name: str) -> list[list[str]]:
        with (self.home / "feed" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))

    def write(self, name: str, rows: list[list[str]]) -> None:
        with (self.home / "feed" / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)

    def label(
        self, *account_ids: str, label: str = "fraud_confirmed", at: datetime = AS_OF
    ) -> None:
        """Add labels on accounts, known at a moment."""
        header, *rows = self.table("labels")
        moment = f"{at:%Y-%m-%dT%H:%M:%SZ}"
        for account_id in account_ids:
            new = {
                "entity_kind": "account", "entity_id": account_id, "label": label,
                "event_at": moment, "known_at": moment, "source": "fraud_team",
            }  # fmt: skip
            rows.append([new.get(name, "") for name in header])
        self.write("labels", [header, *rows])

    def change(self) -> None:
        """Change the feed a little: one more label."""
        header, *rows = self.table("accounts")
        self.label(
            rows[self.clock.at.microsecond + len(self.table("labels"))][header.index("account_id")]
        )

    def set_status(self, account_ids: set[str], status: str) -> None:
        header, *rows = self.table("accounts")
        where, whose = header.index("status"), header.index("account_id")
        for row in rows:
            if row[whose] in account_ids:
                row[where] = status
        self.write("accounts", [header, *rows])

    def decisions(self) -> pl.DataFrame:
        return pl.read_parquet(self.current / "decisions.parquet")

    def actions(self) -> list[dict[str, str]]:
        """Read the actions of the current run, as a reader does."""
        files = sorted((self.current / "actions").glob("*.jsonl"))
        return [json.loads(line) for f in files for line in f.read_text("utf-8").splitlines()]

    @contextmanager
    def start(self, *arguments: object) -> Iterator[subprocess.Popen[str]]:
        """Start a real process that runs the book, see driver.py; it is gone at the end."""
        command = [sys.executable, DRIVER, self.home / "batch.toml", *arguments]
        with subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as child:
            try:
                yield child
            finally:
                child.kill()

    def finish(self, *arguments: object) -> tuple[int, str]:
        """Run a real process to its end; return its exit code and what it said of errors."""
        with self.start(*arguments) as child:
            said = child.communicate(timeout=MOST_WAIT_S)[1]
        return child.returncode, said

    def is_ledger_free(self) -> bool:
        """Whether nobody holds the ledger's write lock at this moment."""
        with closing(sqlite3.connect(self.home / "state" / "ledger.sqlite", timeout=0.05)) as link:
            try:
                link.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return False
        return True


def freeze(child: subprocess.Popen[str], place: Place) -> None:
    """Stop a process in its tracks, at a moment at which it holds no lock of the database."""
    while True:
        child.send_signal(signal.SIGSTOP)
        if place.is_ledger_free():
            return
        child.send_signal(signal.SIGCONT)


def go_on(child: subprocess.Popen[str]) -> tuple[int, str]:
    """Let a process that waits or is frozen go on to its end."""
    child.send_signal(signal.SIGCONT)
    said = child.communicate("\n", timeout=MOST_WAIT_S)[1]
    return child.returncode, said


def wait_for(child: subprocess.Popen[str], step: str) -> None:
    """Wait until a process says that it reached a step."""
    assert child.stdout is not None
    for line in child.stdout:
        if line.rstrip("\n") == step:
            return
    raise AssertionError(f"ended before {step!r}: {child.stderr.read() if child.stderr else ''}")


@pytest.fixture(scope="session")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Draw a sample book once. To be copied, not changed."""
    folder = tmp_path_factory.mktemp("feed") / "feed"
    write_book(folder, n_accounts=N_ACCOUNTS, seed=1)
    return folder


@pytest.fixture
def new_place(feed: Path, tmp_path: Path) -> Callable[..., Place]:
    """Make a scheduled book; a test may have several."""

    def make(policy: str = "", more: str = "", name: str = "place") -> Place:
        home = tmp_path / name
        home.mkdir()
        shutil.copytree(feed, home / "feed", ignore=shutil.ignore_patterns("truth", "*.md"))
        place = Place(home, Clock())
        place.configure(policy, more)
        return place

    return make


@pytest.fixture
def place(new_place: Callable[..., Place]) -> Place:
    """A book in shadow mode, as by default."""
    return new_place()


@pytest.fixture
def live(new_place: Callable[..., Place]) -> Place:
    """A book that is acted on, with a breaker that nothing trips."""
    return new_place(f"[batch]{LIVE}{LAX}")
