"""``graphrisk evaluate``: hide labels, decide, and see how well the hidden ones were ranked."""

from __future__ import annotations

from datetime import datetime
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphrisk.cli.book_options import of_a_book
from graphrisk.cli.console import progress, say_json, show, table
from graphrisk.errors import UsageError

if TYPE_CHECKING:
    from graphrisk.evaluate.backtest import Backtest
    from graphrisk.evaluate.split import Split
    from graphrisk.intake.dataset import Dataset


@click.command(
    epilog="""\b
Examples:
  graphrisk evaluate book
  graphrisk evaluate book --split time --cuts 3 --out book.evaluation
  graphrisk evaluate book --split month --cuts 2
  graphrisk evaluate book --model book.model.json""",
)
@click.option(
    "--split",
    "how",
    type=click.Choice(("random", "time", "month", "file")),
    default="random",
    show_default=True,
    help="Which labels to hide: a random share; those that became known after a moment, or in "
    "each of the last months; or what a file says.",
)
@click.option(
    "--split-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="CSV or Parquet with account_id, and for each split a column of visible or hidden.",
)
@click.option("--share", type=click.FloatRange(0.05, 0.95), default=0.5, show_default=True,
              help="Share of the labels to hide.")  # fmt: skip
@click.option("--splits", "n_splits", type=click.IntRange(1, 50), default=3, show_default=True,
              help="How many random splits.")  # fmt: skip
@click.option("--cuts", "n_cuts", type=click.IntRange(1, 60), default=3, show_default=True,
              help="How many moments, or months, for --split time and month.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True,
              help="Seed of what is drawn at random.")  # fmt: skip
@click.option("--model", type=click.Path(path_type=Path), metavar="FILE",
              help="Test what graphrisk fit does: learned anew within each split, from the labels "
              "seen there, with the seed of this model.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR",
              help="Folder to write: run.json, scored.parquet and evaluation.html.")  # fmt: skip
@of_a_book("Decide as of this moment (random and file splits).")
def evaluate(
    dataset: Path,
    how: str,
    split_file: Path | None,
    share: float,
    n_splits: int,
    n_cuts: int,
    seed: int,
    mapping: str | None,
    policy: Path | None,
    model: Path | None,
    as_of: datetime | None,
    n_threads: int | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Test backwards how well DATASET, a folder of tables, is decided.

    Hides the labels of some accounts, decides the rest as graphrisk analyze would, and scores the
    hidden accounts: ranking, calibration, tiers, parts of the book, beside simple methods on the
    same links. Nothing known of a tested account, or later than the moment, is used.
    """
    if (how == "file") != (split_file is not None):
        raise UsageError(
            f"--split {how} {'without' if split_file is None else 'with'} --split-file",
            expected="--split file and --split-file FILE together",
            hint="graphrisk evaluate --help",
        )
    from graphrisk.evaluate.backtest import backtest, contender
    from graphrisk.evaluate.folder import record_of, write_evaluation
    from graphrisk.intake.read import read_dataset
    from graphrisk.learn.model import load_model
    from graphrisk.model.policy import Policy
    from graphrisk.threads import available_threads

    rules = Policy.default() if policy is None else Policy.load(policy)
    threads = n_threads or available_threads()
    seed_of_model = None if model is None else load_model(model).seed
    with progress() as doing:
        doing("Read and validate the tables.")
        tables = read_dataset(dataset, mapping=mapping)
        moment = tables.newest_at if as_of is None else as_of
        splits = _splits(tables, how, split_file, moment, share, n_splits, n_cuts, seed)
        found = backtest(
            splits,
            contender(rules, seed_of_model, threads),
            name="graphrisk" if model is None else "graphrisk, fitted",
            n_threads=threads,
            seed=seed,
            progress=doing,
        )
    about = _about(how, splits, seed)
    record = record_of(found, {"dataset": str(dataset), "about": about, "seed": seed, "split": how,
                               "policy_hash": rules.hash})  # fmt: skip
    if out is not None:
        write_evaluation(out, found, record)
    if as_json:
        say_json({"exit_code": 0, "out": str(out) if out else None, **record})
    else:
        _say(found, about, out)


def _splits(
    tables: Dataset,
    how: str,
    split_file: Path | None,
    moment: datetime | None,
    share: float,
    n_splits: int,
    n_cuts: int,
    seed: int,
) -> list[Split]:
    from functools import cache

    from graphrisk.evaluate import cuts, split
    from graphrisk.evaluate.sight import seen_by

    if split_file is not None:
        return split.file_splits(tables, split.read_parts(split_file), as_of=moment)
    if how in ("time", "month"):
        sight = cache(lambda cut: seen_by(tables, cut))
        moments = (
            cuts.cuts_of(tables, n_cuts) if how == "time" else cuts.months_of(tables, n_cuts, sight)
        )
        seen = {cut: sight(cut) for cut in moments[:-1]}
        return split.time_splits(tables, seen, moments, share=share, seed=seed)
    return split.random_splits(tables, as_of=moment, share=share, n_splits=n_splits, seed=seed)


def _about(how: str, splits: list[Split], seed: int) -> str:
    """Say how it was tested, in a sentence."""
    ways = {
        "random": "hidden labels drawn at random, which flatters",
        "time": "labels that became known later, asked for at each moment",
        "month": "labels that became known in whole months, asked for when they began",
        "file": "hidden labels as a file says",
    }
    return f"{len(splits)} split(s): {ways[how]}; seed {seed}."


def _say(found: Backtest, about: str, out: Path | None) -> None:
    """Print the figures for people."""
    from graphrisk.evaluate.backtest import FIGURES
    from graphrisk.evaluate.page import HEADERS

    n_bad, n_tested = int(found.scored["is_bad"].sum()), len(found.scored)
    click.echo(
        f"{about} {n_tested:,} tests, {n_bad:,} of bad accounts ({n_bad / max(n_tested, 1):.2%})."
    )
    means = found.means()
    figures = [name for name in FIGURES if name != "lift"]  # told below: lines have an end
    names = [HEADERS[name] for name in figures]
    made = table("Mean over the splits", "method", *names, numbers=names)
    for method, *values in means.select("method", *figures).rows():
        made.add_row(method, *(f"{value:.3f}" for value in values))
    show(made)
    lifts = means.select("method", "lift").rows()
    click.echo("Average precision over the share of bad: "
               + ", ".join(f"{method} {lift:.1f}" for method, lift in lifts))  # fmt: skip
    tiers = table("By tier", "tier", "tested", "bad", "precision", "recall from here",
                  numbers=("tested", "bad", "precision", "recall from here"))  # fmt: skip
    for row in found.tiers.iter_rows(named=True):
        tiers.add_row(row["tier"], f"{row['n_accounts']:,}", f"{row['n_bad']:,}",
                      _share(row["precision"]), _share(row["recall_from_here"]))  # fmt: skip
    show(tiers)
    click.echo(f"Calibration: ECE {found.reliability.ece:.4f}, Brier {found.brier:.4f}")
    if out is not None:
        click.echo(f"Evaluation written to {out}")


def _share(value: float | None) -> str:
    return "–" if value is None or isnan(value) else f"{value:.3f}"
