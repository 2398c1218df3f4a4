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
from graphrisk.explain.entities import entity_sheet, risk_of_others
from graphrisk.explain.factors import principal_factors
from graphrisk.explain.waterfall import waterfall
from graphrisk.model.decision import Decisions, Trail
from graphrisk.model.evidence import Reason, State, Term
from graphrisk.model.kinds import EntityKind, Tier
from graphrisk.model.policy import Policy
from graphrisk.pipeline.stages import MODEL_VERSION
from graphrisk.propagation.backing import backing_of
from graphrisk.propagation.seeds import Seeds
from graphrisk.propagation.witness import NONE
from graphrisk.report.tables import entities_table, labels_table, links_table
from graphrisk.risk.additive import Risk, score
from graphrisk.signals.catalog import CATALOG
from graphrisk.signals.unheard import unheard_trails
from graphrisk.spark.block import Block
from graphrisk.spark.holding import written_here
from graphrisk.spark.place import Site
from graphrisk.spark.terms import only, propagated_here, terms_here
from graphrisk.spark.tracing import told
from graphrisk.spark.wide import names_of_groups


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
    propagated, units = propagated_here(site, block, n_rounds, n_spread)
    backing = backing_of(graph, weights, policy, units)
    terms = only(own, terms_here(site, block, propagated))
    risk = score(terms, len(graph.accounts), policy.prior.risk_prob)
    decided = decide(terms, risk, backing, policy, terms)
    paths = told(site, policy.reach.n_hops)
    trails, texts, wider = _trails(site, block, paths, seeds)
    codes = principal_factors(terms, backing, decided, policy, terms)
    decisions = _decisions(block, policy, run.as_of, risk, decided, trails, texts, codes)
    evidence = waterfall(
        terms, risk.prior_log_odds, graph, wider,
        (*trails, *unheard_trails(graph, weights)),
        {signal.code: signal.table for signal in CATALOG},
        weights.sharing.facts(),
    ).sheet.table()  # fmt: skip
    others = risk_of_others(graph, weights, seeds, propagated, policy)
    entities = (
        entity_sheet(graph, weights, seeds, risk, others)
        .table()
        .with_columns(
            n_accounts=pl.Series(site.recall("whole").n_accounts),
            component=names_of_groups(site.recall(f"group-{n_groups}")).alias("component"),
        )
    )
    written = written_here(block, site.shared("hubs"))
    is_own = pl.Series(written)
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
        "graph-labels": _labels(block, written),
    })  # fmt: skip
    return Finished(
        states={term.reason.code: _states(term, own) for term in terms},
        reasons={term.reason.code: term.reason for term in terms},
        tiers=_counts(decisions["tier"]),
        rules=_counts(decisions["rule"]),
        n_accounts=int(own.sum()),
        n_entities=int(written.sum()),
        n_links=int(of_own.sum()),
        hubs=_hubs(entities),
    )


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


def _labels(block: Block, written: NDArray[np.bool_]) -> pl.DataFrame:
    labels = labels_table(block.dataset, block.graph)
    number = block.graph.index.encode_mixed(labels["entity_kind"], labels["entity_id"])
    return labels.filter(pl.Series(written[number]))


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
