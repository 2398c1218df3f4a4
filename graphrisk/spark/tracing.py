"""Evidence paths over block borders: each block follows a path as far as it goes, and hands it on.

So a path is put into words where its links are. The block that asked gets the text, the seed and
the seed's label back.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.explain.names import entity_names
from graphrisk.explain.paths import seed_texts, step_texts
from graphrisk.propagation.seeds import Seeds
from graphrisk.propagation.witness import NONE, SEED, Witness, strongest_by_family
from graphrisk.spark.block import ENTITY_BITS, Block
from graphrisk.spark.counting import places_of
from graphrisk.spark.place import Site
from graphrisk.spark.searching import Found, with_halo

_ANSWER = {"path": pl.Int64, "text": pl.String, "n_links": pl.Int32, "is_seed": pl.Boolean,
           "label": pl.String, "label_source": pl.String, "is_circular": pl.Boolean}  # fmt: skip


def follow(site: Site, number: int, n_rounds: int) -> int:
    """Set out in the first round, and follow paths by one link in each further one.

    Returns how many rounds are left; ``n_rounds`` is how many rounds the search took.
    """
    if number:
        _walk(site, number - 1)
    else:
        _set_out(site, n_rounds)
    return int(site.shared("run").policy.reach.n_hops) - number


def _set_out(site: Site, n_rounds: int) -> None:
    """Find the strongest link of each own account and family, and follow it."""
    block: Block = site.recall("block")
    graph, weights, seeds = block.graph, site.recall("weights"), site.recall("seeds")
    found = with_halo(site, site.recall(f"found-{n_rounds}"), n_rounds)
    witness = _witness(found, weights.own_only[graph.reverse])
    site.keep("witness", witness)
    slot, prob = strongest_by_family(
        graph.accounts, graph.offsets, graph.neighbor, graph.reverse, weights.out_prob,
        weights.family_in, len(weights.families), witness, seeds.bad_strength,
    )  # fmt: skip
    slot[~block.is_own[graph.accounts]] = NONE
    site.keep("trails", (slot, prob))
    place, family = np.nonzero(slot >= 0)
    start = graph.accounts[place]
    going = pl.DataFrame(
        {
            "asker": np.full(len(place), site.block, dtype=np.int64),
            "path": place * slot.shape[1] + family,
            "start": site.recall("numbers")[start],
            "text": entity_names(graph, start),
            "n_links": np.zeros(len(place), dtype=np.int32),
        }
    )
    _walk_on(site, block, witness, going, start, slot[place, family], "path-0")


def _walk(site: Site, number: int) -> None:
    """Follow the paths that came here over their link ``number``, counted from zero."""
    block: Block = site.recall("block")
    graph, witness, numbers = block.graph, site.recall("witness"), site.recall("numbers")
    parts = [part for _, part in site.receive(f"path-{number}")]
    if not parts:
        site.send(f"path-{number + 1}", {})
        site.send(f"answer-{number}", {}, lasts=True)
        return
    going = pl.concat(parts)
    here = places_of(numbers, going["here"].to_numpy())
    before = places_of(numbers, going["before"].to_numpy())
    left = len(witness.first_slot) - 1 - number
    place = witness.place[here]
    onward = np.full(len(here), SEED, dtype=np.int32)
    walked = place >= 0
    best = witness.first_slot[left][place[walked]]
    turns_back = (best >= 0) & (graph.neighbor[np.maximum(best, 0)] == before[walked])
    onward[walked] = np.where(turns_back, witness.second_slot[left][place[walked]], best)
    onward = np.where(going["own_only"].to_numpy(), SEED, onward)
    _answer(site, going, here, onward, number)
    goes = onward >= 0
    kept = going.filter(pl.Series(goes)).select("asker", "path", "start", "text", "n_links")
    _walk_on(site, block, witness, kept, here[goes], onward[goes], f"path-{number + 1}")


def told(site: Site, n_hops: int) -> pl.DataFrame:
    """Return what became of the paths of own accounts: one row for each that found a seed."""
    parts = [part for number in range(n_hops) for _, part in site.receive(f"answer-{number}")]
    answers: pl.DataFrame = pl.concat([pl.DataFrame(schema=_ANSWER), *parts])
    return answers


def _witness(found: Found, own_only_in: NDArray[np.bool_]) -> Witness:
    """Give slots and entities of the block the numbers that they have in its graph."""
    part = found.part
    first, second = found.first_slot.copy(), found.second_slot.copy()
    for slots in (first, second):
        arrives = slots >= 0
        slots[arrives] = part.slot[slots[arrives]]
    came = np.where(found.first_from >= 0, part.row[found.first_from], np.int32(-1))
    return Witness(
        part.place, first, second, own_only_in, came.astype(np.int32), found.first_prob,
        found.second_prob,
    )  # fmt: skip


def _walk_on(
    site: Site,
    block: Block,
    witness: Witness,
    going: pl.DataFrame,
    row: NDArray[np.int64] | NDArray[np.int32],
    slot: NDArray[np.int32],
    post: str,
) -> None:
    """Write one link of each path, and hand the path to the owner of what it leads to."""
    graph, numbers = block.graph, site.recall("numbers")
    step = step_texts(row.astype(np.int32), slot, graph)
    here = numbers[graph.neighbor[slot]]
    onward = going.with_columns(
        text=pl.concat_str(going["text"], step),
        n_links=pl.col("n_links") + 1,
        before=pl.Series(numbers[row], dtype=pl.Int64),
        here=pl.Series(here, dtype=pl.Int64),
        own_only=pl.Series(witness.own_only_in[slot], dtype=pl.Boolean),
    )
    to = onward.with_columns(to=pl.col("here") // 2**ENTITY_BITS)
    site.send(post, {
        int(one): part.drop("to") for (one,), part in to.group_by("to")
    })  # fmt: skip


def _answer(
    site: Site, going: pl.DataFrame, here: NDArray[np.int64], onward: NDArray[np.int32], number: int
) -> None:
    """Tell askers of the paths that end here."""
    seeds: Seeds = site.recall("seeds")
    ends = onward < 0
    is_seed = onward == SEED
    seed = np.where(is_seed, here, -1).astype(np.int32)
    ruling = np.where(seed >= 0, seeds.ruling[np.maximum(seed, 0)], -1)
    row = np.where(ruling >= 0, ruling, len(seeds.labels))
    labels = pl.concat([seeds.labels["label"], pl.Series([""])]).gather(row)
    sources = pl.concat([seeds.labels["label_source"], pl.Series([""])]).gather(row)
    answers = going.select(
        "asker",
        "path",
        text=pl.concat_str(going["text"], seed_texts(seed, seeds).fill_null("")),
        n_links=pl.col("n_links").cast(pl.Int32),
        is_seed=pl.Series(is_seed),
        label=labels,
        label_source=sources,
        is_circular=pl.Series(is_seed) & (pl.col("here") == pl.col("start")),
    ).filter(pl.Series(ends))
    site.send(f"answer-{number}", {
        int(one): part.drop("asker").select(list(_ANSWER))
        for (one,), part in answers.group_by("asker")
    }, lasts=True)  # fmt: skip
