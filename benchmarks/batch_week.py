"""A week of nightly runs on a sample book, with a clock that is set: what happened each night.

    python benchmarks/batch_week.py

Accounts come, labels come and are withdrawn, one feed is poisoned, one is stale, one process is
killed with SIGKILL in the middle of publishing. Prints the timeline as a table.
"""

from __future__ import annotations

import csv
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from graphrisk.batch import orders
from graphrisk.batch.config import load_config
from graphrisk.batch.run import run_batch
from graphrisk.batch.runs import Run
from graphrisk.batch.schedule import Cron, keep_running
from graphrisk.demo.book import write_book
from graphrisk.errors import GraphRiskError

N_ACCOUNTS = 600
SEED = 1
FIRST_NIGHT = datetime(2026, 7, 1, 2, 30, tzinfo=UTC)
NIGHTLY = Cron("30 2 * * *", ZoneInfo("UTC"))
KILLED_AT = "batch 1 sent"
CONFIG = """
book = "week"
[source]
path = "feeds/*"
[source.max_age_hours]
labels = 26
[rules]
policy = "policy.toml"
[destination]
folder = "published"
"""
SHADOW = '[batch]\nmode = "shadow"\n'
LIVE = f"""
[batch]
mode = "live"
approved_by = "Ada Lovelace"
impact_assessment_sha256 = "{"0" * 64}"
shadow_min_days = 1
"""


@dataclass(slots=True)
class Clock:
    """A clock that is set."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at


@dataclass(frozen=True, slots=True)
class Night:
    """One line of the timeline."""

    at: str
    feed: str
    outcome: str
    exit_code: int
    n_adverse: int
    n_actions: int
    n_closing: int
    note: str


@dataclass(slots=True)
class Week:
    """The book, its feeds, and what happened so far."""

    home: Path
    clock: Clock
    nights: list[Night] = field(default_factory=list)

    def feed(self) -> Path:
        """Return today's folder: yesterday's, copied, and one new label from elsewhere."""
        today = self.home / "feeds" / f"{self.clock.at:%Y-%m-%d}"
        if not today.is_dir():
            before = max((self.home / "feeds").iterdir())
            shutil.copytree(before, today)
        return today

    def change(self, table: str, edit: Callable[[list[str], list[list[str]]], None]) -> None:
        """Edit a table of today's feed."""
        path = self.feed() / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = list(csv.reader(file))
        edit(header, rows)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])

    def add(self, table: str, **cells: str) -> None:
        """Add a row."""
        self.change(table, lambda header, rows: rows.append([cells.get(n, "") for n in header]))

    def label(self, account_id: str, label: str = "fraud_confirmed") -> None:
        """Add a label on an account that became known this evening."""
        known = f"{self.clock.at - timedelta(hours=6):%Y-%m-%dT%H:%M:%SZ}"
        self.add(
            "labels", entity_kind="account", entity_id=account_id, label=label, event_at=known,
            known_at=known, source="fraud_team",
        )  # fmt: skip

    def run(self, feed: str, note: str = "") -> Run | GraphRiskError:
        """Run tonight, and write a line."""
        told: Run | GraphRiskError
        try:
            told = run_batch(load_config(self.home / "batch.toml"), self.clock)
        except GraphRiskError as error:
            told = error
        self.write(feed, told, note)
        return told

    def write(self, feed: str, told: Run | GraphRiskError, note: str = "") -> None:
        """Write a line of the timeline."""
        at = f"{self.clock.at:%a %d %H:%M}"
        if isinstance(told, GraphRiskError):
            kind, code = type(told).__name__.lower(), int(told.exit_code)
            self.nights.append(Night(at, feed, kind, code, 0, 0, 0, note or told.found))
            return
        counts = told.counts
        held = ", ".join(f"{n} {guard}" for guard, n in counts.get("held", {}).items())
        found = "; ".join([*counts.get("stale", ()), *([held] if held else [])])
        self.nights.append(
            Night(
                at,
                feed,
                f"run {told.run_id} {told.outcome}",
                0,
                self.n_adverse(told),
                counts.get("n_actions", 0),
                counts.get("n_closing", 0),
                note or found,
            )
        )

    def n_adverse(self, run: Run) -> int:
        """Count the adverse actions that a reader finds in a run."""
        folder = self.home / "published" / "runs" / run.name / "actions"
        files = sorted(folder.glob("*.jsonl"))
        sent = pl.concat([pl.read_ndjson(file) for file in files]) if files else None
        return 0 if sent is None else sent.filter(pl.col("action").is_in(["limit", "close"])).height

    def clear_accounts(self, n: int) -> list[str]:
        """Return some honest accounts that stand at clear, by id."""
        truth = pl.read_csv(self.home / "truth.csv", schema_overrides={"account_id": pl.String})
        honest = truth.filter(~pl.col("is_bad"))["account_id"].implode()
        stands = pl.read_parquet(self.home / "published" / "current" / "decisions.parquet")
        clear = stands.filter((pl.col("tier") == "clear") & pl.col("account_id").is_in(honest))
        return clear["account_id"].sort().head(n).to_list()


def first(week: Week) -> None:
    """Run in shadow: what later runs are compared with."""
    week.label(_any_account(week, 0), "good_standing")
    week.run("the first feed, in shadow")


def goes_live(week: Week) -> None:
    """Leave shadow: all who stood at close would be closed in one night."""
    (week.home / "policy.toml").write_text(LIVE, encoding="utf-8")
    week.label(_any_account(week, 1), "good_standing")
    frozen = week.run("goes live")
    if isinstance(frozen, GraphRiskError):
        week.clock.at += timedelta(hours=6)
        config = load_config(week.home / "batch.toml")
        done = orders.release(config, week.clock, "2", "Ada Lovelace", "Grace Hopper", "go-live")
        week.write("the same", done, "released by two people, who looked")


def grows(week: Week) -> None:
    """Bring new accounts, and a label on one that was clear."""
    (victim,) = week.clear_accounts(1)
    week.label(victim)
    opened = f"{week.clock.at - timedelta(hours=9):%Y-%m-%dT%H:%M:%SZ}"
    for number in range(20):
        week.add("accounts", account_id=f"N{number:04d}", opened_at=opened, status="active")
    week.run("20 new accounts, a new label")


def is_stale(week: Week) -> None:
    """Bring no new label for two days, and links to bad accounts all the same."""
    closed = pl.read_parquet(week.home / "published" / "current" / "decisions.parquet").filter(
        pl.col("tier") == "close"
    )
    pairs = zip(week.clear_accounts(8), closed["account_id"].sort(), strict=False)
    _poison(week, [account_id for pair in pairs for account_id in pair], labelled=False)
    week.run("labels 30 hours old; 8 clear accounts share a device and a phone with closed ones")


def is_poisoned(week: Week) -> None:
    """Bring a feed that calls sixty honest accounts fraudsters, two on a device."""
    _poison(week, week.clear_accounts(60), labelled=True)
    week.run("poisoned: 60 honest accounts labelled, two on a device")


def is_killed(week: Week) -> None:
    """Bring the feed of two nights before and new labels; the process is killed."""
    week.change("labels", _without_poison)
    week.change("identifiers", _without_poison)
    for account_id in week.clear_accounts(4):
        week.label(account_id)
    command = [sys.executable, __file__, "--child", str(week.home), week.clock.at.isoformat()]
    code = subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode
    assert code == -signal.SIGKILL, code
    note = f"process killed with SIGKILL at: {KILLED_AT}"
    week.nights.append(
        Night(
            f"{week.clock.at:%a %d %H:%M}", "corrected, 4 new labels", "killed", 137, 0, 0, 0, note
        )
    )
    raise ProcessLookupError


def goes_on(week: Week) -> None:
    """Start the scheduler again, four hours later."""
    week.run("the same", "the scheduler starts again, four hours later")


def retracts(week: Week) -> None:
    """Withdraw the label of the third night, and those of the night of the crash."""
    gone = {"fraud_confirmed"}

    def withdraw(header: list[str], rows: list[list[str]]) -> None:
        known, label = header.index("known_at"), header.index("label")
        rows[:] = [r for r in rows if not (r[known] >= "2026-07-01" and r[label] in gone)]

    week.change("labels", withdraw)
    week.label(_any_account(week, 2), "good_standing")
    week.run("5 labels withdrawn")


def stays(week: Week) -> None:
    """Read yesterday's feed again."""
    week.run("the same feed again")


EVENINGS: Sequence[Callable[[Week], None]] = (
    first, goes_live, grows, is_stale, is_poisoned, is_killed, goes_on, retracts, stays,
)  # fmt: skip


def live_through(home: Path) -> list[Night]:
    """Run the week in a folder, and return its timeline."""
    write_book(home / "first", n_accounts=N_ACCOUNTS, seed=SEED)
    (home / "first" / "truth" / "accounts.csv").rename(home / "truth.csv")
    shutil.rmtree(home / "first" / "truth")
    (home / "first" / "README.md").unlink()
    (home / "feeds").mkdir()
    (home / "first").rename(home / "feeds" / "2026-06-30")
    (home / "batch.toml").write_text(CONFIG, encoding="utf-8")
    (home / "policy.toml").write_text(SHADOW, encoding="utf-8")
    week = Week(home, Clock(FIRST_NIGHT - timedelta(hours=1)))
    left = list(EVENINGS)

    def wait(seconds: float) -> None:
        """Sleep to the next slot, and not for the half minute at a time that is asked for."""
        del seconds
        week.clock.at = NIGHTLY.following(week.clock.at)

    while left:
        try:
            keep_running(
                load_config(home / "batch.toml"),
                NIGHTLY,
                week.clock,
                run=lambda: left.pop(0)(week),
                wait=wait,
                stopping=lambda: not left,
            )
        except ProcessLookupError:
            week.clock.at += timedelta(hours=4)
    return week.nights


def _any_account(week: Week, number: int) -> str:
    truth = pl.read_csv(week.home / "truth.csv", schema_overrides={"account_id": pl.String})
    return str(truth.filter(~pl.col("is_bad"))["account_id"].sort()[-1 - number])


def _poison(week: Week, account_ids: Sequence[str], *, labelled: bool) -> None:
    """Put accounts two by two on devices and phones, and label them or not."""
    seen = f"{week.clock.at - timedelta(hours=7):%Y-%m-%dT%H:%M:%SZ}"
    for number, account_id in enumerate(account_ids):
        for kind in ("device", "phone"):
            value = f"POISON{kind[0].upper()}{number // 2:05d}"
            if kind == "device" and number % 2 == 0:
                week.add("devices", device_id=value)
            week.add(
                "identifiers", account_id=account_id, kind=kind, value=value, first_seen_at=seen,
                last_seen_at=seen, source="poison",
            )  # fmt: skip
        if labelled:
            week.label(account_id)


def _without_poison(header: list[str], rows: list[list[str]]) -> None:
    """Take the poisoned night's rows out again."""
    source = header.index("source")
    known = header.index("known_at") if "known_at" in header else None
    night = f"{FIRST_NIGHT + timedelta(days=4) - timedelta(hours=6):%Y-%m-%dT%H}"
    rows[:] = [
        row
        for row in rows
        if row[source] != "poison" and not (known is not None and row[known].startswith(night))
    ]


def be_killed(home: Path, at: datetime) -> None:
    """Run with the clock at a moment, and die in the middle (this is the child)."""

    def reached(step: str) -> None:
        if step == KILLED_AT:
            os.kill(os.getpid(), signal.SIGKILL)

    run_batch(load_config(home / "batch.toml"), Clock(at), reached=reached)


def main() -> None:
    """Print the timeline."""
    if sys.argv[1:2] == ["--child"]:
        be_killed(Path(sys.argv[2]), datetime.fromisoformat(sys.argv[3]))
        return
    with tempfile.TemporaryDirectory() as folder:
        nights = live_through(Path(folder))
    print("| night | feed | outcome | exit | closing | actions | adverse | note |")
    print("|---|---|---|---|---|---|---|---|")
    for n in nights:
        cells = (
            n.at,
            n.feed,
            n.outcome,
            n.exit_code,
            n.n_closing,
            n.n_actions,
            n.n_adverse,
            n.note,
        )
        print("|", " | ".join(str(cell) for cell in cells), "|")


if __name__ == "__main__":
    main()
