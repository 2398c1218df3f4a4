"""Fitted models on the made-up graphs of ``surrogates.py``, beside gradient boosting on everything.

    python benchmarks/fitted_surrogates.py --rows surrogates.jsonl --write

The nine say what three real graphs can't: whether what ``graphrisk fit`` chooses holds where
accounts have no attributes and few are known to be bad. Models are learned from half of the labels
of each drawing, and rank the other half, as ``fitted.py`` does it. The ratio of average precision
is to the better of the two settings in ``plain.py`` on that graph, on average. With ``--rows``
what was measured is kept, and a drawing that is there already is not measured again.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from fitted import Row, one_split
from pages import write_between
from plain import SETTINGS
from surrogates import GRAPHS, Drawing, source_of

#: Drawings of each graph, with seeds 0, 1 and so on.
N_DRAWN = 3


def drawn(made: Drawing, name: str, seed: int, n_threads: int) -> list[Row]:
    """Learn from what is seen of a drawing: one row for each method."""
    source, _ = source_of(made)
    hidden = source[2].filter(pl.col("s0") == "hidden")
    tested = hidden.select(account_id=pl.col("id").cast(pl.String), is_bad=pl.col("label") == 1)
    return [
        {"graph": name, "drawing": seed, **row}
        for row in one_split(source, tested, "s0", n_threads, 0)
    ]


def table_of(rows: Sequence[Row]) -> list[str]:
    """Write means over drawings as Markdown, a line for each graph."""
    lines = [
        "| graph | bad among what is learned from | fitted | careful | plain | "
        "ratio (least of a drawing) | ECE (by chance) |",
        "|---|---|---|---|---|---|---|",
    ]
    ratios = []
    for graph in dict.fromkeys(row["graph"] for row in rows):
        here = [row for row in rows if row["graph"] == graph]
        ours = [row for row in here if row["model"] == row["chosen"]]
        ap = np.array([row["average_precision"] for row in ours])
        rivals = {
            name: np.array([row["average_precision"] for row in here if row["model"] == name])
            for name in SETTINGS
        }
        best = max(rivals.values(), key=lambda found: float(found.mean()))
        ratios.append(ap.mean() / best.mean())
        ece, by_chance = (np.mean([row[f] for row in ours]) for f in ("ece", "ece_by_chance"))
        n_bad = np.mean([row["n_bad_seen"] for row in ours])
        lines.append(
            f"| {graph} | {n_bad:.0f} | {ap.mean():.3f} | {rivals['careful'].mean():.3f} | "
            f"{rivals['plain'].mean():.3f} | {ratios[-1]:.3f} ({(ap / best).min():.2f}) | "
            f"{ece:.3f} ({by_chance:.3f}) |"
        )
    n_drawn = len({row["drawing"] for row in rows})
    return [
        *lines,
        "",
        f"Means of {n_drawn} drawing(s) of each. Mean ratio {np.mean(ratios):.3f}, least "
        f"{min(ratios):.3f}.",
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=Path)
    parser.add_argument("--drawings", type=int, default=N_DRAWN)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    rows: list[Row] = []
    if given.rows and given.rows.exists():
        rows = [json.loads(line) for line in given.rows.read_text(encoding="utf-8").splitlines()]
    done = {(row["graph"], row["drawing"]) for row in rows}
    for seed in range(given.drawings):
        for graph in GRAPHS:
            if (graph.__name__, seed) in done:
                continue
            found = drawn(graph(seed), graph.__name__, seed, given.threads)
            rows += found
            print(graph.__name__, seed, flush=True)
            if given.rows:
                with given.rows.open("a", encoding="utf-8") as file:
                    file.writelines(json.dumps(row) + "\n" for row in found)
    lines = table_of([row for row in rows if row["drawing"] < given.drawings])
    print(*lines, sep="\n")
    if given.write:
        write_between("accuracy.md", "fitted surrogates", *lines)


if __name__ == "__main__":
    main()
