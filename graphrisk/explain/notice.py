"""What a customer is told: the decision, its main reasons, what can be done, how to object.

A notice is made of the account's own id, its tier and its reason codes, and of nothing else that
the analysis knows: so it can name no other person, account, device or number.
"""

from __future__ import annotations

from dataclasses import dataclass

from graphrisk.explain.account import Explanation
from graphrisk.explain.document import Block, Document, Heading, Items, Paragraph
from graphrisk.explain.reasons import LANGUAGES, Words, factor_of, words
from graphrisk.model.decision import Rule
from graphrisk.model.kinds import Tier
from graphrisk.model.policy import NoticeRule

MOST_REASONS = 4
_FROM_DATE = len("2026-01-31")


@dataclass(frozen=True, slots=True)
class NoticeReason:
    """One reason in the customer's words, and what can be done about it."""

    text: str
    what_you_can_do: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice to the customer; every field of it may be sent as it is.

    Attributes
    ----------
    account_id, lang, tier
        Whose account, in which language, and the tier's stable name.
    is_proposal
        Whether a person must still agree: so for limit and close.
    title, decided, rests_on
        What is decided, and up to when the records reach.
    reasons
        At most four, the most important first; none for clear.
    why
        What is said before the reasons, or instead of them.
    how_to_object, what_a_person_does
        Where and how to object, by when there is an answer, and from whom.
    """

    account_id: str
    lang: str
    tier: str
    is_proposal: bool
    title: str
    decided: tuple[str, ...]
    rests_on: str
    why: str
    reasons: tuple[NoticeReason, ...]
    how_to_object: tuple[str, ...]
    what_a_person_does: str


def notice_of(told: Explanation, rule: NoticeRule, lang: str) -> Notice:
    """Write the notice to the customer of an account.

    Parameters
    ----------
    told
        The decision.
    rule
        Where to object, and by when there is an answer.
    lang
        ``en`` or ``zh``.
    """
    say = words(lang)
    is_proposal = Tier[told.tier.upper()] >= Tier.LIMIT
    proposal = (say.say("notice", "proposal"),) if is_proposal else ()
    reasons = _reasons(told, say)
    contact = rule.contact or say.say("notice", "nobody")
    return Notice(
        account_id=told.account_id,
        lang=LANGUAGES[lang],
        tier=told.tier,
        is_proposal=is_proposal,
        title=say.say("notice", "title", account=told.account_id),
        decided=(say.name("decided", told.tier), *proposal),
        rests_on=say.say("notice", "as_of", as_of=told.as_of[:_FROM_DATE]) if told.as_of else "",
        why=_why(told, say, has_reasons=bool(reasons)),
        reasons=reasons,
        how_to_object=(
            say.say("notice", "contact", contact=contact),
            say.say("notice", "days", days=rule.response_days),
        ),
        what_a_person_does=say.say("notice", "human"),
    )


def notice_document(notice: Notice) -> Document:
    """Lay a notice out."""
    say = words(next(lang for lang, name in LANGUAGES.items() if name == notice.lang))
    blocks: list[Block] = [Heading(say.say("notice", "decision"))]
    blocks += [Paragraph(text) for text in notice.decided]
    blocks += [Paragraph(notice.rests_on, soft=True)] if notice.rests_on else []
    blocks += [Heading(say.say("notice", "reasons")), Paragraph(notice.why)]
    if notice.reasons:
        blocks.append(Items([(reason.text, "") for reason in notice.reasons]))
        blocks.append(Heading(say.say("notice", "do")))
        blocks.append(Items([(reason.what_you_can_do, "") for reason in notice.reasons]))
    blocks.append(Heading(say.say("notice", "object")))
    blocks += [Paragraph(text) for text in notice.how_to_object]
    blocks += [Heading(say.say("notice", "next")), Paragraph(notice.what_a_person_does)]
    return Document(notice.lang, notice.title, blocks)


def _reasons(told: Explanation, say: Words) -> tuple[NoticeReason, ...]:
    """Put the principal reasons into words, one for each factor that raises the risk."""
    if told.tier == Tier.CLEAR.word or told.rule == Rule.RAISED_SIGNAL_FAILED.word:
        return ()
    by_factor: dict[str, str] = {}
    for code in told.reasons:
        by_factor.setdefault(factor_of(code), code)
    chosen = list(by_factor.values())[:MOST_REASONS]
    return tuple(NoticeReason(say.customer(code), say.remedy(code)) for code in chosen)


def _why(told: Explanation, say: Words, *, has_reasons: bool) -> str:
    if told.rule == Rule.RAISED_SIGNAL_FAILED.word:
        return say.say("notice", "failed")
    return say.say("notice", "reasons_are" if has_reasons else "no_reasons")
