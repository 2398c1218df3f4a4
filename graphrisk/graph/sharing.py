"""Innocent sharing: households, dormitories, shared networks and kiosks, told by their structure.

A farm's accounts share several things, appear in a burst, and have little of their own. Strangers
at a kiosk or behind a carrier's gateway share one thing, came one by one, and have phones and
documents of their own. Labels are not looked at, so no label changes what is recognised.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.compiled import Flags, Floats, Ints
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.graph.things import Things
from graphrisk.graph.verdicts import (
    SHARING_FACTS,
    Facts,
    Verdicts,
    candidates,
    count_shown,
    facts_of_uses,
    leave_busiest,
    passed,
    probability,
    tying,
    with_strangers,
)
from graphrisk.model.column import Column, kept_as_columns
from graphrisk.model.kinds import EntityKind, SharingKind
from graphrisk.model.sharing_rules import FACT_SEPARATOR, InnocentSharing, SharingFact, SharingRule

#: Kinds in the order of their codes; ``-1`` means not recognised.
SHARING_KINDS: tuple[str, ...] = tuple(str(kind) for kind in SharingKind)
#: A network is a dormitory's if so large a share of its users live at one.
ROOF_SHARE = 0.5


@kept_as_columns("prob")
@dataclass(frozen=True)
class Sharing:
    """What is recognised as shared innocently.

    Attributes
    ----------
    kind
        Positions in ``SHARING_KINDS``, ``-1`` for none, shape (n_entities,), int8.
    prob
        Probability that the sharing is innocent, zero where nothing is recognised, shape
        (n_entities,), float64.
    number, n_showing, n_known
        Entities that are recognised, rising, shape (n,); for each of them and each of
        ``SHARING_FACTS``, how many accounts show it, and for how many it is known, shape
        (n, n_facts), zero where its rule does not ask.
    kept_passes
        ``passes`` as a column: hardly any slot is damped.
    """

    kind: NDArray[np.int8]
    prob: Floats
    number: Ints
    n_showing: Ints
    n_known: Ints
    kept_passes: Column

    @property
    def passes(self) -> Floats:
        """Share of what the row's entity would pass on over a slot that it does pass on.

        In (0, 1], shape (n_slots,), float64.
        """
        return self.kept_passes.all()

    def part(self, near: NDArray[np.int32], slots: NDArray[np.int64]) -> Sharing:
        """Keep some entities, rising, and slots, as a part of the graph has them."""
        kept = np.isin(self.number, near)
        return Sharing(
            self.kind[near],
            self.prob[near],
            np.searchsorted(near, self.number[kept]),
            self.n_showing[kept],
            self.n_known[kept],
            Column.of(self.passes[slots], usual=1.0),
        )

    def facts(self) -> SharingFacts:
        """Write what entities were recognised by, as ``strangers 41/45; …``."""
        said = pl.DataFrame(
            {fact: _shares(self.n_showing[:, i], self.n_known[:, i])
             for i, fact in enumerate(SHARING_FACTS)}
        ).select(
            pl.concat_str(
                (pl.format(f"{fact} {{}}", pl.col(fact)) for fact in SHARING_FACTS),
                separator=FACT_SEPARATOR, ignore_nulls=True,
            )
        ).to_series()  # fmt: skip
        nothing = pl.Series([""], dtype=pl.String)
        return SharingFacts(self.number, pl.concat([said.rename(""), nothing]))


@dataclass(frozen=True, slots=True)
class SharingFacts:
    """What entities were recognised by, as text.

    Attributes
    ----------
    number
        Entities that are recognised, rising, shape (n,).
    text
        What is told of each, and, last, of all others: nothing. Shape (n + 1,).
    """

    number: Ints
    text: pl.Series

    def of(self, entities: NDArray[np.integer]) -> pl.Series:
        """Return the facts of some entities, empty where nothing is recognised, shape (n,)."""
        n_recognised = len(self.number)
        if not n_recognised:
            return self.text.new_from_index(0, len(entities))
        place = np.minimum(np.searchsorted(self.number, entities), n_recognised - 1)
        return self.text.gather(np.where(self.number[place] == entities, place, n_recognised))


def recognise(graph: LinkGraph, protected: NDArray[np.int8], rules: InnocentSharing) -> Sharing:
    """Recognise what is shared innocently, from structure and time alone.

    Parameters
    ----------
    graph
        The graph as of the moment of the analysis.
    protected
        Protected hubs, which tie nobody, ``-1`` for none, shape (n_entities,).
    rules
        What is looked at, and what it is worth.
    """
    things = Things.of(graph)
    every = np.ones(len(things.number), dtype=bool)
    judged = judge(things, protected[things.number] < 0, rules, every)
    dormitory = judged.kind == SHARING_KINDS.index(SharingKind.DORMITORY)
    kind = of_dormitories(things, judged.kind, dormitory)
    return _laid_out(graph, things, kind, judged.prob, judged.counted, judged.passes)


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found of things, before networks are named after where their users live.

    Attributes
    ----------
    kind, prob
        As in ``Sharing``, but of each thing, shape (n_things,).
    counted
        Accounts that show each fact, and of whom it is known, shape (2, n_things, n_facts).
    passes
        What the thing passes on to the account of each use, shape (n_uses,).
    """

    kind: NDArray[np.int8]
    prob: Floats
    counted: Ints
    passes: Floats


def judge(
    things: Things, is_open: Flags, rules: InnocentSharing, asked: Flags,
    home_prob: Floats | None = None,
) -> Judged:  # fmt: skip
    """Judge the things that are asked for, all of whose users and their things are listed.

    Parameters
    ----------
    things, rules
        What is used, and what is looked at.
    is_open, asked
        Things that are no protected hub, and those to judge, shape (n_things,).
    home_prob
        How surely a thing is a home, from :func:`home_probs`, if not all homes are asked for.
    """
    of_uses = facts_of_uses(things, rules)
    verdicts = Verdicts.none(len(things.number))
    passes = np.ones(len(things.thing))
    for code, rule in enumerate(rules.rules().values()):
        thing, facts, found, likely = _likely(things, rule, rules, is_open, of_uses, asked)
        if SHARING_KINDS[code] == SharingKind.HOUSEHOLD:
            if home_prob is None:
                home_prob = _homes(things, thing, likely, rules.least_prob)
            likely = _at_home(things, thing, likely, home_prob)
        thing = verdicts.settle(code, thing, likely, found, rules.least_prob)
        use = things.uses_of(thing)
        passes[use] = passed(rule, rules.floor, verdicts.prob[things.thing[use]], facts, use)
    return Judged(verdicts.kind, verdicts.prob, verdicts.counted, passes)


def home_probs(things: Things, is_open: Flags, rules: InnocentSharing, asked: Flags) -> Floats:
    """Say of each thing that is asked for how surely it is a home, zero for none, (n_things,)."""
    rule = rules.rules()[SharingKind.HOUSEHOLD]
    thing, *_, likely = _likely(things, rule, rules, is_open, facts_of_uses(things, rules), asked)
    return _homes(things, thing, likely, rules.least_prob)


def _likely(
    things: Things,
    rule: SharingRule,
    rules: InnocentSharing,
    is_open: Flags,
    of_uses: Facts,
    asked: Flags,
) -> tuple[Ints, Facts, Ints, Floats]:
    """Find the things that a rule is for, the facts, who shows them, and how likely it fits."""
    thing = candidates(things, rule)
    thing = thing[asked[thing]]
    untied = things.untied(thing, tying(things, is_open, rule, rules))
    facts = with_strangers(of_uses, untied)
    found = count_shown(things, thing, rule, facts)
    if SharingFact.CAME_APART in rule.facts:
        came_us, known = things.came_us()
        leave_busiest(found, things.busiest(thing, came_us, known, rules.burst_days))
    return thing, facts, found, probability(found[0], found[1], rule, rules.doubt_accounts)


def _homes(things: Things, thing: Ints, prob: Floats, least_prob: float) -> Floats:
    """Say how surely things are homes, zero for what is no address or hardly one, (n_things,)."""
    is_address = things.is_of((EntityKind.ADDRESS,))
    home_prob = np.zeros(len(things.number))
    home_prob[thing] = np.where(is_address[thing] & (prob >= least_prob), prob, 0.0)
    return home_prob


def _at_home(things: Things, thing: Ints, prob: Floats, home_prob: Floats) -> Floats:
    """Keep addresses, and what is used by people of one home alone: no surer than the home is."""
    is_address = things.is_of((EntityKind.ADDRESS,))
    return np.where(is_address[thing], prob, np.minimum(prob, things.best_home(thing, home_prob)))


def of_dormitories(things: Things, kind: NDArray[np.int8], is_dormitory: Flags) -> NDArray[np.int8]:
    """Name those shared networks dormitories most of whose users live at one of them."""
    thing = np.flatnonzero(kind == SHARING_KINDS.index(SharingKind.SHARED_NETWORK))
    n_most = np.zeros(len(kind), dtype=np.int64)
    n_most[thing] = things.most_under_one_roof(thing, is_dormitory)
    return named_dormitories(kind, things.n_users, n_most)


def named_dormitories(kind: NDArray[np.int8], n_users: Ints, n_most: Ints) -> NDArray[np.int8]:
    """Name shared networks dormitories where enough of all users live under one roof.

    ``n_most`` is how many of the users of each thing do, shape of ``kind``.
    """
    dormitory, network = map(
        SHARING_KINDS.index, (SharingKind.DORMITORY, SharingKind.SHARED_NETWORK)
    )
    lives = (kind == network) & (n_most >= ROOF_SHARE * n_users)
    return np.where(lives, np.int8(dormitory), kind)


def _laid_out(
    graph: LinkGraph,
    things: Things,
    kind: NDArray[np.int8],
    prob: Floats,
    counted: Ints,
    passes: Floats,
) -> Sharing:
    """Carry what was found for things and uses over to entities and slots."""
    known = np.flatnonzero(kind >= 0)
    entity_kind = np.full(graph.n_entities, -1, dtype=np.int8)
    entity_prob = np.zeros(graph.n_entities)
    entity_kind[things.number], entity_prob[things.number] = kind, np.where(kind >= 0, prob, 0.0)
    return Sharing(
        entity_kind,
        entity_prob,
        things.number[known],
        counted[0, known],
        counted[1, known],
        _passes_of_slots(graph, things, passes),
    )


def _passes_of_slots(graph: LinkGraph, things: Things, passes: Floats) -> Column:
    """Give each slot from a thing to an account the share of its use; all others pass all."""
    damped = np.flatnonzero(np.bincount(things.thing[passes < 1], minlength=len(things.number)))
    number = things.number[damped]
    n_slots = np.diff(graph.offsets)[number]
    ends = np.cumsum(n_slots)
    slot = np.repeat(graph.offsets[number] - (ends - n_slots), n_slots) + np.arange(n_slots.sum())
    row = np.repeat(damped, n_slots)
    account = graph.neighbor[slot].astype(np.int64) - int(graph.accounts[0]) if len(slot) else slot
    n_accounts = len(graph.accounts)
    here = (account >= 0) & (account < n_accounts)
    key = things.thing * n_accounts + things.uses.account
    share = passes[np.searchsorted(key, row[here] * n_accounts + account[here])]
    less = share != 1.0
    return Column.beside(len(graph.neighbor), 1.0, slot[here][less], share[less])


def _shares(n_showing: Ints, n_known: Ints) -> pl.Series:
    """Write ``showing/known``, null where nothing is known."""
    table = pl.DataFrame({"showing": n_showing, "known": n_known})
    written = pl.format("{}/{}", pl.col("showing"), pl.col("known"))
    return table.select(pl.when(pl.col("known") > 0).then(written)).to_series()
