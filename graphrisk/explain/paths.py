"""Evidence paths in words: from an account, link by link, down to the seed and its source."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.explain.names import entity_names
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.model.decision import Trail
from graphrisk.propagation.seeds import Seeds
from graphrisk.propagation.witness import NONE, Paths, Witness, trace


def strongest_paths(
    rows: NDArray[np.int64], graph: LinkGraph, trails: Sequence[Trail], witness: Witness
) -> Paths:
    """Trace the strongest path of all families, for some accounts.

    Parameters
    ----------
    rows
        Positions among the accounts, shape (n_paths,).
    graph, trails, witness
        What was searched, and what was found.
    """
    slot = np.full(len(rows), NONE, dtype=np.int32)
    best = np.zeros(len(rows))
    for trail in trails:
        stronger = trail.prob[rows] > best
        slot[stronger] = trail.slot[rows][stronger]
        best[stronger] = trail.prob[rows][stronger]
    return trace(graph.accounts[rows], slot, graph.neighbor, witness)


def path_texts(rows: NDArray[np.int64], paths: Paths, graph: LinkGraph, seeds: Seeds) -> pl.Series:
    """Write paths out, shape (n_paths,).

    A path reads ``account:A1 -uses_device-> device:D9 <-uses_device- account:A7 [default,
    core_banking]``: arrows point from a link's source to its target; the brackets hold the
    seed's label and who said so. Where there is no path the text is empty.
    """
    start = graph.accounts[rows]
    parts = [entity_names(graph, start)]
    row = start
    for hop in range(paths.slots.shape[1]):
        slots = paths.slots[:, hop]
        if not (slots >= 0).any():
            break
        parts.append(step_texts(row, slots, graph))
        row = np.where(slots >= 0, graph.neighbor[np.maximum(slots, 0)], row)
    parts.append(seed_texts(paths.seed, seeds))
    frame = pl.DataFrame([part.alias(str(i)) for i, part in enumerate(parts)])
    text = frame.select(pl.concat_str(pl.all(), ignore_nulls=True)).to_series()
    has_path = pl.Series(paths.n_links > 0)
    return pl.select(pl.when(has_path).then(text).otherwise(pl.lit(""))).to_series()


def step_texts(row: NDArray[np.int32], slots: NDArray[np.int32], graph: LinkGraph) -> pl.Series:
    """Write one link and the entity it leads to; null where a path has ended."""
    here = slots >= 0
    slot = np.maximum(slots, 0)
    if not here.any():
        return pl.Series([None] * len(slots), dtype=pl.String)
    link = graph.link[slot]
    relation = pl.Series(graph.relations, dtype=pl.String).gather(graph.links.relation[link])
    forward = pl.Series(graph.links.source[link] == row)
    entity = entity_names(graph, np.where(here, graph.neighbor[slot], -1).astype(np.int32))
    arrow = (
        pl.when(forward)
        .then(pl.concat_str(pl.lit(" -"), relation, pl.lit("-> ")))
        .otherwise(pl.concat_str(pl.lit(" <-"), relation, pl.lit("- ")))
    )
    return pl.select(pl.concat_str(arrow, entity)).to_series()


def seed_texts(seed: NDArray[np.int32], seeds: Seeds) -> pl.Series:
    """Write each seed's label and source as `` [label, source]``; null where there is none."""
    ruling = np.where(seed >= 0, seeds.ruling[np.maximum(seed, 0)], -1)
    if not (ruling >= 0).any():
        return pl.Series([None] * len(seed), dtype=pl.String)
    row = np.maximum(ruling, 0)
    label, source = seeds.labels["label"].gather(row), seeds.labels["label_source"].gather(row)
    known = pl.when(source == "").then(pl.lit("source unknown")).otherwise(source)
    text = pl.concat_str(pl.lit(" ["), label, pl.lit(", "), known, pl.lit("]"))
    return pl.select(pl.when(pl.Series(ruling >= 0)).then(text)).to_series()
