"""Who used which identifiers, and when: one entry for each pair of the two."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Ints
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.model.times import NO_TIME

#: Further from 1970 than any time, in microseconds: a use whose start or end nobody recorded.
FAR_US = 2**62


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
    links = graph.links
    members, accounts = graph.of_kind(kind), graph.accounts
    if not len(members) or not len(accounts):
        none = np.zeros(0, dtype=np.int64)
        return Uses(none, none, none, none)
    rows = graph.offsets[members[0] : members[-1] + 2]
    slots = slice(int(rows[0]), int(rows[-1]))
    identifier = np.repeat(members.astype(np.int64), np.diff(rows))
    account = graph.neighbor[slots].astype(np.int64) - int(accounts[0])
    here = (account >= 0) & (account < len(accounts))
    identifier, account, link = identifier[here], account[here], graph.link[slots][here]
    # Several links of one pair lie next to each other: they are one use.
    starts = np.ones(len(account), dtype=bool)
    starts[1:] = (np.diff(identifier) != 0) | (np.diff(account) != 0)
    first = np.flatnonzero(starts)
    begun, seen_last = links.first_seen_at[link], links.last_seen_at[link]
    ended = np.where((begun == NO_TIME) | (begun == seen_last), FAR_US, seen_last)
    begun = np.where(begun == NO_TIME, -FAR_US, begun)
    return Uses(
        identifier[first],
        account[first],
        np.minimum.reduceat(begun, first) if len(first) else begun,
        np.maximum.reduceat(ended, first) if len(first) else ended,
    )


def uses_of_kinds(graph: LinkGraph, kinds: Iterable[str]) -> Uses:
    """Collect the uses of several kinds, identifiers rising: kinds have their numbers by name."""
    parts = [uses_of(graph, kind) for kind in sorted(kinds)]
    return Uses(*(np.concatenate([getattr(p, spec.name) for p in parts]) for spec in fields(Uses)))
