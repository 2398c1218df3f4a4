"""The account's place in the network, its attributes, and those of its neighbours."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.graph.components import components
from graphrisk.graph.encode import ABSENT
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.intake.dataset import Dataset
from graphrisk.learn.columns import (
    Column,
    attribute_reason,
    neighbors_reason,
    structure_reason,
)
from graphrisk.learn.spread import Neighborhood, triangles

#: Columns of ``entities`` that are no attributes.
NOT_ATTRIBUTES = frozenset(("entity_id", "kind", "usage"))
#: How many links away attributes are averaged.
DEPTH = 3
#: Sweeps of the walk that ranks entities by their links alone, and its damping.
_SWEEPS, _DAMPING = 40, 0.85


def structure_columns(graph: LinkGraph, around: Neighborhood, n_threads: int) -> list[Column]:
    """Describe how many an account is linked to, how they are linked, and how it ranks."""
    degree = around.degree.astype(np.float64)
    log_degree = np.log1p(degree)[:, None]
    first = around.mean(log_degree, n_threads)
    second = around.mean(first, n_threads)
    closed = triangles(around, n_threads)
    rank = _rank(around, n_threads)
    values = {
        "degree": degree,
        "degree_of_neighbors": first[:, 0],
        "degree_two_away": second[:, 0],
        "degree_spread": _spread(around, log_degree, first, n_threads)[:, 0],
        "triangles": closed,
        "clustering": closed / np.maximum(degree * (degree - 1.0) / 2.0, 1.0),
        "rank": rank,
        "rank_per_link": rank / np.maximum(degree, 1.0),
        "component_size": _component_sizes(graph),
        "n_kinds_around": _kinds_around(graph, around, n_threads),
    }
    reason, accounts = structure_reason(), graph.accounts
    return [
        Column(f"structure.{name}", reason, 0, value[accounts]) for name, value in values.items()
    ]


def attribute_columns(
    dataset: Dataset, graph: LinkGraph, around: Neighborhood, n_threads: int
) -> list[Column]:
    """Give each attribute of the account, how much is missing, and averages around it.

    Attributes of any kind of entity are averaged over those that carry them.
    """
    names, values = attributes_of(dataset, graph)
    if not names:
        return []
    accounts = graph.accounts
    own = values[accounts]
    columns = [
        Column(f"own.{name}", attribute_reason(name), 0, own[:, i])
        for i, name in enumerate(names)
        if not np.isnan(own[:, i]).all()
    ]
    missing = np.isnan(own).sum(axis=1)
    if columns and missing.any():
        columns.append(Column("own.n_missing", attribute_reason("missing"), 0, missing * 1.0))
    near = values
    for step in range(1, DEPTH + 1):
        mean = around.mean(near, n_threads)
        tables = {f"mean_{step}": mean}
        if step == 1:
            tables["spread_1"] = _spread(around, values, mean, n_threads)
        columns += [
            Column(f"neighbors.{table}.{name}", neighbors_reason(name), 0, at[accounts, i])
            for table, at in tables.items()
            for i, name in enumerate(names)
        ]
        near = mean
    return columns


def attributes_of(dataset: Dataset, graph: LinkGraph) -> tuple[list[str], NDArray[np.float64]]:
    """Return names, and values of every entity, shape (n_entities, n_names), NaN if unknown."""
    entities = dataset.tables.get("entities")
    names = [] if entities is None else [
        name for name in sorted(entities.columns)
        if name not in NOT_ATTRIBUTES and entities[name].dtype.is_numeric()
    ]  # fmt: skip
    values = np.full((graph.n_entities, len(names)), np.nan)
    if entities is not None and names:
        number = graph.index.encode_mixed(entities["kind"], entities["entity_id"])
        here = number != ABSENT
        table = entities.select(pl.col(names).cast(pl.Float64).fill_null(np.nan)).to_numpy()
        values[number[here]] = table[here]
    return names, values


def _spread(
    around: Neighborhood, of: NDArray[np.float64], mean: NDArray[np.float64], n_threads: int
) -> NDArray[np.float64]:
    """Give the standard deviation over neighbours, same shape as ``of``."""
    return np.sqrt(np.maximum(around.mean(of * of, n_threads) - mean * mean, 0.0))


def _rank(around: Neighborhood, n_threads: int) -> NDArray[np.float64]:
    """Walk without seeds; one is the rank of an average entity, shape (n_entities,)."""
    per_link = 1.0 / np.maximum(around.degree, 1)
    rank = np.ones(len(per_link))
    for _ in range(_SWEEPS):
        arriving = around.total((rank * per_link)[:, None], n_threads)[:, 0]
        rank = 1.0 - _DAMPING + _DAMPING * arriving
    return rank


def _component_sizes(graph: LinkGraph) -> NDArray[np.float64]:
    head = components(graph)
    return np.log1p(np.bincount(head, minlength=graph.n_entities)[head])


def _kinds_around(graph: LinkGraph, around: Neighborhood, n_threads: int) -> NDArray[np.float64]:
    kinds = np.eye(len(graph.kinds))[graph.kind_code]
    return np.asarray((around.total(kinds, n_threads) > 0).sum(axis=1), dtype=np.float64)
