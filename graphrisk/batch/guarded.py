"""From an analysis to what may be done: where accounts stand, and the actions that follow."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.batch.destination import Action
from graphrisk.batch.outbox import NOTHING_SENT
from graphrisk.decisions.standing import NEVER, Before, Guard, stand
from graphrisk.explain.account import path_of
from graphrisk.intake.dataset import Dataset
from graphrisk.model.batch_rules import LIVE, SHADOW
from graphrisk.model.kinds import Tier
from graphrisk.model.policy import Policy

TIERS = [tier.word for tier in Tier]
CODES = {tier.word: int(tier) for tier in Tier}
_CANARY_BYTES = 8


@dataclass(frozen=True, slots=True)
class Guarded:
    """Where the accounts stand, and what follows.

    Attributes
    ----------
    table
        One row for each account, sorted by id: ``account_id, risk_prob, tier, tier_analysed,
        rule, guard, n_asking, acted_on, reason_codes``.
    actions
        What is to be sent.
    closing
        Accounts that are closed now and were not before.
    n_active
        Accounts that are known to be active.
    """

    table: pl.DataFrame
    actions: tuple[Action, ...]
    closing: tuple[str, ...]
    n_active: int


def statuses_of(dataset: Dataset) -> pl.DataFrame:
    """Return ``account_id, status`` of the accounts, as the source system writes them."""
    accounts = dataset.tables.get("accounts")
    if accounts is None:
        return pl.DataFrame(schema={"account_id": pl.String, "status": pl.String})
    return accounts.select("account_id", "status")


def guard(
    decisions: pl.DataFrame,
    statuses: pl.DataFrame,
    before: pl.DataFrame | None,
    sent: Mapping[str, str],
    *,
    is_stale: bool,
    policy: Policy,
) -> Guarded:
    """Let the guards of the policy speak.

    Parameters
    ----------
    decisions
        Those of the analysis.
    statuses
        Of :func:`statuses_of`.
    before
        The table of the current run, None where there is none.
    sent
        The last action sent for each account.
    is_stale
        Whether a feed is older than its limit.
    policy
        The guards.
    """
    book = _laid_out(decisions, statuses, before)
    status = book["status"]
    inactive = status.is_in(policy.batch.inactive_statuses).fill_null(value=True)
    risk_prob = book["risk_prob"].to_numpy()
    with np.errstate(divide="ignore"):
        log_odds = np.log(risk_prob) - np.log1p(-risk_prob)
    stood = Before(
        book["tier_before"].to_numpy().astype(np.int8), book["n_before"].to_numpy().astype(np.int32)
    )
    standing = stand(
        book["asked"].to_numpy().astype(np.int8),
        log_odds,
        stood,
        protected=status.is_in(policy.batch.protected_statuses).fill_null(value=False).to_numpy(),
        status_unknown=status.is_null().to_numpy(),
        is_stale=is_stale,
        policy=policy,
    )
    acted_on = _acted_on(book["account_id"], standing.tier, sent, policy)
    table = book.select("account_id", "risk_prob", "rule", "reason_codes").with_columns(
        tier=pl.Series(TIERS).gather(standing.tier),
        tier_analysed=book["tier"],
        guard=pl.Series([one.word for one in Guard]).gather(standing.guard),
        n_asking=pl.Series(standing.n_asking),
        acted_on=pl.Series(acted_on),
    )
    was = [sent.get(account_id, NOTHING_SENT) for account_id in table["account_id"]]
    return Guarded(
        table,
        _actions(table, was, is_stale=is_stale),
        _closing(table, was, stood, policy, is_first=before is None),
        int((~inactive).sum()),
    )


def causes_of(
    closing: Sequence[str], decisions: pl.DataFrame, evidence: pl.LazyFrame, *, min_nats: float
) -> Counter[str]:
    """Count how many of some accounts rest on each entity.

    An account rests on what lies on its strongest path, the seed included, and on what brings it
    at least ``min_nats`` over one family of links.
    """
    mine = pl.col("account_id").is_in(closing)
    behind: dict[str, set[str]] = {account_id: set() for account_id in closing}
    for account_id, text in (
        decisions.filter(mine).select("account_id", "evidence_path").iter_rows()
    ):
        path = path_of(text)
        behind[account_id] |= {hop.entity for hop in path.hops} if path else set()
    reached = pl.col("reason_code").str.starts_with("REACH_") & (pl.col("group") == "linked")
    spoken = evidence.filter(mine & reached & (pl.col("nats") >= min_nats) & (pl.col("via") != ""))
    for account_id, via in spoken.select("account_id", "via").collect().iter_rows():
        behind[account_id].add(via)
    return Counter(
        entity
        for account_id, entities in behind.items()
        for entity in entities - {f"account:{account_id}"}
    )


def in_canary(account_id: str, share: float) -> bool:
    """Whether an account is among the share that is acted on: always the same ones."""
    digest = hashlib.sha256(f"canary:{account_id}".encode()).digest()[:_CANARY_BYTES]
    return bool(int.from_bytes(digest) < share * 256**_CANARY_BYTES)


def _laid_out(
    decisions: pl.DataFrame, statuses: pl.DataFrame, before: pl.DataFrame | None
) -> pl.DataFrame:
    """Join what is known of each account, by id."""
    status = pl.col("status").str.strip_chars().str.to_lowercase().str.replace_all(r"[\s-]+", "_")
    known = statuses.select("account_id", status=pl.when(status != "").then(status))
    asked = pl.col("tier").replace_strict(CODES, return_dtype=pl.Int8)
    columns = ("account_id", "risk_prob", "tier", "rule", "reason_codes")
    book = decisions.select(*columns, asked=asked)
    book = book.join(known, on="account_id", how="left", maintain_order="left")
    if before is None:
        nothing = {"tier_before": pl.lit(NEVER, pl.Int8), "n_before": pl.lit(0, pl.Int32)}
        return book.with_columns(**nothing)
    stood = before.select(
        "account_id",
        tier_before=pl.col("tier").replace_strict(CODES, return_dtype=pl.Int8),
        n_before="n_asking",
    )
    return book.join(stood, on="account_id", how="left", maintain_order="left").with_columns(
        pl.col("tier_before").fill_null(NEVER), pl.col("n_before").fill_null(0)
    )


def _acted_on(
    account_ids: pl.Series, tier: NDArray[np.int8], sent: Mapping[str, str], policy: Policy
) -> NDArray[np.bool_]:
    """Say which accounts the mode lets be acted on, shape (n_accounts,)."""
    if policy.batch.mode == LIVE:
        return np.ones(len(tier), dtype=bool)
    chosen = np.zeros(len(tier), dtype=bool)
    if policy.batch.mode == SHADOW:
        return chosen
    for row, account_id in enumerate(account_ids):
        if tier[row] > Tier.CLEAR or account_id in sent:
            chosen[row] = in_canary(account_id, policy.batch.canary_share)
    return chosen


def _actions(table: pl.DataFrame, was: Sequence[str], *, is_stale: bool) -> tuple[Action, ...]:
    """Find the accounts that are to stand elsewhere than the last action put them."""
    wanted = table.with_columns(was=pl.Series(was, dtype=pl.String)).filter(
        pl.col("acted_on") & (pl.col("tier") != pl.col("was"))
    )
    found = []
    for row in wanted.iter_rows(named=True):
        tier, stood = CODES[row["tier"]], CODES[row["was"]]
        if is_stale and tier >= Tier.LIMIT and tier > stood:
            continue
        found.append(Action("", row["account_id"], row["tier"], row["was"], row["reason_codes"]))
    return tuple(found)


def _closing(
    table: pl.DataFrame, was: Sequence[str], stood: Before, policy: Policy, *, is_first: bool
) -> tuple[str, ...]:
    """Find the accounts that are closed now and were not before.

    An account that is acted on was closed if that was sent; any other, if it stood so. The first
    run in shadow closes nothing: it is what later runs are compared with.
    """
    if is_first and policy.batch.mode == SHADOW:
        return ()
    closed = table["tier"] == Tier.CLOSE.word
    sent = pl.Series(was, dtype=pl.String) == Tier.CLOSE.word
    before = pl.Series(stood.tier == Tier.CLOSE)
    earlier = pl.select(pl.when(table["acted_on"]).then(sent).otherwise(before)).to_series()
    return tuple(table.filter(closed & ~earlier)["account_id"])
