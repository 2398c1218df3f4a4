"""What no block can see alone: rings, circles of guarantees, groups of linked entities."""

from __future__ import annotations

import numpy as np
import polars as pl

from graphrisk.compiled import Flags, Numbers
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
        changed = np.ones(len(names), dtype=bool)
    else:
        local, before = site.recall("local"), site.recall(f"group-{number - 1}")
        names = _lowest(local, _heard(site, block, before, f"group-{number - 1}"))
        changed = (names != before).to_numpy()
    site.keep(f"group-{number}", names)
    _tell_names(site, block, names, changed, f"group-{number}")
    return int(changed.sum())


def _lowest(local: Numbers, names: pl.Series) -> pl.Series:
    """Give all entities of a local group the lowest of their names."""
    table = pl.DataFrame({"local": local, "name": names})
    return table.with_columns(pl.col("name").min().over("local"))["name"]


def _tell_names(site: Site, block: Block, names: pl.Series, changed: Flags, post: str) -> None:
    """Tell neighbours the new groups of own entities, and all blocks those of divided hubs."""
    hubs = changed[block.hubs]
    of_hubs = (block.places[hubs], names.gather(block.hubs[hubs])) if hubs.any() else None
    outgoing = {}
    for other in block.mine if of_hubs is None else range(site.n_blocks):
        mine = block.mine.get(other, np.zeros(0, dtype=np.int64))
        at = np.flatnonzero(changed[mine])
        outgoing[other] = (at, names.gather(mine[at])), of_hubs
    site.send(post, outgoing)


def _heard(site: Site, block: Block, names: pl.Series, post: str) -> pl.Series:
    """Return the groups of all entities here, with what other blocks told of the halo and hubs."""
    heard = names.to_numpy().copy()
    hub_of = dict(zip(block.places.tolist(), block.hubs.tolist(), strict=True))
    for other, ((at, of_border), of_hubs) in site.receive(post):
        if len(at):
            heard[block.halo[other][at]] = of_border.to_numpy()
        for place, name in zip(*map(list, of_hubs), strict=True) if of_hubs else ():
            if place in hub_of:
                heard[hub_of[place]] = min(heard[hub_of[place]], name)
    return pl.Series(heard.tolist(), dtype=pl.String)


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
