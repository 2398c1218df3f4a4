"""What is learned from: labelled accounts and the columns that tell them apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.learn.columns import Column, in_set
from graphrisk.risk.metrics import roc_auc

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is learned from: labelled accounts, and their columns.

    Attributes
    ----------
    columns
        Those that tell accounts apart.
    values
        Shape (n_labelled, n_columns).
    is_bad, fold
        Outcome and fold, shape (n_labelled,).
    """

    columns: tuple[Column, ...]
    values: Floats
    is_bad: Flags
    fold: NDArray[np.int64]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.columns)

    def values_of(self, columns: str) -> Floats:
        """Give the values, those of columns outside a set all zero: no tree asks for them."""
        inside = np.array([in_set(name, columns) for name in self.names])
        return self.values if inside.all() else np.where(inside, self.values, 0.0)

    def directions(self) -> list[int]:
        """Say for each column whether more of it is worse (1) or better (-1).

        Evidence of labels says so by its making; for the rest, the labels say.
        """
        return [
            column.rises or _direction(self.values[:, i], self.is_bad)
            for i, column in enumerate(self.columns)
        ]


def _direction(values: Floats, is_bad: Flags) -> int:
    here = ~np.isnan(values)
    if not is_bad[here].any() or is_bad[here].all():
        return 1
    return 1 if roc_auc(is_bad[here], values[here]) >= 0.5 else -1
