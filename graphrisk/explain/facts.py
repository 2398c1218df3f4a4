"""Facts that a decision rests on, and what it is with or without them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from graphrisk.model.decision import Rule
from graphrisk.model.kinds import Tier


class FactKind(StrEnum):
    """What may be doubted."""

    LABEL = "label"
    LINK = "link"
    BEHAVIOUR = "behaviour"


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """Something a decision rests on.

    Attributes
    ----------
    kind
        A label, a link of the account, or a behaviour (one own signal).
    name
        ``account:A7`` for a label, ``uses_device device:D9`` for a link, a reason code for a
        behaviour.
    """

    kind: FactKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an account is decided to be."""

    tier: Tier
    rule: Rule
    log_odds: float
    risk_prob: float
