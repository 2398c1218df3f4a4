"""The terms of a block's accounts: signals measured, and what both kernels brought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Ints
from graphrisk.model.column import Column
from graphrisk.model.evidence import State, Term
from graphrisk.model.policy import SignalRule
from graphrisk.propagation.ties import ties_of
from graphrisk.signals.arrived import Propagated, Undamped, linked_evidence
from graphrisk.signals.catalog import CATALOG, signal_terms
from graphrisk.signals.linked import linked_terms
from graphrisk.signals.measure import Book, Measure, Signal
from graphrisk.signals.record import record_terms
from graphrisk.signals.rings import STRONG_KINDS
from graphrisk.signals.unheard import unheard_terms
from graphrisk.spark.block import Block
from graphrisk.spark.counting import places_of
from graphrisk.spark.place import Site
from graphrisk.spark.ranks import BAD, GOOD, STANDING, shares_of
from graphrisk.spark.rounds import BACKING
from graphrisk.spark.weighing import NO_USE, SHARED_KINDS, weighed_with_halo
from graphrisk.spark.wide import sizes_here


def propagated_here(
    site: Site, block: Block, n_rounds: int, n_spread: int
) -> tuple[Propagated, list[Ints]]:
    """Return what both kernels brought from both sides, and the messages of backing."""
    graph, weights, seeds = block.graph, site.recall("weights"), site.recall("seeds")
    policy, part = site.shared("run").policy, site.recall("walk").part
    units = {}
    for name, (heard, _) in site.recall(f"reach-{n_rounds}").items():
        units[name] = np.zeros(len(graph.neighbor), dtype=np.int64)
        units[name][part.slot] = heard
    n_bad, _, in_share = weighed_with_halo(site, block)
    damping = policy.pagerank.damping
    masses = {name: mass for name, (mass, _) in site.recall(f"mass-{n_spread}").items()}
    shares = shares_of(graph, weights, in_share)
    in_rate = damping * shares[BAD]
    propagated = Propagated(
        bad_units=Column.of(units[BAD]),
        good_units=Column.of(units[GOOD]),
        in_rate=in_rate,
        undamped=Undamped.beside(in_rate, damping * shares[STANDING]),
        unvouched=shares[GOOD] == 0.0,
        bad_mass=masses[BAD],
        good_mass=masses[GOOD],
        standing_mass=masses[STANDING],
        ties=ties_of(graph, weights, n_bad),
        prevalence_prob=seeds.prevalence_prob,
    )
    return propagated, [units[name] for name in BACKING]


def terms_here(site: Site, block: Block, propagated: Propagated) -> tuple[Term, ...]:
    """Measure signals, and make every piece of evidence a term."""
    run, graph, weights = site.shared("run"), block.graph, site.recall("weights")
    policy, accounts = run.policy, graph.accounts
    book = Book(block.dataset, graph, weights.protected, run.as_of)
    linked = linked_evidence(accounts, graph, weights, propagated)
    has_links = np.diff(graph.offsets)[accounts] > 0
    return (
        *record_terms(graph, site.recall("seeds"), policy),
        *signal_terms(book, policy, _catalog(site, block)),
        *linked_terms(linked, has_links, policy),
        *unheard_terms(graph, weights),
    )


def _catalog(site: Site, block: Block) -> tuple[Signal, ...]:
    """Return the catalog, with what others counted in place of what this block can't see."""
    _, n_others, _ = weighed_with_halo(site, block)
    sizes, numbers = sizes_here(site), site.recall("numbers")
    measures: dict[str, Measure] = {
        rule: _shared_with(block, str(kind), n_others) for kind, rule in SHARED_KINDS.items()
    }
    measures["ring"] = _sized(block, numbers, sizes["ring"], _holds_strong(block))
    guarantee = next(signal for signal in CATALOG if signal.rule == "guarantee_circle").measure
    measures["guarantee_circle"] = _circled(block, numbers, sizes["circle"], guarantee)
    return tuple(
        replace(signal, measure=measures.get(signal.rule, signal.measure)) for signal in CATALOG
    )


def _shared_with(block: Block, kind: str, n_others: Ints) -> Measure:
    """Add up what the owners of an account's things counted for each use."""

    def measure(book: Book, _rule: SignalRule) -> NDArray[np.float64]:
        graph = book.graph
        row = graph.row_of_slot()
        at_account = np.zeros(graph.n_entities, dtype=bool)
        at_account[graph.accounts] = True
        of_kind = np.zeros(graph.n_entities, dtype=bool)
        of_kind[graph.of_kind(kind)] = True
        back = n_others[graph.reverse]
        slots = np.flatnonzero(at_account[row] & of_kind[graph.neighbor] & (back != NO_USE))
        return book.sum_by_account(
            row[slots].astype(np.int64) - int(graph.accounts[0]), back[slots]
        )

    return measure


def _holds_strong(block: Block) -> NDArray[np.bool_]:
    """Mark the accounts with an identifier that only one person should have."""
    book = Book(block.dataset, block.graph, np.zeros(0, dtype=np.int8), None)
    held = np.concatenate([book.uses_of(kind).account for kind in STRONG_KINDS])
    return np.bincount(held, minlength=len(block.graph.accounts)) > 0


def _sized(
    block: Block, numbers: Ints, sizes: Mapping[str, Ints], known: NDArray[np.bool_]
) -> Measure:
    """Lay sizes out by account: zero where nothing was found, NaN where nothing is known."""
    value = np.where(known, 0.0, np.nan)
    place = places_of(numbers, sizes["number"]) - int(block.graph.accounts[0])
    value[place] = sizes["size"]
    return lambda _book, _rule: value


def _circled(block: Block, numbers: Ints, sizes: Mapping[str, Ints], here: Measure) -> Measure:
    """Lay the sizes of circles out by account; known where there is any guarantee."""

    def measure(book: Book, rule: SignalRule) -> NDArray[np.float64]:
        known = ~np.isnan(here(book, rule))
        return _sized(block, numbers, sizes, known)(book, rule)

    return measure


def only(own: NDArray[np.bool_], terms: Sequence[Term]) -> tuple[Term, ...]:
    """Silence the terms of accounts that other blocks decide."""
    miss = np.int8(State.MISS)
    return tuple(
        Term(term.reason, np.where(own, term.nats, 0.0), np.where(own, term.value, np.nan),
             np.where(own, term.state, miss).astype(np.int8))
        for term in terms
    )  # fmt: skip
