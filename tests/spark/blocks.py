"""The steps of the engine in this process, one block after another: no Spark, the same blocks."""

from pathlib import Path

import polars as pl

from graphrisk.spark.place import Site


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
        for number in range(most):
            if not sum(self.run(step, number, *args)):
                return number
        return None


def rows_of(root: Path, table: str, *by: str) -> pl.DataFrame:
    """Read a table that blocks wrote in parts."""
    parts = sorted((root / "parts" / table).glob("*.parquet"))
    return pl.read_parquet(parts).sort(by)
