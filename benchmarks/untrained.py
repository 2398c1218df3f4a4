"""How well the policy's own model, which learns nothing, ranks the hidden accounts of each graph.

    python benchmarks/untrained.py PHONES WORKERS PAYMENTS --write

Each is a folder as ``long_tables.py`` reads it. One policy for all, as shipped. Prints the means
over the splits s0 to s4, and ``--write`` puts them into docs/accuracy.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from long_tables import long_tables, read_source
from pages import write_between
from rank import hidden

from graphrisk.intake.read import read_dataset
from graphrisk.model.policy import Policy
from graphrisk.pipeline import analyze
from graphrisk.risk.metrics import average_precision, precision_at, roc_auc

SPLITS = ("s0", "s1", "s2", "s3", "s4")


def figures(folder: Path) -> Iterator[tuple[float, float, float]]:
    """Yield ROC-AUC, average precision and precision at n bad of each split."""
    source = read_source(folder)
    for split in SPLITS:
        dataset = read_dataset(long_tables(*source, split=split))
        is_bad, risk = hidden(analyze(dataset, Policy.default()).decisions, source[2], split)
        at_n = precision_at(is_bad, risk, int(is_bad.sum()))
        yield roc_auc(is_bad, risk), average_precision(is_bad, risk), at_n


def main() -> None:
    """Print one row for each folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sources", type=Path, nargs="+")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    lines = [
        "| graph | ROC-AUC | average precision (deviation) | precision at n bad |",
        "|---|---|---|---|",
    ]
    for folder in given.sources:
        table = np.array(list(figures(folder)))
        auc, ap, at_n = table.mean(axis=0)
        spread = table[:, 1].std()
        lines.append(f"| {folder.name} | {auc:.4f} | {ap:.4f} ({spread:.4f}) | {at_n:.4f} |")
    lines += ["", f"Means of {', '.join(SPLITS)}."]
    print(*lines, sep="\n")
    if given.write:
        write_between("accuracy.md", "untrained", *lines)


if __name__ == "__main__":
    main()
