"""The table of decisions: one row for each account."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from graphrisk.explain.paths import path_texts, strongest_paths
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.model.decision import Decisions, Rule, Trail
from graphrisk.model.kinds import Tier
from graphrisk.propagation.seeds import Seeds
from graphrisk.propagation.witness import Witness
from graphrisk.risk.additive import Risk

DECISION_COLUMNS = (
    "account_id",
    "risk_prob",
    "own_nats",
    "linked_nats",
    "good_nats",
    "tier",
    "reason_codes",
    "evidence_path",
    "n_hops",
    "model_version",
    "policy_hash",
    "as_of",
    "rule",
    "tier_by_risk",
)


def decision_table(
    graph: LinkGraph,
    seeds: Seeds,
    risk: Risk,
    decided: Decisions,
    trails: Sequence[Trail],
    witness: Witness,
    reason_codes: pl.Series,
) -> pl.DataFrame:
    """Lay decisions out by account id, with reasons and path for all above clear.

    Returns
    -------
    polars.DataFrame
        The columns of ``DECISION_COLUMNS`` that differ from account to account. ``n_hops``
        counts the links of the evidence path, null where there is none.
    """
    above = np.flatnonzero(decided.tier > Tier.CLEAR)
    paths = strongest_paths(above, graph, trails, witness)
    explained = pl.DataFrame(
        {
            "row": above,
            "evidence_path": path_texts(above, paths, graph, seeds),
            "n_hops": paths.n_links,
        }
    )
    return with_paths(graph, risk, decided, explained, reason_codes)


def with_paths(
    graph: LinkGraph,
    risk: Risk,
    decided: Decisions,
    explained: pl.DataFrame,
    reason_codes: pl.Series,
) -> pl.DataFrame:
    """Lay decisions out beside the paths that explain them.

    ``explained`` has ``row``, the account's place among all, ``evidence_path`` and ``n_hops``;
    the rest is as for :func:`decision_table`.
    """
    tiers, rules = [tier.word for tier in Tier], [rule.word for rule in Rule]
    # Where nothing is explained stands what comes after the last: no path.
    place = np.full(len(graph.accounts), len(explained), dtype=np.int64)
    place[explained["row"].to_numpy()] = np.arange(len(explained))
    path, n_hops = (
        pl.concat([explained[name], pl.Series(name, [none], dtype=explained[name].dtype)])
        for name, none in (("evidence_path", ""), ("n_hops", None))
    )
    return pl.DataFrame(
        {
            "account_id": graph.index.ids[graph.kinds.index("account")],
            "risk_prob": risk.risk_prob,
            "own_nats": risk.own_nats,
            "linked_nats": risk.linked_nats,
            "good_nats": risk.good_nats,
            "tier": pl.Series(tiers).gather(decided.tier),
            "rule": pl.Series(rules).gather(decided.rule),
            "tier_by_risk": pl.Series(tiers).gather(decided.tier_by_risk),
            "reason_codes": reason_codes,
            "evidence_path": path.gather(place),
            "n_hops": n_hops.gather(place),
        }
    ).with_columns(n_hops=pl.when(pl.col("n_hops") > 0).then("n_hops"))
