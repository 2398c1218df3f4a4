"""The policy: every number a lender may change, read from TOML, validated and hashed.

A policy file is laid over the packaged default, so it holds only what differs. All its faults
are reported together, each with the nearest known key.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

from graphrisk.errors import PolicyError
from graphrisk.model.anomaly_rule import AnomalyRule
from graphrisk.model.batch_rules import BatchRule, BreakerRule
from graphrisk.model.kinds import GOOD_LABELS, HubClass, LabelKind, Tier
from graphrisk.model.schema import at_least_zero, build, plain, positive, probability
from graphrisk.model.settings import read_settings
from graphrisk.model.sharing_rules import InnocentSharing

STRENGTHS = ("strong", "weak", "one_sided")
#: Characters of the longest contact in a notice.
MOST_CONTACT = 200


@dataclass(frozen=True, slots=True)
class PolicyName:
    """What the policy calls itself."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Prior:
    """Risk of an account about which nothing is known."""

    risk_prob: float = field(metadata=probability(open_ends=True))
    doubt_accounts: int = field(metadata=at_least_zero())
    most_prob: float = field(metadata=probability(open_ends=True))


@dataclass(frozen=True, slots=True)
class LabelRule:
    """What one kind of label is worth."""

    strength: float = field(metadata=probability(open_ends=True))
    own_nats: float = field(metadata=at_least_zero())
    confirmed: bool


@dataclass(frozen=True, slots=True)
class ReachRule:
    """Limits of the reach kernel."""

    n_hops: int = field(metadata=positive(maximum=32))
    good_n_hops: int = field(metadata=positive(maximum=32))
    message_floor_prob: float = field(metadata=probability())


@dataclass(frozen=True, slots=True)
class PageRankRule:
    """Settings of the two-sided personalised PageRank."""

    damping: float = field(metadata=probability(open_ends=True))
    smoothing_mass: float = field(metadata=positive())
    presumed_good_mass: float = field(metadata=probability())
    max_sweeps: int = field(metadata=positive())


@dataclass(frozen=True, slots=True)
class FamilyRule:
    """A family of links that tell one story."""

    strength: str = field(metadata={"choices": STRENGTHS})
    cap_nats: float = field(metadata=positive())


@dataclass(frozen=True, slots=True)
class RelationRule:
    """How risk travels over links of one relation."""

    target_family: str
    source_family: str
    toward_target_prob: float = field(metadata=probability())
    toward_source_prob: float = field(metadata=probability())
    hub_free_links: float = field(default=1.0, metadata=positive())
    hub_exponent: float = field(default=0.0, metadata=at_least_zero())
    hub_floor: float = field(default=1.0, metadata=probability())
    half_life_days: float = field(default=0.0, metadata=at_least_zero())
    age_floor: float = field(default=1.0, metadata=probability())
    while_both_use: bool = False
    overlap_grace_days: float = field(default=0.0, metadata=at_least_zero())
    ties: bool = False
    claimable: bool = False
    vouches_for_target: bool = True
    vouches_for_source: bool = True


@dataclass(frozen=True, slots=True)
class ProtectedHub:
    """One entity that many strangers share; it carries no risk."""

    kind: str
    entity_id: str
    hub_class: str = field(metadata={"choices": tuple(str(c) for c in HubClass)})


@dataclass(frozen=True, slots=True)
class Protection:
    """Which entities carry nothing, and why."""

    usages: tuple[str, ...]
    hubs: tuple[ProtectedHub, ...]
    crowd_links: Mapping[str, int] = field(metadata=positive())


@dataclass(frozen=True, slots=True)
class EvidenceWeights:
    """Weights of the propagated evidence in the additive model."""

    pagerank_weight: float = field(metadata=at_least_zero())
    reach_weight: float = field(metadata=at_least_zero())
    reach_good_weight: float = field(metadata=at_least_zero())
    reach_good_cap_nats: float = field(metadata=positive())
    tie_nats: float = field(metadata=at_least_zero())
    tie_floor: float = field(metadata=probability())


@dataclass(frozen=True, slots=True)
class SignalRule:
    """A count that turns into nats: each step above ``free_count`` adds, up to the cap."""

    free_count: int = field(metadata=at_least_zero())
    nats_per_step: float = field(metadata=at_least_zero())
    cap_nats: float = field(metadata=at_least_zero())
    window_days: int = field(default=0, metadata=at_least_zero())
    window_hours: int = field(default=0, metadata=at_least_zero())
    grace_days: int = field(default=0, metadata=at_least_zero())
    account_age_days: int = field(default=0, metadata=at_least_zero())
    stale_days: int = field(default=365, metadata=positive())
    most_days_late: int = field(default=90, metadata=positive())
    least_instalments: int = field(default=4, metadata=positive())
    most_links: int = field(default=6, metadata=positive(maximum=32))
    most_accounts: int = field(default=50, metadata=positive(maximum=1000))
    passed_on_share: float = field(default=0.8, metadata=probability(open_ends=True))
    similar_amount_ratio: float = field(default=1.25, metadata=positive())
    forgiven_declines: int = field(default=0, metadata=at_least_zero())
    rate_shopping_weight: float = field(default=1.0, metadata=probability())


@dataclass(frozen=True, slots=True)
class Tiers:
    """The lowest risk probability of each tier."""

    monitor_prob: float = field(metadata=probability())
    review_prob: float = field(metadata=probability())
    limit_prob: float = field(metadata=probability())
    close_prob: float = field(metadata=probability())

    def ladder(self) -> tuple[float, ...]:
        """Thresholds in rising order, shape (4,), in probability."""
        return (self.monitor_prob, self.review_prob, self.limit_prob, self.close_prob)


@dataclass(frozen=True, slots=True)
class Guards:
    """What has to be there before an adverse tier is allowed."""

    family_min_nats: float = field(metadata=positive())
    close_min_families: int = field(metadata=positive())
    close_max_account_steps: int = field(metadata=positive())
    close_max_age_days: int = field(metadata=positive())
    limit_min_strong_nats: float = field(metadata=at_least_zero())
    limit_min_things: int = field(metadata=positive())
    limit_owner_days: int = field(metadata=at_least_zero())


@dataclass(frozen=True, slots=True)
class NoticeRule:
    """What a customer's notice says of objections."""

    contact: str
    response_days: int = field(metadata=positive(maximum=365))


@dataclass(frozen=True, slots=True)
class Policy:
    """A whole policy. Build it with :meth:`default`, :meth:`load` or :meth:`from_mapping`."""

    policy: PolicyName
    prior: Prior
    labels: Mapping[str, LabelRule]
    reach: ReachRule
    pagerank: PageRankRule
    families: Mapping[str, FamilyRule]
    relations: Mapping[str, RelationRule]
    relation_of_kind: Mapping[str, str]
    protection: Protection
    innocent_sharing: InnocentSharing
    evidence: EvidenceWeights
    signals: Mapping[str, SignalRule]
    anomaly: AnomalyRule
    tiers: Tiers
    guards: Guards
    notice: NoticeRule
    batch: BatchRule
    breaker: BreakerRule

    @classmethod
    def default(cls) -> Policy:
        """Return the policy that ships with graphrisk."""
        return cls.from_mapping({})

    @classmethod
    def load(cls, path: str | Path) -> Policy:
        """Read a TOML file and lay it over the default policy.

        Raises
        ------
        PolicyError
            If the file can't be read or any of its values does not fit; all faults at once.
        """
        file = Path(path)
        changes = read_settings(
            file,
            f"policy file {file}",
            PolicyError,
            option="--policy",
            expected="a policy as in docs/policy.md",
        )
        return cls.from_mapping(changes)

    @classmethod
    def from_mapping(cls, changes: Mapping[str, Any]) -> Policy:
        """Lay ``changes`` over the default policy and validate the whole.

        Raises
        ------
        PolicyError
            With every fault found, if there is one.
        """
        packaged = resources.files("graphrisk").joinpath("policies/default.toml")
        base = tomllib.loads(packaged.read_text(encoding="utf-8"))
        faults: list[str] = []
        policy = build(cls, _overlay(base, changes), "", faults)
        if policy is not None and not faults:
            faults += _contradictions(policy)
        if faults or policy is None:
            raise PolicyError(
                f"{len(faults)} fault(s) in the policy: " + " | ".join(faults),
                expected="the keys and ranges of docs/policy.md",
                hint="correct each one and run again; nothing was analysed",
            )
        return policy

    @property
    def hash(self) -> str:
        """SHA-256 over the policy's content, 16 hex digits: equal content, equal hash."""
        text = json.dumps(plain(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def relation_rule(self, relation: str, kinds: tuple[str, str]) -> tuple[str, RelationRule]:
        """Return the name and rule that govern ``relation`` between entities of ``kinds``.

        A relation the policy does not name is read as that of the identifier at either end,
        and failing that as ``other``.
        """
        if relation in self.relations:
            return relation, self.relations[relation]
        for kind in reversed(kinds):
            if kind in self.relation_of_kind:
                name = self.relation_of_kind[kind]
                return name, self.relations[name]
        return "other", self.relations["other"]


def _overlay(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Lay nested ``changes`` over ``base``; tables merge, everything else is replaced."""
    merged = dict(base)
    for key, value in changes.items():
        below = merged.get(key)
        both_tables = isinstance(below, Mapping) and isinstance(value, Mapping)
        merged[key] = _overlay(below, value) if both_tables else value  # type: ignore[arg-type]
    return merged


def _contradictions(policy: Policy) -> list[str]:
    """Faults that need more than one value to see."""
    faults = []
    ladder = policy.tiers.ladder()
    names = [f"{Tier(rung).word}_prob" for rung in range(1, 5)]
    for (lower, low), (upper, high) in pairwise(zip(names, ladder, strict=True)):
        if low >= high:
            faults.append(
                f"tiers are out of order: {lower} = {low} is not below {upper} = {high}; "
                "raise the upper one or lower the lower one"
            )
    if policy.prior.risk_prob >= policy.tiers.monitor_prob:
        faults.append(
            f"prior.risk_prob = {policy.prior.risk_prob} is not below tiers.monitor_prob = "
            f"{policy.tiers.monitor_prob}: every unknown account would be monitored"
        )
    for name, rule in policy.relations.items():
        for side in ("target_family", "source_family"):
            family = getattr(rule, side)
            if family not in policy.families:
                faults.append(f"relations.{name}.{side} = {family!r} is not in [families]")
        faults += [
            f"relations.{name}.{side} = 1 leaves no doubt at all; use at most 0.999"
            for side in ("toward_target_prob", "toward_source_prob")
            if getattr(rule, side) > 0.999
        ]
    if "other" not in policy.relations:
        faults.append("relations.other is missing; unknown relations need a rule")
    faults += [
        f"relation_of_kind.{kind} = {name!r} is not in [relations]"
        for kind, name in policy.relation_of_kind.items()
        if name not in policy.relations
    ]
    if not (policy.notice.contact.isprintable() and len(policy.notice.contact) <= MOST_CONTACT):
        faults.append(
            f"notice.contact must be one line of at most {MOST_CONTACT} characters, such as an "
            "address, a telephone number or a link"
        )
    faults += policy.batch.faults()
    faults += policy.innocent_sharing.faults()
    faults += [f"labels.{kind} is missing" for kind in LabelKind if kind not in policy.labels]
    faults += [f"labels.{k} is not a label" for k in policy.labels if k not in list(LabelKind)]
    return faults


def is_good(label: str) -> bool:
    """Whether a label speaks for the entity that carries it."""
    return label in GOOD_LABELS
