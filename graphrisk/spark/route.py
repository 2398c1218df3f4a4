"""Rows of the tables to the blocks that need them, and from these the graph of each block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import numpy as np
import polars as pl

from graphrisk.compiled import Ints
from graphrisk.graph.build import build_graph, known_by, link_records
from graphrisk.intake.dataset import QUARANTINE_SCHEMA, Dataset
from graphrisk.model.kinds import EntityKind
from graphrisk.spark.block import Block
from graphrisk.spark.divided import EVERYBODY, Divided
from graphrisk.spark.ends import kinds_and_ids, owners
from graphrisk.spark.holding import Held, held_by
from graphrisk.spark.place import Site
from graphrisk.spark.taking import rows_here

#: An account that is in no table: what has no account at all can't be asked for one.
PHANTOM = "\0"


def route(site: Site, divided: Divided) -> None:
    """Send this block's rows of the valid tables to the blocks of all entities that they name."""
    outgoing: dict[int, dict[str, pl.DataFrame]] = {}
    for table, schema in site.shared("run").schemas.items():
        rows_of_table = rows_here(site, table, schema)
        for block, rows in _by_block(table, rows_of_table, divided, site.n_blocks):
            outgoing.setdefault(block, {})[table] = rows
    site.send("rows", outgoing)


def _by_block(
    table: str, rows: pl.DataFrame, divided: Divided, n_blocks: int
) -> Iterator[tuple[int, pl.DataFrame]]:
    """Yield, for each block, the rows that name an entity of it, each row once.

    What ties an account to a divided hub goes with the account, and what names nobody but such a
    hub goes to all blocks.
    """
    if not rows.height:
        return
    ends = [divided.owners(*end, n_blocks) for end in kinds_and_ids(table, rows)]
    for_all = np.flatnonzero(np.logical_and.reduce([end == EVERYBODY for end in ends]))
    named = [np.tile(for_all, n_blocks)]
    blocks = [np.repeat(np.arange(n_blocks, dtype=np.int32), len(for_all))]
    for at, end in enumerate(ends):
        is_new = end >= 0
        for before in ends[:at]:
            is_new &= end != before
        named.append(np.flatnonzero(is_new))
        blocks.append(end[is_new])
    row, block = np.concatenate(named), np.concatenate(blocks)
    order = np.argsort(block, kind="stable")
    row, block = row[order], block[order]
    begins = np.flatnonzero(np.diff(block, prepend=-1))
    for begin, end in zip(begins, np.append(begins[1:], len(row)), strict=True):
        yield int(block[begin]), rows[np.sort(row[begin:end])]


def meet(site: Site, divided: Divided) -> Ints:
    """Gather this block's rows, and tell others which accounts of theirs' links there are.

    An account exists by its own record, known by the moment of the analysis; only its own block
    can say. Returns how many of its own accounts are linked to each crowd's thing, (n_hubs,).
    """
    run = site.shared("run")
    gathered: dict[str, list[pl.DataFrame]] = {}
    for _, parts in site.receive("rows"):
        for name, rows in parts.items():
            gathered.setdefault(name, []).append(rows)
    tables = {
        name: pl.concat(gathered[name]) if name in gathered else pl.DataFrame(schema=schema)
        for name, schema in run.schemas.items()
    }
    site.keep("tables", tables)
    there = _accounts_there(tables, run.as_of)
    asked: dict[int, list[pl.Series]] = {}
    for name, rows in tables.items():
        for ids, others in _met(name, rows, site, divided):
            known = ids.is_in(there.implode()).to_numpy()
            for other in np.unique(others[known]).tolist():
                here = pl.Series(known & (others == other))
                asked.setdefault(other, []).append(ids.filter(here).unique())
    site.send("accounts", {
        other: pl.concat(ids).unique().sort() for other, ids in asked.items()
    })  # fmt: skip
    return _n_linked(tables, run.as_of, there, divided)


def _n_linked(
    tables: Mapping[str, pl.DataFrame], as_of: datetime | None, there: pl.Series, divided: Divided
) -> Ints:
    """Count the accounts that are linked to each crowd's thing, as the graph will."""
    linked = [pl.DataFrame(schema={"place": pl.Int64, "account": pl.String})]
    kinds = set(divided.names.filter(pl.Series(divided.is_crowd))["kind"])
    for records in link_records(_dataset(tables), as_of) if kinds else ():
        ends = ((records.source_kind, "source_id"), (records.target_kind, "target_id"))
        for (kind, near), (other, far) in (ends, ends[::-1]):
            if other == EntityKind.ACCOUNT and kind in kinds:
                ids = records.rows[near]
                place = divided.places(pl.Series([kind]).new_from_index(0, len(ids)), ids)
                linked.append(
                    pl.DataFrame({"place": place, "account": records.rows[far]})
                    .filter(pl.col("place") >= 0, pl.col("account").is_in(there.implode()))
                    .unique()
                )
    found = pl.concat(linked).unique()["place"].to_numpy()
    return np.bincount(found, minlength=divided.names.height).astype(np.int64)


def give_back(site: Site, undivided: Divided) -> None:
    """Send rows that name hubs which are not divided after all to the owners of these."""
    run, tables = site.shared("run"), site.recall("tables")
    there = _accounts_there(tables, run.as_of)
    outgoing: dict[int, dict[str, pl.DataFrame]] = {}
    met: dict[int, list[pl.Series]] = {}
    for name, rows in tables.items():
        ends = kinds_and_ids(name, rows)
        if len(ends) != 2 or not rows.height:
            continue
        for (kinds, ids), (other_kinds, others) in (ends, ends[::-1]):
            owner = np.where(
                undivided.places(kinds, ids) >= 0, owners(kinds, ids, site.n_blocks), -1
            )
            owner[owner == site.block] = -1  # has them
            for to in np.unique(owner[owner >= 0]).tolist():
                named = pl.Series(owner == to)
                outgoing.setdefault(to, {})[name] = rows.filter(named)
                accounts = others.filter(named & (other_kinds == EntityKind.ACCOUNT))
                known = accounts.filter(accounts.is_in(there.implode()))
                met.setdefault(to, []).append(known.unique())
    site.send("given-back", {
        to: (tables, pl.concat(met[to]).unique().sort()) for to, tables in outgoing.items()
    })  # fmt: skip


def _accounts_there(tables: Mapping[str, pl.DataFrame], as_of: datetime | None) -> pl.Series:
    """Return the accounts that exist by a record of their own, as the graph has it."""
    found = [pl.Series("account_id", [], dtype=pl.String)]
    if "accounts" in tables:
        found.append(tables["accounts"].filter(known_by(as_of, "opened_at"))["account_id"])
    if "entities" in tables:
        of_kind = tables["entities"].filter(pl.col("kind") == EntityKind.ACCOUNT.value)
        found.append(of_kind["entity_id"].alias("account_id"))
    return pl.concat(found)


def _with_accounts(tables: dict[str, pl.DataFrame], ids: pl.Series) -> None:
    """Add accounts of other blocks to the table that lists accounts."""
    if "accounts" in tables:
        name, more = "accounts", pl.DataFrame({"account_id": ids})
    else:
        kind = pl.lit(EntityKind.ACCOUNT.value)
        name, more = "entities", pl.DataFrame({"entity_id": ids}).with_columns(kind=kind)
    known = tables[name]
    tables[name] = pl.concat([known, more], how="diagonal").cast(known.schema)


def _met(
    name: str, rows: pl.DataFrame, site: Site, divided: Divided
) -> Iterator[tuple[pl.Series, np.ndarray]]:
    """Yield own accounts in rows that name an entity of another block, and that block."""
    ends = kinds_and_ids(name, rows)
    if len(ends) != 2 or not rows.height:
        return
    of = [divided.owners(*end, site.n_blocks) for end in ends]
    for (kinds, ids), mine, other in ((ends[0], of[0], of[1]), (ends[1], of[1], of[0])):
        is_account = (kinds == EntityKind.ACCOUNT).fill_null(False).to_numpy()
        here = is_account & (mine == site.block) & (other != site.block) & (other >= 0)
        yield ids.filter(pl.Series(here)), other[here]


def build(site: Site, divided: Divided, given_back: bool) -> tuple[int, Held]:
    """Build this block's graph; return how many accounts it owns, and what of divided hubs.

    ``given_back`` says if rows were given back.
    """
    run, tables = site.shared("run"), dict(site.recall("tables"))
    halo = [ids for _, ids in site.receive("accounts")]
    for _, (parts, ids) in site.receive("given-back") if given_back else ():
        halo.append(ids)
        tables |= {name: pl.concat([tables[name], rows]) for name, rows in parts.items()}
    more = pl.concat([pl.Series("account_id", [], dtype=pl.String), *halo]).unique()
    if not len(_accounts_there(tables, run.as_of)) and not len(more):
        more = pl.Series("account_id", [PHANTOM])
    _with_accounts(tables, more)
    dataset = _dataset(tables)
    graph = build_graph(dataset, as_of=run.as_of)
    kinds = pl.Series(graph.kinds, dtype=pl.String).gather(graph.kind_code)
    owner = owners(kinds, graph.entity_id, site.n_blocks)
    place = divided.places(kinds, graph.entity_id)
    block = Block.of(site.block, dataset, graph, owner, place)
    site.keep("block", block)
    site.keep("border", block.border)
    n_accounts = int(block.is_own[graph.accounts].sum())
    return n_accounts, held_by(block, divided, run.policy)


def _dataset(tables: Mapping[str, pl.DataFrame]) -> Dataset:
    """Make a dataset of rows that are valid."""
    return Dataset(
        tables=dict(tables),
        quarantine=pl.DataFrame(schema=QUARANTINE_SCHEMA),
        tallies=(),
        unknown_columns={},
        normalised={},
        mapping_name="",
    )
