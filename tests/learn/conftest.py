"""Books to learn from: one whose attribute and links both tell, and the model of it."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from graphrisk import Dataset, read_dataset
from graphrisk.graph.build import build_graph
from graphrisk.learn.evidence import Stand
from graphrisk.learn.model import FittedModel
from graphrisk.model.policy import Policy
from graphrisk.pipeline.learning import learn
from graphrisk.propagation.seeds import seeds_of
from graphrisk.propagation.weights import weigh

START = datetime(2026, 1, 1, tzinfo=UTC)


def long_tables(n_accounts=300, n_bad=60, n_hidden=60, *, seed=0, separation=1.5):
    """Accounts on devices in threes, an attribute that is higher for bad ones, and payments."""
    random = np.random.default_rng(seed)
    is_bad = np.zeros(n_accounts, dtype=bool)
    is_bad[random.permutation(n_accounts)[:n_bad]] = True
    order = np.argsort(~is_bad, kind="stable")
    device = np.empty(n_accounts, dtype=int)
    device[order] = np.arange(n_accounts) // 3
    mixed = random.random(n_accounts) < 0.4
    device[mixed] = random.integers(0, n_accounts // 3, mixed.sum())
    ids = [f"A{i:05d}" for i in range(n_accounts)]
    score = random.normal(is_bad * separation, 1.0)
    payer, payee = (random.integers(0, n_accounts, 2 * n_accounts) for _ in range(2))
    when = [START + timedelta(days=int(day)) for day in random.integers(0, 90, len(payer))]
    seen = random.permutation(n_accounts)[n_hidden:]
    return {
        "entities": pl.DataFrame(
            {
                "entity_id": [*ids, *(f"D{d}" for d in sorted(set(device)))],
                "kind": ["account"] * n_accounts + ["device"] * len(set(device)),
                "score": [*score, *[None] * len(set(device))],
            }
        ),
        "links": pl.DataFrame(
            {
                "source_id": [*ids, *(ids[i] for i in payer)],
                "target_id": [*(f"D{d}" for d in device), *(ids[i] for i in payee)],
                "source_kind": ["account"] * (n_accounts + len(payer)),
                "target_kind": ["device"] * n_accounts + ["account"] * len(payer),
                "relation": ["uses_device"] * n_accounts + ["transfer"] * len(payer),
                "observed_at": [START] * n_accounts + when,
                "amount": [None] * n_accounts + [*random.integers(1, 900, len(payer)) / 2.0],
            }
        ).filter(pl.col("source_id") != pl.col("target_id")),
        "labels": pl.DataFrame(
            {
                "entity_kind": ["account"] * len(seen),
                "entity_id": [ids[i] for i in sorted(seen)],
                "label": ["bad" if is_bad[i] else "good" for i in sorted(seen)],
            }
        ),
    }


def stand_of(dataset: Dataset) -> Stand:
    """Stand where fitting begins."""
    policy, as_of = Policy.default(), dataset.newest_at
    graph = build_graph(dataset, as_of=as_of)
    seeds = seeds_of(dataset, graph, policy, as_of=as_of)
    return Stand(dataset, graph, weigh(graph, policy), seeds, policy, as_of, 1)


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    return read_dataset(long_tables())


@pytest.fixture(scope="session")
def stand(dataset) -> Stand:
    return stand_of(dataset)


@pytest.fixture(scope="session")
def model(dataset) -> FittedModel:
    return learn(dataset, Policy.default(), seed=3)
