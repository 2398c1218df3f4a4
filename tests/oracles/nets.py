"""Small networks of links for the kernels: bare arrays, no policy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from graphrisk.graph.rows import build_rows
from graphrisk.propagation.families import family_mass, family_nats
from graphrisk.propagation.pagerank import pagerank, transition
from graphrisk.propagation.reach import reach, total_nats

N_FAMILIES = 3


@dataclass(frozen=True, slots=True)
class Link:
    """A link that carries ``there`` towards its target and ``back`` towards its source."""

    source: int
    target: int
    there: float
    back: float
    family: int = 0


@dataclass(frozen=True, slots=True)
class Net:
    """Entities by number, links between them, and how strongly each is a seed."""

    n_entities: int
    links: tuple[Link, ...]
    seeds: tuple[float, ...]

    def with_seed(self, entity: int, strength: float) -> Net:
        """The same net with one seed made at least as strong as ``strength``."""
        stronger = max(self.seeds[entity], strength)
        return replace(self, seeds=(*self.seeds[:entity], stronger, *self.seeds[entity + 1 :]))

    def with_link(self, link: Link) -> Net:
        """The same net with one more link."""
        return replace(self, links=(*self.links, link))

    def linked(self, one: int, other: int) -> bool:
        """Whether any link joins two entities."""
        return any({one, other} == {link.source, link.target} for link in self.links)

    def beside(self, other: Net) -> Net:
        """Both nets, the other one's numbers after these; no link joins them."""
        n = self.n_entities
        moved = (replace(k, source=k.source + n, target=k.target + n) for k in other.links)
        return Net(n + other.n_entities, (*self.links, *moved), self.seeds + other.seeds)

    def renumbered(self, number: list[int]) -> Net:
        """The same net where entity i is called ``number[i]``."""
        seeds = [0.0] * self.n_entities
        for old, new in enumerate(number):
            seeds[new] = self.seeds[old]
        links = tuple(
            replace(k, source=number[k.source], target=number[k.target]) for k in self.links
        )
        return Net(self.n_entities, links, tuple(seeds))


@dataclass(frozen=True, slots=True)
class Rows:
    """A net as the kernels take it."""

    offsets: NDArray[np.int64]
    neighbor: NDArray[np.int32]
    link: NDArray[np.int32]
    reverse: NDArray[np.int32]
    row: NDArray[np.int32]
    out_prob: NDArray[np.float64]
    family_in: NDArray[np.int8]
    seeds: NDArray[np.float64]


def rows_of(net: Net) -> Rows:
    """Lay a net out in rows of slots."""
    source = np.array([k.source for k in net.links], dtype=np.int32)
    target = np.array([k.target for k in net.links], dtype=np.int32)
    offsets, neighbor, link, reverse = build_rows(source, target, net.n_entities)
    row = np.repeat(np.arange(net.n_entities, dtype=np.int32), np.diff(offsets))
    there = np.array([k.there for k in net.links], dtype=np.float64)[link]
    back = np.array([k.back for k in net.links], dtype=np.float64)[link]
    family = np.array([k.family for k in net.links], dtype=np.int8)[link]
    out_prob = np.where(row == source[link], there, back)
    return Rows(offsets, neighbor, link, reverse, row, out_prob, family, np.array(net.seeds))


@dataclass(frozen=True, slots=True)
class Heard:
    """What both kernels say of every entity, as a whole and by family of link."""

    nats: NDArray[np.float64]
    family_nats: NDArray[np.float64]
    mass: NDArray[np.int64]
    family_mass: NDArray[np.float64]

    def arrays(self) -> dict[str, NDArray[np.float64] | NDArray[np.int64]]:
        """Every array by its name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def of(self, entities: list[int]) -> Heard:
        """The same for some of the entities, in the order given."""
        return Heard(*(array[entities] for array in self.arrays().values()))

    def to_bytes(self) -> dict[str, bytes]:
        """Every array byte for byte."""
        return {name: array.tobytes() for name, array in self.arrays().items()}


#: What a property is a property of: from a net to what its entities hear.
Spread = Callable[[Net], Heard]


def spread(net: Net, *, n_hops: int = 5, damping: float = 0.8, n_threads: int = 1) -> Heard:
    """Run both kernels on a net, every entity taken for an account."""
    rows = rows_of(net)
    everyone = np.arange(net.n_entities, dtype=np.int32)
    ends = (rows.offsets, rows.neighbor)
    reached = reach(
        *ends, rows.reverse, rows.out_prob, rows.seeds,
        n_hops=n_hops, message_floor_prob=1e-9, n_threads=n_threads,
    )  # fmt: skip
    no_identifier = np.zeros(net.n_entities, dtype=bool)
    share = transition(*ends, rows.reverse, rows.out_prob, no_identifier)
    seed_mass = (rows.seeds > 0).astype(np.float64)
    mass = pagerank(*ends, share, seed_mass, damping=damping, n_threads=n_threads)
    return Heard(
        nats=total_nats(rows.offsets, reached),
        family_nats=family_nats(
            everyone, rows.offsets, rows.family_in, reached.message_units, N_FAMILIES
        ),
        mass=mass,
        family_mass=family_mass(
            everyone, *ends, rows.family_in, damping * share, mass, N_FAMILIES
        ),
    )  # fmt: skip


CARRY = st.sampled_from([0.999, 0.9, 0.7, 0.5, 0.35, 0.1, 0.01]) | st.floats(0.01, 0.999)
STRENGTH = st.sampled_from([1.0, 0.97, 0.9, 0.5]) | st.floats(0.01, 1.0)


@st.composite
def links_between(draw, n_entities: int) -> Link:
    """A link between two of ``n_entities``."""
    source = draw(st.integers(0, n_entities - 1))
    step = draw(st.integers(1, n_entities - 1))
    there, back = draw(CARRY), draw(CARRY)
    return Link(source, (source + step) % n_entities, there, back, draw(st.integers(0, 2)))


@st.composite
def nets(draw, max_entities: int = 14, max_links: int = 30, min_links: int = 0) -> Net:
    """Multigraphs with cycles, parallel links, several components and seeds."""
    n = draw(st.integers(2, max_entities))
    links = draw(st.lists(links_between(n), min_size=min_links, max_size=max_links))
    seeds = draw(st.dictionaries(st.integers(0, n - 1), STRENGTH, min_size=1, max_size=4))
    return Net(n, tuple(links), tuple(seeds.get(i, 0.0) for i in range(n)))


@st.composite
def trees(draw, max_links: int, *, both_ways_alike: bool) -> Net:
    """Trees whose links may be doubled, with seeds of partial strength."""
    n = draw(st.integers(2, min(8, max_links + 1)))
    pairs = [(draw(st.integers(0, child - 1)), child) for child in range(1, n)]
    n_doubled = draw(st.integers(0, max_links - len(pairs)))
    pairs += [draw(st.sampled_from(pairs[: n - 1])) for _ in range(n_doubled)]
    links = []
    for one, other in pairs:
        there = draw(CARRY)
        links.append(Link(one, other, there, there if both_ways_alike else draw(CARRY)))
    seeds = draw(
        st.dictionaries(st.integers(0, n - 1), st.floats(0.01, 0.999), min_size=1, max_size=4)
    )
    return Net(n, tuple(links), tuple(seeds.get(i, 0.0) for i in range(n)))
