"""Hubs whose rows are divided: each block holds the links to its own accounts, and all their facts.

A lender may have every account of a book, and so may a network. Nothing is carried to the one, and
nothing at all by the other: a crowd is protected. So nobody needs their whole rows but for sums and
for times. Each block counts what it holds, the driver adds that up, and every block is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.compiled import Flags, Ints
from graphrisk.graph.build import LINK_TABLES
from graphrisk.graph.overlap import grace_us_of
from graphrisk.model.kinds import IDENTIFIER_KINDS, IDENTIFIER_RELATION, EntityKind
from graphrisk.model.policy import Policy, RelationRule
from graphrisk.model.times import DAY_US
from graphrisk.spark.ends import kinds_and_ids, owners
from graphrisk.spark.place import Site
from graphrisk.spark.taking import rows_here

#: Owned by every block.
EVERYBODY = -2
#: Rows that name a hub, as a share of those that a block would get if all got the same: from this
#: share on its row is divided.
LEAST_SHARE = 0.1
#: Spans of a crowd's users that are near each other are put together. Where nearer than this is not
#: near, there may be as many of them as uses, and the row is one block's.
LEAST_GAP_US = DAY_US // 24

_NAMED = {"kind": pl.String, "id": pl.String, "n_rows": pl.Int64, "block": pl.Int32}
#: A relation, and the kinds at its source and target.
Tie = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Named:
    """What a block's share of the rows names.

    Attributes
    ----------
    n_rows
        Rows of the tables that tie two entities.
    ties
        Relations, and the kinds at their ends.
    """

    n_rows: int
    ties: frozenset[Tie]


@dataclass(frozen=True, slots=True)
class Divided:
    """The hubs whose rows are divided, in the order of kind and id.

    Attributes
    ----------
    names
        ``kind, id, block, limit_accounts, gap_us``. ``block`` is one that is sure to get a row that
        names the hub. A crowd has more accounts than ``limit_accounts``, and spans of its users
        that are at most ``gap_us`` apart are one; both are null for a hub that only tells, and
        ``gap_us`` also where times do not matter.
    """

    names: pl.DataFrame

    @property
    def is_crowd(self) -> Flags:
        """Which of them are crowds, shape (n_hubs,)."""
        return self.names["limit_accounts"].is_not_null().to_numpy()

    def without(self, some: Flags) -> Divided:
        """Leave some of them out, shape (n_hubs,)."""
        return Divided(self.names.filter(pl.Series(~some, dtype=pl.Boolean)))

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


def name_hubs(site: Site) -> Named:
    """Tell the owners of things how many of this block's rows name each."""
    n_rows, ties, named = 0, set[Tie](), [pl.DataFrame(schema=_NAMED)]
    for table, schema in site.shared("run").schemas.items():
        if table in _TYING:
            rows = _tied(table, rows_here(site, table, schema), site.n_blocks)
            n_rows += rows.height
            ties.update(rows.select("relation", "source", "target").unique().iter_rows())
            named += [
                rows.select(kind=near, id=f"{near}_id", block=f"block_of_{far}",
                            to=f"block_of_{near}")
                .filter(pl.col("kind") != EntityKind.ACCOUNT.value)
                .group_by("kind", "id", "to")
                .agg(pl.min("block"), n_rows=pl.len().cast(pl.Int64))
                for near, far in (("source", "target"), ("target", "source"))
            ]  # fmt: skip
    things = pl.concat(named, how="diagonal")
    # Rows are dealt out by their hashes: of a hub with enough of them, hardly any share has so few.
    many = pl.col("n_rows") * site.n_blocks >= LEAST_SHARE / 2 * n_rows
    site.send("named", {
        int(to): part.drop("to") for (to,), part in things.filter(many).group_by("to")
    })  # fmt: skip
    return Named(n_rows, frozenset(ties))


#: Tables whose rows tie two entities.
_TYING = ("identifiers", *LINK_TABLES)


def _tied(table: str, rows: pl.DataFrame, n_blocks: int) -> pl.DataFrame:
    """Bring rows to ``relation``, and for each end its kind, its id and the block that owns it."""
    columns: dict[str, pl.Series] = {}
    for end, (kinds, ids) in zip(("source", "target"), kinds_and_ids(table, rows), strict=True):
        block = pl.Series(owners(kinds, ids, n_blocks))
        columns |= {end: kinds, f"{end}_id": ids, f"block_of_{end}": block}
    if table == "identifiers":
        relation = pl.col("target").replace_strict(IDENTIFIER_RELATION, default="")
    else:
        relation = pl.col("named") if LINK_TABLES[table] is None else pl.lit(LINK_TABLES[table])
        columns |= {"named": rows["relation"]} if LINK_TABLES[table] is None else {}
    return pl.DataFrame(columns).with_columns(relation=relation)


def much_named(site: Site, n_rows: int) -> pl.DataFrame:
    """Return the own things that enough of all rows name: ``kind, id, n_rows, block``."""
    every = pl.concat([pl.DataFrame(schema=_NAMED), *(
        part.select(list(_NAMED)) for _, part in site.receive("named")
    )])  # fmt: skip
    things: pl.DataFrame = every.group_by("kind", "id").agg(pl.sum("n_rows"), pl.min("block"))
    return things.filter(pl.col("n_rows") * site.n_blocks >= LEAST_SHARE * n_rows)


def choose(told: Sequence[Named], named: Sequence[pl.DataFrame], policy: Policy) -> Divided:
    """Choose the hubs whose rows are divided, out of what many rows name.

    What would be a crowd is chosen by its rows; whether so many accounts use it, blocks tell.
    """
    ties = frozenset[Tie]().union(*(one.ties for one in told))
    things = pl.concat([pl.DataFrame(schema=_NAMED), *named]).sort("kind", "id")
    kinds = things["kind"].unique(maintain_order=True).to_list()
    gaps = {kind: crowd_gap_us(kind, ties, policy) for kind in kinds}
    tells = [
        kind for kind in kinds if kind not in IDENTIFIER_KINDS and only_tells(kind, ties, policy)
    ]
    limits = {
        kind: policy.protection.crowd_links[kind]
        for kind, gap in gaps.items()
        if gap is not None and kind not in tells
    }
    only = pl.col("kind").is_in(tells)
    chosen = things.with_columns(
        limit_accounts=pl.col("kind").replace_strict(limits, default=None, return_dtype=pl.Int64),
        gap_us=pl.col("kind").replace_strict(gaps, default=None, return_dtype=pl.Int64),
    )
    is_crowd = pl.col("n_rows") > pl.col("limit_accounts")
    return Divided(
        chosen.filter(only | is_crowd.fill_null(False)).select(
            "kind", "id", "block", "limit_accounts",
            gap_us=pl.when(pl.col("limit_accounts").is_not_null() & (pl.col("gap_us") != NO_GAP))
            .then("gap_us"),
        )
    )  # fmt: skip


def only_tells(kind: str, ties: Iterable[Tie], policy: Policy) -> bool:
    """Say if nothing is carried to things of a kind, and nothing is asked of their whole rows."""
    for other, rule, is_target in _ties_of(kind, ties, policy):
        toward_prob = rule.toward_target_prob if is_target else rule.toward_source_prob
        asks = rule.claimable > 0 or rule.while_both_use > 0
        if other != EntityKind.ACCOUNT or toward_prob > 0 or asks:
            return False
    return True


#: Times do not matter.
NO_GAP = -1


def crowd_gap_us(kind: str, ties: Iterable[Tie], policy: Policy) -> int | None:
    """Say how near spans are to be one, if the row of a thing that a crowd uses may be divided.

    It may be where a crowd is protected, where all its links are to accounts, and where only few
    accounts could be a household. ``NO_GAP`` where times do not matter, None if it may not be.
    """
    limit_accounts = policy.protection.crowd_links.get(kind)
    home = policy.innocent_sharing.household
    reaches = home.most_accounts == 0 or home.most_accounts > (limit_accounts or 0)
    if limit_accounts is None or (kind in home.kinds and reaches):
        return None
    gaps_days = []
    for other, rule, _ in _ties_of(kind, ties, policy):
        if other != EntityKind.ACCOUNT:
            return None
        if rule.while_both_use > 0:
            gaps_days.append(max(rule.overlap_grace_days, 0.0))
    least_us = int(grace_us_of(np.array(gaps_days)).min()) if gaps_days else NO_GAP
    return None if NO_GAP < least_us < LEAST_GAP_US else least_us


def _ties_of(
    kind: str, ties: Iterable[Tie], policy: Policy
) -> Iterator[tuple[str, RelationRule, bool]]:
    """Yield what a kind is tied to, by which rule, and whether it is at the link's target."""
    for relation, source, target in ties:
        if kind in (source, target):
            other = source if target == kind else target
            yield other, policy.relation_rule(relation, (source, target))[1], target == kind
