"""Records of links to links: one for each source, target and relation, in sorted order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Floats, Ints, Numbers, Shorts, compiled
from graphrisk.graph.links import Links
from graphrisk.graph.order import in_order
from graphrisk.model.times import NO_TIME
from graphrisk.threads import side_by_side

Valued = TypeVar("Valued", Ints, Floats, Shorts)


@dataclass(frozen=True, slots=True)
class NumberedRecords:
    """Link records of one relation; columns are those of ``Links``, of one length.

    ``origin`` is None where no record names one, ``confidence`` where all are certain.
    """

    relation: int
    source: NDArray[np.int32]
    target: NDArray[np.int32]
    first_seen_at: NDArray[np.int64]
    last_seen_at: NDArray[np.int64]
    confidence: NDArray[np.float64] | None
    origin: NDArray[np.int16] | None


def merge(parts: Sequence[NumberedRecords], n_entities: int, *, n_threads: int = 1) -> Links:
    """Make one link of all records of a source, a target and a relation.

    A link lasts from its first record to its last, has the highest confidence, and the origin
    that comes first. The order of records changes nothing.

    Parameters
    ----------
    parts
        Records; an end below zero is outside the book, and its record left out.
    n_entities
        How many entities there are.
    n_threads
        Threads to use; they change no byte.
    """
    parts = sorted(parts, key=lambda part: part.relation)
    source, target = _joined(parts, "source", np.int32), _joined(parts, "target", np.int32)
    sizes = [len(part.source) for part in parts]
    relation = np.repeat(np.array([part.relation for part in parts], dtype=np.int16), sizes)
    inside = np.flatnonzero((source >= 0) & (target >= 0)).astype(np.int32)
    # Least important first: records already stand in the order of relations.
    order = in_order(source, n_entities, in_order(target, n_entities, inside))
    starts = np.empty(len(order) + 1, dtype=np.int64)
    starts = starts[: 1 + _find_groups(order, source, target, relation, starts)]
    at = order[starts[:-1]]
    columns: dict[str, Callable[[], NDArray[Any]]] = {
        "source": lambda: source[at],
        "target": lambda: target[at],
        "relation": lambda: relation[at],
        "first_seen_at": lambda: _of_groups(
            _earliest, _joined(parts, "first_seen_at", np.int64), order, starts
        ),
        "last_seen_at": lambda: _of_groups(
            _highest, _joined(parts, "last_seen_at", np.int64), order, starts
        ),
        "confidence": lambda: _highest_or(1.0, parts, order, starts),
        "n_records": lambda: np.diff(starts).astype(np.int32),
        "origin": lambda: _first_or(0, parts, order, starts),
    }
    made = side_by_side(n_threads, *columns.values())
    links = Links(**dict(zip(columns, made, strict=True)))
    for column in fields(Links):
        getattr(links, column.name).setflags(write=False)
    return links


def _joined(parts: Sequence[NumberedRecords], name: str, kind: type) -> NDArray[Any]:
    return np.concatenate([np.zeros(0, dtype=kind), *(getattr(part, name) for part in parts)])


def _highest_or(
    default: float, parts: Sequence[NumberedRecords], order: Numbers, starts: Ints
) -> Floats:
    """Give the highest confidence of each link; where no record has one, one number for all."""
    if all(part.confidence is None for part in parts):
        return np.broadcast_to(np.float64(default), len(starts) - 1)
    columns = [
        np.full(len(part.source), default) if part.confidence is None else part.confidence
        for part in parts
    ]
    return _of_groups(_highest, np.concatenate(columns), order, starts)


def _first_or(
    default: int, parts: Sequence[NumberedRecords], order: Numbers, starts: Ints
) -> Shorts:
    """Give the first origin of each link; where no record names one, one number for all."""
    if all(part.origin is None for part in parts):
        return np.broadcast_to(np.int16(default), len(starts) - 1)
    columns = [
        np.full(len(part.source), default, dtype=np.int16) if part.origin is None else part.origin
        for part in parts
    ]
    return _of_groups(_lowest, np.concatenate(columns), order, starts)


@compiled
def _find_groups(
    order: Numbers, source: Numbers, target: Numbers, relation: Shorts, starts: Ints
) -> int:
    """Find where each link's records begin, and how many links there are; then comes the end."""
    n = 0
    for i in range(len(order)):
        if i > 0:
            here, before = order[i], order[i - 1]
            if (
                source[here] == source[before]
                and target[here] == target[before]
                and relation[here] == relation[before]
            ):
                continue
        starts[n] = i
        n += 1
    starts[n] = len(order)
    return n


def _of_groups(
    choose: Callable[[Valued, Numbers, Ints, Valued], None],
    value: Valued,
    order: Numbers,
    starts: Ints,
) -> Valued:
    """Choose one value of each link's records."""
    found = np.empty(len(starts) - 1, dtype=value.dtype)
    choose(value, order, starts, found)
    return found


@compiled
def _earliest(time: Ints, order: Numbers, starts: Ints, found: Ints) -> None:
    for k in range(len(found)):
        earliest = np.int64(NO_TIME)
        for i in range(starts[k], starts[k + 1]):
            at = time[order[i]]
            if at != NO_TIME and (earliest == NO_TIME or at < earliest):
                earliest = at
        found[k] = earliest


@compiled
def _highest(value: Valued, order: Numbers, starts: Ints, found: Valued) -> None:
    for k in range(len(found)):
        highest = value[order[starts[k]]]
        for i in range(starts[k] + 1, starts[k + 1]):
            highest = max(highest, value[order[i]])
        found[k] = highest


@compiled
def _lowest(value: Shorts, order: Numbers, starts: Ints, found: Shorts) -> None:
    for k in range(len(found)):
        lowest = value[order[starts[k]]]
        for i in range(starts[k] + 1, starts[k + 1]):
            lowest = min(lowest, value[order[i]])
        found[k] = lowest
