"""What no block can see alone: rings, circles of guarantees, groups of linked entities."""

from __future__ import annotations

import numpy as np
import polars as pl

from graphrisk.graph.components import components
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.propagation.weights import Weights
from graphrisk.signals.circles import circles_of
from graphrisk.signals.rings import FEWEST_IDENTIFIERS, rings_of
from graphrisk.spark.block import ENTITY_BITS, Block
from graphrisk.spark.place import Site

_PAIRS = {"one": pl.Int64, "other": pl.Int64}
_ARCS = {"source": pl.Int64, "target": pl.Int64}
#: What is sent to the one task that puts pairs together.
_GATHERED = 0


def tie_pairs(site: Site) -> int:
    """Keep the pairs that share enough things; return how many there are."""
    parts = [part for _, part in site.receive("pairs")]
    pairs = pl.concat([pl.DataFrame(schema=_PAIRS), *parts])
    tied = (
        pairs.group_by("one", "other")
        .agg(n=pl.len())
        .filter(pl.col("n") >= FEWEST_IDENTIFIERS)
        .select("one", "other")
    )
    site.send("tied", {_GATHERED: tied})
    return int(tied.height)


def put_together(site: Site) -> None:
    """Find rings and circles among the pairs and guarantees of all blocks.

    Pairs that share two things, and guarantees, are few beside links: one task holds them all.
    """
    policy = site.shared("run").policy
    tied = pl.concat([pl.DataFrame(schema=_PAIRS), *(part for _, part in site.receive("tied"))])
    rings = rings_of(tied["one"].to_numpy(), tied["other"].to_numpy())
    arcs = pl.concat(
        [pl.DataFrame(schema=_ARCS), *(part for _, part in site.receive("guarantees"))]
    )
    ends = np.concatenate([arcs["source"].to_numpy(), arcs["target"].to_numpy()])
    accounts, place = np.unique(ends, return_inverse=True)
    most_links = policy.signals["guarantee_circle"].most_links
    circles = circles_of(place[: arcs.height], place[arcs.height :], len(accounts), most_links)
    found = pl.concat(
        [
            pl.DataFrame({"what": pl.Series([what]).new_from_index(0, len(number)),
                          "number": number, "size": size.astype(np.int64)})
            for what, number, size in (("ring", *rings), ("circle", accounts, circles))
        ]
    ).with_columns(to=pl.col("number") // 2**ENTITY_BITS)  # fmt: skip
    site.send("sizes", {
        int(to): part.drop("to") for (to,), part in found.group_by("to")
    })  # fmt: skip


def sizes_here(site: Site) -> dict[str, dict[str, np.ndarray]]:
    """Return ``number`` and ``size`` of what was found about own accounts, by what it is."""
    schema = {"what": pl.String, "number": pl.Int64, "size": pl.Int64}
    parts = [part for _, part in site.receive("sizes")]
    found = pl.concat([pl.DataFrame(schema=schema), *parts])
    return {
        what: {name: found.filter(pl.col("what") == what)[name].to_numpy()
               for name in ("number", "size")}
        for what in ("ring", "circle")
    }  # fmt: skip


def group(site: Site, number: int) -> int:
    """Name each group of entities after its first one, as far as is known by a round.

    Returns how many names changed. Groups are those of links that carry something.
    """
    block: Block = site.recall("block")
    if not number:
        local = components(block.graph, carrying_links(block.graph, site.recall("weights")))
        site.keep("local", local)
        names = entity_keys(block.graph).gather(local)
        n_changed = 1
    else:
        local, names = site.recall("local"), site.recall(f"group-{number - 1}")
        heard = names.to_numpy().copy()
        hubs = [names.gather(block.hubs)]
        for other, (of_border, of_hubs) in site.receive(f"group-{number - 1}"):
            if other in block.halo:
                heard[block.halo[other]] = of_border.to_numpy()
            hubs.append(of_hubs.gather(block.places))
        heard[block.hubs] = pl.select(pl.min_horizontal(hubs)).to_series().to_numpy()
        table = pl.DataFrame({"local": local, "name": pl.Series(heard.tolist(), dtype=pl.String)})
        lowest = table.with_columns(pl.col("name").min().over("local"))["name"]
        n_changed = int((lowest != names).sum())
        names = lowest
    site.keep(f"group-{number}", names)
    _tell_names(site, block, names, f"group-{number}")
    return n_changed


def _tell_names(site: Site, block: Block, names: pl.Series, post: str) -> None:
    """Tell neighbours the groups of own entities, and all blocks those of divided hubs."""
    n_hubs = len(site.shared("hubs").n_links)
    of_hubs = np.full(n_hubs, None, dtype=object)
    of_hubs[block.places] = names.gather(block.hubs).to_numpy()
    told = pl.Series(of_hubs.tolist(), dtype=pl.String)
    nobody = np.zeros(0, dtype=np.int64)
    site.send(post, {
        other: (names.gather(block.mine.get(other, nobody)), told)
        for other in (range(site.n_blocks) if n_hubs else block.mine) if other != site.block
    })  # fmt: skip


def carrying_links(graph: LinkGraph, weights: Weights) -> np.ndarray:
    """Mark the links that carry something, either way, shape (n_links,)."""
    carrying = np.zeros(graph.n_links, dtype=bool)
    carrying[graph.link[weights.out_prob > 0]] = True
    return carrying


def entity_keys(graph: LinkGraph) -> pl.Series:
    """Return a text for each entity that sorts as its number does: kind, and then id."""
    kinds = pl.Series(graph.kinds, dtype=pl.String).gather(graph.kind_code)
    return pl.select(pl.concat_str(kinds, pl.lit("\0"), graph.entity_id)).to_series()


def names_of_groups(keys: pl.Series) -> pl.Series:
    """Write the names of groups as other tables have them: ``kind:id``."""
    return keys.str.replace("\0", ":", literal=True)
