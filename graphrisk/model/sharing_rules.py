"""How innocent sharing is recognised: facts, what each is worth, and how far it damps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from graphrisk.model.kinds import IDENTIFIER_KINDS, SharingKind
from graphrisk.model.schema import at_least_zero, positive, probability

#: Between two facts as they are written out.
FACT_SEPARATOR = "; "
_NATS = {"minimum": -20.0, "maximum": 20.0, "open": False}


class SharingFact(StrEnum):
    """What is counted of the accounts that share a thing: so many of those that are known."""

    #: They share nothing else with one another.
    STRANGERS = "strangers"
    #: They have identifiers of several personal kinds that nobody else uses.
    OWN_THINGS = "own_things"
    #: They appeared outside the busiest window.
    CAME_APART = "came_apart"
    #: They used the thing for a short time only.
    BRIEF = "brief"
    #: They have used the thing for long.
    STAYED = "stayed"


@dataclass(frozen=True, slots=True)
class FactWeight:
    """Nats for innocence if no account shows the fact, and if all do; in between, in proportion."""

    none_nats: float = field(metadata=_NATS)
    all_nats: float = field(metadata=_NATS)


@dataclass(frozen=True, slots=True)
class SharingRule:
    """One kind of innocent sharing."""

    kinds: tuple[str, ...]
    least_accounts: int = field(metadata=positive())
    most_accounts: int = field(metadata=at_least_zero())
    ties: tuple[str, ...]
    each: tuple[str, ...]
    prior_nats: float = field(metadata=_NATS)
    strength: float = field(metadata=probability())
    facts: Mapping[str, FactWeight]


@dataclass(frozen=True, slots=True)
class InnocentSharing:
    """What innocent sharing is recognised by, and the least that passes through it."""

    least_prob: float = field(metadata=probability())
    floor: float = field(metadata=probability(open_ends=True))
    doubt_accounts: float = field(metadata=positive())
    brief_hours: float = field(metadata=positive())
    stay_days: float = field(metadata=positive())
    burst_days: float = field(metadata=positive())
    tie_accounts: int = field(metadata=positive())
    own_kinds: int = field(metadata=positive(maximum=5))
    household: SharingRule
    dormitory: SharingRule
    shared_network: SharingRule
    kiosk: SharingRule

    def rules(self) -> dict[SharingKind, SharingRule]:
        """Give the rule of each kind of sharing, in the order of the kinds."""
        return {kind: getattr(self, kind) for kind in SharingKind}

    def faults(self) -> list[str]:
        """Say which names in the rules mean nothing."""
        faults = []
        for kind, rule in self.rules().items():
            where = f"innocent_sharing.{kind}"
            for key, known in _KNOWN.items():
                faults += [
                    f"{where}.{key} names {name!r}, which is not one of: {', '.join(known)}"
                    for name in getattr(rule, key)
                    if name not in known
                ]
            if 0 < rule.most_accounts < rule.least_accounts:
                faults.append(f"{where}.most_accounts is below {where}.least_accounts")
        return faults


_IDENTIFIERS = tuple(str(kind) for kind in IDENTIFIER_KINDS)
_FACTS = tuple(str(fact) for fact in SharingFact)
_EACH = (str(SharingFact.STRANGERS), str(SharingFact.BRIEF), str(SharingFact.STAYED))
_KNOWN = {"kinds": _IDENTIFIERS, "ties": _IDENTIFIERS, "each": _EACH, "facts": _FACTS}
