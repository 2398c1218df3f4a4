"""Counts, sums and extremes of values by the entity they belong to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Floats, Ints, compiled


@dataclass(frozen=True, slots=True)
class Grouped:
    """What each entity's values come to, shapes (n_entities,); NaN where it has none."""

    count: NDArray[np.float64]
    total: NDArray[np.float64]
    mean: NDArray[np.float64]
    lowest: NDArray[np.float64]
    highest: NDArray[np.float64]
    spread: NDArray[np.float64]


def grouped(entity: NDArray[np.int64], value: NDArray[np.float64], n_entities: int) -> Grouped:
    """Summarise values by entity; unknown values (NaN) are left out."""
    here = ~np.isnan(value)
    entity, value = entity[here], value[here]
    table = np.zeros((n_entities, 5))
    table[:, 3], table[:, 4] = np.inf, -np.inf
    _summarise(entity, value, table)
    count = table[:, 0]
    none = count == 0
    table[none] = np.nan
    mean = table[:, 1] / count
    spread = np.sqrt(np.maximum(table[:, 2] / count - mean * mean, 0.0))
    return Grouped(np.where(none, 0.0, count), table[:, 1], mean, table[:, 3], table[:, 4], spread)


@compiled
def _summarise(entity: Ints, value: Floats, table: Floats) -> None:
    for k in range(len(entity)):
        e, x = entity[k], value[k]
        table[e, 0] += 1.0
        table[e, 1] += x
        table[e, 2] += x * x
        table[e, 3] = min(table[e, 3], x)
        table[e, 4] = max(table[e, 4], x)


def most_within(
    entity: NDArray[np.int64], at_days: NDArray[np.float64], n_entities: int, days: float
) -> NDArray[np.float64]:
    """Count the most records of an entity within some days, 0 where none has a date."""
    here = ~np.isnan(at_days)
    order = np.lexsort((at_days[here], entity[here]))
    most = np.zeros(n_entities)
    _most_within(entity[here][order], at_days[here][order], days, most)
    return most


@compiled
def _most_within(entity: Ints, at_days: Floats, days: float, most: Floats) -> None:
    first = 0
    for k in range(len(entity)):
        while entity[first] != entity[k] or at_days[first] < at_days[k] - days:
            first += 1
        most[entity[k]] = max(most[entity[k]], k - first + 1.0)


def gaps(entity: NDArray[np.int64], at_days: NDArray[np.float64], n_entities: int) -> Grouped:
    """Summarise the days between an entity's records."""
    here = ~np.isnan(at_days)
    order = np.lexsort((at_days[here], entity[here]))
    entity, at_days = entity[here][order], at_days[here][order]
    same = entity[1:] == entity[:-1]
    return grouped(entity[1:][same], np.diff(at_days)[same], n_entities)
