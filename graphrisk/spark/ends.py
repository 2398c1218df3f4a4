"""Which block owns an entity, and which entities a row of a table names."""

from __future__ import annotations

import zlib

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.intake.idtable import hash_records
from graphrisk.intake.texts import packed
from graphrisk.model.kinds import EntityKind

#: For each table the entities that its rows name: a kind, or the column that holds it, and the
#: column of the id. Every row goes to the blocks of all of them.
ENDS: dict[str, tuple[tuple[str, str], ...]] = {
    "accounts": ((EntityKind.ACCOUNT, "account_id"),),
    "devices": ((EntityKind.DEVICE, "device_id"),),
    "lenders": ((EntityKind.LENDER, "lender_id"),),
    "entities": (("=kind", "entity_id"),),
    "identifiers": ((EntityKind.ACCOUNT, "account_id"), ("=kind", "value")),
    "applications": ((EntityKind.ACCOUNT, "account_id"), (EntityKind.LENDER, "lender_id")),
    "repayments": ((EntityKind.ACCOUNT, "account_id"), (EntityKind.LENDER, "lender_id")),
    "transfers": (
        (EntityKind.ACCOUNT, "from_account_id"),
        (EntityKind.ACCOUNT, "to_account_id"),
    ),
    "guarantees": ((EntityKind.ACCOUNT, "guarantor_id"), (EntityKind.ACCOUNT, "borrower_id")),
    "assessments": ((EntityKind.ACCOUNT, "account_id"),),
    "labels": (("=entity_kind", "entity_id"),),
    "links": (("=source_kind", "source_id"), ("=target_kind", "target_id")),
}
NOBODY = -1


def kinds_and_ids(table: str, rows: pl.DataFrame) -> list[tuple[pl.Series, pl.Series]]:
    """Return the kind and the id of each entity that rows name, column by column."""
    found = []
    for kind, column in ENDS[table]:
        kinds = (
            rows[kind[1:]]
            if kind.startswith("=")
            else pl.Series([str(kind)]).new_from_index(0, rows.height)
        )
        found.append((kinds.cast(pl.String), rows[column].cast(pl.String)))
    return found


def owners(kinds: pl.Series, ids: pl.Series, n_blocks: int) -> NDArray[np.int32]:
    """Return the block that owns each entity, ``NOBODY`` where there is no kind or id.

    It depends on kind and id alone, and is the same in every process.
    """
    is_known = (kinds.is_not_null() & ids.is_not_null()).to_numpy()
    hashes = np.zeros(len(ids), dtype=np.uint64)
    at = 0
    for records in packed(ids.fill_null("")):
        some = hash_records(*records)
        hashes[at : at + len(some)] = some
        at += len(some)
    salt = np.zeros(len(ids), dtype=np.uint64)
    for kind in kinds.unique().drop_nulls().to_list():
        salt[(kinds == kind).fill_null(False).to_numpy()] = zlib.crc32(kind.encode())
    block = (hashes + salt * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20)
    return np.where(is_known, block % np.uint64(n_blocks), -1).astype(np.int32)
