"""What whole rows say of entities and links, told by their owners; and the labels in force."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.compiled import Ints
from graphrisk.graph.hubs import n_linked_accounts, protected_hubs
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.graph.overlap import came_first, grace_us_of, marks_of_rows
from graphrisk.model.times import DAY_US
from graphrisk.propagation.seeds import Seeds, seeds_of
from graphrisk.propagation.structure import links_of_relation
from graphrisk.propagation.weights import grace_days_of
from graphrisk.spark.block import Block
from graphrisk.spark.holding import mark_times
from graphrisk.spark.place import Site

NO_LABEL = ""


@dataclass(slots=True)
class Counted:
    """What is known of the entities and slots of a block, of its halo once its owners said.

    Attributes
    ----------
    number
        Numbers among the entities of all blocks, shape (n_entities,), int64.
    n_accounts, n_links
        Accounts that an entity is linked to, and its slots, shape (n_entities,), int64.
    protected
        As in ``Weights``, int8.
    bad_strength, good_strength
        As in ``Seeds``.
    label, label_source, known_us, confirmed
        The label that rules over each entity, ``NO_LABEL`` for none, shape (n_entities,).
    n_same
        For each slot the links of its relation that its row's entity has, shape (n_slots,).
    mark
        For each slot what its row says of its link; see
        :func:`graphrisk.graph.overlap.marks_of_rows`, shape (n_slots,), int8.
    first
        For each slot whether its row says that the account came long before others, bool.
    """

    number: NDArray[np.int64]
    n_accounts: NDArray[np.int64]
    n_links: NDArray[np.int64]
    protected: NDArray[np.int8]
    bad_strength: NDArray[np.float64]
    good_strength: NDArray[np.float64]
    label: NDArray[Any]
    label_source: NDArray[Any]
    known_us: NDArray[np.int64]
    confirmed: NDArray[np.bool_]
    n_same: NDArray[np.int64]
    mark: NDArray[np.int8]
    first: NDArray[np.bool_]

    def of_entities(self) -> dict[str, NDArray[Any]]:
        """Columns with one value for each entity."""
        names = ("number", "n_accounts", "n_links", "protected", "bad_strength", "good_strength",
                 "label", "label_source", "known_us", "confirmed")  # fmt: skip
        return {name: getattr(self, name) for name in names}

    def of_slots(self) -> dict[str, NDArray[Any]]:
        """Columns with one value for each slot."""
        return {name: getattr(self, name) for name in ("n_same", "mark", "first")}


def count(site: Site) -> tuple[int, int]:
    """Count what whole rows say; return how many own accounts are confirmed bad, and are there."""
    run, block = site.shared("run"), site.recall("block")
    graph, policy = block.graph, run.policy
    n_accounts, n_links, n_same = _counts(site, block)
    seeds = seeds_of(block.dataset, graph, policy, as_of=run.as_of)
    whole, grace_days = block.is_own.copy(), grace_days_of(graph, policy)
    whole[block.hubs] = False
    lead_days = policy.guards.limit_owner_days
    marks = marks_of_rows(graph, grace_days, whole)
    first = came_first(graph, lead_days, whole)
    lead_us = round(lead_days * DAY_US)
    mark_times(block, site.shared("hubs"), grace_us_of(grace_days), lead_us, marks, first)
    label, label_source, known_us, confirmed = _labels(seeds)
    counted = Counted(
        block.global_numbers(),
        n_accounts,
        n_links,
        protected_hubs(graph, policy.protection, n_accounts),
        seeds.bad_strength,
        seeds.good_strength,
        label,
        label_source,
        known_us,
        confirmed,
        n_same=n_same,
        mark=marks[graph.link],
        first=first[graph.link],
    )
    block.send(site, "counted", entities=counted.of_entities(), near=counted.of_slots())
    site.keep("counted", counted)
    site.keep("own_nats", seeds.own_nats)
    own = graph.accounts[block.is_own[graph.accounts]]
    bad = seeds.is_confirmed() & (seeds.bad_strength > 0)
    return int(bad[own].sum()), len(own)


def _counts(site: Site, block: Block) -> tuple[Ints, Ints, Ints]:
    """Count accounts and links of entities, and, by slot, links of its relation that its row has.

    Of divided hubs, those of all blocks.
    """
    graph, facts = block.graph, site.shared("hubs")
    at_source, at_target = links_of_relation(graph)
    is_source = graph.links.source[graph.link] == graph.row_of_slot()
    n_same = np.where(is_source, at_source[graph.link], at_target[graph.link])
    n_accounts, n_links = n_linked_accounts(graph), np.diff(graph.offsets)
    n_accounts[block.hubs] = facts.n_accounts[block.places]
    n_links[block.hubs] = facts.n_links[block.places]
    code_of = {name: code for code, name in enumerate(graph.relations)}
    relation = graph.links.relation[graph.link]
    hub_of = dict(zip(block.places.tolist(), block.hubs.tolist(), strict=True))
    for place, name, n_of_relation in facts.of_relation.iter_rows():
        if place in hub_of and name in code_of:
            begin, end = graph.offsets[hub_of[place]], graph.offsets[hub_of[place] + 1]
            n_same[begin:end][relation[begin:end] == code_of[name]] = n_of_relation
    return n_accounts, n_links, n_same


def _labels(seeds: Seeds) -> list[NDArray[Any]]:
    """Lay the labels that rule out by entity: label, source, when known, and if confirmed."""
    row = np.where(seeds.ruling >= 0, seeds.ruling, len(seeds.labels))
    none = {"label": NO_LABEL, "label_source": "", "known_us": 0, "confirmed": False}
    columns: list[NDArray[Any]] = []
    for name, nothing in none.items():
        kind = object if isinstance(nothing, str) else None
        values = np.append(seeds.labels[name].to_numpy(), np.array([nothing], dtype=kind))
        columns.append(values[row].astype(kind) if kind else values[row])
    return columns


def counted_with_halo(site: Site, block: Block) -> Counted:
    """Return what was counted, with what owners said of the halo."""
    counted: Counted = site.recall("counted")
    whole = replace(counted, **{
        name: values.copy() for name, values in
        {**counted.of_entities(), **counted.of_slots()}.items()
    })  # fmt: skip
    block.take(site, "counted", entities=whole.of_entities(), far=whole.of_slots())
    return whole


def seeds_with_halo(counted: Counted, own_nats: NDArray[np.float64], prevalence: float) -> Seeds:
    """Return the labels in force of a block and its halo."""
    labelled = np.flatnonzero(counted.label != NO_LABEL)
    ruling = np.full(len(counted.label), -1, dtype=np.int32)
    ruling[labelled] = np.arange(len(labelled), dtype=np.int32)
    labels = pl.DataFrame(
        {
            "number": labelled.astype(np.int32),
            "label": pl.Series(counted.label[labelled].tolist(), dtype=pl.String),
            "label_source": pl.Series(counted.label_source[labelled].tolist(), dtype=pl.String),
            "known_us": counted.known_us[labelled],
            "confirmed": counted.confirmed[labelled],
        }
    )
    return Seeds(counted.bad_strength, counted.good_strength, own_nats, ruling, labels, prevalence)


def alone_links(graph: LinkGraph, counted: Counted) -> NDArray[np.bool_]:
    """Say which links are alone in time: of two rows that say something, the higher counts."""
    row = graph.row_of_slot()
    at_higher = row > graph.neighbor
    higher, lower = (np.full(graph.n_links, -1, dtype=np.int8) for _ in range(2))
    higher[graph.link[at_higher]] = counted.mark[at_higher]
    lower[graph.link[~at_higher]] = counted.mark[~at_higher]
    # Between two own rows both hold what the higher of them said, so either is good.
    return np.asarray(np.where(higher >= 0, higher, lower) == 1)


def links_with(graph: LinkGraph, flag: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark the links of which either slot is marked."""
    found = np.zeros(graph.n_links, dtype=bool)
    found[graph.link[flag]] = True
    return found


def places_of(numbers: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Find entities here by their numbers among those of all blocks; ``-1`` for not here."""
    order = np.argsort(numbers, kind="stable")
    place = np.searchsorted(numbers[order], wanted)
    place = order[np.minimum(place, len(order) - 1)]
    return np.where((wanted >= 0) & (numbers[place] == wanted), place, -1)
