"""Learn from a dataset: the stages up to the seeds, and then the fitting; and look again later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from graphrisk.intake.dataset import Dataset
from graphrisk.learn.drift import Drift, drift_of
from graphrisk.learn.evidence import Stand
from graphrisk.learn.fit import fit
from graphrisk.learn.model import FittedModel
from graphrisk.model.policy import Policy
from graphrisk.pipeline.stages import Products, make_graph, make_seeds, make_weights


def learn(
    dataset: Dataset,
    policy: Policy,
    as_of: datetime | None = None,
    *,
    seed: int = 0,
    n_threads: int = 1,
    progress: Callable[[str], None] | None = None,
) -> FittedModel:
    """Learn a model from the labels that were known as of a moment.

    Raises
    ------
    UsageError
        If there are too few labels, or the extra ``ml`` is not installed.
    """
    return fit(stand_of(dataset, policy, as_of, n_threads), seed=seed, progress=progress)


def drift(
    dataset: Dataset,
    policy: Policy,
    model: FittedModel,
    as_of: datetime | None = None,
    *,
    n_threads: int = 1,
) -> Drift:
    """Hold a model against a dataset as of a later moment.

    Raises
    ------
    UsageError
        If the model does not say how its book was distributed, or the extra ``ml`` is missing.
    """
    return drift_of(stand_of(dataset, policy, as_of, n_threads), model)


def stand_of(
    dataset: Dataset, policy: Policy, as_of: datetime | None = None, n_threads: int = 1
) -> Stand:
    """Run the stages up to the seeds: what columns of evidence are made from."""
    made: Products = {
        "dataset": dataset,
        "policy": policy,
        "as_of": dataset.newest_at if as_of is None else as_of,
        "n_threads": n_threads,
    }
    made["graph"] = make_graph(made)
    made["weights"] = make_weights(made)
    made["seeds"] = make_seeds(made)
    return Stand(
        dataset, made["graph"], made["weights"], made["seeds"], policy, made["as_of"], n_threads
    )
