"""Kill scheduled runs with SIGKILL, at every named step and at random moments, and count.

    python benchmarks/batch_kills.py --seeds 3 --random 20 --keep out/kills.jsonl --write

With ``--keep`` each kill is written down, and those written down are not made again; ``--write``
puts the table of all of them into docs/operations.md. With ``--store`` the book is published to a
folder and to an embedded store, and both are counted.

A book of 300 accounts with a published run gets a new feed. A process runs the new feed and is
killed; a second run follows. Against the same done without a kill:

- lost: actions that should be there after the second run, and are not
- torn: times a reader of ``current`` found a run that is not whole, after the kill or at the end
- duplicated: actions, by (run, account, action), that are there more than once
- of a store, the same: its actions and the decisions of its current run must be the folder's
- other hash: whether the decisions differ from the run that nobody killed
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from graphrisk.batch import outbox
from graphrisk.batch.archive import content_hash
from graphrisk.batch.config import load_config
from graphrisk.batch.run import run_batch
from graphrisk.demo.book import write_book
from graphrisk.stores.opening import open_store

PAGE = Path(__file__).parents[1] / "docs" / "operations.md"
#: Where the tables stand: without a store, and with one.
MARKS = {
    False: ("<!-- kills -->", "<!-- end of kills -->"),
    True: ("<!-- kills with a store -->", "<!-- end of kills with a store -->"),
}
#: Actions of a batch: few, so that a run has several.
BATCH_ACTIONS = 5
N_ACCOUNTS = 300
#: Steps to kill at, and how often each has been reached by then.
POINTS = (
    ("locked", 1),
    ("started", 1),
    ("Find the labels in force.", 1),
    ("analysis written", 1),
    ("analysis in place", 1),
    ("analysed", 1),
    ("guards written", 1),
    ("guarded", 1),
    ("destination prepared", 1),
    ("prepared", 1),
    ("batch 1 written", 1),
    ("batch 1 sent", 1),
    ("batch 2 written", 1),
    ("delivered", 1),
    ("pointer flipped", 1),
    ("flipped", 1),
)
CONFIG = """
book = "killed"
[source]
path = "feed"
[rules]
policy = "policy.toml"
[destination]
folder = "published"
"""
STORE = 'store = "embedded:shelf"\n'
ACTED = "MATCH (p:Publication) MATCH (a:Action {run: p.run}) RETURN a.account_id, a.action"
STANDS = """
MATCH (c:CurrentRun)
MATCH (d:Decision {run_id: c.run_id})-[:DECIDES]->(a:Account)
RETURN a.account_id, d.tier
"""
POLICY = f"""
[batch]
mode = "live"
approved_by = "Ada Lovelace"
impact_assessment_sha256 = "{"0" * 64}"
shadow_min_days = 0
[breaker]
max_closures = 1000
relative_min_closures = 1000
"""


@dataclass(frozen=True, slots=True)
class Row:
    """What one kill did. ``was_killed`` is false where the run was over before."""

    point: str
    seed: int
    was_killed: bool
    lost: int
    torn: int
    duplicated: int
    is_same_hash: bool


@dataclass(frozen=True, slots=True)
class Whole:
    """What a run leaves when nobody kills it."""

    decisions_hash: str
    actions: frozenset[tuple[str, str]]
    seconds: float


def now() -> datetime:
    return datetime.now(UTC)


def prepare(place: Path, seed: int, *, with_store: bool = False) -> None:
    """Publish a first run, then bring a second feed: labels gone, and new ones."""
    write_book(place / "feed", n_accounts=N_ACCOUNTS, seed=seed)
    config = CONFIG + STORE if with_store else CONFIG
    (place / "batch.toml").write_text(config, encoding="utf-8")
    (place / "policy.toml").write_text(POLICY, encoding="utf-8")
    outbox.BATCH_ACTIONS = BATCH_ACTIONS
    run_batch(load_config(place / "batch.toml"), now)
    labels = place / "feed" / "labels.csv"
    with labels.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    kept = [row for number, row in enumerate(rows) if number % 3 != seed % 3]
    with labels.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *kept])


def run_whole(template: Path, place: Path) -> Whole:
    """Run the second feed in a copy that nobody kills."""
    shutil.copytree(template, place, symlinks=True)
    start = time.perf_counter()
    done = run_batch(load_config(place / "batch.toml"), now)
    return Whole(
        done.decisions_hash, frozenset(sent(place / "published")), time.perf_counter() - start
    )


def kill_at(template: Path, place: Path, point: str, nth: int, seed: int, whole: Whole) -> Row:
    """Kill a run when it reaches a step for the n-th time; ``random`` is a moment by the seed."""
    shutil.copytree(template, place, symlinks=True)
    command = [sys.executable, __file__, "--child", str(place / "batch.toml"), point, str(nth)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        if point == "random":
            child.stdout.readline()
            time.sleep(random.Random(f"{seed} {nth}").uniform(0.0, 1.2 * whole.seconds))
            child.send_signal(signal.SIGKILL)
        child.stdout.read()
    was_killed = child.returncode == -signal.SIGKILL
    torn = count_torn(place / "published")
    done = run_batch(load_config(place / "batch.toml"), now)
    torn += count_torn(place / "published")
    found = Counter(sent(place / "published"))
    if (place / "shelf").exists():
        acted, stands = asked_of(place / "shelf")
        torn += stands != decided(place / "published")
        # Whatever is missing in one of the two, or there twice, counts as if it were in both.
        found = Counter({a: max(acted[a], found[a]) for a in acted | found if acted[a] * found[a]})
    return Row(
        point,
        seed,
        was_killed,
        lost=len(whole.actions - set(found)),
        torn=torn,
        duplicated=sum(found.values()) - len(found) + len(set(found) - whole.actions),
        is_same_hash=done.decisions_hash == whole.decisions_hash,
    )


def sent(published: Path) -> list[tuple[str, str]]:
    """Read the actions of the current run as a reader does."""
    files = sorted((published / "current" / "actions").glob("*.jsonl"))
    lines = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    return [(line["account_id"], line["action"]) for line in lines]


def asked_of(shelf: Path) -> tuple[Counter[tuple[str, str]], dict[str, str]]:
    """Ask a store for the actions of its current run, and for the tier of each account."""
    with open_store(f"embedded:{shelf}") as store:
        acted = Counter(map(tuple, store.view().ask(ACTED, {}).rows))
        return acted, dict(store.view().ask(STANDS, {}).rows)


def decided(published: Path) -> dict[str, str]:
    """Read the tier of each account in the current run as a reader does."""
    decisions = pl.read_parquet(published / "current" / "decisions.parquet")
    return dict(decisions.select("account_id", "tier").iter_rows())


def count_torn(published: Path) -> int:
    """Count what is not whole of the run that ``current`` points to."""
    current = published / "current"
    record = json.loads((current / "run.json").read_text(encoding="utf-8"))
    decisions = pl.read_parquet(current / "decisions.parquet")
    whole = (
        content_hash(decisions) == record["decisions_hash"],
        len(set(sent(published))) == record["n_actions"],
        (current / "decisions.csv").is_file(),
        (current / "analysis" / "run.json").is_file(),
    )
    return whole.count(False)


def be_killed(config: str, point: str, nth: int) -> None:
    """Run, and die at a step (this is the child)."""
    n_reached = 0

    def reached(step: str) -> None:
        nonlocal n_reached
        print(step, flush=True)
        n_reached += step == point
        if step == point and n_reached == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    outbox.BATCH_ACTIONS = BATCH_ACTIONS
    run_batch(load_config(Path(config)), now, reached=reached)


def kills(
    place: Path,
    seeds: Sequence[int],
    points: Sequence[tuple[str, int]],
    n_random: int,
    *,
    with_store: bool = False,
    known: Sequence[Row] = (),
    keep: Callable[[Row], None] = lambda row: None,
) -> list[Row]:
    """Make all kills that are not known yet; each works on a copy of its own."""
    rows = list(known)
    for seed in seeds:
        planned = [*points, *(("random", number) for number in range(1, n_random + 1))]
        planned = planned[sum(row.seed == seed for row in known) :]
        if not planned:
            continue
        template = place / f"template{seed}"
        template.mkdir()
        prepare(template, seed, with_store=with_store)
        whole = run_whole(template, place / f"whole{seed}")
        for number, (point, nth) in enumerate(planned):
            copy = place / f"kill{seed}.{number}"
            rows.append(kill_at(template, copy, point, nth, seed, whole))
            keep(rows[-1])
            shutil.rmtree(copy)
    return rows


def table_of(rows: Sequence[Row]) -> str:
    """Lay the kills out: how many at each point, and what was lost, torn or done twice."""
    lines = [
        "| killed at | kills | lost | torn | duplicated | other hash |",
        "|---|---|---|---|---|---|",
    ]

    def line(name: str, mine: Sequence[Row]) -> str:
        counts = [
            sum(getattr(row, what) for row in mine) for what in ("lost", "torn", "duplicated")
        ]
        counts.append(sum(not row.is_same_hash for row in mine))
        n_killed = sum(row.was_killed for row in mine)
        kills = str(n_killed) if n_killed == len(mine) else f"{n_killed} of {len(mine)}"
        return f"| {name} | {kills} | " + " | ".join(map(str, counts)) + " |"

    for point in dict.fromkeys(row.point for row in rows):
        lines.append(line(point, [row for row in rows if row.point == point]))
    n_seeds = len({row.seed for row in rows})
    return "\n".join([*lines, line(f"**all, {n_seeds} seed{'s' * (n_seeds > 1)}**", rows)]) + "\n"


def write_table(rows: Sequence[Row], *, with_store: bool) -> None:
    """Put the table in its place in the handbook."""
    mark, end_mark = MARKS[with_store]
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(mark, 1)
    after = rest.split(end_mark, 1)[1]
    PAGE.write_text(f"{before}{mark}\n{table_of(rows)}{end_mark}{after}", encoding="utf-8")


def main() -> None:
    """Print the kill table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--random", type=int, default=20, help="random moments for each seed")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="go on with the kills kept there")
    parser.add_argument("--write", action="store_true", help="write the table into the handbook")
    parser.add_argument("--store", action="store_true", help="publish to a store too")
    parser.add_argument("--child", nargs=3, metavar=("CONFIG", "STEP", "N"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        be_killed(asked.child[0], asked.child[1], int(asked.child[2]))
        return
    known: list[Row] = []
    if asked.keep and asked.keep.exists():
        lines = asked.keep.read_text(encoding="utf-8").splitlines()
        known = [Row(**json.loads(line)) for line in lines]

    def keep(row: Row) -> None:
        if asked.keep:
            asked.keep.parent.mkdir(parents=True, exist_ok=True)
            with asked.keep.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(row)) + "\n")

    with tempfile.TemporaryDirectory() as folder:
        seeds = range(1, asked.seeds + 1)
        rows = kills(
            Path(folder), seeds, POINTS, asked.random,
            with_store=asked.store, known=known, keep=keep,
        )  # fmt: skip
    print(table_of(rows), end="")
    if asked.write:
        write_table(rows, with_store=asked.store)
    if any(row.lost or row.torn or row.duplicated or not row.is_same_hash for row in rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
