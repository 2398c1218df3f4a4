"""Made-up graphs of the kinds that accounts come in, and how the default does on each.

    python benchmarks/surrogates.py --write

Each is drawn from a seed, a few thousand nodes, and says little of any real graph; together they
ask whether one default holds where links mean different things: risk among one's own kind, or
among strangers; things in common; hubs; few links or many; relations of which one is noise. Half
of the labels are hidden, as on the real graphs. The ratio is the default's average precision over
that of the best of the methods in ``untrained_methods.py`` on that graph, chosen with hindsight.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from long_tables import long_tables
from numpy.typing import NDArray
from pages import write_between
from rank import hidden
from untrained_methods import untrained_methods

from graphrisk.intake.read import read_dataset
from graphrisk.learn.spread import Neighborhood
from graphrisk.model.policy import Policy
from graphrisk.pipeline import analyze
from graphrisk.risk.metrics import average_precision

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

#: Drawings of each graph, with seeds 0, 1 and so on; and what the default is called.
N_DRAWN, OURS = 3, "the default"


@dataclass
class Drawing:
    """A graph as it is drawn: accounts come first, then things."""

    random: np.random.Generator
    is_bad: Flags
    kinds: list[str] = field(default_factory=list)
    links: list[pl.DataFrame] = field(default_factory=list)

    @classmethod
    def of(cls, seed: int, n_accounts: int, share_bad: float) -> Drawing:
        """Begin with accounts, a share of them bad."""
        random = np.random.default_rng(seed)
        return cls(random, random.random(n_accounts) < share_bad, ["account"] * n_accounts)

    def activity(self, spread: float, bad_times: float = 1.0) -> Floats:
        """Draw how often each account is at the end of a link; bad ones more often by a factor."""
        drawn = self.random.lognormal(0.0, spread, len(self.is_bad))
        return drawn * np.where(self.is_bad, bad_times, 1.0)

    def among(
        self, relation: str, n: int, activity: Floats, like: float, other: float = 0.0
    ) -> None:
        """Link accounts: a share of links to one's own kind, a share to the other, else anyone."""
        ends = self._drawn(n, activity), self._drawn(n, activity)
        way = self.random.random(n)
        for sign in (True, False):
            for low, high, kind in ((0.0, like, sign), (like, like + other, not sign)):
                rows = (self.is_bad[ends[0]] == sign) & (way >= low) & (way < high)
                ends[1][rows] = self._drawn(int(rows.sum()), activity * (self.is_bad == kind))
        self._link(relation, *ends)

    def over(
        self, kind: str, n_things: int, n: int, activity: Floats, spread: float, share: float,
        drawn_to: tuple[float, float],
    ) -> None:  # fmt: skip
        """Link accounts to things, of which a share draws bad and good ones so often."""
        first = len(self.kinds)
        self.kinds += [kind] * n_things
        size = self.random.lognormal(0.0, spread, n_things)
        marked = self.random.random(n_things) < share
        accounts = self._drawn(n, activity)
        chosen = np.empty(n, dtype=np.int64)
        drawn = self.random.random(n) < np.where(self.is_bad[accounts], *drawn_to)
        for rows, weight in ((drawn, size * marked), (~drawn, size)):
            chosen[rows] = self.random.choice(n_things, int(rows.sum()), p=weight / weight.sum())
        self._link(f"to_{kind}", accounts, first + chosen)

    def _drawn(self, n: int, weight: Floats) -> Ints:
        return self.random.choice(len(weight), n, p=weight / weight.sum())

    def _link(self, relation: str, source: Ints, target: Ints) -> None:
        pairs = pl.DataFrame({"src": source, "dst": target}).filter(pl.col("src") != pl.col("dst"))
        self.links.append(pairs.unique(maintain_order=True).with_columns(kind=pl.lit(relation)))


def companies(seed: int) -> Drawing:
    """Few links: owning tells much, guaranteeing some, trade little, being in the news nothing."""
    made = Drawing.of(seed, 3_000, 0.10)
    active = made.activity(0.8)
    for relation, n, like in (
        ("owns", 1_500, 0.8), ("guarantees_loan", 1_200, 0.5),
        ("trades_with", 5_000, 0.15), ("in_news_with", 5_000, 0.0),
    ):  # fmt: skip
        made.among(relation, n, active, like)
    return made


def posts(seed: int) -> Drawing:
    """Accounts at posts, one in 25 bad; some posts draw them."""
    made = Drawing.of(seed, 3_000, 0.04)
    made.over("post", 1_000, 12_000, made.activity(1.0), 1.5, 0.10, (0.5, 0.10))
    return made


def flows(seed: int) -> Drawing:
    """Hardly more payments than accounts; bad ones pay each other more often than not."""
    made = Drawing.of(seed, 5_000, 0.03)
    made.among("pays", 6_000, made.activity(1.0, 1.5), 0.45)
    return made


def reviews(seed: int) -> Drawing:
    """Accounts at products, of which a few have very many; bad ones review more."""
    made = Drawing.of(seed, 3_000, 0.12)
    made.over("product", 250, 15_000, made.activity(0.8, 2.0), 2.0, 0.25, (0.6, 0.25))
    return made


def cards(seed: int) -> Drawing:
    """Cards at merchants, one in 100 bad; a few merchants leaked."""
    made = Drawing.of(seed, 5_000, 0.01)
    made.over("merchant", 400, 20_000, made.activity(0.6), 1.5, 0.03, (0.5, 0.03))
    return made


def trust(seed: int) -> Drawing:
    """Ratings: good accounts rate each other, and bad ones are rated by good ones."""
    made = Drawing.of(seed, 3_000, 0.06)
    active = made.activity(1.2, 0.6)
    made.among("trusts", 9_000, active, 0.9)
    made.among("distrusts", 1_500, made.activity(1.0, 8.0), 0.0, 0.9)
    return made


def victims(seed: int) -> Drawing:
    """Bad accounts link to good ones and to none of their own."""
    made = Drawing.of(seed, 3_000, 0.08)
    made.among("calls", 10_000, made.activity(0.8, 2.0), 0.0, 0.8)
    return made


def crowd(seed: int) -> Drawing:
    """Very many links, a little more of them among one's own kind."""
    made = Drawing.of(seed, 2_000, 0.20)
    made.among("works_with", 80_000, made.activity(1.0), 0.12)
    return made


def rings(seed: int) -> Drawing:
    """Devices shared by bad accounts, and a busy relation that says nothing."""
    made = Drawing.of(seed, 3_000, 0.05)
    made.over("device", 2_600, 3_600, made.activity(0.3), 0.5, 0.04, (0.7, 0.02))
    made.among("follows", 20_000, made.activity(1.2), 0.0)
    return made


GRAPHS: tuple[Callable[[int], Drawing], ...] = (
    companies, posts, flows, reviews, cards, trust, victims, crowd, rings,
)  # fmt: skip


def source_of(made: Drawing) -> tuple[list[pl.DataFrame], Flags]:
    """Give nodes, edges and splits as ``long_tables`` takes them, and which labels are seen."""
    n, n_accounts = len(made.kinds), len(made.is_bad)
    visible = made.random.random(n_accounts) < 0.5
    nodes = pl.DataFrame({"id": np.arange(n), "kind": made.kinds}).with_columns(
        label=pl.Series([*made.is_bad.astype(int).tolist(), *[None] * (n - n_accounts)])
    )
    edges = pl.concat(made.links).with_columns(
        ts=pl.lit(None, pl.Datetime("us")), weight=pl.lit(None, pl.Float64)
    )
    splits = nodes.head(n_accounts).select(
        "id", "label", s0=pl.Series(np.where(visible, "visible", "hidden"))
    )
    return [nodes, edges, splits], visible


def figures(made: Drawing) -> dict[str, float]:
    """Give the average precision of the default and of each method on hidden accounts."""
    (nodes, edges, splits), visible = source_of(made)
    n, n_accounts = len(nodes), len(splits)
    dataset = read_dataset(long_tables(nodes, edges, splits, split="s0"))
    is_bad, risk = hidden(analyze(dataset, Policy.default()).decisions, splits, "s0")
    source, target = (edges[end].to_numpy() for end in ("src", "dst"))
    pair = np.unique(np.concatenate([source * n + target, target * n + source]))
    offsets = np.concatenate(([0], np.cumsum(np.bincount(pair // n, minlength=n))))
    near = Neighborhood(offsets, (pair % n).astype(np.int32))
    bad, good = np.zeros(n), np.zeros(n)
    bad[:n_accounts], good[:n_accounts] = visible & made.is_bad, visible & ~made.is_bad
    found = untrained_methods(lambda of: near.total(of[:, None], 1)[:, 0], bad, good)
    rows = np.flatnonzero(~visible)
    return {OURS: average_precision(is_bad, risk)} | {
        name: average_precision(made.is_bad[rows], score[rows]) for name, score in found.items()
    }


def table_of(rows: dict[str, dict[str, float]]) -> list[str]:
    """Write figures as Markdown: the default's, the best method's, and what any one would do."""
    methods = list(next(iter(rows.values())))
    best = {
        graph: max((name for name in methods if name != OURS), key=row.__getitem__)
        for graph, row in rows.items()
    }
    lines = [
        "| graph | default | best of the others | its average precision | ratio |",
        "|---|---|---|---|---|",
    ]
    for graph, row in rows.items():
        ours, top = row[OURS], row[best[graph]]
        lines.append(f"| {graph} | {ours:.3f} | {best[graph]} | {top:.3f} | {ours / top:.2f} |")
    lines += ["", "| one for all | mean ratio to the best of each | least |", "|---|---|---|"]
    ratios = {
        name: [row[name] / row[best[graph]] for graph, row in rows.items()] for name in methods
    }
    for name, ratio in sorted(ratios.items(), key=lambda item: -float(np.mean(item[1]))):
        lines.append(f"| {name} | {np.mean(ratio):.3f} | {min(ratio):.2f} |")
    return [*lines, "", f"Means of {N_DRAWN} drawings of each."]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    rows = {}
    for graph in GRAPHS:
        drawn = [figures(graph(seed)) for seed in range(N_DRAWN)]
        rows[graph.__name__] = {
            name: float(np.mean([one[name] for one in drawn])) for name in drawn[0]
        }
        print(graph.__name__, flush=True)
    lines = table_of(rows)
    print(*lines, sep="\n")
    if given.write:
        write_between("accuracy.md", "surrogates", *lines)


if __name__ == "__main__":
    main()
