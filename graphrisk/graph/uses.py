"""Who used which identifiers, and when: one entry for each pair of the two."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Ints, Numbers, compiled, read_ahead
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.model.times import NO_TIME

#: Further from 1970 than any time, in microseconds: a use whose start or end nobody recorded.
FAR_US = 2**62
#: Slots before its own turn at which a link is asked for.
_AHEAD = 24


@dataclass(frozen=True, slots=True)
class Uses:
    """Uses of identifiers by accounts, several links of one pair being one use.

    Attributes
    ----------
    identifier
        Entity numbers, rising, shape (n_uses,), int64.
    account
        Places among the accounts, rising within an identifier, same shape, int64.
    begun_us, ended_us
        Microseconds since 1970, ``-FAR_US`` and ``FAR_US`` where not known, same shape, int64.
    """

    identifier: Ints
    account: Ints
    begun_us: Ints
    ended_us: Ints

    @property
    def is_dated(self) -> NDArray[np.bool_]:
        """Where both ends are known, shape (n_uses,)."""
        return (self.begun_us > -FAR_US) & (self.ended_us < FAR_US)

    def where(self, chosen: NDArray[np.bool_]) -> Uses:
        """Keep some uses, shape (n_uses,)."""
        return Uses(*(getattr(self, spec.name)[chosen] for spec in fields(self)))


def uses_of(graph: LinkGraph, kind: str) -> Uses:
    """Collect who uses the identifiers of a kind.

    A use seen at one moment only may have lasted: its end is not known.
    """
    return uses_of_kinds(graph, (kind,))


def uses_of_kinds(graph: LinkGraph, kinds: Iterable[str]) -> Uses:
    """Collect the uses of several kinds, identifiers rising: kinds have their numbers by name."""
    links, rows, accounts = graph.links, (graph.offsets, graph.neighbor), graph.accounts
    first, n_accounts = (int(accounts[0]) if len(accounts) else 0), len(accounts)
    spans = [(int(members[0]), int(members[-1]) + 1)
             for members in map(graph.of_kind, sorted(kinds)) if len(members)]  # fmt: skip
    n_uses = [_count_uses(*rows, *span, first, n_accounts) for span in spans]
    uses = Uses(*(np.empty(sum(n_uses), dtype=np.int64) for _ in fields(Uses)))
    columns = (uses.identifier, uses.account, uses.begun_us, uses.ended_us)
    at = 0
    for span, n in zip(spans, n_uses, strict=True):
        some = (column[at : at + n] for column in columns)
        _list_uses(
            *rows, graph.link, links.first_seen_at, links.last_seen_at, *span, first, n_accounts,
            *some,
        )  # fmt: skip
        at += n
    return uses


@compiled
def _count_uses(
    offsets: Ints, neighbor: Numbers, begin: int, end: int, first: int, n_accounts: int
) -> int:
    """Count the pairs of an identifier, from ``begin`` to ``end``, and an account."""
    n = 0
    for entity in range(begin, end):
        previous = -1
        for slot in range(offsets[entity], offsets[entity + 1]):
            account = neighbor[slot] - first
            if 0 <= account < n_accounts and account != previous:
                n += 1
                previous = account
    return n


@compiled
def _list_uses(
    offsets: Ints, neighbor: Numbers, link: Numbers, first_seen_at: Ints, last_seen_at: Ints,
    begin: int, end: int, first: int, n_accounts: int,
    identifiers: Ints, accounts: Ints, begun_us: Ints, ended_us: Ints,
) -> None:  # fmt: skip
    """List those pairs. Several links of one pair lie next to each other: they are one use."""
    n = -1
    for entity in range(begin, end):
        previous = -1
        for slot in range(offsets[entity], offsets[entity + 1]):
            account = neighbor[slot] - first
            if account < 0 or account >= n_accounts:
                continue
            # Links lie in another order than slots: what comes next is fetched meanwhile.
            ahead = np.uint64(link[min(slot + _AHEAD, len(link) - 1)])
            read_ahead(first_seen_at, ahead)
            read_ahead(last_seen_at, ahead)
            begun, seen_last = first_seen_at[link[slot]], last_seen_at[link[slot]]
            ended = FAR_US if begun in (NO_TIME, seen_last) else seen_last
            begun = -FAR_US if begun == NO_TIME else begun
            if account != previous:
                n += 1
                previous = account
                identifiers[n], accounts[n] = entity, account
                begun_us[n], ended_us[n] = begun, ended
            else:
                begun_us[n], ended_us[n] = min(begun_us[n], begun), max(ended_us[n], ended)
