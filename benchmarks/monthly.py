"""Rank month by month: who turns out bad in each month, asked on its first day.

    python benchmarks/monthly.py SOURCE --months 12 --fitted --write

SOURCE is a folder as ``long_tables.py`` reads it, whose bad labels carry ``label_ts``. At the
beginning of each month nothing later is known; bad labels of the month are ranked among good
accounts that could be seen by then. Good labels carry no date, so half of them are held back.
With ``--fitted`` a model is learned anew at each moment, which takes minutes: ``--every 2`` tests
only every second month, and a month that was measured into the folder ``--kept`` is not measured
again. Lift is average precision over the share
of bad among those ranked; the last column divides it by the lift of degree alone. ``--write`` puts
the means into docs/accuracy.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import polars as pl
from long_tables import long_tables, read_source
from pages import machine, write_between

from graphrisk.evaluate.backtest import FIGURES, Contender, backtest, contender
from graphrisk.evaluate.cuts import months_of
from graphrisk.evaluate.sight import seen_by
from graphrisk.evaluate.split import Split, time_splits
from graphrisk.intake.read import read_dataset
from graphrisk.model.policy import Policy
from graphrisk.risk.metrics import reliability

#: What a backtest found of one month: its record, the methods' figures, and the scored accounts.
Month = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]
_PARTS = ("splits", "methods", "scored")


def main() -> None:
    """Print each month as it is tested, and the means over them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--fitted", action="store_true")
    parser.add_argument("--kept", type=Path)
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
    name = "graphrisk, fitted" if given.fitted else "graphrisk"
    ours = contender(Policy.default(), given.seed if given.fitted else None, given.threads)
    lines = table_of(
        [measured(split, ours, name, given.kept, given.threads) for split in splits[:: given.every]]
    )
    print(*lines, sep="\n")
    if given.write:
        mark = "fitted" if given.fitted else "policy"
        write_between("accuracy.md", f"monthly {mark}", *lines, "", f"On {machine()}.")


def measured(split: Split, ours: Contender, name: str, kept: Path | None, n_threads: int) -> Month:
    """Test one month, or read what was kept of it."""
    stem = f"{split.name}-{name.replace(', ', '-')}"
    files = [kept / f"{stem}-{part}.parquet" for part in _PARTS] if kept else []
    if files and files[-1].exists():
        splits, methods, scored = (pl.read_parquet(file) for file in files)
        return splits, methods, scored
    print(split.name, flush=True)
    found = backtest([split], ours, name=name, n_threads=n_threads)
    month = found.splits, found.methods, found.scored
    if kept:
        kept.mkdir(parents=True, exist_ok=True)
        for file, part in zip(files, month, strict=True):
            part.write_parquet(file)
    return month


def table_of(months: Sequence[Month]) -> list[str]:
    """Write the means over months as Markdown."""
    splits, methods, scored = (pl.concat(parts) for parts in zip(*months, strict=True))
    means = methods.group_by("method", maintain_order=True).agg(pl.col(FIGURES).mean())
    degree = means.filter(pl.col("method") == "degree")["lift"].item()
    tested, bad = splits["n_tested"].sum(), splits["n_bad"].sum()
    told = reliability(scored["is_bad"].to_numpy(), scored["risk_prob"].to_numpy())
    return [
        "| method | ROC-AUC | average precision | lift | against degree |",
        "|---|---|---|---|---|",
        *(
            f"| {row['method']} | {row['roc_auc']:.3f} | {row['average_precision']:.4f} | "
            f"{row['lift']:.2f} | {row['lift'] / degree:.2f} |"
            for row in means.iter_rows(named=True)
        ),
        "",
        f"Mean of {len(splits)} tests of whole months, {splits['split'][0]} to "
        f"{splits['split'][-1]}: {bad:,} bad accounts among {tested:,}. ECE of the first row "
        f"{told.ece:.4f}.",
    ]


if __name__ == "__main__":
    main()
