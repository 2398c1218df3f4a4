"""How well fitted models rank the accounts whose labels they did not see, split by split.

    python benchmarks/fitted.py SOURCE --splits s0,s1,s2,s3,s4

SOURCE is a folder as ``long_tables.py`` reads it. For each split a model is learned from the
visible labels alone, all of its settings chosen by cross-validation among them, and both its
models score the hidden ones. With ``--official FILE`` splits come from a table of id and, for
each split, train, val or test; ``--visible train,val`` says which parts are seen; test is scored.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl
from long_tables import long_tables, read_source

from graphrisk.intake.read import read_dataset
from graphrisk.learn.model import ADDITIVE, BOOSTED
from graphrisk.model.policy import Policy
from graphrisk.pipeline import analyze
from graphrisk.pipeline.learning import learn
from graphrisk.risk.metrics import average_precision, precision_at, reliability, roc_auc


def one_split(
    source: Sequence[pl.DataFrame], tested: pl.DataFrame, split: str, n_threads: int, seed: int
) -> list[dict[str, object]]:
    """Learn and score: one row for each model. ``tested`` has ``account_id, is_bad``."""
    dataset = read_dataset(long_tables(*source, split=split))
    policy = Policy.default()
    start = time.perf_counter()
    model = learn(dataset, policy, seed=seed, n_threads=n_threads)
    seconds = time.perf_counter() - start
    rows = []
    for name in (ADDITIVE, BOOSTED):
        found = analyze(dataset, policy, model=replace(model, chosen=name), n_threads=n_threads)
        both = tested.join(found.decisions, on="account_id", how="left")
        is_bad, prob = both["is_bad"].to_numpy(), both["risk_prob"].to_numpy()
        rows.append(
            {
                "split": split, "model": name, "chosen": name == model.chosen,
                "roc_auc": roc_auc(is_bad, prob),
                "average_precision": average_precision(is_bad, prob),
                "precision_at_n": precision_at(is_bad, prob, int(is_bad.sum())),
                "ece": reliability(is_bad, prob).ece,
                "cross_validated_ap": model.about["cross_validated"][name]["average_precision"],
                "seconds": seconds,
            }
        )  # fmt: skip
    return rows


def main() -> None:
    """Print one line for each split and model, and the means."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("--splits", default="s0,s1,s2,s3,s4")
    parser.add_argument("--official", type=Path)
    parser.add_argument("--visible", default="train")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    source = read_source(given.source)
    rows: list[dict[str, object]] = []
    for split in given.splits.split(","):
        parts = pl.read_parquet(given.official).select("id", part=split) if given.official else None
        known = source[2]
        if parts is None:
            hidden = known.filter(pl.col(split) == "hidden")
        else:
            known = known.drop(split, strict=False).join(parts, on="id")
            seen = pl.col("part").is_in(given.visible.split(","))
            state = pl.when(seen).then(pl.lit("visible")).otherwise(pl.lit("hidden"))
            known = known.with_columns(state.alias(split))
            hidden = known.filter(pl.col("part") == "test")
        tested = hidden.filter(pl.col("label").is_not_null()).select(
            account_id=pl.col("id").cast(pl.String), is_bad=pl.col("label") == 1
        )
        tables = [*source[:2], known, *source[3:]]
        rows += one_split(tables, tested, split, given.threads, given.seed)
        print(*(f"{k}={v:.4f}" if isinstance(v, float) else v for k, v in rows[-1].items()),
              flush=True)  # fmt: skip
    table = pl.DataFrame(rows)
    figures = [name for name in table.columns if table[name].dtype == pl.Float64]
    chosen = table.filter("chosen").with_columns(model=pl.lit("chosen"))
    means = pl.concat([table, chosen]).group_by("model", maintain_order=True).agg(
        n_splits=pl.len(), **{name: pl.col(name).mean() for name in figures},
        roc_auc_sd=pl.col("roc_auc").std(ddof=0),
    )  # fmt: skip
    with pl.Config(tbl_cols=-1, tbl_rows=-1, tbl_width_chars=200, float_precision=4):
        print(means)


if __name__ == "__main__":
    main()
