"""Rank month by month: who turns out bad in each month, asked on its first day.

    python benchmarks/monthly.py SOURCE --months 12 --fitted --write

SOURCE is a folder as ``long_tables.py`` reads it, whose bad labels carry ``label_ts``. At the
beginning of each month nothing later is known; bad labels of the month are ranked among good
accounts that could be seen by then. Good labels carry no date, so half of them are held back.
With ``--fitted`` a model is learned anew at each moment, which takes minutes; ``--every 2`` tests
only every second month. Lift is average precision over the share
of bad among those ranked; the last column divides it by the lift of degree alone. ``--write`` puts
the means into docs/accuracy.md.
"""

from __future__ import annotations

import argparse
from functools import cache
from pathlib import Path

import polars as pl
from long_tables import long_tables, read_source
from pages import machine, write_between

from graphrisk.evaluate.backtest import Backtest, backtest, contender
from graphrisk.evaluate.cuts import months_of
from graphrisk.evaluate.sight import seen_by
from graphrisk.evaluate.split import time_splits
from graphrisk.intake.read import read_dataset
from graphrisk.model.policy import Policy


def main() -> None:
    """Print one line for each month and method, and the means."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--fitted", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    source = read_source(given.source)
    source[2] = source[2].with_columns(everything=pl.lit("visible"))
    dataset = read_dataset(long_tables(*source, split="everything"))
    sight = cache(lambda moment: seen_by(dataset, moment))
    cuts = months_of(dataset, given.months, sight)
    splits = time_splits(
        dataset, {cut: sight(cut) for cut in cuts[:-1]}, cuts, share=0.5, seed=given.seed
    )
    found = backtest(
        splits[:: given.every],
        contender(Policy.default(), given.seed if given.fitted else None, given.threads),
        name="graphrisk, fitted" if given.fitted else "graphrisk",
        n_threads=given.threads,
        progress=lambda text: print(text, flush=True),
    )
    degree = pl.col("lift").filter(pl.col("method") == "degree").first()
    against = (pl.col("lift") / degree).alias("against_degree")
    with pl.Config(tbl_cols=-1, tbl_rows=-1, tbl_width_chars=200, float_precision=3):
        print(found.splits)
        print(found.methods.select("split", "method", "roc_auc", "average_precision", "lift"))
        print(found.means().with_columns(against))
    print(f"ECE {found.reliability.ece:.4f}")
    if given.write:
        name = "fitted" if given.fitted else "policy"
        write_between("accuracy.md", f"monthly {name}", *table_of(found), "", f"On {machine()}.")


def table_of(found: Backtest) -> list[str]:
    """Write the means over months as Markdown."""
    means = found.means()
    degree = means.filter(pl.col("method") == "degree")["lift"].item()
    tested, bad = found.splits["n_tested"].sum(), found.splits["n_bad"].sum()
    return [
        "| method | ROC-AUC | average precision | lift | against degree |",
        "|---|---|---|---|---|",
        *(
            f"| {row['method']} | {row['roc_auc']:.3f} | {row['average_precision']:.4f} | "
            f"{row['lift']:.2f} | {row['lift'] / degree:.2f} |"
            for row in means.iter_rows(named=True)
        ),
        "",
        f"Mean of {len(found.splits)} tests of whole months, {found.splits['split'][0]} to "
        f"{found.splits['split'][-1]}: {bad:,} bad accounts among {tested:,}. ECE of the first row "
        f"{found.reliability.ece:.4f}.",
    ]


if __name__ == "__main__":
    main()
