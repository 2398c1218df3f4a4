"""Columns of evidence that models learn from, each with the reason that it stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.model.evidence import (
    ACTIVITY_IN,
    ACTIVITY_OUT,
    ATTRIBUTE,
    NEAR,
    NEIGHBORS,
    OWN_FACTS,
    Group,
    Reason,
    Strength,
)
from graphrisk.model.policy import Policy

Floats = NDArray[np.float64]

#: The narrowest set of columns: the account's own facts, by how their names begin.
OWN, _OWN = "own", ("own.", "signal.")
#: The wider sets, each holding the one before: what an account is and does, and how it stands in
#: the network; the labels around it; all that surrounds it. Each names what it leaves out; what
#: is done over a relation begins with the relation.
_LEFT_OUT: dict[str, tuple[str, ...]] = {
    "account": ("near.", "linked.", "neighbors."), "labels": ("neighbors.",), "all": (),
}  # fmt: skip
COLUMN_SETS = (OWN, *_LEFT_OUT)

#: Family of what the network as a whole says: it counts as weak links do.
SURROUNDINGS = "surroundings"
STRUCTURE, NEAR_BAD_AND_GOOD = "STRUCTURE", f"{NEAR}BAD_AND_GOOD"


@dataclass(frozen=True, slots=True)
class Column:
    """One column for every account.

    Attributes
    ----------
    name
        Unique, and the same for every dataset of the same relations and attributes.
    reason
        What it speaks for; the columns of a reason make one term together.
    rises
        1 if more of it is more bad evidence by its making, -1 if more is more good evidence,
        0 if only outcomes can tell.
    values
        Shape (n_accounts,), NaN where unknown.
    """

    name: str
    reason: Reason
    rises: int
    values: Floats


def in_set(name: str, columns: str) -> bool:
    """Say whether a column is in a set, by how its name begins."""
    return name.startswith(_OWN) if columns == OWN else not name.startswith(_LEFT_OUT[columns])


def matrix(columns: Sequence[Column], names: Iterable[str]) -> Floats:
    """Lay columns side by side in the order of ``names``; NaN for those that are not there.

    Returns
    -------
    numpy.ndarray
        Shape (n_accounts, n_names), float64.
    """
    by_name = {column.name: column.values for column in columns}
    n = len(columns[0].values) if columns else 0
    unknown = np.full(n, np.nan)
    chosen = [by_name.get(name, unknown) for name in names]
    return np.column_stack(chosen) if chosen else np.zeros((n, 0))


def activity_reason(relation: str, policy: Policy, *, receiving: bool) -> Reason:
    """Name what an account does over a relation; it may lift no more than its links may."""
    family = family_of(relation, policy, receiving=receiving)
    way = "received" if receiving else "started"
    return Reason(
        f"{ACTIVITY_IN if receiving else ACTIVITY_OUT}{coded(relation)}", Group.LINKED, family,
        strength_of(family, policy),
        f"how often, how much and when links of {relation} were {way}", "",
    )  # fmt: skip


def attribute_reason(name: str) -> Reason:
    """Name an attribute of the account itself."""
    return Reason(
        f"{ATTRIBUTE}{coded(name)}", Group.OWN, OWN_FACTS, Strength.STRONG,
        f"the account's own {name}", "",
    )  # fmt: skip


def neighbors_reason(name: str) -> Reason:
    """Name an attribute of those that an account is linked to."""
    return Reason(
        f"{NEIGHBORS}{coded(name)}", Group.LINKED, SURROUNDINGS, Strength.WEAK,
        f"{name} of those it is linked to", "",
    )  # fmt: skip


def structure_reason() -> Reason:
    """Name the shape of the links around an account."""
    return Reason(
        STRUCTURE, Group.LINKED, SURROUNDINGS, Strength.WEAK,
        "how the account stands in the network: how many it is linked to, and how they are", "",
    )  # fmt: skip


def near_reason() -> Reason:
    """Name the two-sided evidence of labels around an account."""
    return Reason(
        NEAR_BAD_AND_GOOD, Group.LINKED, SURROUNDINGS, Strength.WEAK,
        "bad accounts around it, held against good ones", "",
    )  # fmt: skip


def family_of(relation: str, policy: Policy, *, receiving: bool) -> str:
    """Return the policy's family of a relation at one of its ends; the network's if it has none."""
    rule = policy.relations.get(relation)
    if rule is None:
        return SURROUNDINGS
    return rule.target_family if receiving else rule.source_family


def strength_of(family: str, policy: Policy) -> Strength:
    """Return how far a family may lift a tier."""
    known = policy.families.get(family)
    return Strength(known.strength) if known else Strength.WEAK


def coded(name: str) -> str:
    """Write a name, of any script, as part of a reason code.

    >>> coded("pays-rent"), coded("月收入")
    ('PAYS_RENT', '月收入')
    """
    return re.sub(r"\W+", "_", name.upper()).strip("_") or "UNNAMED"
