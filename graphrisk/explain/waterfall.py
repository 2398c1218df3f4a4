"""The waterfall: every term of every account as one row, from the prior to the risk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.compiled import Codes, Floats, Ints, Numbers, Shorts, compiled
from graphrisk.explain.names import entity_names
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.graph.sharing import SharingFacts
from graphrisk.intake.sheet import Chosen, Sheet, Words
from graphrisk.model.decision import Trail
from graphrisk.model.evidence import Group, State, Term
from graphrisk.propagation.seeds import Seeds
from graphrisk.signals.record import LABEL
from graphrisk.signals.unheard import INNOCENT

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

#: Accounts whose rows are made at a time.
PART_ACCOUNTS = 50_000
_STATE_WORDS = [state.word for state in State]


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The waterfalls of all accounts.

    Attributes
    ----------
    sheet
        The columns of ``EVIDENCE_COLUMNS``; a row for each term of each account.
    begins
        Where the rows of each account begin, shape (n_accounts + 1,), int64.
    """

    sheet: Sheet
    begins: NDArray[np.int64]

    @classmethod
    def of(cls, table: pl.DataFrame) -> Waterfall:
        """Take the rows of a table of evidence as they are."""
        length = table["account_id"].rle().struct.field("len").to_numpy()
        return cls(Sheet.of(table), np.concatenate([[0], np.cumsum(length, dtype=np.int64)]))

    def parts(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Make some columns, some whole accounts at a time."""
        last = len(self.begins) - 1
        for first in range(0, last, PART_ACCOUNTS):
            ends = self.begins[first], self.begins[min(first + PART_ACCOUNTS, last)]
            yield self.sheet.take(slice(*map(int, ends)), columns)

    def of_account(self, place: int) -> pl.DataFrame:
        """Make the rows of an account, given its place among all."""
        return self.sheet.between(int(self.begins[place]), int(self.begins[place + 1]))


def waterfall(
    terms: Sequence[Term],
    prior_log_odds: float,
    graph: LinkGraph,
    seeds: Seeds,
    trails: Sequence[Trail],
    table_of: Mapping[str, str],
    facts: SharingFacts,
) -> Waterfall:
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
    facts
        What entities shared innocently were recognised by.

    Returns
    -------
    Waterfall
        ``account_id, reason_code, nats, via, source, group, family, state, value, unit, facts``,
        sorted by account and then in the order of the terms. ``via`` is the entity next to the
        account over which the strongest risk of the family arrives; ``source`` is who said so:
        the seed label's source, or the table of a signal. Terms that brought nothing are left
        out unless they could not be computed, or say which links carry nothing.
    """
    n_accounts, trail_of = len(graph.accounts), {trail.family: trail for trail in trails}
    speaking = [_speaking(term) for term in terms]
    n_rows = np.ones(n_accounts, dtype=np.int64)  # the prior's
    for accounts in speaking:
        n_rows[accounts] += 1
    begins = np.concatenate([[0], np.cumsum(n_rows)])
    parts = (
        _of_term(term, rows, graph, seeds, trail_of)
        for term, rows in zip(terms, speaking, strict=True)
    )
    number, rows = _laid_out(chain([_of_prior(n_accounts, prior_log_odds)], parts), begins)
    account, nats, value = rows.account, rows.nats, rows.value
    state, over, ruling = rows.state, rows.over, rows.ruling
    ids = graph.index.ids[graph.kinds.index("account")]
    reasons = [term.reason for term in terms]
    tells = np.array([False, *(reason.family.startswith(INNOCENT) for reason in reasons)])
    tables = [table_of.get(reason.code, "") for reason in reasons]
    said_by = ["policy", *tables, *seeds.labels["label_source"].cast(pl.String)]
    is_said = np.array([bool(word) for word in said_by[len(tables) + 1 :]] + [False])

    def named(of_prior: str, names: Iterable[str]) -> Words:
        return Words([of_prior, *names], lambda rows: number[rows])

    def sources(rows: Chosen) -> NDArray[np.integer]:
        label = ruling[rows]
        return np.where(is_said[label], label + (len(tables) + 1), number[rows])

    def measured(rows: Chosen) -> pl.Series:
        return pl.select(pl.when(pl.Series(number[rows] > 0)).then(value[rows])).to_series()

    columns: dict[str, Callable[[Chosen], pl.Series]] = {
        "account_id": lambda rows: ids.gather(account[rows]),
        "reason_code": named(PRIOR, (reason.code for reason in reasons)),
        "nats": lambda rows: pl.Series(nats[rows]),
        "via": lambda rows: entity_names(graph, over[rows]).fill_null(""),
        "source": Words((word or "" for word in said_by), sources),
        "group": named("prior", (str(reason.group) for reason in reasons)),
        "family": named("", (reason.family for reason in reasons)),
        "state": Words(_STATE_WORDS, lambda rows: state[rows]),
        "value": measured,
        "unit": named("", (reason.unit for reason in reasons)),
        "facts": lambda rows: facts.of(np.where(tells[number[rows]], over[rows], -1)),
    }
    return Waterfall(
        Sheet(len(account), {name: columns[name] for name in EVIDENCE_COLUMNS}), begins
    )


def _speaking(term: Term) -> NDArray[np.int32]:
    """List the accounts of which a term has something to say, rising."""
    speaks = (term.state == State.HIT) | (term.state == State.ERROR)
    where, nats = term.told()
    speaks[where] |= nats != 0
    return np.flatnonzero(speaks).astype(np.int32)


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of one term, one for each account where it has something to say.

    Attributes
    ----------
    account
        Places among the accounts, rising, shape (n_rows,), int32.
    nats, value, state
        As in ``Term``, shape (n_rows,).
    over, ruling
        The entity over which it arrived, and the label with which it began, as a row of
        ``Seeds.labels``; ``-1`` for none, shape (n_rows,), int32.
    """

    account: NDArray[np.int32]
    nats: NDArray[np.float64]
    value: NDArray[np.float64]
    state: NDArray[np.int8]
    over: NDArray[np.int32]
    ruling: NDArray[np.int32]


def _laid_out(parts: Iterable[_Rows], begins: NDArray[np.int64]) -> tuple[NDArray[np.int16], _Rows]:
    """Lay the rows of parts out by account, those of one account in the order of the parts.

    Returns
    -------
    number, rows
        The part of each row, int16, and the rows; ``begins`` says where each account's begin.
    """
    n_rows, free = int(begins[-1]), begins[:-1].copy()
    number = np.empty(n_rows, dtype=np.int16)
    laid_out = _Rows(
        np.empty(n_rows, dtype=np.int32), np.empty(n_rows), np.empty(n_rows),
        np.empty(n_rows, dtype=np.int8), np.empty(n_rows, dtype=np.int32),
        np.empty(n_rows, dtype=np.int32),
    )  # fmt: skip
    for code, part in enumerate(parts):
        _lay_out(code, *_columns(part), free, number, *_columns(laid_out))
    return number, laid_out


def _columns(rows: _Rows) -> tuple[Numbers, Floats, Floats, Codes, Numbers, Numbers]:
    return rows.account, rows.nats, rows.value, rows.state, rows.over, rows.ruling


@compiled
def _lay_out(
    code: int,
    account: Numbers, nats: Floats, value: Floats, state: Codes, over: Numbers, ruling: Numbers,
    free: Ints, number: Shorts,
    accounts: Numbers, all_nats: Floats, values: Floats, states: Codes, overs: Numbers,
    rulings: Numbers,
) -> None:  # fmt: skip
    """Put each row of a part where the next one of its account is free."""
    for i in range(len(account)):
        at = free[account[i]]
        free[account[i]] = at + 1
        number[at], accounts[at] = code, account[i]
        all_nats[at], values[at], states[at] = nats[i], value[i], state[i]
        overs[at], rulings[at] = over[i], ruling[i]


def _of_prior(n_accounts: int, log_odds: float) -> _Rows:
    """Lay out the first row of every account."""
    nobody = np.full(n_accounts, -1, dtype=np.int32)
    return _Rows(
        account=np.arange(n_accounts, dtype=np.int32),
        nats=np.full(n_accounts, log_odds),
        value=np.full(n_accounts, np.nan),
        state=np.full(n_accounts, State.HIT, dtype=np.int8),
        over=nobody,
        ruling=nobody,
    )


def _of_term(
    term: Term,
    rows: NDArray[np.int32],
    graph: LinkGraph,
    seeds: Seeds,
    trail_of: Mapping[str, Trail],
) -> _Rows:
    """Lay out the rows of a term, given the accounts of which it speaks."""
    over = seed = np.full(len(rows), -1, dtype=np.int32)
    reason = term.reason
    if reason.group == Group.LINKED and reason.family in trail_of:
        trail = trail_of[reason.family]
        slot, seed = trail.slot[rows], trail.seed[rows]
        over = np.where(slot >= 0, graph.neighbor[np.maximum(slot, 0)], np.int32(-1))
    elif reason.code.startswith(LABEL):
        seed = graph.accounts[rows]
    ruling = np.where(seed >= 0, seeds.ruling[np.maximum(seed, 0)], np.int32(-1))
    nats, value = term.kept_nats[rows], term.kept_value[rows]
    return _Rows(rows, nats, value, term.state[rows], over, ruling)
