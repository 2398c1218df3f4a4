"""Why a tier is what it is: the rule that let it through or held it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from graphrisk.model.column import kept_as_columns


class Rule(IntEnum):
    """The one rule that settled a decision. Codes are written to files by name."""

    BELOW_MONITOR = 0
    BY_RISK = 1
    HELD_ONE_SIDED = 2
    HELD_ONE_WEAK_FAMILY = 3
    HELD_WEAK_FAMILIES = 4
    HELD_LIMIT_NEEDS_STRONG = 5
    HELD_CLOSE_NEEDS_FAMILIES = 6
    HELD_CLOSE_NEEDS_STRONG = 7
    HELD_CLOSE_TOO_FAR = 8
    HELD_CLOSE_STALE = 9
    HELD_CLOSE_UNCONFIRMED = 10
    LET_THROUGH_CLOSE = 11
    RAISED_SIGNAL_FAILED = 12
    HELD_LIMIT_CLAIMABLE = 13
    HELD_PREVALENCE = 14

    @property
    def word(self) -> str:
        """The rule as it is written in files."""
        return self.name.lower()

    @property
    def text(self) -> str:
        """The rule in words."""
        return _TEXTS[self]


_TEXTS = {
    Rule.BELOW_MONITOR: "risk is below the lowest threshold",
    Rule.BY_RISK: "the tier that the risk asks for, with the evidence that it needs",
    Rule.HELD_ONE_SIDED: (
        "held back: one-sided links lift no account above monitor; "
        "anyone can name somebody, or send them money"
    ),
    Rule.HELD_ONE_WEAK_FAMILY: "held back: one family of weak links lifts no account above monitor",
    Rule.HELD_WEAK_FAMILIES: (
        "held back: weak links alone lift no account above review; "
        "without them the risk asks for no more than this"
    ),
    Rule.HELD_LIMIT_NEEDS_STRONG: "held at review: no strong evidence stands behind the risk",
    Rule.HELD_CLOSE_NEEDS_FAMILIES: "held at limit: closing needs two independent families",
    Rule.HELD_CLOSE_NEEDS_STRONG: "held at limit: closing needs a strong family",
    Rule.HELD_CLOSE_TOO_FAR: "held at limit: the seeds are more account-to-account steps away "
    "than closing allows",
    Rule.HELD_CLOSE_STALE: "held at limit: the links behind it are old, or carry no date",
    Rule.HELD_CLOSE_UNCONFIRMED: "held at limit: no seed is confirmed by a human or a court",
    Rule.LET_THROUGH_CLOSE: (
        "two independent families, one of them strong, near, fresh and confirmed; "
        "a human must still agree"
    ),
    Rule.HELD_LIMIT_CLAIMABLE: (
        "held at review: others can have brought what stands behind the risk; limiting needs two "
        "things that the account came to, or one and its own facts"
    ),
    Rule.HELD_PREVALENCE: "held back: how common bad accounts are lifts nobody's tier",
    Rule.RAISED_SIGNAL_FAILED: "raised to review: a signal could not be computed",
}


@dataclass(frozen=True, slots=True)
class Decisions:
    """The tier of every account.

    Attributes
    ----------
    tier, tier_by_risk
        :class:`~graphrisk.model.kinds.Tier` codes after and before the rules, shape
        (n_accounts,), int8.
    rule
        :class:`Rule` codes, shape (n_accounts,), int8.
    """

    tier: NDArray[np.int8]
    tier_by_risk: NDArray[np.int8]
    rule: NDArray[np.int8]


@kept_as_columns("slot", "prob", "seed")
@dataclass(frozen=True)
class Trail:
    """The strongest path of one family from every account to a seed; most have none.

    Attributes
    ----------
    family
        Family of the link next to the account.
    slot
        Slot of that link, negative where nothing arrives, shape (n_accounts,), int32.
    prob
        Probability that risk arrives over the path, shape (n_accounts,), float64.
    seed
        Entity the path ends at, ``-1`` for none, shape (n_accounts,), int32.
    """

    family: str
    slot: NDArray[np.int32]
    prob: NDArray[np.float64]
    seed: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Backing:
    """Where a family of links brings enough that closing may rest on, each shape (n_accounts,).

    Attributes
    ----------
    near
        From seeds within the account-to-account steps that closing allows.
    fresh
        The same, over links seen lately enough alone.
    confirmed
        The same, and from seeds alone that a human or a court stands behind.
    n_things
        Things over which confirmed risk arrives and which the account itself came to; one that
        nobody can claim counts as many as limiting needs. Shape (n_accounts,), int64.
    """

    near: Mapping[str, NDArray[np.bool_]]
    fresh: Mapping[str, NDArray[np.bool_]]
    confirmed: Mapping[str, NDArray[np.bool_]]
    n_things: NDArray[np.int64]

    def of(self, rows: NDArray[np.intp]) -> Backing:
        """Keep some accounts, by their positions."""
        near, fresh, confirmed = (
            {family: mask[rows] for family, mask in masks.items()}
            for masks in (self.near, self.fresh, self.confirmed)
        )
        return Backing(near, fresh, confirmed, self.n_things[rows])
