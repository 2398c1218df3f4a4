"""The waterfall: every term of every account as one row, from the prior to the risk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.explain.names import entity_names
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.model.decision import Trail
from graphrisk.model.evidence import Group, State, Term
from graphrisk.propagation.seeds import Seeds
from graphrisk.signals.record import LABEL

PRIOR = "PRIOR"


def evidence_table(
    terms: Sequence[Term],
    prior_log_odds: float,
    graph: LinkGraph,
    seeds: Seeds,
    trails: Sequence[Trail],
    table_of: Mapping[str, str],
    facts_of: Mapping[str, pl.Series],
) -> pl.DataFrame:
    """Lay the terms out as rows; for each account their nats add up to its log-odds.

    Parameters
    ----------
    terms
        All terms of the model.
    prior_log_odds
        The first row of every account.
    graph, seeds, trails
        Where linked evidence came from.
    table_of
        For the reason code of each signal, the table its input comes from.
    facts_of
        For each family that is told with its facts, those of every entity, shape (n_entities,).

    Returns
    -------
    polars.DataFrame
        ``account_id, reason_code, nats, via, source, group, family, state, value, unit, facts``,
        sorted by account and then in the order of the terms. ``via`` is the entity next to the
        account over which the strongest risk of the family arrives; ``source`` is who said so:
        the seed label's source, or the table of a signal. Terms that brought nothing are left
        out unless they could not be computed, or say which links carry nothing.
    """
    accounts = graph.accounts
    ids = graph.index.ids[graph.kinds.index("account")]
    trail_of = {trail.family: trail for trail in trails}
    parts = [_rows(np.arange(len(accounts)), ids, PRIOR, np.full(len(accounts), prior_log_odds), 0)]
    for order, term in enumerate(terms, start=1):
        rows = np.flatnonzero((term.nats != 0) | np.isin(term.state, (State.HIT, State.ERROR)))
        if not len(rows):
            continue
        part = _rows(rows, ids, term.reason.code, term.nats[rows], order)
        entity = _over(rows, term, graph, trail_of)
        source = _source(rows, term, graph, seeds, trail_of, table_of)
        family = term.reason.family
        facts = facts_of[family].gather(entity) if family in facts_of else pl.lit("")
        parts.append(
            part.with_columns(
                via=entity_names(graph, entity).fill_null(""),
                source=source,
                facts=facts,
                group=pl.lit(str(term.reason.group)),
                family=pl.lit(term.reason.family),
                state=pl.Series(_STATE_WORDS).gather(term.state[rows]),
                value=pl.Series(term.value[rows]),
                unit=pl.lit(term.reason.unit),
            )
        )
    table = pl.concat(parts, how="diagonal").sort("row", "order")
    return table.drop("row", "order").select(EVIDENCE_COLUMNS)


EVIDENCE_COLUMNS = (
    "account_id",
    "reason_code",
    "nats",
    "via",
    "source",
    "group",
    "family",
    "state",
    "value",
    "unit",
    "facts",
)

_STATE_WORDS = [state.word for state in State]


def _rows(
    rows: NDArray[np.int64], ids: pl.Series, code: str, nats: NDArray[np.float64], order: int
) -> pl.DataFrame:
    """Lay out the columns that every part has; the rest is null unless filled in."""
    return pl.DataFrame(
        {
            "row": rows,
            "account_id": ids.gather(rows),
            "nats": nats,
        }
    ).with_columns(
        order=pl.lit(order, pl.Int16),
        reason_code=pl.lit(code),
        via=pl.lit(""),
        source=pl.lit("policy"),
        group=pl.lit("prior"),
        family=pl.lit(""),
        state=pl.lit(State.HIT.word),
        value=pl.lit(None, pl.Float64),
        unit=pl.lit(""),
        facts=pl.lit(""),
    )


def _over(
    rows: NDArray[np.int64], term: Term, graph: LinkGraph, trail_of: Mapping[str, Trail]
) -> NDArray[np.int32]:
    """Say over which entity a term arrived, ``-1`` for none."""
    reason = term.reason
    if reason.group != Group.LINKED or reason.family not in trail_of:
        return np.full(len(rows), -1, dtype=np.int32)
    slot = trail_of[reason.family].slot[rows]
    return np.where(slot >= 0, graph.neighbor[np.maximum(slot, 0)], -1).astype(np.int32)


def _source(
    rows: NDArray[np.int64],
    term: Term,
    graph: LinkGraph,
    seeds: Seeds,
    trail_of: Mapping[str, Trail],
    table_of: Mapping[str, str],
) -> pl.Series:
    """Say who stands behind a term."""
    reason = term.reason
    seed = np.full(len(rows), -1, dtype=np.int32)
    if reason.group == Group.LINKED and reason.family in trail_of:
        seed = trail_of[reason.family].seed[rows]
    elif reason.code.startswith(LABEL):
        seed = graph.accounts[rows]
    source = _label_sources(seed, seeds)
    table = table_of.get(reason.code, "")
    return pl.select(pl.when(source == "").then(pl.lit(table)).otherwise(source)).to_series()


def _label_sources(seed: NDArray[np.int32], seeds: Seeds) -> pl.Series:
    ruling = np.where(seed >= 0, seeds.ruling[np.maximum(seed, 0)], -1)
    if not len(seeds.labels):
        return pl.Series([""], dtype=pl.String).new_from_index(0, len(seed))
    source = seeds.labels["label_source"].gather(np.maximum(ruling, 0))
    return pl.select(pl.when(pl.Series(ruling >= 0)).then(source).otherwise(pl.lit(""))).to_series()
