"""The steps of the engine in this process, one block after another: no Spark, the same blocks."""

from pathlib import Path

import numpy as np
import polars as pl

from graphrisk.spark.place import Site
from graphrisk.spark.repeating import rounds_of


class InTurn:
    """Stands where a cluster would."""

    def __init__(self, root: Path, n_blocks: int) -> None:
        self.root, self.n_blocks = root, n_blocks

    def run(self, step, *args):
        return self.map(step, [args] * self.n_blocks)

    def map(self, step, arguments):
        sites = [Site(str(self.root), number, self.n_blocks) for number in range(len(arguments))]
        return [step(site, *args) for site, args in zip(sites, arguments, strict=True)]

    def repeat(self, step, most, *args):
        """Share blocks out among three tasks, as a cluster of three processors does."""
        sites = [Site(str(self.root), number, self.n_blocks) for number in range(self.n_blocks)]
        shares = [share.tolist() for share in np.array_split(range(self.n_blocks), 3)]
        tasks = [rounds_of(step, [sites[one] for one in share], 0, most, *args)
                 for share in shares if share]  # fmt: skip
        for number, n_changed in enumerate(zip(*tasks, strict=True)):
            if not sum(n_changed):
                return number
        return None


def rows_of(root: Path, table: str, *by: str) -> pl.DataFrame:
    """Read a table that blocks wrote in parts."""
    parts = sorted((root / "parts" / table).glob("*.parquet"))
    return pl.read_parquet(parts).sort(by)
