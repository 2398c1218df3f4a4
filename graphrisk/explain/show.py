"""An explanation as plain text, for a terminal or a ticket."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence

from graphrisk.explain.account import Explanation, Path, Step, Threshold, masked_entity

#: What evidence paths say where a label names no source.
UNKNOWN = "source unknown"
_WIDTH = 88
_BAR_CHARS = 18
_INDENT = " " * 22


def text_of(told: Explanation, *, masked: bool = False) -> str:
    """Write an explanation out.

    Parameters
    ----------
    told
        What there is to say.
    masked
        Show no more than the ends of phones, documents, cards and addresses.
    """
    name = masked_entity if masked else str
    parts = [
        _head(told),
        "\n".join(_waterfall(told.steps, name)),
        "\n".join(_path(told.path, name)),
        "\n".join(_decision(told)),
        _wrapped(told.how_to_object, ""),
    ]
    return "\n\n".join(part for part in parts if part)


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


def provenance(step: Step, name: Callable[[str], str] = str) -> str:
    """Say over which entity a step arrived, and who stands behind it."""
    via = f"via {name(step.via)}" if step.via else ""
    source = f"source: {step.source}" if step.source else ""
    failed = "could not be computed" if step.state == "error" else ""
    return "; ".join(part for part in (failed, via, source) if part)


def said_by(source: str) -> str:
    """Say who stands behind a label."""
    return source if source == UNKNOWN else f"according to {source}"


def _head(told: Explanation) -> str:
    as_of = f"as of {told.as_of}; " if told.as_of else ""
    return (
        f"{told.account_id}: {told.tier}, risk {percent(told.risk_prob)} "
        f"(prior {percent(told.prior_prob)})\n"
        f"{as_of}model {told.model_version}, policy {told.policy_hash}"
    )


def _waterfall(steps: Sequence[Step], name: Callable[[str], str]) -> Iterator[str]:
    yield "From prior to risk: what each reason adds in nats, and the risk after it"
    for step, bar in zip(steps, bars(steps), strict=True):
        yield f"{step.nats:+8.3f}  {percent(step.risk_prob):>8}  {bar:<{_BAR_CHARS}}  {step.code}"
        said = provenance(step, name)
        yield _wrapped(f"{step.text} ({said})" if said else step.text, _INDENT)
    if steps:
        yield f"{steps[-1].log_odds:+8.3f}  {percent(steps[-1].risk_prob):>8}  in all"


def _path(path: Path | None, name: Callable[[str], str]) -> Iterator[str]:
    if path is None:
        return
    yield "Strongest evidence path"
    yield f"  {name(path.start)}"
    for depth, hop in enumerate(path.hops, start=1):
        arrow = f"-{hop.relation}->" if hop.forward else f"<-{hop.relation}-"
        yield f"{'  ' * (depth + 1)}{arrow} {name(hop.entity)}"
    if path.label:
        yield f"{'  ' * (len(path.hops) + 2)}seed: {path.label} ({said_by(path.source)})"


def _decision(told: Explanation) -> Iterator[str]:
    yield f"Decision: {told.tier} ({told.rule})"
    yield _wrapped(told.rule_text, "  ")
    if told.tier != told.tier_by_risk:
        yield f"  The risk by itself asks for {told.tier_by_risk}."
    if told.down:
        yield _wrapped(_to_go_down(told.down), "  ")
    if told.up:
        yield _wrapped(_to_go_up(told.up), "  ")


def _to_go_down(border: Threshold) -> str:
    at = f"below {percent(border.risk_prob)}"
    if border.nats < 0:
        return f"Down to {border.tier}: the risk is {at} already; the rule above keeps it here."
    return f"Down to {border.tier}: {border.nats:.3f} nats less, to a risk {at}."


def _to_go_up(border: Threshold) -> str:
    at = percent(border.risk_prob)
    if border.nats <= 0:
        return (
            f"Up to {border.tier}: the risk is {-border.nats:.3f} nats past {at} already; "
            "the rule above holds it back."
        )
    return f"Up to {border.tier}: {border.nats:.3f} nats more, to a risk of {at}."


def _wrapped(text: str, indent: str) -> str:
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
