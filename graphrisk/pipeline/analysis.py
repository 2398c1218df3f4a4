"""``analyze`` runs the stages; ``Analysis`` is what they found."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.errors import UsageError
from graphrisk.explain.waterfall import Waterfall
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.intake.dataset import Dataset
from graphrisk.intake.read import read_dataset
from graphrisk.intake.sheet import Sheet
from graphrisk.learn.model import FittedModel, load_model
from graphrisk.memory import give_back
from graphrisk.model.evidence import Reason, State, Term
from graphrisk.model.kinds import Tier
from graphrisk.model.policy import Policy
from graphrisk.pipeline.stages import MODEL_VERSION, STAGES, Products, version_of
from graphrisk.threads import available_threads

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

Progress = Callable[[str], None]
OnMade = Callable[[str, Any], None]


@dataclass(frozen=True)
class Analysis:
    """What an analysis found.

    Attributes
    ----------
    decisions
        One row for each account; columns as in the data dictionary, sorted by account id.
    waterfall
        One row for each term of each account; an account's nats add up to its log-odds.
    risks
        The risk of every entity. Both are kept as codes: ``evidence`` and ``entities`` make
        tables of them.
    dataset, graph, policy, as_of
        What it was made from.
    signal_states
        For each signal, how many accounts were hit, miss, unknown and error.
    reasons
        What each reason code stands for.
    seconds
        Wall time of each stage.
    model_version
        The model that decided, with its hash if it was fitted.
    """

    decisions: pl.DataFrame
    waterfall: Waterfall
    risks: Sheet
    dataset: Dataset
    graph: LinkGraph
    policy: Policy
    as_of: datetime | None
    n_threads: int
    signal_states: Mapping[str, Mapping[str, int]]
    reasons: Mapping[str, Reason]
    seconds: Mapping[str, float]
    model_version: str = MODEL_VERSION

    @cached_property
    def evidence(self) -> pl.DataFrame:
        """The waterfall of every account as a table."""
        return self.waterfall.sheet.table()

    @cached_property
    def entities(self) -> pl.DataFrame:
        """The risk of every entity as a table."""
        return self.risks.table()

    def is_protected(self) -> NDArray[np.bool_]:
        """Mark the protected hubs, whose links carry nothing, shape (n_entities,)."""
        return np.concatenate(
            [(part["hub_class"] != "").to_numpy() for part in self.risks.parts(["hub_class"])]
        )

    def to_pandas(self) -> pd.DataFrame:
        """Return the decisions as a pandas DataFrame."""
        return self.decisions.to_pandas()

    def tier_counts(self) -> dict[str, int]:
        """Count the accounts of each tier, from clear to close."""
        counted = self.decisions["tier"].value_counts()
        counts = dict(zip(counted["tier"], counted["count"], strict=True))
        return {tier.word: counts.get(tier.word, 0) for tier in Tier}


def analyze(
    source: str | Path | Mapping[str, Any] | nx.Graph | Dataset,
    policy: Policy | str | Path | None = None,
    as_of: datetime | None = None,
    *,
    mapping: str | Path | None = None,
    model: FittedModel | str | Path | None = None,
    n_threads: int | None = None,
    progress: Progress | None = None,
    on_made: OnMade | None = None,
) -> Analysis:
    """Decide every account of a dataset.

    Parameters
    ----------
    source
        A folder of tables, a mapping of table names to DataFrames, a networkx graph, or a
        :class:`Dataset` already read.
    policy
        A policy, or the path of one; the packaged default if None.
    as_of
        The moment of the analysis, with a time zone: nothing known later is used. None takes
        the newest fact of the dataset, so that the same input gives the same answer on any day.
    mapping
        How to read ``source``; see :func:`graphrisk.intake.read.read_dataset`.
    model
        What ``graphrisk fit`` learned, or the path of it; the policy's own model if None.
    n_threads
        Threads for the kernels; all processors by default. The bytes do not depend on it.
    progress
        Called with a stage's description before it starts.
    on_made
        Called with the name of a stage and what it made, before the next one starts.

    Raises
    ------
    InputRefused
        If the dataset can't be used; all faults at once.
    PolicyError
        If the policy is not valid.
    UsageError
        If ``as_of`` has no time zone, or no account was open by then.
    IntegrityFailure
        If a promise did not hold, such as terms that do not sum.
    """
    if as_of is not None and as_of.tzinfo is None:
        raise UsageError(
            f"as_of = {as_of.isoformat()} has no time zone",
            expected="an aware datetime",
            hint="say datetime(..., tzinfo=UTC)",
        )
    if not isinstance(policy, Policy):
        policy = Policy.default() if policy is None else Policy.load(policy)
    if isinstance(model, str | Path):
        model = load_model(Path(model))
    dataset = source if isinstance(source, Dataset) else read_dataset(source, mapping=mapping)
    made: Products = {
        "dataset": dataset,
        "policy": policy,
        "as_of": dataset.newest_at if as_of is None else as_of,
        "n_threads": n_threads or available_threads(),
        "model": model,
    }
    seconds: dict[str, float] = {}
    for stage in STAGES:
        if progress is not None:
            progress(stage.text)
        start = time.perf_counter()
        product = stage.make(made)
        made[stage.gives] = product  # type: ignore[literal-required]
        for name in stage.frees:
            del made[name]  # type: ignore[misc]
        give_back()
        seconds[stage.gives] = time.perf_counter() - start
        if on_made is not None:
            on_made(stage.gives, product)
    return Analysis(
        decisions=made["decisions"],
        waterfall=made["evidence"],
        risks=made["entities"],
        dataset=dataset,
        graph=made["graph"],
        policy=policy,
        as_of=made["as_of"],
        n_threads=made["n_threads"],
        signal_states={term.reason.code: _state_counts(term) for term in made["terms"]},
        reasons={term.reason.code: term.reason for term in made["terms"]},
        seconds=seconds,
        model_version=version_of(model),
    )


def _state_counts(term: Term) -> dict[str, int]:
    return {state.word: int(np.count_nonzero(term.state == state)) for state in State}
