"""What the policy says, in words made from its numbers."""

from __future__ import annotations

from graphrisk.explain.show import percent
from graphrisk.model.evidence import Strength
from graphrisk.model.kinds import Tier
from graphrisk.model.policy import Policy, is_good
from graphrisk.report.markup import Html, badge, bullets, folded, paragraph, table
from graphrisk.report.overview import TIER_TEXTS

_MAY = {
    Strength.STRONG: "may limit or close",
    Strength.WEAK: "lifts to review at most; one such family alone, to monitor",
    Strength.ONE_SIDED: "lifts to monitor at most: anyone can name somebody, or send them money",
}


def policy_part(policy: Policy) -> Html:
    """Return the policy as sentences and tables."""
    name = policy.policy
    return Html(
        "\n".join(
            (
                paragraph(
                    f"Policy {name.name}, version {name.version} ({policy.hash}). An account about "
                    f"which nothing is known has a risk of {percent(policy.prior.risk_prob)}. "
                    "Evidence adds to it or takes from it; the sum decides the tier, and the "
                    "guards below may hold it back."
                ),
                _tiers(policy),
                Html("<h3>Guards</h3>"),
                bullets(_guards(policy)),
                Html("<h3>Families of links, and what each may do</h3>"),
                _families(policy),
                Html("<h3>Labels and behaviour</h3>"),
                folded("What a label is worth", _labels(policy)),
                folded("What behaviour is worth", _signals(policy)),
            )
        )
    )


def _tiers(policy: Policy) -> Html:
    ladder = (0.0, *policy.tiers.ladder())
    rows = [
        (badge(tier.word), f"from {percent(prob)}" if prob else "below", TIER_TEXTS[tier])
        for tier, prob in zip(Tier, ladder, strict=True)
    ]
    return table("Tiers", ("tier", "risk", "what it asks for"), rows)


def _guards(policy: Policy) -> list[str]:
    guards, usages = policy.guards, ", ".join(policy.protection.usages).replace("_", " ")
    crowds = ", ".join(
        f"{kind.replace('_', ' ')} over {n:,}" for kind, n in policy.protection.crowd_links.items()
    )
    return [
        f"A family of links, or an account's own facts, speaks from "
        f"{guards.family_min_nats:g} nats on.",
        f"Limit needs {guards.limit_min_strong_nats:g} nats from strong links or from the "
        "account itself.",
        f"Close needs {guards.close_min_families} independent families, one of them strong; a "
        f"seed at most {guards.close_max_account_steps} accounts away; links seen in the last "
        f"{guards.close_max_age_days} days; and a label that a human or a court stands behind.",
        "Limit and close are proposals until a person agrees.",
        f"Risk travels over at most {policy.reach.n_hops} links.",
        f"What strangers share carries nothing: {usages or 'no usage is named'}; and crowds "
        f"({crowds or 'none'} accounts).",
    ]


def _families(policy: Policy) -> Html:
    relations: dict[str, set[str]] = {family: set() for family in policy.families}
    for relation, rule in policy.relations.items():
        for family in (rule.target_family, rule.source_family):
            relations[family].add(relation.replace("_", " "))
    rows = [
        (
            family.replace("_", " "),
            f"{rule.strength.replace('_', '-')}: {_MAY[Strength(rule.strength)]}. "
            f"Reach over it brings at most {rule.cap_nats:g} nats.",
            ", ".join(sorted(relations[family])),
        )
        for family, rule in policy.families.items()
    ]
    header = ("family", "what it may do", "links")
    return table("Families of links", header, rows)


def _labels(policy: Policy) -> Html:
    rows = [
        (
            label.replace("_", " "),
            f"{-rule.own_nats if is_good(label) else rule.own_nats:+g}",
            percent(rule.strength),
            "yes" if rule.confirmed else "no",
        )
        for label, rule in policy.labels.items()
    ]
    header = ("label", "nats for who carries it", "believed, as a seed", "confirmed")
    return table("Labels", header, rows)


def _signals(policy: Policy) -> Html:
    rows = [
        (name.replace("_", " "), f"{rule.free_count:g}", f"{rule.nats_per_step:+g}",
         f"{rule.cap_nats:+g}")
        for name, rule in policy.signals.items()
    ]  # fmt: skip
    header = ("behaviour", "means nothing up to", "nats for each step above", "at most nats")
    return table("Signals", header, rows)
