"""Terms, decisions, evidence and the risk of entities of one block, each by the one function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.compiled import Ints
from graphrisk.decisions.tiers import decide
from graphrisk.explain.decisions import DECISION_COLUMNS, with_paths
from graphrisk.explain.entities import entity_table
from graphrisk.explain.factors import principal_factors
from graphrisk.explain.waterfall import evidence_table
from graphrisk.model.decision import Decisions, Trail
from graphrisk.model.evidence import Reason, State, Term
from graphrisk.model.kinds import EntityKind, Tier
from graphrisk.model.policy import Policy, SignalRule
from graphrisk.pipeline.stages import MODEL_VERSION
from graphrisk.propagation.backing import backing_of
from graphrisk.propagation.reach import Reached, own_units
from graphrisk.propagation.seeds import Seeds
from graphrisk.propagation.ties import ties_of
from graphrisk.propagation.witness import NONE
from graphrisk.report.tables import entities_table, labels_table, links_table
from graphrisk.risk.additive import Risk, score
from graphrisk.signals.catalog import CATALOG, signal_terms
from graphrisk.signals.linked import Propagated, linked_evidence, linked_terms
from graphrisk.signals.measure import Book, Measure, Signal
from graphrisk.signals.record import record_terms
from graphrisk.signals.rings import STRONG_KINDS
from graphrisk.signals.unheard import innocent_facts, unheard_terms, unheard_trails
from graphrisk.spark.block import Block
from graphrisk.spark.counting import places_of
from graphrisk.spark.place import Site
from graphrisk.spark.rounds import BACKING, BAD, GOOD, STANDING, shares_of
from graphrisk.spark.tracing import told
from graphrisk.spark.weighing import NO_USE, SHARED_KINDS, weighed_with_halo
from graphrisk.spark.wide import names_of_groups, sizes_here


@dataclass(frozen=True, slots=True)
class Finished:
    """What a block tells of its decisions; counts are of own accounts, entities and links.

    Attributes
    ----------
    states
        Accounts by reason code and state.
    reasons
        What each reason code stands for.
    tiers, rules
        Accounts by tier, and by rule.
    n_links
        Links whose source is an own entity.
    hubs
        The own entities with the most accounts: ``kind, entity_id, n_accounts``.
    """

    states: Mapping[str, Mapping[str, int]]
    reasons: Mapping[str, Reason]
    tiers: Mapping[str, int]
    rules: Mapping[str, int]
    n_accounts: int
    n_entities: int
    n_links: int
    hubs: pl.DataFrame


def finish(site: Site, n_rounds: int, n_spread: int, n_groups: int) -> Finished:
    """Decide this block's accounts, and write its parts of all tables."""
    run, block = site.shared("run"), site.recall("block")
    graph, policy = block.graph, run.policy
    weights, seeds = site.recall("weights"), site.recall("seeds")
    own = block.is_own[graph.accounts]
    propagated, units = _propagated(site, block, n_rounds, n_spread)
    backing = backing_of(graph, weights, policy, units)
    terms = _only(own, _terms(site, block, propagated))
    risk = score(terms, len(graph.accounts), policy.prior.risk_prob)
    decided = decide(terms, risk, backing, policy, terms)
    paths = told(site, policy.reach.n_hops)
    trails, texts, wider = _trails(site, block, paths, seeds)
    codes = principal_factors(terms, backing, decided, policy, terms)
    decisions = _decisions(block, policy, run.as_of, risk, decided, trails, texts, codes)
    evidence = evidence_table(
        terms, risk.prior_log_odds, graph, wider,
        (*trails, *unheard_trails(graph, weights)),
        {signal.code: signal.table for signal in CATALOG},
        innocent_facts(graph, weights),
    )  # fmt: skip
    entities = entity_table(graph, weights, seeds, propagated, risk, policy).with_columns(
        component=names_of_groups(site.recall(f"group-{n_groups}")).alias("component")
    )
    is_own = pl.Series(block.is_own)
    ids = graph.entity_id.gather(graph.accounts).filter(pl.Series(own))
    mine = pl.col("account_id").is_in(ids.implode())
    decisions, evidence = decisions.filter(mine), evidence.filter(mine)
    entities = entities.filter(is_own)
    of_own = pl.Series(block.is_own[graph.links.source])
    _write(site, {
        "decisions": decisions,
        "evidence": evidence.with_row_index("row_in_block"),
        "entities": entities,
        "graph-links": links_table(graph).filter(of_own),
        "graph-entities": entities_table(graph).filter(is_own),
        "graph-labels": _labels(block),
    })  # fmt: skip
    return Finished(
        states={term.reason.code: _states(term, own) for term in terms},
        reasons={term.reason.code: term.reason for term in terms},
        tiers=_counts(decisions["tier"]),
        rules=_counts(decisions["rule"]),
        n_accounts=int(own.sum()),
        n_entities=int(block.is_own.sum()),
        n_links=int(of_own.sum()),
        hubs=_hubs(entities),
    )


def _propagated(
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
    damping, masses = policy.pagerank.damping, site.recall(f"mass-{n_spread}")
    shares = shares_of(graph, weights, in_share)
    propagated = Propagated(
        bad_reach=Reached(own_units(seeds.bad_strength), units[BAD]),
        good_reach=Reached(own_units(seeds.good_strength), units[GOOD]),
        in_rate=damping * shares[BAD],
        good_in_rate=damping * shares[GOOD],
        standing_in_rate=damping * shares[STANDING],
        bad_mass=masses[BAD],
        good_mass=masses[GOOD],
        standing_mass=masses[STANDING],
        ties=ties_of(graph, weights, n_bad),
        prevalence_prob=seeds.prevalence_prob,
    )
    return propagated, [units[name] for name in BACKING]


def _terms(site: Site, block: Block, propagated: Propagated) -> tuple[Term, ...]:
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


def _only(own: NDArray[np.bool_], terms: Sequence[Term]) -> tuple[Term, ...]:
    """Silence the terms of accounts that other blocks decide."""
    miss = np.int8(State.MISS)
    return tuple(
        Term(term.reason, np.where(own, term.nats, 0.0), np.where(own, term.value, np.nan),
             np.where(own, term.state, miss).astype(np.int8))
        for term in terms
    )  # fmt: skip


def _trails(
    site: Site, block: Block, paths: pl.DataFrame, seeds: Seeds
) -> tuple[tuple[Trail, ...], pl.DataFrame, Seeds]:
    """Lay out what paths found by family, and widen the seeds by those of other blocks."""
    slot, prob = site.recall("trails")
    n_accounts, n_families = slot.shape
    families = site.recall("weights").families
    valid = paths.filter(~pl.col("is_circular")).with_row_index("found")
    n_links = np.zeros(n_accounts * n_families, dtype=np.int64)
    found = np.full(n_accounts * n_families, -1, dtype=np.int64)
    n_links[valid["path"].to_numpy()] = valid["n_links"].to_numpy()
    found[valid["path"].to_numpy()] = valid["found"].to_numpy()
    arrives = (n_links > 0).reshape(slot.shape)
    seed = _seed_numbers(valid, len(seeds.ruling))[np.where(found >= 0, found, len(valid))]
    trails = tuple(
        Trail(
            family,
            np.where(arrives[:, i], slot[:, i], NONE).astype(np.int32),
            np.where(arrives[:, i], prob[:, i], 0.0),
            seed.reshape(slot.shape)[:, i].astype(np.int32),
        )
        for i, family in enumerate(families)
    )
    texts = pl.DataFrame(
        {
            "found": np.append(valid["found"].to_numpy().astype(np.int64), -1),
            "evidence_path": pl.concat([valid["text"], pl.Series([""])]),
            "n_hops": np.append(valid["n_links"].to_numpy(), 0).astype(np.int64),
        }
    )
    site_paths = pl.DataFrame({"found": found}).join(
        texts, on="found", how="left", maintain_order="left"
    )
    labels = pl.concat(
        [
            seeds.labels,
            valid.select(
                number=pl.lit(-1, pl.Int32), label="label", label_source="label_source",
                known_us=pl.lit(0, pl.Int64), confirmed=pl.lit(False),
            ),
        ]
    )  # fmt: skip
    ruling = np.append(seeds.ruling, len(seeds.labels) + np.arange(len(valid)))
    return trails, site_paths, replace(seeds, ruling=ruling.astype(np.int32), labels=labels)


def _seed_numbers(valid: pl.DataFrame, n_entities: int) -> Ints:
    """Number the seeds of paths behind all entities here; ``-1`` where a path found none."""
    numbers = np.where(valid["is_seed"].to_numpy(), n_entities + np.arange(len(valid)), -1)
    return np.append(numbers, -1)


def _decisions(
    block: Block,
    policy: Policy,
    as_of: datetime | None,
    risk: Risk,
    decided: Decisions,
    trails: Sequence[Trail],
    texts: pl.DataFrame,
    codes: pl.Series,
) -> pl.DataFrame:
    """Lay decisions out, each above clear with the strongest of its paths."""
    above = np.flatnonzero(decided.tier > Tier.CLEAR)
    best, which = np.zeros(len(above)), np.full(len(above), -1, dtype=np.int64)
    for i, trail in enumerate(trails):
        stronger = trail.prob[above] > best
        best[stronger], which[stronger] = trail.prob[above][stronger], i
    path = np.where(which >= 0, above * len(trails) + which, 0)
    explained = texts[path].select("evidence_path", "n_hops").with_columns(
        row=pl.Series(above),
        evidence_path=pl.when(pl.Series(which >= 0)).then("evidence_path").otherwise(pl.lit("")),
        n_hops=pl.when(pl.Series(which >= 0)).then("n_hops").otherwise(0).cast(pl.Int32),
    )  # fmt: skip
    table = with_paths(block.graph, risk, decided, explained, codes)
    return table.with_columns(
        model_version=pl.lit(MODEL_VERSION),
        policy_hash=pl.lit(policy.hash),
        as_of=pl.lit(as_of, pl.Datetime("us", "UTC")),
    ).select(DECISION_COLUMNS)


def _labels(block: Block) -> pl.DataFrame:
    return labels_table(block.dataset, block.graph)


def _states(term: Term, own: NDArray[np.bool_]) -> dict[str, int]:
    counts = np.bincount(term.state[own], minlength=len(State))
    return {state.word: int(counts[state]) for state in State}


def _counts(column: pl.Series) -> dict[str, int]:
    counted = column.value_counts()
    return dict(zip(counted[column.name], counted["count"], strict=True))


def _hubs(entities: pl.DataFrame) -> pl.DataFrame:
    return (
        entities.select("kind", "entity_id", "n_accounts")
        .filter((pl.col("kind") != EntityKind.ACCOUNT.value) & (pl.col("n_accounts") > 1))
        .sort("n_accounts", "kind", "entity_id", descending=[True, False, False])
        .head(20)
    )


def _write(site: Site, tables: Mapping[str, pl.DataFrame]) -> None:
    for name, table in tables.items():
        site.write_part(name, table)
