"""What tiers may rest on: what the witness and the backing let an account be lifted to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.model.decision import Backing, Rule
from graphrisk.model.evidence import OWN_FACTS, Group, Reason, State, Strength, Term
from graphrisk.model.policy import Guards
from graphrisk.risk.additive import add_up

REACH, LABEL = "REACH_", "LABEL_"
#: The least above zero.
_NEXT_TO_NOTHING = float(np.nextafter(0, 1))
Mask = NDArray[np.bool_]


def is_proven(reason: Reason) -> bool:
    """Say whether a term is of the account's own behaviour, or a label somebody stands behind."""
    own = reason.group == Group.OWN and reason.family == OWN_FACTS
    return own and reason.strength == Strength.STRONG


def is_own_label(reason: Reason) -> bool:
    """Say whether a term is a label of the account itself that speaks against it."""
    return reason.code.startswith(LABEL) and reason.group == Group.OWN


def _is_strong_reach(reason: Reason) -> bool:
    return _is_reach(reason) and reason.strength == Strength.STRONG


def _is_reach(reason: Reason) -> bool:
    return reason.code.startswith(REACH) and reason.group == Group.LINKED


@dataclass(frozen=True, slots=True)
class Grounds:
    """What the witness and the backing let an account be lifted to, each shape (n_accounts,).

    Attributes
    ----------
    is_alone
        No more than one family of weak links speaks, and nothing strong.
    lacks_strong
        Neither strong reach nor the account's own facts are behind an adverse tier.
    is_earned
        A tier above review rests on what nobody else can bring.
    is_reported
        There is a label of its own that nobody has confirmed.
    may_close
        For each rule that closing has to pass whether it does.
    """

    is_alone: Mask
    lacks_strong: Mask
    is_earned: Mask
    is_reported: Mask
    may_close: Mapping[Rule, Mask]

    @classmethod
    def of(cls, witness: Sequence[Term], backing: Backing, guards: Guards) -> Grounds:
        """Ask the witness; shapes (n_accounts,)."""
        n = len(backing.n_things)

        def summed(holds: Callable[[Reason], bool]) -> NDArray[np.float64]:
            return add_up((term for term in witness if holds(term.reason)), n)

        least = guards.family_min_nats
        own_speaks = _own_speaks(witness, n, least)
        speaking = {
            term.reason: _brings(term, least)
            for term in witness
            if _is_reach(term.reason) and term.reason.strength != Strength.ONE_SIDED
        }
        weak, strong = (
            {
                reason.family: mask
                for reason, mask in speaking.items()
                if reason.strength == strength
            }
            for strength in (Strength.WEAK, Strength.STRONG)
        )
        behind = summed(_is_strong_reach) + summed(lambda reason: reason.group == Group.OWN)
        proven, n_things = summed(is_proven) >= least, backing.n_things
        return cls(
            is_alone=(_count(weak, n) <= 1) & ~(_any(strong, n) | own_speaks),
            lacks_strong=behind < guards.limit_min_strong_nats,
            is_earned=(n_things >= guards.limit_min_things) | ((n_things > 0) & proven),
            is_reported=_own_labels(witness, n, confirmed=False),
            may_close=_may_close(weak, strong, own_speaks, witness, backing, guards),
        )

    def at(self, rows: NDArray[np.integer]) -> Grounds:
        """Keep some accounts, by their places."""
        return Grounds(
            self.is_alone[rows],
            self.lacks_strong[rows],
            self.is_earned[rows],
            self.is_reported[rows],
            {rule: mask[rows] for rule, mask in self.may_close.items()},
        )


def _own_speaks(witness: Sequence[Term], n_accounts: int, least: float) -> Mask:
    """Say where the account's own labels and behaviour, one family, brought enough."""
    own = (
        term
        for term in witness
        if term.reason.group == Group.OWN and term.reason.family == OWN_FACTS
    )
    return np.asarray(add_up(own, n_accounts) >= least)


def _may_close(
    weak: dict[str, Mask],
    strong: dict[str, Mask],
    own_speaks: Mask,
    witness: Sequence[Term],
    backing: Backing,
    guards: Guards,
) -> dict[Rule, Mask]:
    """Closing needs two families, one strong, near and fresh, and a confirmed seed."""
    n = len(own_speaks)
    own_confirmed = _own_confirmed(witness, n)
    speaking = weak | strong
    near = _backed(speaking, backing.near)
    fresh = _backed(near, backing.fresh)
    confirmed = _backed(fresh, backing.confirmed)

    def enough(families: dict[str, Mask]) -> Mask:
        return _count(families, n) + own_speaks >= guards.close_min_families

    def one_strong(families: dict[str, Mask]) -> Mask:
        return _any({f: mask for f, mask in families.items() if f in strong}, n) | own_confirmed

    return {
        Rule.HELD_CLOSE_NEEDS_FAMILIES: enough(speaking),
        Rule.HELD_CLOSE_NEEDS_STRONG: one_strong(speaking),
        Rule.HELD_CLOSE_TOO_FAR: enough(near) & one_strong(near),
        Rule.HELD_CLOSE_STALE: enough(fresh) & one_strong(fresh),
        Rule.HELD_CLOSE_UNCONFIRMED: _any(confirmed, n) | own_confirmed,
    }


def _backed(families: dict[str, Mask], backing: Mapping[str, Mask]) -> dict[str, Mask]:
    """Keep where a family speaks and has what stands behind it."""
    return {name: mask & backing[name] for name, mask in families.items() if name in backing}


def _own_confirmed(witness: Sequence[Term], n_accounts: int) -> Mask:
    """Say where the account's own label is one that a human or a court stands behind."""
    return _own_labels(witness, n_accounts, confirmed=True)


def _own_labels(witness: Sequence[Term], n_accounts: int, *, confirmed: bool) -> Mask:
    """Say where the account has a bad label of its own that somebody stands behind, or nobody."""
    return _any(
        {
            term.reason.code: _brings(term, _NEXT_TO_NOTHING)
            for term in witness
            if is_own_label(term.reason) and (term.reason.strength == Strength.STRONG) == confirmed
        },
        n_accounts,
    )


def _brings(term: Term, least: float) -> Mask:
    """Say where a term brings at least so much."""
    brings = np.full(len(term.state), least <= 0)
    where, nats = term.told()
    brings[where] = nats >= least
    return brings


def failed(terms: Sequence[Term], n_accounts: int) -> Mask:
    """Say where a term could not be measured."""
    failed = np.zeros(n_accounts, dtype=bool)
    for term in terms:
        failed |= term.state == State.ERROR
    return failed


def _any(masks: dict[str, Mask], n_accounts: int) -> Mask:
    found = np.zeros(n_accounts, dtype=bool)
    for mask in masks.values():
        found |= mask
    return found


def _count(masks: dict[str, Mask], n_accounts: int) -> NDArray[np.int16]:
    count = np.zeros(n_accounts, dtype=np.int16)
    for mask in masks.values():
        count += mask
    return count
