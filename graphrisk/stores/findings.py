"""What an analysis found, in the form of a store: of all accounts, or of those of one share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from graphrisk.model.kinds import Tier
from graphrisk.model.times import to_microseconds
from graphrisk.stores.digest import digest_of_all, digests
from graphrisk.stores.records import key_of

if TYPE_CHECKING:
    from graphrisk.model.policy import Policy

#: Columns of the table of entities that make a flag, and the flag's first word.
FLAGS = {"label": "seed", "hub_class": "protected_hub", "sharing_kind": "innocent_sharing"}
#: Columns of the evidence that a store keeps.
_EVIDENCE = ("account_id", "reason_code", "nats", "via", "source")


@dataclass(frozen=True, slots=True)
class Counts:
    """How much of a run there is."""

    n_decisions: int
    n_evidence: int
    n_flags: int
    n_weights: int


@dataclass(frozen=True, slots=True)
class RunRecords:
    """A run in the form of a store.

    Attributes
    ----------
    run_id
        A digest of what was decided: the same analysis is the same run.
    properties
        What the node of the run says.
    decisions, evidence, flags, relation_weights
        Rows of the statements of the same names.
    """

    run_id: str
    properties: Mapping[str, Any]
    decisions: pl.DataFrame
    evidence: pl.DataFrame
    flags: pl.DataFrame
    relation_weights: pl.DataFrame

    @property
    def counts(self) -> Counts:
        """How much there is to write."""
        return Counts(
            len(self.decisions), len(self.evidence), len(self.flags), len(self.relation_weights)
        )


@dataclass(frozen=True, slots=True)
class Findings:
    """What an analysis found of all accounts, or of some: tables before a run has a name.

    ``properties`` are what the node of the run says of all of them.
    """

    properties: Mapping[str, Any]
    decisions: pl.DataFrame
    evidence: pl.DataFrame
    flags: pl.DataFrame
    relation_weights: pl.DataFrame
    digests: tuple[pl.Series, ...]

    @property
    def counts(self) -> Counts:
        """How much there is to write."""
        return Counts(
            len(self.decisions), len(self.evidence), len(self.flags), len(self.relation_weights)
        )

    def records(self, run_id: str) -> RunRecords:
        """Lay rows out for statements, under the id of a run."""
        decisions, evidence = _decisions(self.decisions), _evidence(self.evidence, run_id)
        return RunRecords(
            run_id,
            self.properties,
            _rows(decisions, run_id, "decision_key", "account_id", keep=("account_id",)),
            _rows(evidence, run_id, "evidence_key", "place", keep=("decision_key",)),
            _rows(self.flags, run_id, "flag_key", "place", keep=("entity_key",)),
            _rows(self.relation_weights, run_id, "weight_key", "relation"),
        )


#: What the digests of findings are of, in their order.
DIGESTED = ("decision", "evidence", "flag", "weight")


def findings(
    decisions: pl.DataFrame, evidence: pl.DataFrame, entities: pl.DataFrame, policy: Policy | None
) -> Findings:
    """Bring what an analysis found to the form of a store.

    Parameters
    ----------
    decisions, evidence, entities
        The tables of an :class:`graphrisk.pipeline.Analysis`, or of its folder, or those of some
        accounts and entities.
    policy
        What it was decided by. None leaves the weights of relations to another share.
    """
    evidence = _above_clear(decisions, evidence)
    flags, weights = _flags(entities), _weights(policy)
    named = zip(DIGESTED, (decisions, evidence, flags, weights), strict=True)
    return Findings(
        properties_of(decisions),
        decisions,
        evidence,
        flags,
        weights,
        tuple(digests(name, table) for name, table in named),
    )


def properties_of(decisions: pl.DataFrame) -> dict[str, Any]:
    """Say what the node of a run holds; nothing of no decisions."""
    if not len(decisions):
        return {"n_accounts": 0}
    first = decisions.row(0, named=True)
    return {
        "as_of_us": None if first["as_of"] is None else to_microseconds(first["as_of"]),
        "policy_hash": first["policy_hash"],
        "model_version": first["model_version"],
        "n_accounts": len(decisions),
    }


def run_records(
    decisions: pl.DataFrame, evidence: pl.DataFrame, entities: pl.DataFrame, policy: Policy
) -> RunRecords:
    """Bring a whole analysis to the form of a store; parameters as in :func:`findings`."""
    found = findings(decisions, evidence, entities, policy)
    return found.records(digest_of_all(found.digests))


def _above_clear(decisions: pl.DataFrame, evidence: pl.DataFrame) -> pl.DataFrame:
    """Keep the evidence of accounts above clear, numbered within each account."""
    above = decisions.filter(pl.col("tier") != Tier.CLEAR.word).select("account_id")
    kept = evidence.join(above, on="account_id", how="semi", maintain_order="left")
    return kept.select(_EVIDENCE).with_columns(
        place=pl.format("{}:{}", pl.int_range(pl.len()).over("account_id"), "account_id")
    )


def _decisions(decisions: pl.DataFrame) -> pl.DataFrame:
    ranks = {tier.word: int(tier) for tier in Tier}
    codes = pl.col("reason_codes")
    return decisions.select(
        "account_id",
        "tier",
        pl.col("tier").replace_strict(ranks, return_dtype=pl.Int64).alias("tier_rank"),
        "risk_prob", "own_nats", "linked_nats", "good_nats", "rule",
        pl.when(codes == "").then(pl.lit([], pl.List(pl.String))).otherwise(codes.str.split(";"))
        .alias("reason_codes"),
        _told("evidence_path"), "n_hops",
    )  # fmt: skip


def _evidence(evidence: pl.DataFrame, run_id: str) -> pl.DataFrame:
    return evidence.with_columns(
        _told("via"), _told("source"), decision_key=_run_key(run_id, pl.col("account_id"))
    )


def _told(column: str) -> pl.Expr:
    """Leave a property out where there is nothing to tell, rather than write an empty text."""
    return pl.when(pl.col(column) != "").then(column).alias(column)


def _flags(entities: pl.DataFrame) -> pl.DataFrame:
    """Name what the run treats in a special way: seeds, protected hubs, innocent sharing."""
    parts = [
        entities.filter(pl.col(column) != "").select(
            entity_key=key_of(pl.col("kind"), pl.col("entity_id")),
            flag=pl.format(f"{word}:{{}}", column),
        )
        for column, word in FLAGS.items()
        if column in entities.columns
    ]
    return (
        pl.concat(parts)
        .sort("entity_key", "flag")
        .with_columns(place=pl.concat_str("flag", "entity_key", separator=" "))
    )


def _weights(policy: Policy | None) -> pl.DataFrame:
    """Say how far a link of each relation carries risk, before hub damping and age."""
    relations = policy.relations if policy else {}
    return pl.DataFrame(
        {
            "relation": list(relations),
            "forward_prob": [one.toward_target_prob for one in relations.values()],
            "backward_prob": [one.toward_source_prob for one in relations.values()],
        },
        {"relation": pl.String, "forward_prob": pl.Float64, "backward_prob": pl.Float64},
    ).sort("relation")


def _rows(
    table: pl.DataFrame, run_id: str, key: str, place: str, keep: tuple[str, ...] = ()
) -> pl.DataFrame:
    """Lay rows out for a statement: the key, what it is tied to, and the properties."""
    left_out = {"place", "decision_key", "entity_key"} - {key}
    properties = [name for name in table.columns if name not in left_out]
    return table.select(
        _run_key(run_id, pl.col(place)).alias(key),
        *keep,
        properties=pl.struct(pl.lit(run_id).alias("run_id"), *properties),
    )


def _run_key(run_id: str, rest: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit(f"{run_id}:"), rest)
