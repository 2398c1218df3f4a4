"""Two runs side by side: the accounts whose tier changed, and what flipped each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from graphrisk.batch import runs
from graphrisk.batch.archive import ANALYSIS, DECISIONS
from graphrisk.batch.config import Config
from graphrisk.batch.guarded import CODES
from graphrisk.batch.ledger import Clock, open_ledger
from graphrisk.batch.runs import Run
from graphrisk.batch.work import archive_of
from graphrisk.decisions.standing import GUARD_TEXTS
from graphrisk.errors import UsageError
from graphrisk.explain.compare import compare
from graphrisk.pipeline import MODEL_VERSION
from graphrisk.report.reopen import Reopened, reopen

NEW, GONE = "new account", "no longer in the book"


@dataclass(frozen=True, slots=True)
class Change:
    """One account whose tier differs; ``because`` is empty where nobody asked for it.

    ``earlier`` or ``later`` is empty where that run has no such account.
    """

    account_id: str
    earlier: str
    later: str
    because: str


def difference(
    config: Config, clock: Clock, earlier: str, later: str, *, n_explained: int
) -> tuple[Run, Run, list[Change]]:
    """Compare where accounts stand after two runs.

    Parameters
    ----------
    config, clock
        The book.
    earlier, later
        Runs as a user names them.
    n_explained
        How many changes to explain; the greatest rises come first.

    Raises
    ------
    UsageError
        If there is no such run, or it is not kept any more.
    """
    with open_ledger(config.ledger_url, config.book, clock) as ledger, ledger.look() as (link, _):
        first, second = (runs.made(link, ledger, text) for text in (earlier, later))
    folders = [archive_of(config).folder(run.name) for run in (first, second)]
    changed = _changed(*(_stood(folder) for folder in folders))
    opened: tuple[Reopened, ...] | None = None
    found = []
    for place, row in enumerate(changed.iter_rows(named=True)):
        because = _by_itself(row)
        if not because and place < n_explained:
            opened = opened or tuple(reopen(folder / ANALYSIS) for folder in folders)
            because = _fact(row["account_id"], *opened)
        found.append(Change(row["account_id"], row["tier"] or "", row["tier_later"] or "", because))
    return first, second, found


def _stood(folder: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(folder / DECISIONS, glob=False)
    except OSError as error:
        raise UsageError(
            f"what run {folder.name} found is not there",
            expected="a run that came as far as its guards, and is still kept",
            hint="see destination.keep_runs of the configuration, and graphrisk batch status",
        ) from error


def _changed(earlier: pl.DataFrame, later: pl.DataFrame) -> pl.DataFrame:
    """Return the accounts that stand elsewhere, the greatest rises first."""
    columns = ("account_id", "tier", "tier_analysed", "guard")
    both = earlier.select(columns).join(
        later.select(columns), on="account_id", how="full", suffix="_later", coalesce=True
    )
    code = {
        name: pl.col(name).replace_strict(CODES, default=-1, return_dtype=pl.Int8)
        for name in ("tier", "tier_later")
    }
    moved = both.filter(pl.col("tier").ne_missing(pl.col("tier_later")))
    return moved.sort(code["tier"] - code["tier_later"], "account_id")


def _by_itself(row: dict[str, Any]) -> str:
    """Say why, where the evidence has no part in it; empty where it has."""
    if row["tier"] is None:
        return NEW
    if row["tier_later"] is None:
        return GONE
    if row["tier_analysed"] != row["tier_analysed_later"]:
        return ""
    words = {one.word: text for one, text in GUARD_TEXTS.items()}
    if row["guard_later"]:
        return words[row["guard_later"]]
    return f"no longer {words[row['guard']]}" if row["guard"] else ""


def _fact(account_id: str, earlier: Reopened, later: Reopened) -> str:
    """Name the fact that flipped an account, or say that none alone did."""
    made_by = [one.decisions["model_version"][0] for one in (earlier, later)]
    if made_by != [MODEL_VERSION] * 2:
        what = made_by[0] if made_by[0] == made_by[1] else " and then ".join(made_by)
        return f"decided by {what}; see the waterfalls of both runs"
    change = compare(earlier.case(account_id), later.case(account_id))
    if change.because is not None:
        side = "came" if change.later.tier > change.earlier.tier else "went"
        return f"{side}: " + " and ".join(str(fact) for fact in change.because.facts)
    if earlier.policy.hash != later.policy.hash:
        return f"no fact alone; the policy changed ({earlier.policy.hash}, {later.policy.hash})"
    return "no fact that came or went explains it alone"
