"""One account explained: its steps from prior to risk, its path, its rule, and the next tiers."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphrisk.model.kinds import Tier
from graphrisk.model.times import iso

PRIOR = "PRIOR"
HOW_TO_OBJECT = (
    "To object, ask the sources named above to check their records. A label, link or instalment "
    "that they correct or withdraw changes the decision at the next analysis; limit and close "
    "are proposals until a human agrees."
)

#: What may be shown of an entity outside the folder: these ids name no person by themselves.
_OPEN_KINDS = frozenset({"account", "device", "lender", "loan"})
_FEWEST_CHARS_TO_SHOW_ENDS = 8
_GROUPS = ("prior", "own", "linked", "good")
_LINK = re.compile(r" (?:-(?P<out>[a-z0-9_]+)->|<-(?P<back>[a-z0-9_]+)-) ")
_SEED = re.compile(r" \[(?P<label>[a-z_]+), (?P<source>.*)\]$")


@dataclass(frozen=True, slots=True)
class Wording:
    """The words and thresholds of an analysis; kept beside it, so that it explains itself.

    ``reasons`` has a text for each reason code, ``rules`` for each rule, and ``tier_probs`` the
    lowest risk of each tier above clear.
    """

    reasons: Mapping[str, str]
    rules: Mapping[str, str]
    tier_probs: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Step:
    """One term of the waterfall, and where the account stands after it."""

    code: str
    text: str
    group: str
    nats: float
    log_odds: float
    risk_prob: float
    state: str
    value: float | None
    unit: str
    via: str
    source: str
    facts: str = ""


@dataclass(frozen=True, slots=True)
class Hop:
    """One link of the evidence path. ``forward``: it points away from the account."""

    relation: str
    forward: bool
    entity: str


@dataclass(frozen=True, slots=True)
class Path:
    """The strongest evidence path, from the account to the seed."""

    start: str
    hops: tuple[Hop, ...]
    label: str
    source: str


@dataclass(frozen=True, slots=True)
class Threshold:
    """The border to another tier. ``nats`` is negative when the risk is already past it."""

    tier: str
    risk_prob: float
    nats: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """All there is to say about one decision.

    ``reasons`` are the codes of the principal reasons, the most important first.
    """

    account_id: str
    tier: str
    tier_by_risk: str
    risk_prob: float
    prior_prob: float
    rule: str
    rule_text: str
    steps: tuple[Step, ...]
    path: Path | None
    down: Threshold | None
    up: Threshold | None
    as_of: str
    model_version: str
    policy_hash: str
    reasons: tuple[str, ...] = ()
    how_to_object: str = HOW_TO_OBJECT


def explain_account(
    decision: Mapping[str, Any], evidence: Sequence[Mapping[str, Any]], wording: Wording
) -> Explanation:
    """Explain one row of the decisions with its rows of the evidence."""
    steps = _steps(evidence, wording)
    log_odds = steps[-1].log_odds
    as_of = decision["as_of"]
    return Explanation(
        account_id=decision["account_id"],
        tier=decision["tier"],
        tier_by_risk=decision["tier_by_risk"],
        risk_prob=decision["risk_prob"],
        prior_prob=steps[0].risk_prob,
        rule=decision["rule"],
        rule_text=wording.rules[decision["rule"]],
        steps=steps,
        path=path_of(decision["evidence_path"]),
        down=_down(decision["tier"], log_odds, wording.tier_probs),
        up=_up(decision["tier"], log_odds, wording.tier_probs),
        as_of=iso(as_of) if isinstance(as_of, datetime) else "",
        model_version=decision["model_version"],
        policy_hash=decision["policy_hash"],
        reasons=tuple(code for code in decision.get("reason_codes", "").split(";") if code),
    )


def masked_entity(entity: str) -> str:
    """Return ``kind:id`` with no more than the ends of the id, where it may name a person."""
    kind, _, name = entity.partition(":")
    if not name or kind in _OPEN_KINDS:
        return entity
    if len(name) < _FEWEST_CHARS_TO_SHOW_ENDS:
        return f"{kind}:****"
    return f"{kind}:{name[:2]}****{name[-2:]}"


def _steps(evidence: Sequence[Mapping[str, Any]], wording: Wording) -> tuple[Step, ...]:
    """Lay terms out from the prior on: own, linked, good, the strongest of each first."""
    ordered = sorted(evidence, key=lambda row: (_GROUPS.index(row["group"]), -abs(row["nats"])))
    steps: list[Step] = []
    log_odds = 0.0
    for row in ordered:
        log_odds += row["nats"]
        code = row["reason_code"]
        steps.append(
            Step(
                code=code,
                text=wording.reasons[code],
                log_odds=log_odds,
                risk_prob=1.0 / (1.0 + math.exp(-log_odds)),
                value=None if row["value"] is None or math.isnan(row["value"]) else row["value"],
                via=row["via"] or "",
                source=row["source"] or "",
                facts=row.get("facts") or "",
                **{key: row[key] for key in ("group", "nats", "state", "unit")},
            )
        )
    return tuple(steps)


def path_of(text: str) -> Path | None:
    """Read an evidence path as ``graphrisk.explain.paths`` writes it."""
    if not text:
        return None
    seed = _SEED.search(text)
    start, *rest = _LINK.split(text[: seed.start()] if seed else text)
    hops = tuple(
        Hop(out or back, forward=out is not None, entity=entity)
        for out, back, entity in zip(rest[::3], rest[1::3], rest[2::3], strict=True)
    )
    label, source = (seed["label"], seed["source"]) if seed else ("", "")
    return Path(start, hops, label, source)


def _down(tier: str, log_odds: float, probs: Mapping[str, float]) -> Threshold | None:
    """Say how far the risk is above the tier below."""
    if tier not in probs:
        return None
    below = Tier[tier.upper()] - 1
    return Threshold(Tier(below).word, probs[tier], log_odds - _log_odds(probs[tier]))


def _up(tier: str, log_odds: float, probs: Mapping[str, float]) -> Threshold | None:
    """Say how far the risk is below the tier above."""
    above = Tier[tier.upper()] + 1
    if above > max(Tier):
        return None
    prob = probs[Tier(above).word]
    return Threshold(Tier(above).word, prob, _log_odds(prob) - log_odds)


def _log_odds(prob: float) -> float:
    return math.log(prob) - math.log1p(-prob) if 0.0 < prob < 1.0 else math.inf * (prob - 0.5)
