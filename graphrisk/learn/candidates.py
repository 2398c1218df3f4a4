"""What is tried: settings of boosted trees, and the set of columns that they may ask.

Columns come in sets, from what an account is and does to all that surrounds it. Where labels are
few the wider sets cost more than they bring, and how few that is differs from book to book.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphrisk.learn.columns import COLUMN_SETS, OWN, in_set
from graphrisk.learn.lesson import Lesson

#: What is tried for the boosted trees: from few labels to many; two of them cut each column at
#: random (Geurts, Ernst and Wehenkel 2006), and err elsewhere than those that seek the best cut.
_TREES: tuple[Mapping[str, Any], ...] = tuple(
    {
        "num_leaves": n_leaves, "min_data_in_leaf": least, "learning_rate": rate,
        "feature_fraction": share, "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": l2,
        "max_bin": 255, **more,
    }
    for n_leaves, least, rate, share, l2, more in (
        (4, 10, 0.06, 0.3, 10.0, {}), (10, 20, 0.04, 0.5, 5.0, {}),
        (10, 20, 0.08, 0.5, 5.0, {"extra_trees": True}),
        (32, 10, 0.05, 1.0, 5.0, {"extra_trees": True}),
    )
)  # fmt: skip
#: What a cut on anything but the account's own facts is worth where they come first.
OUTSIDE_WORTH = 0.5
_STUMPS: Mapping[str, Any] = {
    "num_leaves": 2, "min_data_in_leaf": 10, "learning_rate": 0.1, "feature_fraction": 0.3,
    "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 5.0, "max_bin": 63,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """Settings of boosted trees, and the set of columns that they may ask.

    With ``own_first``, own facts go before: a cut on any other column has to gain twice as much.
    """

    columns: str
    settings: Mapping[str, Any]
    own_first: bool = False

    def settings_for(self, lesson: Lesson) -> Mapping[str, Any]:
        """Return the settings as they are for the columns of a lesson."""
        worth = [1.0 if in_set(name, OWN) else OUTSIDE_WORTH for name in lesson.names]
        return {**self.settings, "feature_contri": worth} if self.own_first else self.settings


def additive_candidates(lesson: Lesson) -> tuple[Candidate, ...]:
    """Stumps under monotone constraints, for each set of columns."""
    settings = {**_STUMPS, "monotone_constraints": lesson.directions()}
    return tuple(Candidate(name, settings) for name in _sets(lesson))


def boosted_candidates(lesson: Lesson) -> tuple[Candidate, ...]:
    """Trees of a few sizes for each set of columns; the largest ask all columns only."""
    sets = _sets(lesson)
    wider = sets[1:] if sets[0] == OWN else ()
    return tuple(Candidate(name, _TREES[1], own_first=True) for name in wider) + tuple(
        Candidate(name, settings)
        for name in sets
        for settings in (_TREES if name == sets[-1] else _TREES[:-1])
    )


def _sets(lesson: Lesson) -> tuple[str, ...]:
    """Name the sets that differ, from the narrowest to the widest; none is empty."""
    sizes = {name: sum(in_set(n, name) for n in lesson.names) for name in COLUMN_SETS}
    return tuple(
        name for at, name in enumerate(COLUMN_SETS)
        if sizes[name] and (at == 0 or sizes[name] != sizes[COLUMN_SETS[at - 1]])
    )  # fmt: skip
