"""Accounts unlike all others: an isolation forest over what accounts do and are, no label asked.

Weak evidence, and only where a policy asks for it: what is rare is not therefore bad. The term of
an account is named after what sets it apart most.

Source: Liu, Ting and Zhou 2008, Isolation Forest; scikit-learn's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphrisk.errors import PolicyError
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.intake.dataset import Dataset
from graphrisk.learn.activity import activity_columns
from graphrisk.learn.columns import SURROUNDINGS, Column, matrix
from graphrisk.learn.records import records_of
from graphrisk.learn.spread import Neighborhood
from graphrisk.learn.surroundings import attribute_columns, structure_columns
from graphrisk.model.evidence import UNLIKE, Group, Reason, State, Strength, Term, whole
from graphrisk.model.policy import Policy

Floats = NDArray[np.float64]

#: Trees, accounts drawn for each, and the seed: fixed, so that a policy says all there is to say.
N_TREES, N_DRAWN, SEED = 200, 256, 0
#: A score above this is that of an account which the trees part from the rest early.
LEAST_SCORE = 0.5


def anomaly_terms(
    dataset: Dataset, graph: LinkGraph, policy: Policy, n_threads: int
) -> tuple[Term, ...]:
    """Make one term for each way in which accounts are unlike all others.

    An account belongs to at most one of them: that of the columns which, were they those of a
    usual account, would make it most alike. Evidence grows with how rare so high a score is,
    from nothing at the policy's ``most_share`` to its cap at a tenth of that.

    Returns
    -------
    tuple of Term
        Empty where the policy has it off.

    Raises
    ------
    PolicyError
        If the policy asks for it, and scikit-learn is not installed.
    """
    rule = policy.anomaly
    if not rule.on:
        return ()
    forest = _forest()
    around = Neighborhood.of(graph)
    records = records_of(dataset, graph, graph.as_of)
    columns = [
        *activity_columns(graph, records, policy),
        *structure_columns(graph, around, n_threads),
        *(c for c in attribute_columns(dataset, graph, around, n_threads)
          if c.reason.group == Group.OWN),
    ]  # fmt: skip
    table = _tamed(matrix(columns, (column.name for column in columns)))
    score = _scored(forest, table)
    rarity = np.searchsorted(np.sort(-score), -score, side="right") / max(len(score), 1)
    nats = rule.cap_nats * np.clip(np.log10(rule.most_share / rarity), 0.0, 1.0)
    nats = whole(np.where(score > LEAST_SCORE, nats, 0.0))
    told = np.flatnonzero(nats > 0)
    driver = _drivers(forest, table[told], score[told], columns, np.median(table, axis=0))
    return tuple(
        _term(code, told[driver == code], nats, score) for code in sorted(set(driver.tolist()))
    )


def _forest() -> Any:  # noqa: ANN401
    try:
        from sklearn.ensemble import IsolationForest
    except ImportError as error:
        raise PolicyError(
            "anomaly.on is true, and scikit-learn is not installed",
            expected="the extra ml, which looking for unlike accounts needs",
            hint="pip install 'graphrisk[ml]', or set anomaly.on = false",
        ) from error
    return IsolationForest(n_estimators=N_TREES, max_samples=N_DRAWN, random_state=SEED, n_jobs=1)


def _tamed(table: Floats) -> Floats:
    """Take logarithms of sizes, and the middle of a column for what is not known."""
    tamed = np.sign(table) * np.log1p(np.abs(table))
    known = ~np.isnan(tamed)
    middle = np.array(
        [np.median(column[here]) if here.any() else 0.0
         for column, here in zip(tamed.T, known.T, strict=True)]
    )  # fmt: skip
    return np.where(known, tamed, middle)


def _scored(forest: Any, table: Floats) -> Floats:  # noqa: ANN401
    """Fit and score; rows are drawn by their content, so that no id and no order matters."""
    order = np.lexsort(table.T[::-1])
    forest.set_params(max_samples=min(N_DRAWN, len(table)))
    forest.fit(table[order])
    return np.asarray(-forest.score_samples(table), dtype=np.float64)


def _drivers(
    forest: Any,  # noqa: ANN401
    table: Floats,
    score: Floats,
    columns: Sequence[Column],
    usual: Floats,
) -> NDArray[np.str_]:
    """Name for each account the reason whose columns set it apart most, shape (n,)."""
    codes = sorted({column.reason.code for column in columns})
    falls = np.zeros((len(codes), len(table)))
    for at, code in enumerate(codes):
        there = np.array([column.reason.code == code for column in columns])
        if len(table):
            falls[at] = score + forest.score_samples(np.where(there, usual, table))
    names = np.array([f"{UNLIKE}{code}" for code in codes])
    return np.asarray(names[falls.argmax(axis=0)])


def _term(code: str, here: NDArray[np.int64], nats: Floats, score: Floats) -> Term:
    alone = np.zeros(len(nats))
    alone[here] = nats[here]
    reason = Reason(
        code, Group.LINKED, SURROUNDINGS, Strength.WEAK,
        f"unlike nearly all other accounts in {code.removeprefix(UNLIKE).lower()}", "score",
    )  # fmt: skip
    state = np.where(alone > 0, State.HIT, State.MISS).astype(np.int8)
    return Term(reason, alone, score, state)
