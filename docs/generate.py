"""Write the generated parts of the handbook: ``python docs/generate.py`` (or ``make docs``).

Whole pages come from the code's own tables, the output under a command from running it, and the
picture from the decision that it shows. A test compares all of them with what lies in docs/.
"""

from __future__ import annotations

import dataclasses
import math
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, get_type_hints

import bad_input
import examples
import picture

from graphrisk.cli import reference
from graphrisk.explain.document import markdown
from graphrisk.explain.reasons import LANGUAGES
from graphrisk.explain.standard import standard
from graphrisk.intake import dictionary
from graphrisk.model import anomaly_rule, batch_rules, policy, sharing_rules
from graphrisk.model.decision import Rule
from graphrisk.model.kinds import SharingKind
from graphrisk.model.policy import Policy
from graphrisk.report.reading import explanation_of
from graphrisk.signals.catalog import CATALOG
from graphrisk.signals.linked import COMMON, TIE_TEXT, families_of_ties
from graphrisk.signals.unheard import INNOCENT_REASONS
from graphrisk.signals.unheard import REASONS as UNHEARD

DOCS = Path(__file__).parent

#: What each key of the policy means. A key without a line here stops the generator.
MEANINGS = {
    "PolicyName.name": "What the policy calls itself.",
    "PolicyName.version": "Its version, as text.",
    "Prior.risk_prob": "Risk of an account about which nothing is known. "
    "Must lie below `tiers.monitor_prob`.",
    "Prior.doubt_accounts": "Accounts added to those of the book before confirmed bad ones are "
    "divided by all: the prevalence, from which risk starts where it is above `risk_prob`.",
    "Prior.most_prob": "The highest prevalence that risk starts from.",
    "LabelRule.strength": "Probability that the label is what it claims, as a seed for others.",
    "LabelRule.own_nats": "What it adds to (bad), or takes from (good), the entity's own log-odds.",
    "LabelRule.confirmed": "Whether a human, or a court, stands behind it.",
    "ReachRule.n_hops": "How many links risk travels in reach from bad seeds.",
    "ReachRule.good_n_hops": "The same from good seeds.",
    "ReachRule.message_floor_prob": "Messages of at most this probability are cut to zero.",
    "PageRankRule.damping": "Share of its mass that an entity passes on.",
    "PageRankRule.smoothing_mass": "Mass that counts as much as the prior. Fixed, never taken "
    "from the data, so that a new bad label lowers nobody.",
    "PageRankRule.presumed_good_mass": "How much of a good seed an account without a label is, "
    "against RANK evidence only.",
    "PageRankRule.max_sweeps": "Sweeps after which the analysis stops with an error.",
    "FamilyRule.strength": "How far links of the family may lift a tier.",
    "FamilyRule.cap_nats": "The most that reach over links of the family may bring.",
    "RelationRule.target_family": "Family in which the link's target receives.",
    "RelationRule.source_family": "Family in which the link's source receives.",
    "RelationRule.toward_target_prob": "How likely risk at the source is risk at the target. "
    "At most 0.999.",
    "RelationRule.toward_source_prob": "How likely risk at the target is risk at the source. "
    "At most 0.999.",
    "RelationRule.hub_free_links": "Links of this relation that a sender has undamped.",
    "RelationRule.hub_exponent": "Power of the damping beyond that.",
    "RelationRule.hub_floor": "Damping never goes below this factor.",
    "RelationRule.half_life_days": "Age at which a link carries half as much; 0 for never.",
    "RelationRule.age_floor": "Ageing never goes below this factor.",
    "RelationRule.while_both_use": "Over a thing that nobody else used at the same time nothing "
    "arrives.",
    "RelationRule.overlap_grace_days": "A gap between two uses that is no gap.",
    "RelationRule.ties": "Whether using the thing at the other end with a confirmed bad account is "
    "a tie to it.",
    "RelationRule.claimable": "Whether anyone can say that the thing is his.",
    "RelationRule.vouches_for_target": "Whether good standing at the source speaks for the target.",
    "RelationRule.vouches_for_source": "The same from target to source.",
    "ProtectedHub.kind": "Kind of the entity.",
    "ProtectedHub.entity_id": "Its id.",
    "ProtectedHub.hub_class": "Why it is protected.",
    "Protection.usages": "Declared usages that protect an entity.",
    "Protection.hubs": "Entities protected by name: a list of tables with the keys below.",
    "Protection.crowd_links": "By kind: more linked accounts than this make an entity a crowd.",
    "InnocentSharing.least_prob": "From this probability on, what is shared is recognised as "
    "innocent, damped, and said to be.",
    "InnocentSharing.floor": "At least this share of what would pass does, however innocent a "
    "thing looks: whoever makes a farm look like a dormitory gains no more.",
    "InnocentSharing.doubt_accounts": "A fact known of n accounts counts n / (n + this).",
    "InnocentSharing.brief_hours": "A use is brief if first and last seen at most so far apart. "
    "Seen at one moment only, it is not known how long it lasted.",
    "InnocentSharing.stay_days": "A use is a stay if first and last seen at least so far apart.",
    "InnocentSharing.burst_days": "Width of the busiest window; who was first seen outside it "
    "came apart.",
    "InnocentSharing.tie_accounts": "What more accounts than this share ties nobody.",
    "InnocentSharing.own_kinds": "So many kinds of personal things to itself are own things.",
    "SharingRule.kinds": "Kinds of things that it looks at.",
    "SharingRule.least_accounts": "Fewest accounts on the thing.",
    "SharingRule.most_accounts": "Most accounts on the thing; 0 for no limit.",
    "SharingRule.ties": "Things of these kinds, shared as well, make accounts no strangers.",
    "SharingRule.each": "Facts that an account must show itself for its link to be damped.",
    "SharingRule.prior_nats": "Log-odds of innocence before any fact is looked at.",
    "SharingRule.strength": "Less passes by this share of the probability.",
    "SharingRule.facts": "What each fact is worth: the tables below.",
    "FactWeight.none_nats": "Nats if no account shows the fact.",
    "FactWeight.all_nats": "Nats if all do; in proportion between.",
    "EvidenceWeights.pagerank_weight": "Weight of PageRank, from bad and from good seeds.",
    "EvidenceWeights.reach_weight": "Weight of reach from bad seeds.",
    "EvidenceWeights.reach_good_weight": "Weight of reach from good seeds.",
    "EvidenceWeights.reach_good_cap_nats": "The most that reach from good seeds may count, "
    "before its weight.",
    "EvidenceWeights.tie_nats": "What a tie to a confirmed bad account adds, undamped.",
    "EvidenceWeights.tie_floor": "A tie adds at least this share, however many use the thing.",
    "SignalRule.free_count": "Count up to which the signal says nothing.",
    "SignalRule.nats_per_step": "What each one above that adds.",
    "SignalRule.cap_nats": "The most that the signal may add.",
    "AnomalyRule.on": "Whether accounts unlike all others are looked for; needs the extra `ml`.",
    "AnomalyRule.cap_nats": "Most that being unlike all others adds.",
    "AnomalyRule.most_share": "Share of all accounts that are called unlike the others at most; "
    "evidence grows from nothing there to the cap at a tenth of it.",
    "SignalRule.window_days": "Width of the window, for signals that have one.",
    "SignalRule.window_hours": "The same in hours.",
    "SignalRule.grace_days": "Days that are forgiven, for signals that forgive any: days late, or "
    "days between the last use of an identifier and the next.",
    "SignalRule.account_age_days": "How old an account must be for something new to be a surprise.",
    "SignalRule.stale_days": "What is older than this is stale.",
    "SignalRule.most_days_late": "An instalment counts as at most this late.",
    "SignalRule.least_instalments": "Fewer instalments due than this are too few to compare.",
    "SignalRule.most_links": "Links of the longest circle that counts.",
    "SignalRule.most_accounts": "An identifier with more accounts than this makes no ring.",
    "SignalRule.passed_on_share": "Money that came in has passed through when this share of it "
    "has left.",
    "SignalRule.similar_amount_ratio": "Amounts are similar up to this ratio of the largest to "
    "the smallest.",
    "SignalRule.forgiven_declines": "Declines, with applications after them, that still are rate "
    "shopping.",
    "SignalRule.rate_shopping_weight": "What a lender counts in a window of rate shopping.",
    "Tiers.monitor_prob": "Lowest risk of monitor.",
    "Tiers.review_prob": "Lowest risk of review.",
    "Tiers.limit_prob": "Lowest risk of limit. Adverse: a human must agree.",
    "Tiers.close_prob": "Lowest risk of close. Adverse: a human must agree.",
    "Guards.family_min_nats": "A family, or the account's own facts, counts from here on.",
    "Guards.close_min_families": "Families that must count before an account may be closed.",
    "Guards.close_max_account_steps": "Most accounts on a path that is closed on, the "
    "account itself left out.",
    "Guards.close_max_age_days": "Every link of a path that is closed on was seen this lately.",
    "Guards.limit_min_strong_nats": "Nats from strong reach and own facts that limit needs.",
    "Guards.limit_min_things": "Claimable things over which confirmed risk arrives and which the "
    "account came to itself: so many limit on their own, and one with own facts.",
    "Guards.limit_owner_days": "Who had a thing so long before all others did not come to it.",
    "NoticeRule.contact": "Where a customer objects, in one line; empty names the lender that "
    "keeps the account.",
    "NoticeRule.response_days": "Days within which an objection is answered.",
    "BatchRule.mode": "`shadow`: everything is computed and published, nothing is acted on. "
    "`canary`: `canary_share` of the accounts are acted on. `live`: all are.",
    "BatchRule.canary_share": "Accounts acted on in canary, by a hash of the id: the same "
    "accounts in every run, and still among them when the share grows.",
    "BatchRule.approved_by": "Who let it leave shadow. Canary and live need it.",
    "BatchRule.impact_assessment_sha256": "SHA-256 of the impact assessment. Canary and live "
    "need it.",
    "BatchRule.shadow_min_days": "Days from the first published run in shadow on, before "
    "anything is acted on.",
    "BatchRule.protected_statuses": "An account whose `status` is one of these never stands above "
    "review.",
    "BatchRule.unknown_status_is_protected": "Whether an account without a `status` never stands "
    "above review either.",
    "BatchRule.inactive_statuses": "Accounts that the breaker does not count as active.",
    "BatchRule.rise_margin_nats": "A tier rises at once where the risk is this far past its "
    "threshold. It falls at once.",
    "BatchRule.rise_after_runs": "A tier rises, however near the threshold, when so many runs in "
    "a row have asked for a higher one.",
    "BreakerRule.max_closures": "Closures within the budget hours that are let through, if the "
    "share below is not more.",
    "BreakerRule.max_closed_share": "The same as a share of the active accounts; the "
    "larger counts.",
    "BreakerRule.budget_hours": "Closures of published runs are added up over so many hours.",
    "BreakerRule.median_n_runs": "Published runs that the median is taken of.",
    "BreakerRule.median_min_runs": "Fewer runs than this have no median.",
    "BreakerRule.max_median_ratio": "More closures than this many times the median stop a run.",
    "BreakerRule.max_cause_share": "A larger share of the closures over one entity, or from one "
    "seed, stops a run.",
    "BreakerRule.relative_min_closures": "Fewer closures are not compared with median or cause.",
}

#: Units that the end of a key's name does not tell.
UNITS = {
    "strength": "probability",
    "damping": "share",
    "smoothing_mass": "seeds",
    "presumed_good_mass": "seeds",
    "max_sweeps": "sweeps",
    "n_hops": "links",
    "good_n_hops": "links",
    "hub_free_links": "links",
    "hub_floor": "factor",
    "age_floor": "factor",
    "free_count": "count",
    "crowd_links": "accounts",
    "close_min_families": "families",
    "close_max_account_steps": "accounts",
    "nats_per_step": "nats",
    "least_instalments": "instalments",
    "most_links": "links",
    "most_accounts": "accounts",
    "most_days_late": "days",
    "floor": "share",
    "tie_floor": "share",
    "limit_min_things": "things",
    "doubt_accounts": "accounts",
    "tie_accounts": "accounts",
    "least_accounts": "accounts",
    "own_kinds": "kinds",
    "forgiven_declines": "applications",
    "rise_after_runs": "runs",
    "max_closures": "closures",
    "median_n_runs": "runs",
    "median_min_runs": "runs",
    "relative_min_closures": "closures",
}
ENDINGS = {
    "_prob": "probability",
    "_nats": "nats",
    "_days": "days",
    "_hours": "hours",
    "_weight": "factor",
    "_share": "share",
    "_ratio": "ratio",
}

#: Each section of the policy, in order: key, dataclass, whether it holds many under names,
#: and a line about it.
SECTIONS: tuple[tuple[str, type[Any], bool, str], ...] = (
    ("policy", policy.PolicyName, False, "What the policy is called. Part of its hash."),
    ("prior", policy.Prior, False, "Where every account starts."),
    ("labels", policy.LabelRule, True, "What each label is worth. No label may be left out."),
    ("reach", policy.ReachRule, False, "Limits of the reach kernel."),
    ("pagerank", policy.PageRankRule, False, "Settings of PageRank."),
    (
        "families",
        policy.FamilyRule,
        True,
        "Links that tell one story. `strong` may limit or close; `weak` lifts to review at most, "
        "and one weak family to monitor; `one_sided` lifts to monitor at most, because anyone can "
        "name you, or send you money.",
    ),
    (
        "relations",
        policy.RelationRule,
        True,
        "How risk travels over each relation. A relation that is not named here is read as that "
        "of the identifier at its end (see relation_of_kind), and failing that as `other`.",
    ),
    ("protection", policy.Protection, False, "Entities that carry no risk, and why."),
    (
        "innocent_sharing",
        sharing_rules.InnocentSharing,
        False,
        "Households, dormitories, networks and kiosks, recognised from structure and time alone, "
        "and how far they are damped.",
    ),
    ("evidence", policy.EvidenceWeights, False, "Weights of what propagation brought."),
    ("signals", policy.SignalRule, True, "Counts that turn into nats."),
    ("anomaly", anomaly_rule.AnomalyRule, False, "Accounts unlike all others."),
    ("tiers", policy.Tiers, False, "The ladder. Each rung must be above the one before."),
    ("guards", policy.Guards, False, "What must be there before an adverse tier is allowed."),
    ("notice", policy.NoticeRule, False, "What a customer is told about objecting."),
    (
        "batch",
        batch_rules.BatchRule,
        False,
        "What scheduled runs may do; see [operations](operations.md).",
    ),
    (
        "breaker",
        batch_rules.BreakerRule,
        False,
        "How many closures a scheduled run may bring. Beyond that nothing is published until two "
        "people release it.",
    ),
)


def policy_page() -> str:
    """Return the reference of every policy key."""
    packaged = resources.files("graphrisk").joinpath("policies/default.toml")
    default = tomllib.loads(packaged.read_text(encoding="utf-8"))
    parts = [
        "# Policy reference\n",
        "Generated from `graphrisk/policies/default.toml` and `graphrisk/model/policy.py` by "
        "`make docs`; a test keeps it in step.\n",
        "A policy is a TOML file that is laid over the default: write only what differs, and pass "
        "it with `--policy FILE`. Every value is checked when it is read, all faults are reported "
        "together, and nothing is analysed if there is one. Each analysis records the hash and "
        f"the content of its policy. The default's hash is `{Policy.default().hash}`.\n",
        "Where a row says optional, the value may be left out of a new entry.\n",
    ]
    for key, cls, is_many, text in SECTIONS:
        parts.append(_section(key, cls, text, default[key], is_many=is_many))
    parts.append("## relation_of_kind\n")
    parts.append("The relation as which an unnamed one is read, by the kind at its end.\n")
    rows = ((f"`{kind}`", f"`{name}`") for kind, name in default["relation_of_kind"].items())
    parts.append(_grid(("kind", "default"), rows))
    return "\n".join(parts)


def _section(
    key: str, cls: type[Any], text: str, default: Mapping[str, Any], *, is_many: bool
) -> str:
    parts = [f"## {key}\n", f"{text}\n"]
    header = ["key", "unit", "range", "meaning"]
    if not is_many:
        header.insert(3, "default")
    rows = []
    for spec, hint in _fields(cls):
        if dataclasses.is_dataclass(hint):
            continue
        place = f"`{key}.NAME.{spec.name}`" if is_many else f"`{key}.{spec.name}`"
        optional = spec.default is not dataclasses.MISSING
        meaning = MEANINGS[f"{cls.__name__}.{spec.name}"]
        if optional:
            meaning += f" Optional, {_shown(spec.default)} if left out."
        row = [place, _unit(spec.name, spec.metadata), _range(hint, spec.metadata), meaning]
        if not is_many:
            row.insert(3, _shown(default[spec.name]))
        rows.append(row)
    parts.append(_grid(header, rows))
    if is_many:
        parts.append("Defaults:\n")
        parts.append(_defaults(key, [spec.name for spec, _ in _fields(cls)], default))
    if cls is policy.Protection:
        hub = policy.ProtectedHub
        parts.append("Keys of each entry of `protection.hubs`:\n")
        parts.append(
            _grid(
                ("key", "range", "meaning"),
                (
                    (
                        f"`{spec.name}`",
                        _range(hint, spec.metadata),
                        MEANINGS[f"{hub.__name__}.{spec.name}"],
                    )
                    for spec, hint in _fields(hub)
                ),
            )
        )
    if cls is sharing_rules.InnocentSharing:
        parts += _kinds_of_sharing(key, default)
    return "\n".join(parts)


def _kinds_of_sharing(key: str, default: Mapping[str, Any]) -> Iterable[str]:
    """Lay out the rule of each kind of sharing, and what each fact is worth for it."""
    yield f"Keys of each kind of sharing, `{key}.KIND`:\n"
    for place, cls in (
        ("KIND", sharing_rules.SharingRule),
        ("KIND.facts.FACT", sharing_rules.FactWeight),
    ):
        yield _grid(
            ("key", "unit", "range", "meaning"),
            (
                (
                    f"`{key}.{place}.{spec.name}`",
                    _unit(spec.name, spec.metadata),
                    _range(hint, spec.metadata),
                    MEANINGS[f"{cls.__name__}.{spec.name}"],
                )
                for spec, hint in _fields(cls)
            ),
        )
    rules = {str(kind): default[kind] for kind in SharingKind}
    names = [spec.name for spec, _ in _fields(sharing_rules.SharingRule) if spec.name != "facts"]
    yield "Defaults:\n"
    yield _defaults(key, names, rules)
    yield "Nats of each fact, if no account on the thing shows it and if all do:\n"
    facts = [str(fact) for fact in sharing_rules.SharingFact]
    yield _grid(
        (key, *(f"`{fact}`" for fact in facts)),
        (
            (f"`{kind}`", *(_worth(rule["facts"].get(fact)) for fact in facts))
            for kind, rule in rules.items()
        ),
    )


def _worth(fact: Mapping[str, float] | None) -> str:
    return "" if fact is None else f"{fact['none_nats']:+g} to {fact['all_nats']:+g}"


def _defaults(key: str, names: Sequence[str], default: Mapping[str, Any]) -> str:
    """Lay out entries by name: a column for each key that a third of them set, one for the rest."""
    n_setting = {name: sum(name in values for values in default.values()) for name in names}
    columns = [name for name in names if 3 * n_setting[name] >= len(default)]
    rest = [name for name in names if name not in columns]
    rows = []
    for one, values in default.items():
        others = [f"{name} {_shown(values[name])}" for name in rest if name in values]
        row = [f"`{one}`", *(_shown(values.get(name)) for name in columns)]
        rows.append([*row, ", ".join(others)] if rest else row)
    return _grid((key, *columns, *(["also"] if rest else [])), rows)


def _fields(cls: type[Any]) -> Iterable[tuple[dataclasses.Field[Any], Any]]:
    hints = get_type_hints(cls)
    return ((spec, hints[spec.name]) for spec in dataclasses.fields(cls))


def _unit(name: str, bounds: Mapping[str, Any]) -> str:
    if name in UNITS and "choices" not in bounds:
        return UNITS[name]
    return next((unit for ending, unit in ENDINGS.items() if name.endswith(ending)), "")


def _range(hint: object, bounds: Mapping[str, Any]) -> str:
    """Say what a value may be, from its type and the bounds it is checked against."""
    if "choices" in bounds:
        return " ".join(f"`{choice}`" for choice in bounds["choices"])
    if "minimum" not in bounds:
        return {str: "text", bool: "true or false"}.get(hint, "")  # type: ignore[call-overload, no-any-return]
    whole = "whole number" if hint is int or "int" in str(hint) else "number"
    low, high = bounds["minimum"], bounds["maximum"]
    if bounds.get("nonzero"):
        return f"{whole} above {low:g}" + ("" if math.isinf(high) else f", at most {high:g}")
    if math.isinf(high):
        return f"{whole}, at least {low:g}"
    return f"{whole} between {low:g} and {high:g}" + (", ends left out" if bounds["open"] else "")


def _shown(value: object) -> str:
    """Write a default as TOML would."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_shown(one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(f"`{one}`" for one in value) or "none"
    return f"`{value}`" if isinstance(value, str) else str(value)


def reasons_page() -> str:
    """Return the list of reason codes, and of the rules that settle a tier."""
    default = Policy.default()
    parts = [
        "# Reason codes and rules\n",
        "Generated from `graphrisk/signals/`, `graphrisk/model/decision.py` and the default "
        "policy by `make docs`; a test keeps it in step.\n",
        "## Reason codes\n",
        "One code for one term of the model. `PRIOR` is where every account starts. Codes of the "
        "group good never raise risk.\n",
    ]
    rows: list[Sequence[str]] = [
        (
            f"`LABEL_{name.upper()}`",
            "good" if policy.is_good(name) else "own",
            "strong" if rule.confirmed else "weak",
            f"the account itself is recorded as {name.replace('_', ' ')}",
        )
        for name, rule in default.labels.items()
    ]
    rows += [(f"`{one.code}`", "own", "strong", one.text) for one in CATALOG]
    for family, rule in default.families.items():
        strength = rule.strength.replace("_", "-")
        code = family.upper()
        rows.append(
            (f"`REACH_{code}`", "linked", strength,
             f"risk of a bad account can have arrived over {family} links")
        )  # fmt: skip
        rows.append(
            (f"`RANK_{code}`", "linked", strength, f"close to bad accounts over {family} links")
        )
    for family in sorted(families_of_ties(default)):
        strength = default.families[family].strength.replace("_", "-")
        rows.append((f"`TIE_{family.upper()}`", "linked", strength, TIE_TEXT))
    rows.append((f"`{COMMON.code}`", "linked", "one-sided", COMMON.text))
    rows.append(("`REACH_GOOD`", "good", "weak", "links to accounts in good standing"))
    rows.append(("`RANK_GOOD`", "good", "weak", "close to accounts in good standing"))
    rows += [
        (f"`{one.code}`", str(one.group), str(one.strength), one.text)
        for one in (*UNHEARD, *INNOCENT_REASONS)
    ]
    parts.append(_grid(("code", "group", "strength", "meaning"), rows))
    parts += ["## Where the signals come from\n"]
    origins = ((f"`{one.code}`", one.unit, f"`{one.table}`", one.origin) for one in CATALOG)
    parts.append(_grid(("code", "unit of its value", "table", "origin"), origins))
    parts += [
        "## Rules\n",
        "The column `rule` of `decisions` holds the one rule that settled the tier; "
        "`tier_by_risk` is the tier that the risk alone asked for.\n",
        _grid(("rule", "meaning"), ((f"`{rule.word}`", rule.text) for rule in Rule)),
    ]
    return "\n".join(parts)


def _grid(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def standard_page() -> str:
    """Return the public decision standard of the default policy, in every language."""
    default = Policy.default()
    return "\n".join(
        (
            "<!-- Generated by make docs from the default policy; a test keeps it in step. For a "
            "policy of your own: graphrisk policy standard --policy FILE -->\n",
            *(markdown(standard(default, lang)) for lang in LANGUAGES),
        )
    )


#: Every generated page, and the function that returns its text.
PAGES: dict[str, Callable[[], str]] = {
    "bad-input.md": bad_input.render,
    "cli.md": reference.render,
    "data-dictionary.md": dictionary.render,
    "decision-standard.md": standard_page,
    "policy.md": policy_page,
    "reasons.md": reasons_page,
}

#: The decision that the picture shows.
PICTURE, PICTURED = "images/decision.svg", "A42894157"


def pictured(place: Path) -> str:
    """Return the picture, drawn from the analysis that the examples made."""
    return picture.svg(explanation_of(place / "out" / "demo_small.analysis", PICTURED))


def main() -> None:
    """Write every part that is not in step, and say which."""
    for name, render in PAGES.items():
        _write(DOCS / name, render())
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        examples.prepare(place)
        for page in examples.pages():
            text = page.read_text(encoding="utf-8")
            _write(page, examples.refreshed(text, place))
        _write(DOCS / PICTURE, pictured(place))


def _write(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        print(f"wrote {path.relative_to(DOCS.parent)}")


if __name__ == "__main__":
    main()
