"""Write what an analysis found, and let nobody see it before all of it is there.

Decisions, evidence, flags and weights are written in batches under the run's id. The last
transaction counts them, writes the node of the run and flips the pointer. A run that was
interrupted has a note of its own (``PendingRun``): the next one completes it if it is the same,
and takes its remains away if it is another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from graphrisk.errors import IntegrityFailure, Locked
from graphrisk.model.kinds import Tier
from graphrisk.model.times import to_microseconds
from graphrisk.stores.bolt import Bolt, Overtaken, Step
from graphrisk.stores.digest import digest_of_all, digests
from graphrisk.stores.loading import batches
from graphrisk.stores.records import key_of
from graphrisk.stores.terms import BOOK, Progress, Written

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


def run_records(
    decisions: pl.DataFrame, evidence: pl.DataFrame, entities: pl.DataFrame, policy: Policy
) -> RunRecords:
    """Bring what an analysis found to the form of a store.

    Parameters
    ----------
    decisions, evidence, entities
        The tables of an :class:`graphrisk.pipeline.Analysis`, or of its folder.
    policy
        What it was decided by.
    """
    evidence = _above_clear(decisions, evidence)
    flags, weights = _flags(entities), _weights(policy)
    run_id = digest_of_all(
        [digests(name, table) for name, table in
         (("decision", decisions), ("evidence", evidence), ("flag", flags), ("weight", weights))]
    )  # fmt: skip
    first = decisions.row(0, named=True)
    return RunRecords(
        run_id,
        {
            "as_of_us": None if first["as_of"] is None else to_microseconds(first["as_of"]),
            "policy_hash": first["policy_hash"],
            "model_version": first["model_version"],
            "n_accounts": len(decisions),
        },
        _rows(_decisions(decisions), run_id, "decision_key", "account_id", keep=("account_id",)),
        _rows(_evidence(evidence, run_id), run_id, "evidence_key", "place", keep=("decision_key",)),
        _rows(flags, run_id, "flag_key", "place", keep=("entity_key",)),
        _rows(weights, run_id, "weight_key", "relation"),
    )


def write(
    bolt: Bolt, run: RunRecords, n_batch: int, progress: Progress, *, flip: bool = True
) -> Written:
    """Write a run and make it the current one; see the module's text.

    Without ``flip`` it is written whole, and the pointer stays.

    Raises
    ------
    Locked
        If another run began to be written meanwhile.
    IntegrityFailure
        If the book in the store is another one: decisions do not find their accounts.
    """
    names = {"book": BOOK, "run_id": run.run_id}
    is_written, is_current, is_pending = bolt.row("runs/state", **names) or (False, False, False)
    is_whole = is_written and not is_pending and _counted(bolt, run) == run.counts
    last = (Step("runs/flip", names),) if flip else ()
    if is_whole and (is_current or not flip):
        return Written()
    try:
        if is_whole:
            return bolt.write(*last)
        written = bolt.write(Step("runs/begin", names))
        written += _clear_away(bolt, names, n_batch)
        for word in ("decisions", "evidence", "flags", "relation_weights"):
            rows: pl.DataFrame = getattr(run, word)
            for n_done, batch in batches(rows, n_batch):
                progress(word, n_done, len(rows))
                written += bolt.write(_ours(names), Step(f"runs/{word}", {"rows": batch}))
            progress(word, len(rows), len(rows))
        return written + _finish(bolt, run, names, last)
    except Overtaken as overtaken:
        raise Locked(
            "another run began to be written to this store",
            expected="one at a time",
            hint="wait until it is done, and run the same again",
        ) from overtaken


def _ours(names: Mapping[str, object]) -> Step:
    return Step("runs/still_ours", names, must_answer="run")


def _counted(bolt: Bolt, run: RunRecords) -> Counts:
    """Count what is in the store of a run."""
    return Counts(*(bolt.row("runs/count", run_id=run.run_id) or (0, 0, 0, 0)))


def _clear_away(bolt: Bolt, names: Mapping[str, str], n_batch: int) -> Written:
    """Take away what runs have left that were begun and never finished."""
    written = Written()
    while left := bolt.row("runs/interrupted", run_id=names["run_id"]):
        (run_id,) = left
        written += remove(bolt, run_id, n_batch)
        written += bolt.write(Step("runs/forget", {"run_id": run_id}))
    return written


def remove(bolt: Bolt, run_id: str, n_batch: int) -> Written:
    """Take away all that there is of a run."""
    written = Written()
    for word in ("evidence", "flags", "decisions", "relation_weights"):
        written += bolt.remove_all(f"runs/remove_{word}", n_batch, run_id=run_id)
    return written + bolt.write(Step("runs/remove_run", {"run_id": run_id}))


def _finish(
    bolt: Bolt, run: RunRecords, names: Mapping[str, str], last: tuple[Step, ...]
) -> Written:
    """Count what was written, and flip the pointer in one transaction."""
    found = _counted(bolt, run)
    if found != run.counts:
        raise IntegrityFailure(
            f"the store holds {asdict(found)} of the run",
            expected=f"{asdict(run.counts)}, each tied to its account or entity",
            hint="load the dataset of this analysis into the store, then write the run again",
        )
    only_run = {"run_id": run.run_id}
    return bolt.write(
        _ours(names),
        Step("runs/finish", {**only_run, "properties": dict(run.properties)}),
        Step("runs/forget", only_run),
        *last,
    )


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


def _weights(policy: Policy) -> pl.DataFrame:
    """Say how far a link of each relation carries risk, before hub damping and age."""
    return pl.DataFrame(
        {
            "relation": list(policy.relations),
            "forward_prob": [one.toward_target_prob for one in policy.relations.values()],
            "backward_prob": [one.toward_source_prob for one in policy.relations.values()],
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
