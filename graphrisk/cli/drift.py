"""``graphrisk drift``: whether a fitted model still fits, and when to learn again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphrisk.cli.book_options import of_a_book
from graphrisk.cli.console import progress, say_json, show, table

if TYPE_CHECKING:
    from graphrisk.learn.drift import Drift

#: Moved columns that are printed; JSON has them all.
_MOST_SHOWN = 12


@click.command(
    epilog="""\b
Examples:
  graphrisk drift book --model march.model.json
  graphrisk drift book --model march.model.json --json""",
)
@click.option("--model", type=click.Path(path_type=Path), metavar="FILE", required=True,
              help="What graphrisk fit wrote.")  # fmt: skip
@of_a_book("Look at the book as of this moment.  "
           "[default: the newest fact of the dataset]")  # fmt: skip
def drift(
    dataset: Path,
    model: Path,
    mapping: str | None,
    policy: Path | None,
    as_of: datetime | None,
    n_threads: int | None,
    as_json: bool,
) -> None:
    """Say whether a fitted model still fits DATASET, a folder of tables.

    Compares how risk and the columns that the model rests on are distributed with how they were
    when it was learned, and looks at accounts that were labelled since: as many bad ones as told,
    and ranked as well as promised. Says whether to learn again, and why.
    """
    from dataclasses import asdict
    from math import isnan

    from graphrisk.intake.read import read_dataset
    from graphrisk.learn.model import load_model
    from graphrisk.model.policy import Policy
    from graphrisk.pipeline.learning import drift as measure
    from graphrisk.threads import available_threads

    fitted = load_model(model)
    rules = Policy.default() if policy is None else Policy.load(policy)
    with progress() as doing:
        doing("Read and validate the tables.")
        tables = read_dataset(dataset, mapping=mapping)
        doing("Make columns of evidence, and hold them against those of then.")
        threads = n_threads or available_threads()
        found = measure(tables, rules, fitted, as_of, n_threads=threads)
    if as_json:
        told = asdict(found)
        if isnan(found.came_true.roc_auc):
            told["came_true"]["roc_auc"] = None
        say_json({"exit_code": 0, "refit": found.refit, **told})
    else:
        _say(found)


def _say(found: Drift) -> None:
    """Print what moved for people."""
    click.echo(
        f"{found.model_version}, learned as of {found.learned_as_of or 'no date'}; the book as of "
        f"{found.as_of or 'no date'}.\nRisk has moved by a stability index of "
        f"{found.risk_index:.3f} (under 0.1 little, over 0.25 much)."
    )
    if found.moved:
        made = table("Columns that moved", "column", "index", "share of the model",
                     numbers=("index", "share of the model"))  # fmt: skip
        for one in found.moved[:_MOST_SHOWN]:
            made.add_row(one.name, f"{one.index:.3f}", f"{one.share:.1%}")
        show(made)
        if len(found.moved) > _MOST_SHOWN:
            click.echo(f"{len(found.moved) - _MOST_SHOWN:,} more moved; --json has them all.")
    came = found.came_true
    click.echo(
        f"Labelled since: {came.n_bad:,} bad, {came.n_good:,} good; the model's risks add up to "
        f"{came.n_bad_expected:.1f} bad."
    )
    if found.refit:
        click.echo("Learn again:\n" + "\n".join(f"- {why}" for why in found.because))
    else:
        click.echo("No reason to learn again.")
