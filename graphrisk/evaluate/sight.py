"""Which accounts could be seen at a moment."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl

from graphrisk.graph.build import build_graph
from graphrisk.intake.dataset import Dataset
from graphrisk.model.kinds import EntityKind


def seen_by(dataset: Dataset, moment: datetime) -> pl.Series:
    """Return the accounts that had a link, or had been opened, by a moment.

    An account that comes up later can't be decided then, and to count it as good would flatter.
    """
    graph = build_graph(dataset, as_of=moment)
    if EntityKind.ACCOUNT not in graph.kinds:
        return pl.Series("account_id", [], dtype=pl.String)
    ids = graph.index.ids[graph.kinds.index(EntityKind.ACCOUNT)].cast(pl.String)
    linked = ids.filter(pl.Series(np.diff(graph.offsets)[graph.accounts] > 0))
    accounts = dataset.tables.get("accounts")
    if accounts is None:
        return linked
    opened = accounts.filter((pl.col("opened_at") <= moment).fill_null(False))["account_id"]
    return pl.concat([linked, opened.cast(pl.String)]).unique().sort()
