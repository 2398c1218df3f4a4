"""The search for the strongest paths in a block, one link further in each round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Floats, Ints, Numbers
from graphrisk.propagation.carrying import Carrying
from graphrisk.propagation.seeds import Seeds
from graphrisk.propagation.witness import NONE, SEED, search_round
from graphrisk.spark.counting import places_of
from graphrisk.spark.place import Site


@dataclass(frozen=True, slots=True)
class Found:
    """The best arrivals so far, as ``Witness`` describes them; ``first_from`` by row."""

    part: Carrying
    first_slot: Numbers
    second_slot: Numbers
    first_prob: Floats
    second_prob: Floats
    first_from: Numbers
    n_done: int

    @classmethod
    def begin(cls, part: Carrying, seeds: Seeds, n_hops: int) -> Found:
        """Begin with the seeds themselves."""
        seed = seeds.bad_strength[part.row]
        first, second = (np.full((n_hops, len(seed)), NONE, dtype=np.int32) for _ in range(2))
        first[0][seed > 0] = SEED
        nobody = np.full(len(seed), -1, dtype=np.int32)
        return cls(part, first, second, seed, np.zeros(len(seed)), nobody, 1)

    def of_entities(self, number: Ints) -> dict[str, NDArray[Any]]:
        """Lay arrivals out by entity; ``first_from`` by number among those of all blocks."""
        part = self.part
        n_entities = len(part.place)
        columns: dict[str, NDArray[Any]] = {
            "first_prob": np.zeros(n_entities),
            "second_prob": np.zeros(n_entities),
            "first_from": np.full(n_entities, -1, dtype=np.int64),
        }
        columns["first_prob"][part.row] = self.first_prob
        columns["second_prob"][part.row] = self.second_prob
        came = self.first_from >= 0
        columns["first_from"][part.row[came]] = number[part.row[self.first_from[came]]]
        return columns


def with_halo(site: Site, found: Found, number: int) -> Found:
    """Return what was found, with what neighbours found by a round."""
    border, numbers, part = site.recall("border"), site.recall("numbers"), found.part
    arrivals = found.of_entities(numbers)
    for other, (_, told) in site.receive(f"round-{number}"):
        for name, values in told.items():
            arrivals[name][border.halo[other]] = values
    here = places_of(numbers, arrivals["first_from"][part.row])
    first_from = np.where(here >= 0, part.place[here], np.int32(-1)).astype(np.int32)
    return Found(
        part, found.first_slot, found.second_slot, arrivals["first_prob"][part.row],
        arrivals["second_prob"][part.row], first_from, found.n_done,
    )  # fmt: skip


def searched(site: Site, found: Found) -> Found:
    """Search one link further, if the paths may be longer yet."""
    h, part = found.n_done, found.part
    if h >= len(found.first_slot):
        return found
    in_prob, own_only, seed = site.recall("search")
    first_slot, second_slot = found.first_slot.copy(), found.second_slot.copy()
    first_prob, second_prob = np.zeros(len(seed)), np.zeros(len(seed))
    first_from = found.first_from.copy()
    search_round(
        0, len(seed), part.offsets, part.neighbor, in_prob, own_only, seed,
        found.first_from, found.first_prob, found.second_prob,
        first_slot[h], second_slot[h], first_from, first_prob, second_prob,
    )  # fmt: skip
    return Found(part, first_slot, second_slot, first_prob, second_prob, first_from, h + 1)
