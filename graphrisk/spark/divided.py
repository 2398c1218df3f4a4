"""Hubs whose rows are divided: each block holds the links to its own accounts, and all their facts.

A lender may have every account of a book. Nothing is carried to it, so nobody needs its whole row
but for sums: its accounts, its links, and the units that its mass is divided by. Each block counts
what it holds, the driver adds that up, and every block is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.compiled import Ints
from graphrisk.graph.build import LINK_TABLES
from graphrisk.graph.hubs import n_linked_accounts
from graphrisk.model.kinds import IDENTIFIER_KINDS, EntityKind
from graphrisk.model.policy import Policy
from graphrisk.spark.block import Block
from graphrisk.spark.ends import kinds_and_ids, owners
from graphrisk.spark.place import Site
from graphrisk.spark.taking import rows_here

#: Owned by every block.
EVERYBODY = -2
#: Rows that name a hub, as a share of those that a block would get if all got the same: from this
#: share on its row is divided.
LEAST_SHARE = 0.1

_NAMED = {"kind": pl.String, "id": pl.String, "n_rows": pl.Int64, "block": pl.Int32}
_HELD = {"place": pl.Int64, "relation": pl.String, "n_links": pl.Int64}
#: A relation, and the kinds at its source and target.
Tie = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Named:
    """Which things a block's share of the rows names, and by which relations.

    Attributes
    ----------
    n_rows
        Rows of the tables that tie two entities.
    ties
        Relations, and the kinds at their ends.
    things
        ``kind, id, n_rows, block``: things that many rows name, and the first block that such a
        row goes to for its other end.
    """

    n_rows: int
    ties: frozenset[Tie]
    things: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Divided:
    """The hubs whose rows are divided, in the order of kind and id: ``kind, id, block``.

    ``block`` is one that is sure to get a row that names the hub.
    """

    names: pl.DataFrame

    def places(self, kinds: pl.Series, ids: pl.Series) -> Ints:
        """Find entities among these hubs; ``-1`` for all others, shape (len(ids),), int64."""
        if not self.names.height:
            return np.full(len(ids), -1, dtype=np.int64)
        asked = pl.DataFrame({"kind": kinds.cast(pl.String), "id": ids.cast(pl.String)})
        places = self.names.select("kind", "id", place=pl.int_range(pl.len(), dtype=pl.Int64))
        found = asked.join(places, on=["kind", "id"], how="left", maintain_order="left")
        return found["place"].fill_null(-1).to_numpy()

    def owners(self, kinds: pl.Series, ids: pl.Series, n_blocks: int) -> NDArray[np.int32]:
        """Return the block that owns each entity, as ``ends.owners``, or ``EVERYBODY``."""
        is_divided = self.places(kinds, ids) >= 0
        return np.where(is_divided, np.int32(EVERYBODY), owners(kinds, ids, n_blocks))

    def records_of(self, kinds: pl.Series, ids: pl.Series, site: Site) -> pl.Series:
        """Mark the entities whose record in a store this block writes, each is one block's."""
        place = self.places(kinds, ids)
        block = owners(kinds, ids, site.n_blocks)
        if self.names.height:
            block = np.where(place >= 0, self.names["block"].to_numpy()[place], block)
        return pl.Series(block == site.block)


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
    """

    n_accounts: Ints
    n_links: Ints
    writer: Ints
    of_relation: pl.DataFrame


def name_hubs(site: Site) -> Named:
    """Count how many of this block's rows name each thing that is no identifier."""
    n_rows, ties, named = 0, set[Tie](), [pl.DataFrame(schema=_NAMED)]
    for table, schema in site.shared("run").schemas.items():
        if table in LINK_TABLES:
            rows = _tied(table, rows_here(site, table, schema), site.n_blocks)
            n_rows += rows.height
            ties.update(rows.select("relation", "source", "target").unique().iter_rows())
            named += [
                rows.select(kind=near, id=f"{near}_id", block=f"block_of_{far}", n_rows=pl.lit(1))
                .filter(~pl.col("kind").is_in(_NEVER))
                .group_by("kind", "id")
                .agg(pl.sum("n_rows").cast(pl.Int64), pl.min("block"))
                for near, far in (("source", "target"), ("target", "source"))
            ]
    things = _together(named)
    many = pl.col("n_rows") * site.n_blocks >= LEAST_SHARE / 2 * n_rows
    return Named(n_rows, frozenset(ties), things.filter(many))


def _tied(table: str, rows: pl.DataFrame, n_blocks: int) -> pl.DataFrame:
    """Bring rows to ``relation``, and for each end its kind, its id and the block that owns it."""
    columns: dict[str, pl.Series] = {}
    for end, (kinds, ids) in zip(("source", "target"), kinds_and_ids(table, rows), strict=True):
        block = pl.Series(owners(kinds, ids, n_blocks))
        columns |= {end: kinds, f"{end}_id": ids, f"block_of_{end}": block}
    relation = LINK_TABLES[table]
    return pl.DataFrame(columns).with_columns(
        relation=rows["relation"] if relation is None else pl.lit(relation)
    )


def _together(named: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Add up the rows that name each thing."""
    every = pl.concat([one.select(list(_NAMED)) for one in named])
    return every.group_by("kind", "id").agg(pl.sum("n_rows"), pl.min("block"))


#: Kinds whose rows are judged as a whole: who shares an identifier, and when.
_NEVER = [str(kind) for kind in (EntityKind.ACCOUNT, *IDENTIFIER_KINDS)]


def choose(told: Sequence[Named], policy: Policy, n_blocks: int) -> Divided:
    """Choose the hubs whose rows are divided, out of what all blocks named."""
    ties = frozenset[Tie]().union(*(one.ties for one in told))
    n_rows = sum(one.n_rows for one in told)
    many = pl.col("n_rows") * n_blocks >= LEAST_SHARE * n_rows
    things = _together([one.things for one in told]).filter(many).sort("kind", "id")
    kinds = [kind for kind in things["kind"].unique() if only_tells(kind, ties, policy)]
    return Divided(things.filter(pl.col("kind").is_in(kinds)).select("kind", "id", "block"))


def only_tells(kind: str, ties: Iterable[Tie], policy: Policy) -> bool:
    """Say if nothing is carried to things of a kind, and nothing is asked of their whole rows."""
    for relation, source, target in ties:
        if kind not in (source, target):
            continue
        other = source if target == kind else target
        rule = policy.relation_rule(relation, (source, target))[1]
        toward_prob = rule.toward_target_prob if target == kind else rule.toward_source_prob
        asks = rule.claimable > 0 or rule.while_both_use > 0
        if other != EntityKind.ACCOUNT or toward_prob > 0 or asks:
            return False
    return True


@dataclass(frozen=True, slots=True)
class Held:
    """What a block holds of divided hubs: ``place, n_accounts``, and links by relation."""

    block: int
    hubs: pl.DataFrame
    of_relation: pl.DataFrame


def held_by(block: Block) -> Held:
    """Count what a block holds of the rows of divided hubs."""
    graph = block.graph
    hubs = pl.DataFrame({"place": block.places, "n_accounts": n_linked_accounts(graph)[block.hubs]})
    parts = [pl.DataFrame(schema=_HELD)]
    for hub, place in zip(block.hubs.tolist(), block.places.tolist(), strict=True):
        link = graph.link[graph.offsets[hub] : graph.offsets[hub + 1]]
        codes, n_links = np.unique(graph.links.relation[link], return_counts=True)
        names = [graph.relations[code] for code in codes.tolist()]
        parts.append(
            pl.DataFrame({"place": [place] * len(names), "relation": names, "n_links": n_links},
                         schema=_HELD)
        )  # fmt: skip
    return Held(block.number, hubs, pl.concat(parts))


def add_up(held: Sequence[Held], n_hubs: int) -> Facts:
    """Add up what all blocks hold of the rows of divided hubs."""
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
    return Facts(n_accounts, n_links, writer, of_relation)


def written_here(block: Block, facts: Facts) -> NDArray[np.bool_]:
    """Mark the own entities of which this block writes what is found, shape (n_entities,)."""
    written = block.is_own.copy()
    written[block.hubs] = facts.writer[block.places] == block.number
    return written
