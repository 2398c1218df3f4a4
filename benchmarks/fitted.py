"""How well fitted models rank the accounts whose labels they did not see, split by split.

    python benchmarks/fitted.py SOURCE --splits s0,s1,s2,s3,s4 --rows phones.jsonl --write phones

SOURCE is a folder as ``long_tables.py`` reads it. For each split a model is learned from the
visible labels alone, all of its settings chosen by cross-validation among them, and both its
models score the hidden ones; beside them the policy's own model, which learns nothing, and plain
gradient boosting on the same columns (``plain.py``). With ``--official FILE`` splits come from a
table of id and, for each split, train, val or test; ``--visible train,val`` says which parts are
seen; test is scored. With ``--rows`` what was measured is kept, and a split that is there already
is not measured again; ``--write`` puts the table into docs/accuracy.md.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from long_tables import long_tables, read_source
from numpy.typing import NDArray
from pages import machine, write_between
from plain import boosted_on_everything

from graphrisk.intake.read import read_dataset
from graphrisk.learn.evidence import columns_of
from graphrisk.learn.fit import fit_columns, lesson_of
from graphrisk.learn.model import ADDITIVE, BOOSTED
from graphrisk.learn.scoring import log_odds_by
from graphrisk.model.policy import Policy
from graphrisk.pipeline import analyze
from graphrisk.pipeline.learning import stand_of
from graphrisk.risk.additive import probability_of
from graphrisk.risk.metrics import average_precision, precision_at, reliability, roc_auc

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
#: What was measured of one method at one split.
Row = dict[str, Any]
#: Rows of the table, and what they are called in it.
METHODS = {
    "chosen": "fitted, as chosen", BOOSTED: "fitted, boosted", ADDITIVE: "fitted, additive",
    "careful": "boosting on everything, careful", "plain": "boosting on everything, plain",
    "policy": "the policy's own, untrained",
}  # fmt: skip
#: Times that outcomes are drawn to see what error calibration has by chance.
N_DRAWN = 200


def one_split(
    source: Sequence[pl.DataFrame], tested: pl.DataFrame, split: str, n_threads: int, seed: int
) -> list[Row]:
    """Learn and score: one row for each method. ``tested`` has ``account_id, is_bad``."""
    dataset = read_dataset(long_tables(*source, split=split))
    policy = Policy.default()
    untrained = analyze(dataset, policy, n_threads=n_threads).decisions
    start, cpu = time.perf_counter(), time.process_time()
    stand = stand_of(dataset, policy, n_threads=n_threads)
    known = stand.known(seed)
    columns = columns_of(stand, known)
    columns_s = time.process_time() - cpu
    model = fit_columns(stand, known, columns, seed=seed)
    took = {
        "wall_s": time.perf_counter() - start,
        "cpu_s": time.process_time() - cpu,
        "columns_cpu_s": columns_s,
    }
    log_odds = {
        name: log_odds_by(replace(model, chosen=name), columns, n_threads)
        for name in (ADDITIVE, BOOSTED)
    }
    log_odds |= boosted_on_everything(lesson_of(columns, known, stand), tuple(columns), seed)
    scored = pl.DataFrame(
        {"account_id": stand.graph.entity_id.gather(stand.graph.accounts)}
        | {name: probability_of(values) for name, values in log_odds.items()}
    )
    policys = untrained.select("account_id", policy="risk_prob")
    both = tested.join(policys, on="account_id", how="left").join(
        scored, on="account_id", how="left"
    )
    is_bad = both["is_bad"].to_numpy()
    about = model.about["cross_validated"]
    told = {"chosen": model.chosen, "distance": model.about["distance"]["mean_prob"], **took,
            "n_bad_seen": model.about["n_bad"],
            "cv_ap": {name: about[name]["average_precision"] for name in about},
            "cv_log_loss": {name: about[name]["log_loss"] for name in about}}  # fmt: skip
    return [
        {"split": split, "model": name, **figures(is_bad, both[name].to_numpy(), seed), **told}
        for name in (ADDITIVE, BOOSTED, "careful", "plain", "policy")
    ]


def figures(is_bad: Flags, prob: Floats, seed: int) -> dict[str, float]:
    """Measure one order of the hidden accounts, and its calibration.

    ``ece_by_chance`` is what the error would be on average if every risk told were true.
    """
    random = np.random.default_rng(seed)
    drawn = [reliability(random.random(len(prob)) < prob, prob).ece for _ in range(N_DRAWN)]
    return {
        "n_tested": float(len(is_bad)),
        "bad_share": float(is_bad.mean()),
        "mean_risk": float(prob.mean()),
        "roc_auc": roc_auc(is_bad, prob),
        "average_precision": average_precision(is_bad, prob),
        "precision_at_n": precision_at(is_bad, prob, int(is_bad.sum())),
        "ece": reliability(is_bad, prob).ece,
        "ece_by_chance": float(np.mean(drawn)),
    }


def hidden_and_tables(
    source: Sequence[pl.DataFrame], split: str, official: pl.DataFrame | None, visible: str
) -> tuple[list[pl.DataFrame], pl.DataFrame]:
    """Return the tables with that split in them, and label and id of what it hides."""
    known = source[2]
    if official is None:
        hidden = known.filter(pl.col(split) == "hidden")
    else:
        known = known.drop(split, strict=False).join(
            official.select("id", part=split), on="id", how="left", maintain_order="left"
        )
        seen = pl.col("part").is_in(visible.split(","))
        known = known.with_columns(
            pl.when(seen).then(pl.lit("visible")).otherwise(pl.lit("hidden")).alias(split)
        )
        hidden = known.filter(pl.col("part") == "test")
    tested = hidden.filter(pl.col("label").is_not_null()).select(
        account_id=pl.col("id").cast(pl.String), is_bad=pl.col("label") == 1
    )
    return [*source[:2], known, *source[3:]], tested


def table_of(rows: Sequence[Row]) -> list[str]:
    """Write the means over splits as Markdown; the ratio is to the better of the plain ones."""
    by_split: dict[str, dict[str, Row]] = {}
    for row in rows:
        methods = by_split.setdefault(row["split"], {})
        methods[row["model"]] = row
        if row["model"] == row["chosen"]:
            methods["chosen"] = row
    parts = list(by_split.values())

    def of(method: str, figure: str) -> Floats:
        return np.array([part[method][figure] for part in parts])

    best = max(("careful", "plain"), key=lambda name: of(name, "average_precision").mean())
    rival = of(best, "average_precision")
    lines = [
        "| method | ROC-AUC (deviation) | average precision (deviation) | precision at n bad | "
        "ECE (by chance) | ratio to boosting on everything (least of a split) |",
        "|---|---|---|---|---|---|",
    ]
    for name, called in METHODS.items():
        auc, ap, ece = (of(name, f) for f in ("roc_auc", "average_precision", "ece"))
        lines.append(
            f"| {called} | {auc.mean():.4f} ({auc.std():.4f}) | {ap.mean():.4f} ({ap.std():.4f}) "
            f"| {of(name, 'precision_at_n').mean():.4f} | {ece.mean():.4f} "
            f"({of(name, 'ece_by_chance').mean():.4f}) | {ap.mean() / rival.mean():.4f} "
            f"({(ap / rival).min():.4f}) |"
        )
    one = parts[0]["chosen"]
    n_boosted = sum(part["chosen"] is part[BOOSTED] for part in parts)
    apart, cpu_s, columns_s, wall_s = (
        of(BOOSTED, name).mean() for name in ("distance", "cpu_s", "columns_cpu_s", "wall_s")
    )
    lines += [
        "",
        f"Mean of {len(parts)} split(s) ({', '.join(by_split)}); each hides {one['n_tested']:,.0f} "
        f"accounts, {one['bad_share']:.4f} of them bad. Cross-validation chose the boosted model "
        f"in {n_boosted}; the risks of the two models differ by {apart:.4f} on average. Learning "
        f"took {cpu_s:.0f} s of processor, {columns_s:.0f} s of them for the columns, and "
        f"{wall_s:.0f} s of wall time, with other work beside it.",
    ]
    return lines


def main() -> None:
    """Print one line for each split and method, and the means."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("--splits", default="s0,s1,s2,s3,s4")
    parser.add_argument("--official", type=Path)
    parser.add_argument("--visible", default="train")
    parser.add_argument("--rows", type=Path)
    parser.add_argument("--write", metavar="NAME")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    source = read_source(given.source)
    official = pl.read_parquet(given.official) if given.official else None
    rows: list[Row] = []
    if given.rows and given.rows.exists():
        rows = [json.loads(line) for line in given.rows.read_text(encoding="utf-8").splitlines()]
    for split in given.splits.split(","):
        if any(row["split"] == split for row in rows):
            continue
        tables, tested = hidden_and_tables(source, split, official, given.visible)
        found = one_split(tables, tested, split, given.threads, given.seed)
        rows += found
        for row in found:
            print(*(f"{k}={v:.4f}" if isinstance(v, float) else v for k, v in row.items()),
                  flush=True)  # fmt: skip
        if given.rows:
            with given.rows.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(row) + "\n" for row in found)
    lines = table_of(rows)
    print(*lines, sep="\n")
    if given.write:
        write_between("accuracy.md", f"fitted {given.write}", *lines, "", f"On {machine()}.")


if __name__ == "__main__":
    main()
