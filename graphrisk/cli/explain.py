"""``graphrisk explain``: one decision, out of an analysis folder."""

from __future__ import annotations

from pathlib import Path

import click

from graphrisk.cli.console import say_json


@click.command(
    epilog="""\b
Examples:
  graphrisk explain A05214698
  graphrisk explain A05214698 --in book.analysis --json""",
)
@click.argument("account_id")
@click.option(
    "--in",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Analysis folder.  [default: the newest *.analysis in the current directory]",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def explain(account_id: str, folder: Path | None, as_json: bool) -> None:
    """Explain the decision on ACCOUNT_ID.

    Shows every reason from prior to risk, the strongest evidence path down to the label it starts
    from, the rule that settled the tier, and how far the next tiers are. Only the analysis folder
    is read; identifiers are shown in full.
    """
    from dataclasses import asdict

    from graphrisk.explain.show import text_of
    from graphrisk.report.reading import analyses, explanation_of

    others: list[Path] = []
    if folder is None:
        folder, *others = analyses(Path())
    told = explanation_of(folder, account_id)
    if as_json:
        say_json({"exit_code": 0, "in": str(folder), **asdict(told)})
        return
    click.echo(text_of(told))
    if others:
        click.echo(f"\n{len(others) + 1} analyses are here; this is {folder}, the newest.")
