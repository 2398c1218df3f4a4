"""A graph store as a destination: Neo4j, or the embedded one.

The store holds the book of the run, where its accounts stand, and the evidence; beside them the
actions, as nodes. The token of the writer is checked in each transaction of the store too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from graphrisk.batch.archive import ANALYSIS, DECISIONS
from graphrisk.batch.destination import Action

if TYPE_CHECKING:
    from graphrisk.stores.base import Publisher


@dataclass(frozen=True, slots=True)
class Graph:
    """A store that is opened when it is first spoken to; see ``docs/graph-model.md``."""

    publisher: Callable[[], Publisher]

    def prepare(self, run: str, archived: Path, fence: int) -> None:
        """Load the book of the run and write its decisions, as the guards left them."""
        from graphrisk.stores.cache import content_of

        stands = pl.read_parquet(archived / DECISIONS, glob=False)
        dataset, records = content_of(
            archived / ANALYSIS, stands=lambda decisions: _guarded(decisions, stands)
        )
        self.publisher().prepare(run, dataset, records, fence)

    def deliver(self, run: str, batch: int, actions: Sequence[Action], fence: int) -> None:
        """Write the actions of one batch."""
        del batch
        rows = [
            {
                "account_id": one.account_id,
                "action": one.action,
                "was": one.was,
                "reason_codes": one.reason_codes,
            }
            for one in actions
        ]
        self.publisher().deliver(run, rows, fence)

    def flip(self, run: str, fence: int) -> None:
        """Let the pointers show to the run, in one transaction."""
        self.publisher().flip(run, fence)

    def current(self) -> str | None:
        """Return the run that the pointers show to."""
        return self.publisher().current()

    def halt(self, text: str) -> None:
        """Write who halted actions; empty text lets them go on."""
        self.publisher().halt(text)

    def forget(self, run: str, fence: int) -> None:
        """Remove the run, unless the pointers show to it."""
        self.publisher().forget(run, fence)


def _guarded(decisions: pl.DataFrame, stands: pl.DataFrame) -> pl.DataFrame:
    """Put where accounts stand in the place of what the analysis asked for; the rule is why."""
    by = pl.when(pl.col("guard") != "").then("guard").otherwise("rule")
    final = stands.select("account_id", tier_final="tier", rule_final=by)
    joined = decisions.join(final, on="account_id", how="left", maintain_order="left")
    columns = joined.with_columns(tier="tier_final", rule="rule_final")
    return columns.select(decisions.columns)
