"""The rule of the policy about accounts unlike all others."""

from __future__ import annotations

from dataclasses import dataclass, field

from graphrisk.model.schema import positive, probability


@dataclass(frozen=True, slots=True)
class AnomalyRule:
    """What it is worth to be unlike all other accounts, where it is on."""

    on: bool
    cap_nats: float = field(metadata=positive())
    most_share: float = field(metadata=probability(open_ends=True))
