"""Accounts made by hand: so many nats over this family, so far away, so long ago."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from graphrisk.decisions import tiers
from graphrisk.model.decision import Backing, Rule
from graphrisk.model.evidence import OWN_FACTS, PREVALENCE, Group, Reason, State, Strength, Term
from graphrisk.model.kinds import Tier
from graphrisk.model.policy import Policy
from graphrisk.risk.additive import score

#: The default policy with the numbers that examples rely on written down once more.
POLICY = Policy.from_mapping(
    {
        "prior": {"risk_prob": 0.02},
        "tiers": {
            "monitor_prob": 0.06,
            "review_prob": 0.20,
            "limit_prob": 0.45,
            "close_prob": 0.75,
        },
        "guards": {
            "family_min_nats": 0.6,
            "close_min_families": 2,
            "close_max_account_steps": 3,
            "close_max_age_days": 365,
            "limit_min_strong_nats": 0.5,
            "limit_min_things": 2,
        },
        "labels": {
            "default": {"strength": 0.85, "own_nats": 6.5, "confirmed": True},
            "blacklisted": {"strength": 0.80, "own_nats": 6.0, "confirmed": False},
            "fraud_suspected": {"strength": 0.50, "own_nats": 4.0, "confirmed": False},
        },
        "families": {
            "device": {"strength": "strong"},
            "identity": {"strength": "strong"},
            "money": {"strength": "weak"},
            "place": {"strength": "weak"},
            "social": {"strength": "weak"},
            "named": {"strength": "one_sided"},
        },
    }
)


@dataclass(frozen=True, slots=True)
class Path:
    """The strongest path of a family: accounts on the way, age of its oldest link, its seed."""

    n_steps: int = 1
    age_days: float | None = 10.0
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Account:
    """What is known about one account.

    ``reach`` and ``rank`` are nats by family of links; ``behaviour`` nats of its own conduct;
    ``label`` the kind of its own label; ``good`` nats that speak for it, as a positive number.
    Families without a path of their own have a near, fresh and confirmed one. ``things`` are
    those over which strong evidence arrives and which the account came to itself; ``common`` is
    what the share of bad accounts in its book adds.
    """

    reach: Mapping[str, float] = field(default_factory=dict)
    rank: Mapping[str, float] = field(default_factory=dict)
    behaviour: float = 0.0
    label: str = ""
    good: float = 0.0
    paths: Mapping[str, Path] = field(default_factory=dict)
    signal_failed: bool = False
    dated: bool = True
    things: int = 2
    common: float = 0.0

    def but(self, **changes) -> Account:
        """The same account, some of it otherwise."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided."""

    tier: Tier
    rule: Rule
    by_risk: Tier


def terms_of(account: Account) -> list[Term]:
    """Make the terms of one account."""
    terms = [_term("LATE", Group.OWN, OWN_FACTS, Strength.STRONG, account.behaviour)]
    if account.label:
        rule = POLICY.labels[account.label]
        strength = Strength.STRONG if rule.confirmed else Strength.WEAK
        code = f"LABEL_{account.label.upper()}"
        terms.append(_term(code, Group.OWN, OWN_FACTS, strength, rule.own_nats))
    for code, nats_by_family in (("REACH", account.reach), ("RANK", account.rank)):
        for family, nats in nats_by_family.items():
            strength = Strength(POLICY.families[family].strength)
            terms.append(_term(f"{code}_{family.upper()}", Group.LINKED, family, strength, nats))
    common = _term(PREVALENCE, Group.LINKED, "prevalence", Strength.ONE_SIDED, account.common)
    terms.append(common)
    terms.append(_term("REACH_GOOD", Group.GOOD, "good", Strength.WEAK, -account.good))
    if account.signal_failed:
        broken = _term("LENDER_BURST", Group.OWN, OWN_FACTS, Strength.STRONG, 0.0)
        terms.append(
            Term(broken.reason, broken.nats, broken.value, np.array([State.ERROR], dtype=np.int8))
        )
    return terms


def decide(account: Account) -> Outcome:
    """Decide one account under the default policy."""
    terms = terms_of(account)
    risk = score(terms, 1, POLICY.prior.risk_prob)
    decided = tiers.decide(terms, risk, backing_of(account), POLICY)
    return Outcome(Tier(decided.tier[0]), Rule(decided.rule[0]), Tier(decided.tier_by_risk[0]))


def _term(code: str, group: Group, family: str, strength: Strength, nats: float) -> Term:
    reason = Reason(code, group, family, strength, code.lower(), "nats")
    state = np.array([State.HIT if nats else State.MISS], dtype=np.int8)
    return Term(reason, np.array([nats]), np.array([nats]), state)


def backing_of(account: Account) -> Backing:
    """Say what stands behind each family: its paths, as far as closing may rest on them."""
    paths = {f: account.paths.get(f, Path()) for f, nats in account.reach.items() if nats > 0}
    guards = POLICY.guards
    near = {f: path.n_steps <= guards.close_max_account_steps for f, path in paths.items()}
    fresh = {
        f: near[f]
        and account.dated
        and path.age_days is not None
        and path.age_days <= guards.close_max_age_days
        for f, path in paths.items()
    }
    confirmed = {f: fresh[f] and path.confirmed for f, path in paths.items()}
    masks = ({f: np.array([v]) for f, v in m.items()} for m in (near, fresh, confirmed))
    return Backing(*masks, np.array([account.things]))
