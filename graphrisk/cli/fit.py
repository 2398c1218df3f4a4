"""``graphrisk fit``: learn the risk model from the labels of a dataset."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphrisk.cli.book_options import of_a_book
from graphrisk.cli.console import progress, say_json, show, table

if TYPE_CHECKING:
    from graphrisk.learn.model import FittedModel


@click.command(
    epilog="""\b
Examples:
  graphrisk fit book
  graphrisk fit book --out march.model.json --as-of 2026-03-31 --seed 7""",
)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE",
              help="Model file to write; its card is written beside it.  "
              "[default: NAME.model.json in the current directory]")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True,
              help="Seed of what is drawn at random.")  # fmt: skip
@of_a_book("Learn from what was known by this moment.  "
           "[default: the newest fact of the dataset]")  # fmt: skip
def fit(
    dataset: Path,
    out: Path | None,
    mapping: str | None,
    policy: Path | None,
    as_of: datetime | None,
    seed: int,
    n_threads: int | None,
    as_json: bool,
) -> None:
    """Learn a risk model from the labels of DATASET, a folder of tables.

    Learns two models from bad and good accounts: an additive one, in which more evidence of bad
    accounts never lowers a risk, and boosted trees. Cross-validation says which of them decides;
    both stand in the model file, which is JSON, with a hash. Use it with graphrisk analyze
    --model. A card beside it says what it was learned from, how well it did, and its limits.

    Needs the extra ml: pip install 'graphrisk[ml]'.
    """
    from graphrisk.intake.read import read_dataset
    from graphrisk.learn.card import card_of
    from graphrisk.learn.model import save_model
    from graphrisk.model.policy import Policy
    from graphrisk.pipeline.learning import learn
    from graphrisk.threads import available_threads

    out = out or Path(f"{dataset.resolve().name}.model.json")
    rules = Policy.default() if policy is None else Policy.load(policy)
    threads = n_threads or available_threads()
    with progress() as doing:
        doing("Read and validate the tables.")
        tables = read_dataset(dataset, mapping=mapping)
        start = time.perf_counter()
        model = learn(tables, rules, as_of, seed=seed, n_threads=threads, progress=doing)
        seconds = time.perf_counter() - start
    card = out.with_suffix(".card.md") if out.suffix == ".json" else Path(f"{out}.card.md")
    save_model(out, model.to_json())
    save_model(card, card_of(model))
    if as_json:
        say_json({"exit_code": 0, "out": str(out), "card": str(card), "version": model.version,
                  "chosen": model.chosen, "hash": model.hash, "seconds": round(seconds, 3),
                  "about": dict(model.about)})  # fmt: skip
    else:
        _say(model, out, card, seconds)


def _say(model: FittedModel, out: Path, card: Path, seconds: float) -> None:
    """Print the figures for people."""
    about = model.about
    click.echo(f"{about['n_bad']:,} bad and {about['n_good']:,} good accounts, "
               f"{len(about['columns']):,} columns of evidence.")  # fmt: skip
    names = ("ROC-AUC", "average precision", "log loss", "ECE")
    made = table("Cross-validated", "model", *names, numbers=names)
    for name, row in about["cross_validated"].items():
        made.add_row(name, f"{row['roc_auc']:.3f}", f"{row['average_precision']:.3f}",
                     f"{row['log_loss']:.4f}", f"{row['ece']:.4f}")  # fmt: skip
    show(made)
    click.echo(
        f"Chosen: {model.chosen}. The two differ by {about['distance']['mean_prob']:.4f} in "
        f"probability on average; their ranks correlate at "
        f"{about['distance']['rank_correlation']:.3f}.\n"
        f"Learned in {seconds:.1f} s. Model written to {out}, its card to {card}"
    )
