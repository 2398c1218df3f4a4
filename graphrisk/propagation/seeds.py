"""From labels to seeds: which entities are known to be bad or good, as of a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.graph.build import known_by
from graphrisk.graph.encode import ABSENT
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.intake.dataset import Dataset
from graphrisk.model.column import kept_as_columns
from graphrisk.model.policy import Policy, is_good
from graphrisk.model.times import NO_TIME


@kept_as_columns("bad_strength", "good_strength", "own_nats")
@dataclass(frozen=True)
class Seeds:
    """The labels in force, entity by entity.

    An entity with labels of both signs is what the newest says; at equal times, bad. Hardly any
    has one, so numbers are kept as columns: each reading of one makes the array.

    Attributes
    ----------
    bad_strength, good_strength
        Probability that the entity is bad, or good, by its labels, shape (n_entities,).
    own_nats
        What the labels add to the entity's own log-odds, negative for good, shape
        (n_entities,).
    ruling
        For each entity the row of ``labels`` that decided, ``-1`` for none, shape
        (n_entities,), int32.
    labels
        One row for each labelled entity: number, label, label_source, known_us, confirmed.
    prevalence_prob
        How common bad accounts are known to be, never below the prior of the policy.
    """

    bad_strength: NDArray[np.float64]
    good_strength: NDArray[np.float64]
    own_nats: NDArray[np.float64]
    ruling: NDArray[np.int32]
    labels: pl.DataFrame
    prevalence_prob: float

    def is_confirmed(self) -> NDArray[np.bool_]:
        """Mark the entities whose ruling label a human or a court stands behind."""
        mask = np.zeros(len(self.ruling), dtype=bool)
        ruled = self.ruling >= 0
        mask[ruled] = self.labels["confirmed"].to_numpy()[self.ruling[ruled]]
        return mask


def seeds_of(
    dataset: Dataset, graph: LinkGraph, policy: Policy, *, as_of: datetime | None
) -> Seeds:
    """Find the seeds: labels known by ``as_of``, not expired, on entities of the graph."""
    deciding = _deciding(_in_force(dataset, graph, policy, as_of))
    number = deciding["number"].to_numpy()
    bad = ~deciding["is_good"].to_numpy()

    def spread(values: NDArray[np.float64], rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        column = np.zeros(graph.n_entities, dtype=np.float64)
        column[number[rows]] = values[rows]
        return column

    strength = deciding["strength"].to_numpy()
    confirmed = deciding["confirmed"].to_numpy() & bad
    ruling = np.full(graph.n_entities, -1, dtype=np.int32)
    ruling[number] = np.arange(len(number), dtype=np.int32)
    return Seeds(
        bad_strength=spread(strength, bad),
        good_strength=spread(strength, ~bad),
        own_nats=spread(np.where(bad, 1.0, -1.0) * deciding["own_nats"].to_numpy(), bad | ~bad),
        ruling=ruling,
        labels=deciding.select("number", "label", "label_source", "known_us", "confirmed"),
        prevalence_prob=prevalence(number[confirmed], graph, policy),
    )


def prevalence(confirmed_bad: NDArray[np.int32], graph: LinkGraph, policy: Policy) -> float:
    """Say how common bad accounts are known to be, from the numbers of the confirmed ones.

    Accounts without a label count as if they were not bad, and so do ``doubt_accounts`` more, so
    that a handful of labels in a small book says nothing. It rises with every bad label and falls
    with none. The share among the labelled would say more if they were a sample, which nobody
    promises.
    """
    n_bad = int(np.isin(confirmed_bad, graph.accounts).sum())
    return prevalence_of(n_bad, len(graph.accounts), policy)


def prevalence_of(n_bad: int, n_accounts: int, policy: Policy) -> float:
    """Say how common bad accounts are, from how many are confirmed; see :func:`prevalence`."""
    known = n_bad / max(n_accounts + policy.prior.doubt_accounts, 1)
    return max(min(known, policy.prior.most_prob), policy.prior.risk_prob)


def _in_force(
    dataset: Dataset, graph: LinkGraph, policy: Policy, as_of: datetime | None
) -> pl.DataFrame:
    """Labels that count at ``as_of``, with the policy's worth of each."""
    rules = pl.DataFrame(
        [
            (name, rule.strength, rule.own_nats, rule.confirmed, is_good(name))
            for name, rule in policy.labels.items()
        ],
        schema={
            "label": pl.String,
            "strength": pl.Float64,
            "own_nats": pl.Float64,
            "confirmed": pl.Boolean,
            "is_good": pl.Boolean,
        },
        orient="row",
    )
    labels = dataset.tables.get("labels")
    if labels is None:
        labels = pl.DataFrame(schema=_LABEL_SCHEMA)
    labels = labels.filter(known_by(as_of, "known_at", "event_at"))
    if as_of is not None:
        labels = labels.filter((pl.col("expires_at") > as_of).fill_null(True))
    worth = pl.col("severity").fill_null(1.0)
    return (
        labels.with_columns(
            number=pl.Series(graph.index.encode_mixed(labels["entity_kind"], labels["entity_id"])),
            known_us=pl.coalesce("known_at", "event_at").dt.epoch("us").fill_null(NO_TIME),
            label_source=pl.col("source").fill_null(""),
        )
        .filter(pl.col("number") != ABSENT)
        .join(rules, on="label", how="inner")
        .with_columns(strength=pl.col("strength") * worth, own_nats=pl.col("own_nats") * worth)
    )


def _deciding(in_force: pl.DataFrame) -> pl.DataFrame:
    """Reduce to the label that decides for each entity, sorted by entity number."""
    newest_good = pl.col("known_us").filter(pl.col("is_good")).max().over("number")
    newest_bad = pl.col("known_us").filter(~pl.col("is_good")).max().over("number")
    good_rules = (newest_good > newest_bad).fill_null(newest_bad.is_null())
    standing = in_force.with_columns(newest_good=newest_good, good_rules=good_rules).filter(
        pl.when("good_rules")
        .then(pl.col("is_good"))
        .otherwise(
            ~pl.col("is_good") & (pl.col("known_us") >= pl.col("newest_good").fill_null(NO_TIME))
        )
    )
    # Confirmed labels come first, so that a stronger suspicion beside one hides no confirmation.
    strongest_first = standing.sort(
        "number",
        "confirmed",
        "strength",
        "known_us",
        "label",
        "label_source",
        descending=[False, True, True, True, False, False],
    )
    return (
        strongest_first.group_by("number", maintain_order=True)
        .agg(
            pl.col("label", "label_source", "known_us", "is_good", "confirmed").first(),
            pl.col("strength", "own_nats").max(),
        )
        .sort("number")
    )


_LABEL_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "entity_kind": pl.String,
    "entity_id": pl.String,
    "label": pl.String,
    "severity": pl.Float64,
    "event_at": pl.Datetime("us", "UTC"),
    "known_at": pl.Datetime("us", "UTC"),
    "expires_at": pl.Datetime("us", "UTC"),
    "source": pl.String,
}
