"""The waterfall: every term of every account as one row, from the prior to the risk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.explain.names import entity_names
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.graph.order import in_order
from graphrisk.model.decision import Trail
from graphrisk.model.evidence import Group, State, Term
from graphrisk.propagation.seeds import Seeds
from graphrisk.signals.record import LABEL

PRIOR = "PRIOR"

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
    n_accounts, trail_of = len(graph.accounts), {trail.family: trail for trail in trails}
    parts = [_of_prior(n_accounts, prior_log_odds)]
    parts += [_of_term(term, graph, trail_of) for term in terms]
    account = np.concatenate([part.account for part in parts])
    # By account; the rows of one stay in the order of the terms.
    order = in_order(account, n_accounts, np.arange(len(account), dtype=np.int32))
    number = np.repeat(np.arange(len(parts)), [len(part.account) for part in parts])[order]
    over = np.concatenate([part.over for part in parts])[order]
    reasons = [term.reason for term in terms]

    def named(of_prior: str, names: Iterable[str]) -> pl.Series:
        return pl.Series([of_prior, *names], dtype=pl.String).gather(number)

    table = named("policy", (table_of.get(reason.code, "") for reason in reasons))
    sources = _label_sources(np.concatenate([part.seed for part in parts])[order], seeds)
    value = pl.Series(np.concatenate([part.value for part in parts])[order])
    columns = {
        "account_id": graph.index.ids[graph.kinds.index("account")].gather(account[order]),
        "reason_code": named(PRIOR, (reason.code for reason in reasons)),
        "nats": np.concatenate([part.nats for part in parts])[order],
        "via": entity_names(graph, over).fill_null(""),
        "source": pl.select(pl.when(sources == "").then(table).otherwise(sources)).to_series(),
        "group": named("prior", (str(reason.group) for reason in reasons)),
        "family": named("", (reason.family for reason in reasons)),
        "state": pl.Series(_STATE_WORDS).gather(np.concatenate([p.state for p in parts])[order]),
        "value": pl.select(pl.when(pl.Series(number > 0)).then(value)).to_series(),
        "unit": named("", (reason.unit for reason in reasons)),
        "facts": _facts(parts, facts_of).gather(order),
    }
    return pl.DataFrame({name: columns[name] for name in EVIDENCE_COLUMNS})


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of one term, one for each account where it has something to say.

    Attributes
    ----------
    family
        What its reason speaks for.
    account
        Places among the accounts, rising, shape (n_rows,), int32.
    nats, value, state
        As in ``Term``, shape (n_rows,).
    over, seed
        The entity over which it arrived, and the one with whose label it began; ``-1`` for
        none, shape (n_rows,), int32.
    """

    family: str
    account: NDArray[np.int32]
    nats: NDArray[np.float64]
    value: NDArray[np.float64]
    state: NDArray[np.int8]
    over: NDArray[np.int32]
    seed: NDArray[np.int32]


def _of_prior(n_accounts: int, log_odds: float) -> _Rows:
    """Lay out the first row of every account."""
    nobody = np.full(n_accounts, -1, dtype=np.int32)
    return _Rows(
        family="",
        account=np.arange(n_accounts, dtype=np.int32),
        nats=np.full(n_accounts, log_odds),
        value=np.full(n_accounts, np.nan),
        state=np.full(n_accounts, State.HIT, dtype=np.int8),
        over=nobody,
        seed=nobody,
    )


def _of_term(term: Term, graph: LinkGraph, trail_of: Mapping[str, Trail]) -> _Rows:
    """Lay out the rows of a term."""
    speaks = (term.nats != 0) | (term.state == State.HIT) | (term.state == State.ERROR)
    rows = np.flatnonzero(speaks).astype(np.int32)
    over = seed = np.full(len(rows), -1, dtype=np.int32)
    reason = term.reason
    if reason.group == Group.LINKED and reason.family in trail_of:
        trail = trail_of[reason.family]
        slot, seed = trail.slot[rows], trail.seed[rows]
        over = np.where(slot >= 0, graph.neighbor[np.maximum(slot, 0)], np.int32(-1))
    elif reason.code.startswith(LABEL):
        seed = graph.accounts[rows]
    return _Rows(
        reason.family, rows, term.nats[rows], term.value[rows], term.state[rows], over, seed
    )


def _facts(parts: Sequence[_Rows], facts_of: Mapping[str, pl.Series]) -> pl.Series:
    """Return the facts of every row, part by part; empty for families that are told without."""
    nothing = pl.Series("facts", [""])
    return pl.concat(
        facts_of[part.family].gather(part.over).alias("facts")
        if len(part.over) and part.family in facts_of
        else nothing.new_from_index(0, len(part.over))
        for part in parts
    ).rechunk()


def _label_sources(seed: NDArray[np.int32], seeds: Seeds) -> pl.Series:
    ruling = np.where(seed >= 0, seeds.ruling[np.maximum(seed, 0)], -1)
    if not len(seeds.labels):
        return pl.Series([""], dtype=pl.String).new_from_index(0, len(seed))
    source = seeds.labels["label_source"].gather(np.maximum(ruling, 0))
    return pl.select(pl.when(pl.Series(ruling >= 0)).then(source).otherwise(pl.lit(""))).to_series()
