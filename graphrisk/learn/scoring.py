"""Terms of a fitted model: what each reason adds to an account's log-odds, exactly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from graphrisk.learn.columns import SURROUNDINGS, Column, matrix, near_reason
from graphrisk.learn.evidence import Stand, columns_of
from graphrisk.learn.model import BOOSTED, Additive, Boosted, FittedModel
from graphrisk.model.evidence import BASE_RATE, Group, Reason, State, Strength, Term, whole
from graphrisk.risk.additive import log_odds_of

Floats = NDArray[np.float64]

#: What adds less than this to an account is told together with all else that does.
LEAST_NATS = 0.02
COMMON = Reason(
    "BASE_RATE", Group.OWN, BASE_RATE, Strength.STRONG,
    "how common bad accounts are in the book that was learned from", "",
)  # fmt: skip
NOT_SUPPLIED = Reason(
    "NOT_SUPPLIED", Group.LINKED, SURROUNDINGS, Strength.WEAK,
    "columns that the model was learned with, and that this dataset does not have", "",
)  # fmt: skip
SMALL_EFFECTS = Reason(
    "SMALL_EFFECTS", Group.LINKED, SURROUNDINGS, Strength.WEAK,
    f"all reasons that add or take less than {LEAST_NATS} nats, together", "",
)  # fmt: skip


def fitted_terms(stand: Stand, model: FittedModel) -> tuple[Term, ...]:
    """Score every account: one term for each reason, and the base rate.

    Labelled accounts are scored as they were learned from: their fold's labels hidden, so that
    no label speaks for its own account twice.

    Returns
    -------
    tuple of Term
        Added to the policy's prior they make the calibrated log-odds, to whole units.
    """
    columns = columns_of(stand, stand.known(model.seed))
    if model.chosen == BOOSTED:
        base, parts = _of_boosted(model.boosted, columns, stand.n_threads)
    else:
        base, parts = _of_additive(model.additive, columns)
    n_accounts = len(stand.graph.accounts)
    prior = float(whole(np.array(log_odds_of(stand.policy.prior.risk_prob))))
    hit = np.full(n_accounts, State.HIT, dtype=np.int8)
    rate = Term(COMMON, whole(np.full(n_accounts, base)) - prior, np.full(n_accounts, np.nan),
                hit)  # fmt: skip
    return (rate, *_by_reason(parts, n_accounts))


def log_odds_by(model: FittedModel, columns: Sequence[Column], n_threads: int) -> Floats:
    """Give the calibrated log-odds of every account, shape (n_accounts,), without their shares."""
    if model.chosen == BOOSTED:
        table = matrix(columns, model.boosted.trees.names)
        return model.boosted.calibration.of(model.boosted.trees.log_odds(table, n_threads))
    base, parts = _of_additive(model.additive, columns)
    return np.asarray(base + sum(nats for _, nats in parts), dtype=np.float64)


def weights_of(model: FittedModel, columns: Sequence[Column], n_threads: int) -> dict[str, float]:
    """Say how much each column moves risk: the mean size of its share, in nats."""
    _, parts = (
        _of_boosted(model.boosted, columns, n_threads)
        if model.chosen == BOOSTED
        else _of_additive(model.additive, columns)
    )
    return {column.name: float(np.abs(nats).mean()) for column, nats in parts}


def _of_boosted(
    model: Boosted, columns: Sequence[Column], n_threads: int
) -> tuple[float, list[tuple[Column, Floats]]]:
    table = matrix(columns, model.trees.names)
    shares = model.trees.contributions(table, n_threads)
    line = model.calibration
    base = line.of(shares[:1, -1])[0] if len(shares) else line.shift
    by_name = {column.name: column for column in columns}
    return float(base), [
        (by_name.get(name, Column(name, NOT_SUPPLIED, 0, table[:, i])), line.slope * shares[:, i])
        for i, name in enumerate(model.trees.names)
    ]


def _of_additive(
    model: Additive, columns: Sequence[Column]
) -> tuple[float, list[tuple[Column, Floats]]]:
    line = model.calibration
    by_name = {column.name: column for column in columns}
    base, parts = line.slope * model.base + line.shift, []
    for shape in model.shapes:
        if shape.name in by_name:
            column = by_name[shape.name]
            parts.append((column, line.slope * shape.of(column.values)))
        else:
            base += line.slope * shape.unknown_nats
    return base, parts


def _by_reason(parts: Sequence[tuple[Column, Floats]], n_accounts: int) -> Iterator[Term]:
    """Add up the columns of each reason; what is small in an account goes to one term."""
    sums: dict[str, Floats] = {}
    reasons: dict[str, Reason] = {}
    for column, nats in parts:
        reason = column.reason
        if reason.group == Group.GOOD and (nats > 0).any():
            reason = near_reason()  # counter-evidence that adds to a risk is none
        reasons[reason.code] = reason
        sums[reason.code] = sums.get(reason.code, np.zeros(n_accounts)) + nats
    small = np.zeros(n_accounts)
    unknown = np.full(n_accounts, np.nan)
    for code, total in sums.items():
        nats = whole(total)
        little = np.abs(nats) < LEAST_NATS
        small += np.where(little, nats, 0.0)
        nats = np.where(little, 0.0, nats)
        state = np.where(nats != 0, State.HIT, State.MISS).astype(np.int8)
        yield Term(reasons[code], nats, unknown, state)
    state = np.where(small != 0, State.HIT, State.MISS).astype(np.int8)
    yield Term(SMALL_EFFECTS, small, unknown, state)
