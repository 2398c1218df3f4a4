"""An analyst's explanation as a document: the picture, then every number behind it."""

from __future__ import annotations

from graphrisk.explain.account import Explanation, Path
from graphrisk.explain.document import Block, Document, Grid, Heading, Items, Paragraph, Picture
from graphrisk.explain.picture import case_picture
from graphrisk.explain.reasons import LANGUAGES, Words, words
from graphrisk.explain.show import (
    borders,
    head,
    in_language,
    percent,
    provenance,
    reason_texts,
    seed_text,
)


def case_document(told: Explanation, lang: str) -> Document:
    """Lay an explanation out in ``en`` or ``zh``."""
    say = words(lang)
    told = in_language(told, say)
    title, made = head(told, say)
    blocks: list[Block] = [Paragraph(made, soft=True), Picture(case_picture(told, lang))]
    if told.reasons:
        blocks.append(Heading(say.say("case", "reasons")))
        texts = zip(reason_texts(told, say), told.reasons, strict=True)
        blocks.append(Items([(text, code) for text, code in texts]))
    blocks += [Heading(say.say("case", "steps")), _steps(told, say)]
    if told.path is not None:
        blocks += [Heading(say.say("case", "path")), _path(told.path, say)]
    decision = say.say("case", "decision", tier=say.name("tier", told.tier), rule=told.rule)
    blocks += [Heading(decision), Paragraph(told.rule_text)]
    blocks += [Paragraph(text) for text in borders(told, say)]
    blocks += [Heading(say.say("case", "object_title")), Paragraph(told.how_to_object)]
    return Document(LANGUAGES[lang], title, blocks)


def _steps(told: Explanation, say: Words) -> Grid:
    columns = ("column_nats", "column_risk", "column_reason", "column_from")
    rows = [
        (
            f"{step.nats:+.3f}",
            percent(step.risk_prob),
            say.say("case", "bracketed", text=step.text, more=step.code),
            provenance(step, say=say),
        )
        for step in told.steps
    ]
    return Grid([say.say("case", column) for column in columns], rows)


def _path(path: Path, say: Words) -> Items:
    """List the entities of a path; each link stands before the entity it leads to."""
    items = [(path.start, "")]
    for hop in path.hops:
        arrow = f"-{hop.relation}->" if hop.forward else f"<-{hop.relation}-"
        items.append((f"{arrow} {hop.entity}", ""))
    if path.label:
        items[-1] = (items[-1][0], seed_text(path, say))
    return Items(items, numbered=False)
