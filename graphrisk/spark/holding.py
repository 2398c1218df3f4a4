"""What blocks hold of divided hubs, and what that says of their whole rows, added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.compiled import Flags, Ints
from graphrisk.graph.hubs import n_linked_accounts
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.graph.overlap import Clusters, grace_us_of
from graphrisk.model.policy import Policy
from graphrisk.model.times import NO_TIME
from graphrisk.propagation.weights import grace_days_of
from graphrisk.spark.block import Block
from graphrisk.spark.divided import Divided

_HELD = {"place": pl.Int64, "relation": pl.String, "n_links": pl.Int64}
#: Later than any time, in microseconds since 1970; in place of an account that is nobody's.
_NEVER_US, _NOBODY = 2**62, -1


@dataclass(frozen=True, slots=True)
class Times:
    """When the users of a crowd's thing used it.

    Attributes
    ----------
    spans
        When they did; None if the row says nothing of who used it at the same time, because a
        use has no date, or time does not matter to it.
    earliest
        The account that came first, by its number among those of all blocks, and when; ``-1`` if
        no use has a date.
    next_us
        When the first other account came.
    """

    spans: Clusters | None
    earliest: tuple[int, int]
    next_us: int

    @classmethod
    def of_row(
        cls, graph: LinkGraph, hub: int, number: Ints, grace_us: Ints, gap_us: int | None
    ) -> Times:
        """Look at a hub's links in a block.

        ``number`` is of entities among those of all blocks, and ``grace_us`` of links.
        """
        row = slice(int(graph.offsets[hub]), int(graph.offsets[hub + 1]))
        link, user = graph.link[row], graph.neighbor[row]
        begun_us, ended_us = graph.links.first_seen_at[link], graph.links.last_seen_at[link]
        spans = None
        if gap_us is not None and (begun_us != NO_TIME).all() and (grace_us[link] >= 0).all():
            spans = Clusters.of(begun_us, ended_us, gap_us)
        dated = begun_us != NO_TIME
        begun_us, user = begun_us[dated], user[dated]
        if not len(begun_us):
            return cls(spans, (_NOBODY, _NEVER_US), _NEVER_US)
        at = int(begun_us.argmin())
        next_us = int(begun_us[user != user[at]].min(initial=_NEVER_US))
        return cls(spans, (int(number[user[at]]), int(begun_us[at])), next_us)

    @classmethod
    def together(cls, parts: Sequence[Times], gap_us: int | None) -> Times:
        """Put together what blocks, none of which has an account of another's, found."""
        spans = [one.spans for one in parts if one.spans is not None]
        whole = len(spans) == len(parts) and gap_us is not None
        first, *others = sorted(parts, key=lambda one: one.earliest[1])
        next_us = min([first.next_us, *(one.earliest[1] for one in others)])
        return cls(Clusters.merged(spans, gap_us or 0) if whole else None, first.earliest, next_us)

    def came_first(self, lead_us: int) -> int:
        """Return the account that came so long before all others, ``-1`` for none."""
        number, at_us = self.earliest
        return number if number >= 0 and self.next_us - lead_us > at_us else _NOBODY


@dataclass(frozen=True, slots=True)
class Held:
    """What a block holds of divided hubs.

    Attributes
    ----------
    hubs
        ``place, n_accounts``: hubs and the accounts here that are linked to each.
    of_relation
        ``place, relation, n_links``: their links of each relation.
    times
        For crowds, by place, when they were used.
    """

    block: int
    hubs: pl.DataFrame
    of_relation: pl.DataFrame
    times: Mapping[int, Times]


@dataclass(frozen=True, slots=True)
class Facts:
    """What blocks counted of divided hubs, added up; each of shape (n_hubs,) or a table of them.

    Attributes
    ----------
    n_accounts, n_links
        The accounts that a hub is linked to, and its slots.
    writer
        The block that writes what is found of it: the first that has it in its graph.
    of_relation
        ``place, relation, n_links``: its links of each relation.
    times
        For crowds, by place, when all their users used them.
    """

    n_accounts: Ints
    n_links: Ints
    writer: Ints
    of_relation: pl.DataFrame
    times: Mapping[int, Times]


def held_by(block: Block, divided: Divided, policy: Policy) -> Held:
    """Count what a block holds of the rows of divided hubs, and look at the times of crowds."""
    graph = block.graph
    hubs = pl.DataFrame({"place": block.places, "n_accounts": n_linked_accounts(graph)[block.hubs]})
    parts, times = [pl.DataFrame(schema=_HELD)], {}
    is_crowd, gap_us, number = divided.is_crowd, divided.names["gap_us"], block.global_numbers()
    grace_us = grace_us_of(grace_days_of(graph, policy)) if is_crowd.any() else None
    for hub, place in zip(block.hubs.tolist(), block.places.tolist(), strict=True):
        link = graph.link[graph.offsets[hub] : graph.offsets[hub + 1]]
        codes, n_links = np.unique(graph.links.relation[link], return_counts=True)
        names = [graph.relations[code] for code in codes.tolist()]
        parts.append(
            pl.DataFrame({"place": [place] * len(names), "relation": names, "n_links": n_links},
                         schema=_HELD)
        )  # fmt: skip
        if grace_us is not None and is_crowd[place] and len(link):
            times[place] = Times.of_row(graph, hub, number, grace_us, gap_us[place])
    return Held(block.number, hubs, pl.concat(parts), times)


def add_up(held: Sequence[Held], divided: Divided) -> Facts:
    """Add up what all blocks hold of the rows of divided hubs."""
    n_hubs = divided.names.height
    n_accounts, n_links = np.zeros((2, n_hubs), dtype=np.int64)
    writer = np.full(n_hubs, -1, dtype=np.int64)
    for one in reversed(held):  # the first block writes
        place = one.hubs["place"].to_numpy()
        writer[place] = one.block
        n_accounts[place] += one.hubs["n_accounts"].to_numpy()
    of_relation = (
        pl.concat([pl.DataFrame(schema=_HELD), *(one.of_relation for one in held)])
        .group_by("place", "relation")
        .agg(pl.sum("n_links"))
        .sort("place", "relation")
    )
    np.add.at(n_links, of_relation["place"].to_numpy(), of_relation["n_links"].to_numpy())
    gap_us = divided.names["gap_us"]
    times = {
        place: Times.together(
            [one.times[place] for one in held if place in one.times], gap_us[place]
        )
        for place in sorted(set[int]().union(*(one.times for one in held)))
    }
    return Facts(n_accounts, n_links, writer, of_relation, times)


def mark_times(
    block: Block, facts: Facts, grace_us: Ints, lead_us: int, mark: NDArray[np.int8], first: Flags
) -> None:
    """Write what the whole rows of crowds say of each link here, in place, shape (n_links,).

    ``mark`` is that of :func:`graphrisk.graph.overlap.marks_of_rows`, and ``first`` that of
    :func:`graphrisk.graph.overlap.came_first` for ``lead_us``.
    """
    graph, number = block.graph, block.global_numbers()
    for hub, place in zip(block.hubs.tolist(), block.places.tolist(), strict=True):
        times = facts.times.get(place)
        if times is None or facts.n_links[place] < 2:
            continue
        row = slice(int(graph.offsets[hub]), int(graph.offsets[hub + 1]))
        link = graph.link[row]
        if times.spans is not None:
            begun_us, ended_us = graph.links.first_seen_at[link], graph.links.last_seen_at[link]
            mark[link] = times.spans.alone(begun_us, ended_us, grace_us[link])
        if facts.n_accounts[place] > 1:
            first[link] = number[graph.neighbor[row]] == times.came_first(lead_us)


def written_here(block: Block, facts: Facts) -> NDArray[np.bool_]:
    """Mark the own entities of which this block writes what is found, shape (n_entities,)."""
    written = block.is_own.copy()
    written[block.hubs] = facts.writer[block.places] == block.number
    return written
