"""Boosted trees behind one door: deterministic, the same bytes for any number of threads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphrisk.errors import UsageError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: A histogram is made by one thread: sums of floats depend on who adds what.
_ALWAYS: Mapping[str, Any] = {
    "objective": "binary",
    "verbosity": -1,
    "num_threads": 1,
    "deterministic": True,
    "force_col_wise": True,
}


def library() -> Any:  # noqa: ANN401
    """Import LightGBM, or say how to get it.

    Raises
    ------
    UsageError
        If it is not installed.
    """
    try:
        import lightgbm
    except ImportError as error:
        raise UsageError(
            "LightGBM is not installed",
            expected="the extra ml, which learning and fitted models need",
            hint="pip install 'graphrisk[ml]'",
        ) from error
    return lightgbm


def grow(
    values: Floats, is_bad: Flags, settings: Mapping[str, Any], n_rounds: int, seed: int
) -> Any:  # noqa: ANN401
    """Grow trees on a table of columns; returns LightGBM's booster."""
    lightgbm = library()
    table = lightgbm.Dataset(values, is_bad.astype(np.float64), free_raw_data=True)
    return lightgbm.train({**_ALWAYS, **settings, "seed": seed}, table, n_rounds)


def log_odds_by_round(booster: Any, values: Floats, every: int) -> Floats:  # noqa: ANN401
    """Give the log-odds after each ``every`` rounds, shape (n_marks, n)."""
    total, marks = np.zeros(len(values)), []
    for first in range(0, booster.num_trees(), every):
        total = total + booster.predict(
            values, raw_score=True, start_iteration=first, num_iteration=every, num_threads=1
        )
        marks.append(total)
    return np.array(marks)


@dataclass(frozen=True, slots=True)
class Trees:
    """A bag of boosters as text, and the columns that they read.

    Attributes
    ----------
    names
        Columns, in the order that the trees number them.
    texts
        LightGBM's own text of each booster.
    """

    names: tuple[str, ...]
    texts: tuple[str, ...]

    def contributions(self, values: Floats, n_threads: int) -> Floats:
        """Share each log-odds among columns (TreeSHAP), averaged over the bag.

        Returns
        -------
        numpy.ndarray
            Shape (n, n_names + 1); a row adds up to the log-odds, the last is the base.

        Source: Lundberg et al. 2020, as LightGBM's ``pred_contrib`` has it.
        """
        total = np.zeros((len(values), len(self.names) + 1))
        for booster in self._boosters():
            total += booster.predict(values, pred_contrib=True, num_threads=n_threads)
        return total / len(self.texts)

    def log_odds(self, values: Floats, n_threads: int) -> Floats:
        """Give the log-odds alone, shape (n,), in a fraction of the time of their shares."""
        total = np.zeros(len(values))
        for booster in self._boosters():
            total += booster.predict(values, raw_score=True, num_threads=n_threads)
        return total / len(self.texts)

    def _boosters(self) -> list[Any]:
        lightgbm = library()
        return [lightgbm.Booster(model_str=text) for text in self.texts]


@dataclass(frozen=True, slots=True)
class Shape:
    """What one column adds, a step function.

    Attributes
    ----------
    name
        The column.
    edges
        Rising; step ``i`` is for values above ``edges[i - 1]`` and at most ``edges[i]``.
    nats
        One more than edges.
    unknown_nats
        What an unknown value adds.
    """

    name: str
    edges: tuple[float, ...]
    nats: tuple[float, ...]
    unknown_nats: float

    def of(self, values: Floats) -> Floats:
        """Look values up, shape (n,)."""
        steps = np.array(self.nats)[np.searchsorted(np.array(self.edges), values, side="left")]
        return np.where(np.isnan(values), self.unknown_nats, steps)


def shapes_of(boosters: Sequence[Any], names: Sequence[str]) -> tuple[tuple[Shape, ...], float]:
    """Read the step functions off boosters of stumps, averaged over the bag, and the base.

    Every tree asks about one column, so the sum of trees is a sum of step functions. The base is
    chosen so that a column's steps average zero over its edges.
    """
    stumps: list[list[tuple[float, float, float, float]]] = [[] for _ in names]
    base = 0.0
    for booster in boosters:
        for tree in booster.dump_model()["tree_info"]:
            root = tree["tree_structure"]
            if "split_feature" not in root:
                base += root["leaf_value"]
                continue
            low, high = (root[side]["leaf_value"] for side in ("left_child", "right_child"))
            if root["missing_type"] == "None":  # nothing was unknown: then it counts as zero
                unknown = low if root["threshold"] >= 0 else high
            else:
                unknown = low if root["default_left"] else high
            stumps[root["split_feature"]].append((root["threshold"], low, high, unknown))
    shapes = []
    for name, steps in zip(names, stumps, strict=True):
        if not steps:
            continue
        shape, middle = _shape(name, steps, len(boosters))
        shapes.append(shape)
        base += middle * len(boosters)
    return tuple(shapes), base / len(boosters)


def _shape(
    name: str, stumps: list[tuple[float, float, float, float]], n_boosters: int
) -> tuple[Shape, float]:
    edges = np.unique([threshold for threshold, *_ in stumps])
    nats = np.zeros(len(edges) + 1)
    unknown = 0.0
    for threshold, low, high, at_unknown in stumps:
        place = int(np.searchsorted(edges, threshold)) + 1
        nats[:place] += low
        nats[place:] += high
        unknown += at_unknown
    nats, unknown = nats / n_boosters, unknown / n_boosters
    middle = float(nats[0])
    return Shape(
        name, tuple(edges.tolist()), tuple((nats - middle).tolist()), unknown - middle
    ), middle
