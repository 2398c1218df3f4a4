"""What each signal is worth on a demo book, alone and beside the others, against its truth.

    python benchmarks/lift.py BOOK

BOOK is what ``graphrisk demo`` wrote. Only accounts without a label in force are counted. A
signal hits where its value is above its free count. Lift is how much more often an account that
it hits is bad than any account; nats are the log odds ratio alone, and beside all other evidence
in a ridge logistic regression.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.intake.read import read_dataset
from graphrisk.model.evidence import Group, Term
from graphrisk.model.policy import Policy
from graphrisk.pipeline import STAGES, Products
from graphrisk.signals.catalog import CATALOG

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def lift(hit: Mask, is_bad: Mask) -> float:
    """Divide the share of bad accounts among those hit by the share among all."""
    return float(is_bad[hit].mean() / is_bad.mean()) if hit.any() and is_bad.any() else float("nan")


def log_odds(hit: Mask, is_bad: Mask) -> float:
    """Give the log odds ratio of being bad, hit against not, half an account added to each."""
    n = [[np.sum((hit == h) & (is_bad == b)) + 0.5 for b in (True, False)] for h in (True, False)]
    return float(np.log(n[0][0] * n[1][1] / (n[0][1] * n[1][0])))


def ridge_logistic(columns: Floats, is_bad: Mask, penalty: float = 1.0) -> Floats:
    """Fit log-odds of being bad by Newton's method; the constant, which comes last, is free.

    Returns
    -------
    numpy.ndarray
        Nats for one unit of each column, shape (n_columns + 1,).
    """
    design = np.column_stack([columns, np.ones(len(columns))])
    ridge = np.diag([penalty] * columns.shape[1] + [0.0])
    weights = np.zeros(design.shape[1])
    for _ in range(50):
        prob = 1.0 / (1.0 + np.exp(-np.clip(design @ weights, -30, 30)))
        slope = design.T @ (is_bad - prob) - ridge @ weights
        bend = (design * (prob * (1.0 - prob))[:, None]).T @ design + ridge
        step = np.linalg.solve(bend, slope)
        weights += step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def table(hits: dict[str, Mask], linked_nats: Floats, is_bad: Mask) -> pl.DataFrame:
    """Lay out one row for each signal: how often it hits, whom, and what it is worth."""
    columns = np.column_stack([*hits.values(), linked_nats]).astype(np.float64)
    beside = ridge_logistic(columns, is_bad)
    rows = [
        (code, 100 * float(hit.mean()), int(hit[is_bad].sum()), float(is_bad[hit].mean()),
         lift(hit, is_bad), log_odds(hit, is_bad), float(beside[i]))
        for i, (code, hit) in enumerate(hits.items())
    ]  # fmt: skip
    names = ["signal", "percent_hit", "n_bad", "precision", "lift", "nats_alone", "nats_beside"]
    return pl.DataFrame(rows, schema=names, orient="row")


def by_role(hits: dict[str, Mask], is_bad: Mask, role: pl.Series) -> pl.DataFrame:
    """Give the percentage of each role that each signal hits; bad roles end in ``!``."""
    kind = role + pl.Series(np.where(is_bad, "!", ""))
    shares = pl.DataFrame({"role": kind, **hits}).group_by("role").agg(pl.all().mean() * 100)
    return shares.sort("role").transpose(
        include_header=True, header_name="signal", column_names="role"
    )


def terms_of(book: Path) -> tuple[pl.Series, Sequence[Term]]:
    """Run the stages of an analysis up to the terms: account ids, and every term."""
    dataset = read_dataset(book)
    made: Products = {
        "dataset": dataset,
        "policy": Policy.default(),
        "as_of": dataset.newest_at,
        "n_threads": 2,
    }
    for stage in STAGES:
        made[stage.gives] = stage.make(made)  # type: ignore[literal-required]
        if stage.gives == "terms":
            break
    graph = made["graph"]
    return graph.index.ids[graph.kinds.index("account")], made["terms"]


def read_truth(book: Path) -> pl.DataFrame:
    """Read the truth of a book."""
    (path,) = (book / "truth").glob("accounts.*")
    return pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("book", type=Path)
    given = parser.parse_args()
    ids, terms = terms_of(given.book)
    truth = pl.DataFrame({"account_id": ids}).join(
        read_truth(given.book), on="account_id", how="left", maintain_order="left"
    )
    chosen = ~truth["is_labelled"].to_numpy()
    is_bad = truth["is_bad"].to_numpy()[chosen]
    value = {term.reason.code: term.value[chosen] for term in terms}
    # By the value, not by the nats: a signal that moves no risk yet is measured too.
    free = {signal.code: Policy.default().signals[signal.rule].free_count for signal in CATALOG}
    hits = {code: value[code] > n for code, n in free.items()}
    hits = {code: hit for code, hit in hits.items() if hit.any()}
    linked = [term.nats[chosen] for term in terms if term.reason.group != Group.OWN]
    linked_nats = np.sum(linked, axis=0)
    print(f"{len(is_bad):,} accounts without a label, {is_bad.sum():,} of them bad\n")
    roles = by_role(hits, is_bad, truth["role"].filter(pl.Series(chosen)))
    shown = [table(hits, linked_nats, is_bad)]
    shown += [roles.select("signal", *names) for names in (roles.columns[1:9], roles.columns[9:])]
    with pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_width_chars=200, tbl_formatting="ASCII_MARKDOWN",
                   tbl_hide_column_data_types=True, tbl_hide_dataframe_shape=True,
                   float_precision=2, fmt_str_lengths=40):  # fmt: skip
        print(*shown, sep="\n\n")


if __name__ == "__main__":
    main()
