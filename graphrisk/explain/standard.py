"""The public decision standard: what the active policy does, in plain words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from graphrisk.explain.document import Block, Document, Grid, Heading, Items, Paragraph
from graphrisk.explain.reasons import LABEL, LANGUAGES, Words, words
from graphrisk.explain.show import percent
from graphrisk.model.evidence import Strength
from graphrisk.model.kinds import Tier
from graphrisk.model.policy import Policy, is_good
from graphrisk.signals.catalog import CATALOG


def standard(policy: Policy, lang: str) -> Document:
    """Write the decision standard of a policy in ``en`` or ``zh``."""
    say = words(lang)
    return Document(
        LANGUAGES[lang],
        _say(say, "title"),
        [
            *_opening(policy, say),
            *_what_counts(policy, say),
            Heading(_say(say, "never")),
            _points(_what_never_counts(policy, say)),
            Heading(_say(say, "closing")),
            _points(_what_closing_needs(policy, say)),
            Heading(_say(say, "object")),
            _points(_how_to_object(policy, say)),
        ],
    )


def _opening(policy: Policy, say: Words) -> Iterator[Block]:
    name = policy.policy
    yield Paragraph(
        _say(say, "made_from", name=name.name, version=name.version, hash=policy.hash), soft=True
    )
    yield Paragraph(_say(say, "short", prior=percent(policy.prior.risk_prob)))
    yield Heading(_say(say, "tiers"))
    starts = [_say(say, "below"), *map(percent, policy.tiers.ladder())]
    rows = [
        (say.name("tier", tier.word), start, say.name("decided", tier.word))
        for tier, start in zip(Tier, starts, strict=True)
    ]
    yield Grid([_say(say, key) for key in ("tier", "from", "means")], rows)


def _what_counts(policy: Policy, say: Words) -> Iterator[Block]:
    yield Heading(_say(say, "counts"))
    yield Paragraph(_say(say, "own"))
    labels = [
        (
            say.analyst(LABEL + label.upper()),
            odds(-rule.own_nats if is_good(label) else rule.own_nats),
            _say(say, "yes" if rule.confirmed else "no"),
        )
        for label, rule in policy.labels.items()
    ]
    yield Grid([_say(say, key) for key in ("record", "odds", "confirmed")], labels)
    yield Paragraph(_say(say, "behaviour"))
    caps = [(one, policy.signals[one.rule].cap_nats) for one in CATALOG]
    signals = [(say.analyst(one.code), odds(cap)) for one, cap in caps if cap > 0]
    yield Grid([_say(say, key) for key in ("behaviour_column", "largest")], signals)
    yield Paragraph(_say(say, "families"))
    yield Grid([_say(say, key) for key in ("family", "links", "may")], _families(policy, say))
    yield Paragraph(_say(say, "distance", hops=policy.reach.n_hops))


def _families(policy: Policy, say: Words) -> list[tuple[str, str, str]]:
    """List each family with the relations over which it receives anything."""
    received: dict[str, list[str]] = {family: [] for family in policy.families}
    for relation, rule in policy.relations.items():
        for family, prob in (
            (rule.target_family, rule.toward_target_prob),
            (rule.source_family, rule.toward_source_prob),
        ):
            if prob > 0 and relation not in received[family]:
                received[family].append(relation)
    return [
        (
            say.name("family_title", family),
            _listed((say.name("relation", one) for one in received[family]), say),
            _say(say, rule.strength),
        )
        for family, rule in policy.families.items()
    ]


def _what_never_counts(policy: Policy, say: Words) -> Iterator[str]:
    yield _say(say, "attributes")
    if _naming_is_one_sided(policy):
        yield _say(say, "being_named")
    rules = policy.relations.items()
    to_target = {name for name, rule in rules if rule.toward_target_prob > 0}
    to_source = {name for name, rule in rules if rule.toward_source_prob > 0}
    one_way = [name for name in policy.relations if name in to_source - to_target]
    nothing = [name for name in policy.relations if name not in to_source | to_target]
    for key, relations in (("one_way", one_way), ("carry_nothing", nothing)):
        if relations:
            names = _listed((say.name("relation", one) for one in relations), say)
            yield _say(say, key, links=names)
    yield from _hubs(policy, say)
    yield from _innocent(policy, say)
    silent = [one.code for one in CATALOG if policy.signals[one.rule].cap_nats == 0]
    if silent:
        yield _say(say, "silent", signals=_listed(map(say.analyst, silent), say))


def _naming_is_one_sided(policy: Policy) -> bool:
    """Say whether being paid or named lifts no account above monitor."""
    families = (policy.relations[one].target_family for one in ("transfer", "named_contact"))
    return all(policy.families[one].strength == Strength.ONE_SIDED for one in families)


def _hubs(policy: Policy, say: Words) -> Iterator[str]:
    """Say which hubs are protected; those protected by name are counted, never named."""
    kept = policy.protection
    if kept.usages:
        yield _say(say, "hubs", hubs=_listed((say.name("usage", one) for one in kept.usages), say))
    if kept.crowd_links:
        crowds = (
            _say(say, "crowd", kind=say.name("kind", kind), n=n)
            for kind, n in kept.crowd_links.items()
        )
        yield _say(say, "crowds", crowds=_listed(crowds, say))
    if kept.hubs:
        yield _say(say, "named_hubs", n=len(kept.hubs))


def _innocent(policy: Policy, say: Words) -> Iterator[str]:
    """Say how far what is shared innocently is damped."""
    rules = policy.innocent_sharing
    damping = {kind: rule for kind, rule in rules.rules().items() if rule.strength > 0}
    if damping:
        kinds = (
            _say(
                say,
                "innocent_kind",
                kind=say.name("sharing", kind),
                strength=f"{min(rule.strength, 1 - rules.floor):.0%}",
            )
            for kind, rule in damping.items()
        )
        least, floor = f"{rules.least_prob:.0%}", f"{rules.floor:.0%}"
        yield _say(say, "innocent", least=least, floor=floor, kinds=_listed(kinds, say))


def _what_closing_needs(policy: Policy, say: Words) -> Iterator[str]:
    guards = policy.guards
    yield _say(say, "person")
    yield _say(say, "limit_needs", odds=odds(guards.limit_min_strong_nats))
    yield _say(say, "close_needs", n=guards.close_min_families, odds=odds(guards.family_min_nats))
    yield _say(say, "close_strong")
    yield _say(
        say,
        "close_near",
        steps=guards.close_max_account_steps,
        days=guards.close_max_age_days,
    )
    yield _say(say, "failed")


def _how_to_object(policy: Policy, say: Words) -> Iterator[str]:
    contact = policy.notice.contact or say.say("notice", "nobody")
    yield _say(say, "reasons")
    yield say.say("notice", "contact", contact=contact)
    yield say.say("notice", "days", days=policy.notice.response_days)
    yield say.say("notice", "human")


def odds(nats: float) -> str:
    """Write what nats do to the odds: ``× 7.4``, ``÷ 20``."""
    factor = math.exp(abs(nats))
    figure = f"{factor:,.0f}" if factor >= 10 else f"{factor:.2g}"
    return f"{'×' if nats >= 0 else '÷'} {figure}"


def _points(texts: Iterable[str]) -> Items:
    return Items([(text, "") for text in texts], numbered=False)


def _listed(names: Iterable[str], say: Words) -> str:
    return ("、" if say.lang == "zh" else ", ").join(names)


def _say(say: Words, key: str, **blanks: object) -> str:
    return say.say("standard", key, **blanks)
