"""An analyst's explanation as plain text, for a terminal or a ticket."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from graphrisk.explain.account import Explanation, Path, Step, Threshold, masked_entity
from graphrisk.explain.cells import padded, printable, wrapped
from graphrisk.explain.reasons import Words, words
from graphrisk.model.sharing_rules import FACT_SEPARATOR

#: What evidence paths say where a label names no source.
UNKNOWN = "source unknown"
_WIDTH = 88
_BAR_CHARS = 18
_INDENT = " " * 22

Name = Callable[[str], str]


def text_of(told: Explanation, *, masked: bool = False, lang: str = "en") -> str:
    """Write an explanation out.

    Parameters
    ----------
    told
        What there is to say.
    masked
        Show no more than the ends of phones, documents, cards and addresses.
    lang
        ``en`` or ``zh``.
    """
    name, say = masked_entity if masked else str, words(lang)
    told = in_language(told, say)
    parts = [
        "\n".join(head(told, say)),
        "\n".join(_reasons(told, say)),
        "\n".join(_waterfall(told.steps, name, say)),
        "\n".join(_path(told.path, name, say)),
        "\n".join(_decision(told, say)),
        wrapped(told.how_to_object, _WIDTH),
    ]
    return printable("\n\n".join(part for part in parts if part))


def in_language(told: Explanation, say: Words) -> Explanation:
    """Put an explanation's own texts into a language; English stays as the analysis wrote it."""
    if say.lang == "en":
        return told
    return replace(
        told,
        steps=tuple(replace(step, text=say.analyst(step.code)) for step in told.steps),
        rule_text=say.name("rule", told.rule),
        how_to_object=say.say("case", "object"),
    )


def percent(prob: float) -> str:
    """Write a probability; one that is nearly 0 or 1 is never rounded to it."""
    if prob > 0.99999:
        return ">99.999%"
    if prob < 0.00001:
        return "<0.001%"
    return f"{100 * prob:.3f}%" if not 0.001 <= prob <= 0.999 else f"{100 * prob:.1f}%"


def bars(steps: Sequence[Step], n_chars: int = _BAR_CHARS) -> list[str]:
    """Draw each step's nats: ``+`` raises the risk, ``-`` lowers it; the prior has no bar."""
    longest = max((abs(step.nats) for step in steps[1:]), default=0.0) or 1.0
    drawn = [("+" if s.nats > 0 else "-") * round(n_chars * abs(s.nats) / longest) for s in steps]
    return ["", *drawn[1:]]


def provenance(step: Step, name: Name = str, say: Words | None = None) -> str:
    """Say over which entity a step arrived, and who stands behind it."""
    say = say or words("en")
    failed = say.say("case", "failed") if step.state == "error" else ""
    via = say.say("case", "via", entity=name(step.via)) if step.via else ""
    source = say.say("case", "source", source=step.source) if step.source else ""
    parts = (failed, via, *innocence(step, say), source)
    return say.say("case", "join").join(part for part in parts if part)


def innocence(step: Step, say: Words) -> Iterator[str]:
    """Say how probably a thing is shared innocently, and what speaks for it."""
    if not step.facts or step.value is None:
        return
    yield say.say("case", "innocent", prob=percent(step.value))
    for fact in step.facts.split(FACT_SEPARATOR):
        name, _, shares = fact.partition(" ")
        showing, _, known = shares.partition("/")
        named = say.name("sharing_fact", name)
        yield say.say("case", "fact", showing=showing, known=known, fact=named)


def said_by(source: str, say: Words | None = None) -> str:
    """Say who stands behind a label."""
    say = say or words("en")
    known = source != UNKNOWN
    return say.say("case", "said_by", source=source) if known else say.say("case", "unknown")


def head(told: Explanation, say: Words) -> Iterator[str]:
    """Yield the decision on one line, and what it was made with on another."""
    tier = say.name("tier", told.tier)
    risk, prior = percent(told.risk_prob), percent(told.prior_prob)
    yield say.say("case", "head", account=told.account_id, tier=tier, risk=risk, prior=prior)
    as_of = say.say("case", "as_of", as_of=told.as_of) if told.as_of else ""
    made = say.say("case", "made_by", model=told.model_version, policy=told.policy_hash)
    yield say.say("case", "join").join(part for part in (as_of, made) if part)


def reason_texts(told: Explanation, say: Words) -> list[str]:
    """List the principal reasons in the words of the steps that they name."""
    text = {step.code: step.text for step in told.steps}
    return [text.get(code) or say.analyst(code) for code in told.reasons]


def borders(told: Explanation, say: Words) -> Iterator[str]:
    """Yield what the risk alone asks for, and how far the next tiers are."""
    if told.tier != told.tier_by_risk:
        yield say.say("case", "asked", tier=say.name("tier", told.tier_by_risk))
    if told.down:
        yield _border(told.down, "down", "down_kept", say, is_past=told.down.nats < 0)
    if told.up:
        yield _border(told.up, "up", "up_held", say, is_past=told.up.nats <= 0)


def _border(border: Threshold, ahead: str, past: str, say: Words, *, is_past: bool) -> str:
    return say.say(
        "case",
        past if is_past else ahead,
        tier=say.name("tier", border.tier),
        nats=f"{abs(border.nats):.3f}",
        risk=percent(border.risk_prob),
    )


def _reasons(told: Explanation, say: Words) -> Iterator[str]:
    if not told.reasons:
        return
    yield say.say("case", "reasons")
    for place, text in enumerate(reason_texts(told, say), start=1):
        yield wrapped(text, _WIDTH, " " * 5, first=f"  {place}. ")


def _waterfall(steps: Sequence[Step], name: Name, say: Words) -> Iterator[str]:
    yield say.say("case", "steps")
    for step, bar in zip(steps, bars(steps), strict=True):
        risk = percent(step.risk_prob)
        yield f"{step.nats:+8.3f}  {risk:>8}  {padded(bar, _BAR_CHARS)}  {step.code}"
        more = provenance(step, name, say)
        text = say.say("case", "bracketed", text=step.text, more=more) if more else step.text
        yield wrapped(text, _WIDTH, _INDENT)
    if steps:
        total = say.say("case", "total")
        yield f"{steps[-1].log_odds:+8.3f}  {percent(steps[-1].risk_prob):>8}  {total}"


def _path(path: Path | None, name: Name, say: Words) -> Iterator[str]:
    if path is None:
        return
    yield say.say("case", "path")
    yield f"  {name(path.start)}"
    for depth, hop in enumerate(path.hops, start=1):
        arrow = f"-{hop.relation}->" if hop.forward else f"<-{hop.relation}-"
        yield f"{'  ' * (depth + 1)}{arrow} {name(hop.entity)}"
    if path.label:
        yield f"{'  ' * (len(path.hops) + 2)}{seed_text(path, say)}"


def seed_text(path: Path, say: Words) -> str:
    """Say what the seed at the end of a path is, and who says so."""
    label = path.label if say.lang == "en" else say.name("label", path.label)
    return say.say("case", "seed", label=label, said_by=said_by(path.source, say))


def _decision(told: Explanation, say: Words) -> Iterator[str]:
    yield say.say("case", "decision", tier=say.name("tier", told.tier), rule=told.rule)
    for text in (told.rule_text, *borders(told, say)):
        yield wrapped(text, _WIDTH, "  ")
