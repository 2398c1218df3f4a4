"""From one run to the next: what holds a tier back that the analysis asks for.

Every rule here lowers a tier or leaves it: an account never stands higher than its analysis. A
tier rises when the risk is clearly past the threshold, or has asked long enough, and falls at
once, so that doubt is the customer's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from graphrisk.model.kinds import Tier
from graphrisk.model.policy import Policy

#: In place of a tier: the account was not there before.
NEVER = -1
Mask = NDArray[np.bool_]


class Guard(IntEnum):
    """The last rule that held a tier back between runs. Written to files by name."""

    NONE = 0
    HELD_NEAR_THRESHOLD = 1
    HELD_STALE_SOURCE = 2
    HELD_PROTECTED_STATUS = 3
    HELD_UNKNOWN_STATUS = 4

    @property
    def word(self) -> str:
        """The guard as it is written in files; empty for none."""
        return self.name.lower() if self else ""


GUARD_TEXTS = {
    Guard.NONE: "",
    Guard.HELD_NEAR_THRESHOLD: "held back: the risk is so near the threshold that the tier rises "
    "only when more runs in a row ask for it",
    Guard.HELD_STALE_SOURCE: "held back: a source is too old for an adverse decision",
    Guard.HELD_PROTECTED_STATUS: "held at review: the account's status protects it",
    Guard.HELD_UNKNOWN_STATUS: "held at review: whether the account is protected is not known",
}


@dataclass(frozen=True, slots=True)
class Before:
    """Where accounts stood after the last published run, each shape (n_accounts,).

    Attributes
    ----------
    tier
        Tier codes, ``NEVER`` for an account that was not there, int8.
    n_asking
        Runs in a row that asked for a tier above it and were held back, int32.
    """

    tier: NDArray[np.int8]
    n_asking: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where accounts stand now, each shape (n_accounts,); ``guard`` holds :class:`Guard` codes."""

    tier: NDArray[np.int8]
    guard: NDArray[np.int8]
    n_asking: NDArray[np.int32]


def stand(
    asked: NDArray[np.int8],
    log_odds: NDArray[np.float64],
    before: Before,
    *,
    protected: Mask,
    status_unknown: Mask,
    is_stale: bool,
    policy: Policy,
) -> Standing:
    """Find where accounts stand, given where they stood.

    Parameters
    ----------
    asked
        Tier codes of the analysis, shape (n_accounts,), int8.
    log_odds
        The analysis's risk, shape (n_accounts,).
    before
        Where they stood.
    protected, status_unknown
        Accounts whose status protects them, and those without one; shape (n_accounts,).
    is_stale
        Whether a source is older than its limit.
    policy
        Thresholds and margins.
    """
    guard = np.full(len(asked), Guard.NONE, dtype=np.int8)
    tier, n_asking = _risen(asked, log_odds, before, policy)
    guard[tier < asked] = Guard.HELD_NEAR_THRESHOLD
    if is_stale:
        stood = np.maximum(before.tier, np.int8(Tier.REVIEW))
        _hold(tier > stood, stood, Guard.HELD_STALE_SOURCE, tier, guard)
    at = np.full(len(tier), Tier.REVIEW, dtype=np.int8)
    if policy.batch.unknown_status_is_protected:
        _hold(status_unknown & (tier > at), at, Guard.HELD_UNKNOWN_STATUS, tier, guard)
    _hold(protected & (tier > at), at, Guard.HELD_PROTECTED_STATUS, tier, guard)
    return Standing(tier, guard, n_asking)


def _risen(
    asked: NDArray[np.int8], log_odds: NDArray[np.float64], before: Before, policy: Policy
) -> tuple[NDArray[np.int8], NDArray[np.int32]]:
    """Let tiers fall at once, and rise past the margin or after enough runs."""
    prob = np.array(policy.tiers.ladder())
    with np.errstate(divide="ignore"):
        ladder = np.log(prob) - np.log1p(-prob) + policy.batch.rise_margin_nats
    firm = np.searchsorted(ladder, log_odds, side="right").astype(np.int8)
    held = np.minimum(asked, np.maximum(firm, before.tier))
    n_asking = np.where(asked > held, before.n_asking + 1, 0).astype(np.int32)
    free = (before.tier == NEVER) | (n_asking >= policy.batch.rise_after_runs)
    tier = np.where(free, asked, held).astype(np.int8)
    return tier, np.where(tier < asked, n_asking, 0).astype(np.int32)


def _hold(
    where: Mask,
    at: NDArray[np.int8],
    because: Guard,
    tier: NDArray[np.int8],
    guard: NDArray[np.int8],
) -> None:
    tier[where], guard[where] = at[where], because
