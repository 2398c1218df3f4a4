"""``graphrisk explain``: one decision, out of an analysis folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphrisk.cli.console import say_json

if TYPE_CHECKING:
    from graphrisk.explain.account import Explanation
    from graphrisk.explain.notice import Notice

FORMATS = ("text", "json", "md", "html", "svg")


@click.command(
    epilog="""\b
Examples:
  graphrisk explain A05214698
  graphrisk explain A05214698 --in book.analysis --json
  graphrisk explain A05214698 --audience customer --lang zh
  graphrisk explain A05214698 --format html > case.html
  graphrisk explain A05214698 --what-if smallest
  graphrisk explain A05214698 --compare monday.analysis book.analysis""",
)
@click.argument("account_id")
@click.option(
    "--in",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Analysis folder.  [default: the newest *.analysis in the current directory]",
)
@click.option(
    "--audience",
    type=click.Choice(["analyst", "customer"]),
    default="analyst",
    show_default=True,
    help="customer: a notice that names nobody else.",
)
@click.option(
    "--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language."
)
@click.option(
    "--format",
    "shape",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="What to print.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--what-if",
    "doubts",
    multiple=True,
    metavar="FACT",
    help="Decide again without a fact: 'label account:A7', 'link uses_device device:D9', "
    "'behaviour REPAYMENT_LATE'. May be given again. 'smallest' searches the smallest change "
    "that lowers the tier.",
)
@click.option(
    "--compare",
    "runs",
    nargs=2,
    type=click.Path(path_type=Path),
    metavar="EARLIER LATER",
    help="Two analysis folders: what changed the tier between them.",
)
def explain(
    account_id: str,
    folder: Path | None,
    audience: str,
    lang: str,
    shape: str,
    doubts: tuple[str, ...],
    runs: tuple[Path, Path] | None,
    *,
    as_json: bool,
) -> None:
    """Explain the decision on ACCOUNT_ID.

    For an analyst: every reason from prior to risk, the strongest evidence path down to the label
    it starts from, the rule that settled the tier, and how far the next tiers are; identifiers
    are shown in full. For the customer: what is decided, why, what can be done and how to object.
    Only the analysis folder is read.
    """
    from graphrisk.report.reading import analyses, explanation_of, policy_of

    shape = "json" if as_json else shape
    if (doubts or runs) and (audience == "customer" or shape not in ("text", "json")):
        raise click.UsageError("--what-if and --compare answer an analyst, as text or json")
    if runs:
        _print_change(account_id, *runs, shape)
        return
    others: list[Path] = []
    if folder is None:
        folder, *others = analyses(Path())
    if doubts:
        _print_doubt(account_id, folder, doubts, shape)
        return
    told = explanation_of(folder, account_id)
    if audience == "customer":
        from graphrisk.explain.notice import notice_of

        _print_notice(notice_of(told, policy_of(folder).notice, lang), shape)
        return
    _print_case(told, shape, lang, folder)
    if others and shape == "text":
        click.echo(f"\n{len(others) + 1} analyses are here; this is {folder}, the newest.")


def _print_case(told: Explanation, shape: str, lang: str, folder: Path) -> None:
    """Print everything, for an analyst."""
    from dataclasses import asdict

    from graphrisk.explain import case, document, picture, show
    from graphrisk.explain.reasons import words

    if shape == "json":
        in_words = show.in_language(told, words(lang))
        say_json({"exit_code": 0, "in": str(folder), **asdict(in_words)})
    elif shape == "text":
        click.echo(show.text_of(told, lang=lang))
    elif shape == "svg":
        click.echo(picture.case_picture(told, lang))
    else:
        write = document.markdown if shape == "md" else document.html
        click.echo(write(case.case_document(told, lang)), nl=False)


def _print_notice(notice: Notice, shape: str) -> None:
    """Print what the customer may read, and nothing else."""
    from dataclasses import asdict

    from graphrisk.explain import document, picture
    from graphrisk.explain.notice import notice_document

    if shape == "json":
        say_json({"exit_code": 0, **asdict(notice)})
    elif shape == "svg":
        click.echo(picture.notice_picture(notice))
    else:
        write = {"text": document.plain, "md": document.markdown, "html": document.html}[shape]
        click.echo(write(notice_document(notice)), nl=shape == "text")


def _print_doubt(account_id: str, folder: Path, doubts: tuple[str, ...], shape: str) -> None:
    """Decide the account again without some facts, or without as few as lower its tier."""
    from graphrisk.explain import show_doubt
    from graphrisk.explain.counterfactual import smallest_change
    from graphrisk.report.reopen import reopen

    case = reopen(folder).case(account_id)
    if doubts == (show_doubt.SMALLEST,):
        found = smallest_change(case)
        facts, after, text = found.facts, found.after, show_doubt.counterfactual_text(found)
        more = {"is_smallest": found.is_smallest, "n_tried": found.n_tried}
    else:
        facts = tuple(show_doubt.fact_named(doubt, case.facts()) for doubt in doubts)
        after = case.decide(facts)
        text, more = show_doubt.doubt_text(facts, case.decide(), after), {}
    if shape == "json":
        told = show_doubt.verdicts(now=case.decide(), then=after)
        say_json({"exit_code": 0, "without": [str(fact) for fact in facts], **told, **more})
    else:
        click.echo(text)


def _print_change(account_id: str, earlier: Path, later: Path, shape: str) -> None:
    """Say what changed the account's tier between two runs."""
    from graphrisk.explain import show_doubt
    from graphrisk.explain.compare import compare
    from graphrisk.report.reopen import reopen

    change = compare(reopen(earlier).case(account_id), reopen(later).case(account_id))
    if shape == "json":
        because = change.because.facts if change.because else ()
        say_json(
            {
                "exit_code": 0,
                **show_doubt.verdicts(earlier=change.earlier, later=change.later),
                "came": [str(fact) for fact in change.came],
                "went": [str(fact) for fact in change.went],
                "because": [str(fact) for fact in because],
            }
        )
    else:
        click.echo(show_doubt.change_text(change))
