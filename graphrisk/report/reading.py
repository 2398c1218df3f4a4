"""Read one account's explanation out of an analysis folder, and little else."""

from __future__ import annotations

import difflib
import json
from pathlib import Path

import polars as pl

from graphrisk.errors import IntegrityFailure, PolicyError, UsageError
from graphrisk.explain.account import Explanation, Wording, explain_account
from graphrisk.model.policy import Policy
from graphrisk.report.layout import DECISIONS, EVIDENCE, POLICY, REASONS, SUFFIX
from graphrisk.report.publish import record_of

#: Evidence and risk may differ by this much before a folder counts as altered.
TOLERANCE_PROB = 1e-9
_MOST_NEAR_IDS = 3
_MOST_CANDIDATES = 2_000


def analyses(place: Path) -> list[Path]:
    """Return the analysis folders in ``place``, the one written last first.

    Raises
    ------
    UsageError
        If there is none.
    """
    found = [path for path in place.glob(f"*{SUFFIX}") if record_of(path) is not None]
    if not found:
        raise UsageError(
            f"no analysis in {place.resolve()}",
            expected=f"a folder *{SUFFIX} that graphrisk analyze wrote",
            hint="run graphrisk analyze DATASET first, or name the folder with --in",
        )
    return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)


def require_analysis(folder: Path) -> None:
    """Go on only if ``folder`` is an analysis that decided something.

    Raises
    ------
    UsageError
        Otherwise.
    """
    record = record_of(folder)
    if record is None:
        raise UsageError(
            f"{folder} is not an analysis folder",
            expected="a folder that graphrisk analyze wrote",
            hint="name it with --in, or run graphrisk analyze DATASET first",
        )
    if record.get("refused"):
        raise UsageError(
            f"{folder} tells why a dataset was refused; no decision was made",
            expected="a folder with decisions",
            hint="correct the faults in its run.json, and run graphrisk analyze again",
        )


def explanation_of(folder: Path, account_id: str) -> Explanation:
    """Explain one account of an analysis.

    Raises
    ------
    UsageError
        If ``folder`` is not an analysis, or the account is not in it; near ids are named.
    IntegrityFailure
        If a file of the folder is missing or can't be read.
    """
    require_analysis(folder)
    try:
        return _read(folder, account_id)
    except (OSError, ValueError, TypeError, LookupError, pl.exceptions.PolarsError) as error:
        raise IntegrityFailure(
            f"{folder} is incomplete or was altered ({type(error).__name__}: {error})",
            expected="the files as graphrisk analyze wrote them",
            hint="run graphrisk analyze again",
        ) from error


def policy_of(folder: Path) -> Policy:
    """Read the policy that an analysis was made with; what it does not know, as the default.

    Raises
    ------
    IntegrityFailure
        If it is missing or can't be read.
    """
    try:
        return Policy.from_mapping(json.loads((folder / POLICY).read_text(encoding="utf-8")))
    except (OSError, ValueError, PolicyError) as error:
        raise IntegrityFailure(
            f"{folder / POLICY} is missing or was altered ({type(error).__name__}: {error})",
            expected="the policy as graphrisk analyze wrote it",
            hint="run graphrisk analyze again",
        ) from error


def _read(folder: Path, account_id: str) -> Explanation:
    wording = Wording(**json.loads((folder / REASONS).read_text(encoding="utf-8")))
    decisions = pl.scan_parquet(folder / DECISIONS, glob=False)
    mine = pl.col("account_id") == account_id
    found = decisions.filter(mine).collect()
    if found.is_empty():
        raise _unknown(decisions, account_id, folder)
    evidence = pl.scan_parquet(folder / EVIDENCE, glob=False).filter(mine).collect()
    told = explain_account(found.row(0, named=True), evidence.to_dicts(), wording)
    if not abs(told.steps[-1].risk_prob - told.risk_prob) <= TOLERANCE_PROB:
        raise ValueError("the evidence does not add up to the risk")
    return told


def _unknown(decisions: pl.LazyFrame, account_id: str, folder: Path) -> UsageError:
    near = ", ".join(_near_ids(decisions, account_id))
    return UsageError(
        f"no account {account_id!r} in {folder}",
        expected="the id of an account, as it stands in decisions.csv",
        hint=f"did you mean {near}?" if near else "look the id up in decisions.csv",
    )


def _near_ids(decisions: pl.LazyFrame, account_id: str) -> list[str]:
    """Find ids that look alike, among those that begin or end alike."""
    ids = pl.col("account_id")
    lower, wanted = ids.str.to_lowercase(), account_id.strip().lower()
    alike = lower.str.starts_with(wanted[:3]) | lower.str.ends_with(wanted[-3:])
    near_length = (ids.str.len_chars().cast(pl.Int64) - len(wanted)).abs() <= 2
    candidates = (
        decisions.filter(alike & near_length)
        .select(ids)
        .sort(~lower.str.starts_with(wanted[:4]), ids)
        .head(_MOST_CANDIDATES)
        .collect()["account_id"]
    )
    by_lower = {candidate.lower(): candidate for candidate in candidates}
    return [
        by_lower[name] for name in difflib.get_close_matches(wanted, by_lower, n=_MOST_NEAR_IDS)
    ]
