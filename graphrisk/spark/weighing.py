"""Weights and seeds of a block, and what owners of things say of single uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.compiled import Ints
from graphrisk.graph.hubs import is_identifier
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.graph.uses import Uses, uses_of
from graphrisk.model.kinds import EntityKind
from graphrisk.model.policy import Policy
from graphrisk.propagation.pagerank import arriving_shares, units_sent
from graphrisk.propagation.structure import Structure
from graphrisk.propagation.ties import bad_spans, bad_users
from graphrisk.propagation.weights import Weights, weigh
from graphrisk.signals.circles import guarantees_of
from graphrisk.signals.measure import Book
from graphrisk.signals.rings import STRONG_KINDS, pairs_on_things
from graphrisk.signals.sharing import others_of_uses
from graphrisk.spark.block import ENTITY_BITS, Block
from graphrisk.spark.counting import alone_links, links_with, seeds_with_halo
from graphrisk.spark.place import Site
from graphrisk.spark.sharing import sharing_with_halo

#: For each kind whose sharing is a signal, the name of the signal's settings.
SHARED_KINDS = {
    EntityKind.DEVICE: "shared_device",
    EntityKind.PHONE: "shared_phone",
    EntityKind.ID_DOCUMENT: "shared_id_document",
    EntityKind.BANK_CARD: "shared_bank_card",
    EntityKind.EMAIL: "shared_email",
}
#: No use begins at this slot.
NO_USE = -1


@dataclass(frozen=True, slots=True)
class Sent:
    """What blocks found in the rows of divided hubs, once links were weighed.

    Attributes
    ----------
    units
        The units that each hub sends, shape (n_hubs,).
    bad_spans
        By hub, when confirmed bad accounts used it, as far as that ties.
    """

    units: Ints
    bad_spans: Mapping[int, tuple[Ints, Ints]]


def add_up(sent: Sequence[Sent]) -> Sent:
    """Add up what all blocks found."""
    spans: dict[int, list[tuple[Ints, Ints]]] = {}
    for one in sent:
        for place, ends in one.bad_spans.items():
            spans.setdefault(place, []).append(ends)
    return Sent(
        np.sum([one.units for one in sent], axis=0),
        {place: (np.concatenate([begun_us for begun_us, _ in ends]),
                 np.concatenate([ended_us for _, ended_us in ends]))
         for place, ends in spans.items()},
    )  # fmt: skip


def weigh_block(site: Site, prevalence: float) -> Sent:
    """Weigh this block's links; return what it found in the rows of divided hubs."""
    run, block = site.shared("run"), site.recall("block")
    graph, policy, counted = block.graph, run.policy, site.recall("whole")
    sharing = sharing_with_halo(site, block)
    is_source = graph.links.source[graph.link] == graph.row_of_slot()
    n_at_source, n_at_target = (np.zeros(graph.n_links, dtype=np.int64) for _ in range(2))
    n_at_source[graph.link[is_source]] = counted.n_same[is_source]
    n_at_target[graph.link[~is_source]] = counted.n_same[~is_source]
    structure = Structure(
        n_at_source, n_at_target, counted.protected, alone_links(graph, counted),
        links_with(graph, counted.first), sharing,
    )  # fmt: skip
    weights = weigh(graph, policy, structure)
    seeds = seeds_with_halo(counted, site.recall("own_nats"), prevalence)
    site.keep("weights", weights)
    site.keep("seeds", seeds)
    passing_on, leads_nowhere = _passing_on(block, weights, counted.n_links)
    units = np.zeros(len(site.shared("hubs").n_links), dtype=np.int64)
    for hub, place in zip(block.hubs, block.places, strict=True):
        row = (int(graph.offsets[hub]), int(graph.offsets[hub + 1]))
        units[place] = units_sent(*row, graph.neighbor, passing_on, leads_nowhere)
    spans = bad_spans(graph, weights, seeds, block.is_own)
    of_hubs = {place: spans.of(hub) for hub, place in
               zip(block.hubs.tolist(), block.places.tolist(), strict=True)}  # fmt: skip
    sent = Sent(units, {place: ends for place, ends in of_hubs.items() if len(ends[0])})
    site.keep("sent", (sent, spans))
    return sent


def tell(site: Site, everywhere: Sent) -> None:
    """Tell neighbours what this block's rows say of each link.

    ``everywhere`` is what all blocks found in the rows of divided hubs.
    """
    run, block = site.shared("run"), site.recall("block")
    policy, counted = run.policy, site.recall("whole")
    weights, seeds = site.recall("weights"), site.recall("seeds")
    graph = block.graph
    here, spans = site.recall("sent")
    hub_of = dict(zip(block.places.tolist(), block.hubs.tolist(), strict=True))
    whole = {hub_of[place]: ends for place, ends in everywhere.bad_spans.items() if place in hub_of}
    n_bad = bad_users(graph, weights, seeds, spans.with_those_of(whole))
    n_others = _others(block, weights, policy)
    passing_on, leads_nowhere = _passing_on(block, weights, counted.n_links)
    elsewhere = np.zeros(graph.n_entities, dtype=np.int64)
    elsewhere[block.hubs] = (everywhere.units - here.units)[block.places]
    in_share = arriving_shares(
        graph.offsets, graph.neighbor, graph.reverse, passing_on, leads_nowhere, elsewhere
    )
    block.send(
        site, "weighed", near={"n_bad": n_bad, "n_others": n_others}, far={"in_share": in_share}
    )
    site.keep("weighed", (n_bad, n_others, in_share))
    _send_pairs(site, block, weights, policy, counted.number)


def weighed_with_halo(site: Site, block: Block) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """Return bad users and other users by slot, and the shares that arrive over each."""
    n_bad, n_others, in_share = (values.copy() for values in site.recall("weighed"))
    block.take(
        site, "weighed", far={"n_bad": n_bad, "n_others": n_others}, near={"in_share": in_share}
    )
    return n_bad, n_others, in_share


def _passing_on(
    block: Block, weights: Weights, n_links: Ints
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the weights by which mass is divided, and the entities that get none of it."""
    passing_on = np.where(weights.own_only, 0.0, weights.out_prob / weights.sharing.passes)
    return passing_on, is_identifier(block.graph) & (n_links == 1)


def _others(block: Block, weights: Weights, policy: Policy) -> Ints:
    """Count for each use of an own thing the others meanwhile, at the first slot of the use."""
    graph = block.graph
    n_others = np.full(len(graph.neighbor), NO_USE, dtype=np.int64)
    row, at_pair = graph.row_of_slot(), first_of_pairs(graph)
    is_account = ~is_identifier(graph)
    for kind, rule in SHARED_KINDS.items():
        members = graph.of_kind(kind)
        if not len(members):
            continue
        of_kind = np.zeros(graph.n_entities, dtype=bool)
        of_kind[members] = True
        slots = np.flatnonzero(of_kind[row] & is_account[graph.neighbor] & at_pair)
        grace_days = policy.signals[rule].grace_days
        others = others_of_uses(uses_of(graph, kind), weights.protected, grace_days)
        n_others[slots] = others
    return np.where(block.is_own[row], n_others, NO_USE)


def first_of_pairs(graph: LinkGraph) -> NDArray[np.bool_]:
    """Mark the first of the slots between two entities, shape (n_slots,)."""
    first = np.ones(len(graph.neighbor), dtype=bool)
    row = graph.row_of_slot()
    first[1:] = (np.diff(graph.neighbor) != 0) | (np.diff(row) != 0)
    return first


def _send_pairs(site: Site, block: Block, weights: Weights, policy: Policy, number: Ints) -> None:
    """Send the pairs of accounts on own things to the owner of one of them, and guarantees."""
    graph = block.graph
    book = Book(block.dataset, graph, weights.protected, None)
    rule, n_accounts = policy.signals["ring"], len(graph.accounts)
    pairs = np.concatenate(
        [pairs_on_things(book, _own_uses(block, kind), rule) for kind in STRONG_KINDS]
    )
    one, other = (number[graph.accounts[end]] for end in (pairs // n_accounts, pairs % n_accounts))
    low, high = np.minimum(one, other), np.maximum(one, other)
    tied = pl.DataFrame({"one": low, "other": high, "to": low >> ENTITY_BITS})
    site.send("pairs", {
        int(to): part.drop("to") for (to,), part in tied.group_by("to")
    })  # fmt: skip
    accounts, source, arrow = guarantees_of(book)
    own = block.is_own[graph.accounts[accounts[source]]]
    ends = [number[graph.accounts[accounts[end[own]]]] for end in (source, arrow)]
    site.send("guarantees", {0: pl.DataFrame({"source": ends[0], "target": ends[1]})})


def _own_uses(block: Block, kind: str) -> Uses:
    """Collect who uses the own identifiers of a kind."""
    uses = uses_of(block.graph, kind)
    own = block.is_own[uses.identifier]
    return Uses(uses.identifier[own], uses.account[own], uses.begun_us[own], uses.ended_us[own])
