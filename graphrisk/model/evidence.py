"""Evidence: what a term of the risk model is, its four states, and the reasons it stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

from graphrisk.model.column import Column

#: The family of an account's own labels and behaviour. A default and the late instalments
#: before it are one root event, so they are one family.
OWN_FACTS = "own_facts"
#: Code of the one term that speaks of all accounts alike.
PREVALENCE = "PREVALENCE"

#: Family of what is common to all accounts of a book, and so is no reason for any of them.
BASE_RATE = "base_rate"

#: How reason codes of what is learned begin; they end with a relation, an attribute or a family.
ACTIVITY_IN, ACTIVITY_OUT, ATTRIBUTE, NEIGHBORS, NEAR, UNLIKE = LEARNED = (
    "ACTIVITY_IN_", "ACTIVITY_OUT_", "ATTRIBUTE_", "NEIGHBORS_", "NEAR_", "UNLIKE_OTHERS_",
)  # fmt: skip

#: Terms are whole numbers of 2**-40 nats. Sums of them are exact, in any order, and what one
#: term hands to another is neither lost nor gained.
UNITS_PER_NAT: float = float(2**40)


def whole(nats: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round nats to whole units, any shape."""
    return np.asarray(np.rint(nats * UNITS_PER_NAT) / UNITS_PER_NAT, dtype=np.float64)


class State(IntEnum):
    """What a piece of evidence has to say. Missing input is unknown, never zero."""

    MISS = 0
    HIT = 1
    UNKNOWN = 2
    ERROR = 3

    @property
    def word(self) -> str:
        """The state as it is written in files."""
        return self.name.lower()


class Group(StrEnum):
    """Which of the three sums of a decision a term belongs to."""

    OWN = "own"
    LINKED = "linked"
    GOOD = "good"


class Strength(StrEnum):
    """How far evidence may lift a tier."""

    STRONG = "strong"
    WEAK = "weak"
    ONE_SIDED = "one_sided"


@dataclass(frozen=True, slots=True)
class Reason:
    """What a term means, one to one with the term.

    Attributes
    ----------
    code
        Stable name in files, upper case.
    group
        Own, linked, or good (counter-evidence, whose nats are never positive).
    family
        The family it speaks for; families are counted before an account may be closed.
    strength
        How far it may lift a tier.
    text
        The reason in words, for an analyst.
    unit
        Unit of the observed value.
    """

    code: str
    group: Group
    family: str
    strength: Strength
    text: str
    unit: str


@dataclass(frozen=True, slots=True, init=False)
class Term:
    """One term of the additive model for every account.

    Most terms have nothing to say of most accounts, so the numbers are kept as columns.

    Attributes
    ----------
    reason
        What it means.
    state
        :class:`State` codes, shape (n_accounts,), int8.
    kept_nats, kept_value
        ``nats`` and ``value`` as columns.
    """

    reason: Reason
    state: NDArray[np.int8]
    kept_nats: Column
    kept_value: Column

    def __init__(
        self,
        reason: Reason,
        nats: NDArray[np.float64],
        value: NDArray[np.float64],
        state: NDArray[np.int8],
    ) -> None:
        object.__setattr__(self, "reason", reason)
        object.__setattr__(self, "state", state)
        object.__setattr__(self, "kept_nats", Column.of(nats))
        object.__setattr__(self, "kept_value", Column.of(value))

    @property
    def nats(self) -> NDArray[np.float64]:
        """What it adds to the log-odds, shape (n_accounts,), float64."""
        return self.kept_nats.all()

    @property
    def value(self) -> NDArray[np.float64]:
        """The observed value in ``reason.unit``, NaN where unknown, shape (n_accounts,)."""
        return self.kept_value.all()

    def told(self) -> tuple[slice | NDArray[np.int32], NDArray[np.float64]]:
        """Say where it may add anything, rising, and the nats that it adds there."""
        kept = self.kept_nats
        if kept.place is not None and kept.usual == 0:
            return kept.place, kept.others
        return slice(None), kept.all()

    @classmethod
    def joined(cls, parts: Sequence[Term]) -> Term:
        """Put the terms of one reason for some accounts after those for others."""
        return cls(
            parts[0].reason,
            np.concatenate([part.nats for part in parts]),
            np.concatenate([part.value for part in parts]),
            np.concatenate([part.state for part in parts]),
        )

    def of(self, rows: slice | NDArray[np.integer]) -> Term:
        """Keep some accounts, by their places."""
        return Term(self.reason, self.kept_nats[rows], self.kept_value[rows], self.state[rows])

    def with_nats(self, nats: NDArray[np.float64]) -> Term:
        """Say the same with other nats, shape (n_accounts,)."""
        return Term(self.reason, nats, self.value, self.state)
