"""A block: the entities that it owns with all their links, and those at the other ends.

What lies at the other end of a link and belongs to another block is the halo. Of a halo entity
only the links to this block are here, so whatever needs its whole row is worked out by its owner
and sent. Numbers rise with kind and id in every block, so both sides of a border list what
crosses it in the same order, and only the values themselves travel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Ints
from graphrisk.errors import IntegrityFailure
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.intake.dataset import Dataset
from graphrisk.spark.place import Site

#: Entities of one block at most; above these bits stands the block.
ENTITY_BITS = 40

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Border:
    """Where a block ends.

    Attributes
    ----------
    is_own
        The entities that the block owns, shape (n_entities,), bool.
    mine, halo
        For each neighbouring block the own entities that it has in its halo, and those of it in
        the halo here, rising.
    near, far
        For each neighbouring block the slots of the links to it, in the rows of own entities and
        in those of the halo, both in the order of links.
    """

    is_own: NDArray[np.bool_]
    mine: Mapping[int, NDArray[np.int64]]
    halo: Mapping[int, NDArray[np.int64]]
    near: Mapping[int, NDArray[np.int64]]
    far: Mapping[int, NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Block(Border):
    """One block's part of the graph.

    Attributes
    ----------
    number
        Which block it is.
    dataset, graph
        The rows that name an entity of the block, and their graph.
    hubs, places
        Hubs whose rows are divided, each block's part of which is its own, and their places
        among all these; shape (n_hubs_here,), int64.
    """

    number: int
    dataset: Dataset
    graph: LinkGraph
    hubs: Ints
    places: Ints

    @classmethod
    def of(
        cls, number: int, dataset: Dataset, graph: LinkGraph, owner: NDArray[np.int32],
        place: Ints,
    ) -> Block:  # fmt: skip
        """Find what crosses the borders of a block.

        ``owner`` says which block owns each entity, and ``place`` which divided hub it is, ``-1``
        for none; shape (n_entities,).
        """
        is_own = (owner == number) | (place >= 0)
        is_own[graph.accounts[graph.entity_id.gather(graph.accounts) == "\0"]] = False
        row = graph.row_of_slot()
        crossing = np.flatnonzero(is_own[row] & ~is_own[graph.neighbor])
        crossing = crossing[np.argsort(graph.link[crossing], kind="stable")]
        there = owner[graph.neighbor[crossing]]
        mine, halo, near, far = {}, {}, {}, {}
        for other in np.unique(there).tolist():
            slots = crossing[there == other]
            near[other], far[other] = slots, graph.reverse[slots].astype(np.int64)
            mine[other] = np.unique(row[slots]).astype(np.int64)
            halo[other] = np.unique(graph.neighbor[slots]).astype(np.int64)
        hubs = np.flatnonzero(place >= 0)
        return cls(is_own, mine, halo, near, far, number, dataset, graph, hubs, place[hubs])

    @property
    def border(self) -> Border:
        """Where it ends: all that rounds of messages ask for."""
        return Border(self.is_own, self.mine, self.halo, self.near, self.far)

    def global_numbers(self) -> NDArray[np.int64]:
        """Number own entities among those of all blocks; of the halo ``-1``, (n_entities,)."""
        numbers = (np.int64(self.number) << ENTITY_BITS) + np.arange(len(self.is_own))
        return np.where(self.is_own, numbers, -1)

    def send(
        self, site: Site, post: str, *, entities: Columns | None = None,
        near: Columns | None = None, far: Columns | None = None,
    ) -> None:  # fmt: skip
        """Send neighbours what is known of own entities, and of the slots of shared links.

        ``near`` are values of slots in own rows, ``far`` values of slots in rows of the halo.
        """
        site.send(post, {other: (
            {name: values[self.mine[other]] for name, values in (entities or {}).items()},
            {name: values[self.near[other]] for name, values in (near or {}).items()},
            {name: values[self.far[other]] for name, values in (far or {}).items()},
        ) for other in self.near})  # fmt: skip

    def take(
        self, site: Site, post: str, *, entities: Columns | None = None,
        near: Columns | None = None, far: Columns | None = None,
    ) -> None:  # fmt: skip
        """Write what neighbours sent over what stands here of the halo, and of shared links.

        What they said of their own rows is of our far slots, and the other way round.

        Raises
        ------
        IntegrityFailure
            If both sides of a border do not list the same.
        """
        for other, (of_entities, of_near, of_far) in site.receive(post):
            for ours, theirs, at in (
                (entities, of_entities, self.halo),
                (far, of_near, self.far),
                (near, of_far, self.near),
            ):
                for name, values in (ours or {}).items():
                    places = at.get(other, np.zeros(0, dtype=np.int64))
                    if len(theirs[name]) != len(places):
                        raise IntegrityFailure(
                            f"block {other} sent {len(theirs[name])} values of {name!r} to block "
                            f"{self.number}, which has {len(places)} places for them",
                            expected="both sides of a border to list the same links",
                            hint="this is a fault in graphrisk, not in the data: keep the input "
                            "and report it",
                        )
                    values[places] = theirs[name]
