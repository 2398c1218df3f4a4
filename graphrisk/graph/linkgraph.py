"""``LinkGraph``: entities and links as immutable arrays.

A link is a record: relation, validity, source. A slot is one end of a link in the row of the
entity at that end; every link has two slots, and each slot knows the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.graph.encode import ABSENT, IdIndex
from graphrisk.graph.links import Links
from graphrisk.graph.walk import around
from graphrisk.model.kinds import EntityKind
from graphrisk.model.times import from_microseconds

if TYPE_CHECKING:
    from datetime import datetime

    import networkx as nx


@dataclass(frozen=True, slots=True)
class LinkGraph:
    """Entities, links, and the rows of slots that kernels walk over.

    Attributes
    ----------
    index
        Ids of every kind and the numbers they have: by kind, then by id.
    kind_code
        The kind of each entity as a position in ``kinds``, shape (n_entities,), int16.
    usages, usage_code
        Declared usages (kiosk, campus, …), and each entity's, ``-1`` for none, int16.
    relations, origins
        Names that the codes in ``links`` stand for.
    links
        The link records.
    offsets
        Where each entity's row of slots begins, shape (n_entities + 1,), int64.
    neighbor, link
        For each slot the entity at the other end and the link, shape (2 * n_links,), int32.
        A row is sorted by neighbour, then by link.
    reverse
        For each slot the other slot of its link, shape (2 * n_links,), int32.
    as_of_us
        The moment the graph is built for, microseconds since 1970, or ``NO_TIME``.
    """

    index: IdIndex
    kind_code: NDArray[np.int16]
    usages: tuple[str, ...]
    usage_code: NDArray[np.int16]
    relations: tuple[str, ...]
    origins: tuple[str, ...]
    links: Links
    offsets: NDArray[np.int64]
    neighbor: NDArray[np.int32]
    link: NDArray[np.int32]
    reverse: NDArray[np.int32]
    as_of_us: int

    @property
    def kinds(self) -> tuple[str, ...]:
        """Names of the kinds, in alphabetical order."""
        return self.index.kinds

    @property
    def entity_id(self) -> pl.Series:
        """Ids in the order of their numbers, shape (n_entities,)."""
        return self.index.entity_ids()

    @property
    def n_entities(self) -> int:
        """How many entities there are, of all kinds."""
        return len(self.kind_code)

    @property
    def n_links(self) -> int:
        """How many links there are."""
        return len(self.links)

    @property
    def as_of(self) -> datetime | None:
        """The moment the graph is built for; None when nothing in it is dated."""
        return from_microseconds(self.as_of_us)

    @property
    def accounts(self) -> NDArray[np.int32]:
        """Numbers of the accounts in rising order, which is the order of their ids."""
        return self.of_kind(EntityKind.ACCOUNT)

    def of_kind(self, kind: str) -> NDArray[np.int32]:
        """Numbers of all entities of a kind, rising; empty if there is none."""
        if kind not in self.kinds:
            return np.zeros(0, dtype=np.int32)
        place = self.kinds.index(kind)
        return np.arange(self.index.starts[place], self.index.starts[place + 1], dtype=np.int32)

    def number_of(self, kind: str, entity_id: str) -> int | None:
        """Return the number of an entity, or None if the graph does not hold it."""
        number = int(self.index.encode(kind, pl.Series([entity_id]))[0])
        return None if number == ABSENT else number

    def name_of(self, number: int) -> str:
        """Return an entity as ``kind:id``."""
        kind = int(self.kind_code[number])
        return f"{self.kinds[kind]}:{self.index.ids[kind][number - int(self.index.starts[kind])]}"

    def neighbourhood(
        self, number: int, *, n_hops: int = 2, most_links: int = 1000, most: int = 100_000
    ) -> NDArray[np.int32]:
        """Return the entities within some hops of an entity, hubs not walked through.

        Parameters
        ----------
        number
            An entity's number, as :meth:`number_of` gives it.
        n_hops
            How far.
        most_links
            Entities with more links are met and not walked through, the first apart.
        most
            Entities after which the walk ends; the nearest are kept.

        Returns
        -------
        numpy.ndarray
            Entity numbers, rising, ``number`` among them, int32.
        """
        return around(
            self.offsets, self.neighbor, number, n_hops=n_hops, most=most, most_links=most_links
        )

    def row_of_slot(self) -> NDArray[np.int32]:
        """Return for each slot the entity whose row it stands in, shape (2 * n_links,)."""
        return np.repeat(
            np.arange(self.n_entities, dtype=np.int32), np.diff(self.offsets).astype(np.int64)
        )

    def __str__(self) -> str:
        """Say what there is, such as ``LinkGraph(5 account, 2 device; 7 links; as of None)``."""
        counts = np.diff(self.index.starts).tolist()
        things = [f"{n:,} {kind}" for kind, n in zip(self.kinds, counts, strict=True)]
        return f"LinkGraph({', '.join(things)}; {self.n_links:,} links; as of {self.as_of})"

    def to_networkx(self) -> nx.MultiDiGraph:
        """Return the graph as a networkx multigraph; see ``graphrisk.graph.interchange``."""
        from graphrisk.graph.interchange import to_networkx

        return to_networkx(self)

    @staticmethod
    def from_networkx(graph: nx.Graph, *, as_of: datetime | None = None) -> LinkGraph:
        """Build a graph from a networkx one; see ``graphrisk.graph.interchange``."""
        from graphrisk.graph.interchange import from_networkx

        return from_networkx(graph, as_of=as_of)
