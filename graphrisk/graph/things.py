"""Things that accounts use, side by side: who shares each, and what else these accounts have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Bytes, Flags, Floats, Ints
from graphrisk.graph.company import (
    best_home,
    busiest,
    earliest,
    mark,
    most_under_one_roof,
    n_flagged,
    tied,
)
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.graph.order import in_order
from graphrisk.graph.uses import FAR_US, Uses, uses_of_kinds
from graphrisk.model.kinds import IDENTIFIER_KINDS, EntityKind
from graphrisk.model.times import DAY_US

#: What a person keeps to himself.
PERSONAL_KINDS = (
    EntityKind.DEVICE,
    EntityKind.PHONE,
    EntityKind.ID_DOCUMENT,
    EntityKind.BANK_CARD,
    EntityKind.EMAIL,
)


@dataclass(frozen=True, slots=True)
class Users:
    """What all that accounts use says of them, shared or not; each of shape (n_accounts,).

    Attributes
    ----------
    came_us
        When an account was first seen with anything, in microseconds since 1970, ``FAR_US`` where
        that is not known, int64.
    n_own_kinds, n_kinds
        Kinds of personal things of which an account has one to itself, or any, uint8.
    """

    came_us: Ints
    n_own_kinds: Bytes
    n_kinds: Bytes

    @classmethod
    def of(
        cls, uses: Uses, n_users: Ints, kind_code: NDArray[np.int16], kinds: tuple[str, ...],
        n_accounts: int,
    ) -> Users:  # fmt: skip
        """Look at all uses of some accounts.

        ``n_users`` is how many use the thing of each use, shape (n_uses,), and ``kind_code`` the
        kind of each entity.
        """
        came_us = np.full(n_accounts, FAR_US)
        earliest(uses.account, uses.begun_us, -FAR_US, came_us)
        bit_of_kind = np.zeros(len(kinds), dtype=np.uint8)
        for place, kind in enumerate(PERSONAL_KINDS):
            if kind in kinds:
                bit_of_kind[kinds.index(kind)] = 1 << place
        bit = bit_of_kind[kind_code[uses.identifier]]
        own_bits, bits = np.zeros((2, n_accounts), dtype=np.uint8)
        mark(uses.account, bit * (n_users == 1), own_bits)
        mark(uses.account, bit, bits)
        return cls(came_us, np.bitwise_count(own_bits), np.bitwise_count(bits))


@dataclass(frozen=True, slots=True)
class Things:
    """Identifiers that several accounts use, numbered in the order of their entity numbers.

    What one account alone uses ties nobody; all that it says is in ``users``.

    Attributes
    ----------
    number, kind
        Of each thing its entity number and its kind's place in ``kinds``, shape (n_things,).
    kinds
        Names of the kinds of the graph.
    uses
        Who uses them, rising by thing and account.
    thing, offsets
        The thing of each use, shape (n_uses,); where the uses of each begin, (n_things + 1,).
    held, held_offsets
        The uses of each account, shape (n_uses,); where they begin, shape (n_accounts + 1,).
    n_users
        How many accounts use each thing, shape (n_things,): as many as are listed, unless only
        a part of its users is.
    users
        What is known of the accounts.
    """

    number: Ints
    kind: Ints
    kinds: tuple[str, ...]
    uses: Uses
    thing: Ints
    offsets: Ints
    held: Ints
    held_offsets: Ints
    n_users: Ints
    users: Users

    @classmethod
    def of(cls, graph: LinkGraph) -> Things:
        """Lay out all identifiers of a graph that several accounts use."""
        uses, n_accounts = uses_of_kinds(graph, IDENTIFIER_KINDS), len(graph.accounts)
        n_users = np.bincount(uses.identifier)[uses.identifier]
        users = Users.of(uses, n_users, graph.kind_code, graph.kinds, n_accounts)
        return cls.laid_out(uses.where(n_users > 1), graph.kind_code, graph.kinds, users)

    @classmethod
    def laid_out(
        cls,
        uses: Uses,
        kind_code: NDArray[np.int16],
        kinds: tuple[str, ...],
        users: Users,
        n_users: Ints | None = None,
    ) -> Things:
        """Lay out uses of shared things, given the kind of each entity, and who the accounts are.

        ``n_users`` says how many use each thing, if not all of its users are among the uses.
        """
        n_accounts = len(users.came_us)
        starts = np.ones(len(uses.identifier), dtype=bool)
        starts[1:] = np.diff(uses.identifier) != 0  # they rise
        number, thing = uses.identifier[starts], np.cumsum(starts) - 1
        n_listed = np.diff(np.append(np.flatnonzero(starts), len(starts))).astype(np.int64)
        n_held = np.bincount(uses.account, minlength=n_accounts)
        return cls(
            number,
            kind_code[number].astype(np.int64),
            kinds,
            uses,
            thing,
            _offsets(n_listed),
            _sorted_by(uses.account, n_accounts),
            _offsets(n_held),
            n_listed if n_users is None else n_users,
            users,
        )

    def is_of(self, kinds: tuple[str, ...]) -> Flags:
        """Mark the things of some kinds, shape (n_things,)."""
        codes = [self.kinds.index(kind) for kind in kinds if kind in self.kinds]
        return np.isin(self.kind, codes)

    def uses_of(self, chosen: Ints) -> Ints:
        """List the uses of some things, thing by thing."""
        n_users = self.n_users[chosen]
        first = np.repeat(self.offsets[chosen] - _offsets(n_users)[:-1], n_users)
        return first + np.arange(len(first))

    def count(self, chosen: Ints, flags: Flags) -> Ints:
        """Count, for each chosen thing, the uses with a flag, shape (n_chosen,)."""
        return n_flagged(chosen, self.offsets, flags)

    def came_us(self) -> tuple[Ints, Flags]:
        """Say of each use when its account was first seen with anything, and where it is known."""
        came_us = self.users.came_us[self.uses.account]
        return came_us, came_us < FAR_US

    def own_things(self, least_kinds: int) -> tuple[Flags, Flags]:
        """Say of each use whether its account has so many kinds of personal things to itself.

        Returns
        -------
        numpy.ndarray, numpy.ndarray
            Whether it has, and where that is known: where personal things of as many kinds are
            recorded, shared or not. Shape (n_uses,).
        """
        known = (self.users.n_kinds >= least_kinds)[self.uses.account]
        return known & (self.users.n_own_kinds >= least_kinds)[self.uses.account], known

    def lasted(self, *, at_least_us: float = -np.inf, at_most_us: float = np.inf) -> Flags:
        """Mark the uses known to have lasted so long, shape (n_uses,)."""
        span_us = self.uses.ended_us - self.uses.begun_us
        return self.uses.is_dated & (span_us >= at_least_us) & (span_us <= at_most_us)

    def untied(self, chosen: Ints, can_tie: Flags) -> Flags:
        """Mark the uses of chosen things by accounts that no other thing ties to other users."""
        return ~tied(chosen, *self._rows(), can_tie)

    def busiest(self, chosen: Ints, came_us: Ints, known: Flags, window_days: float) -> Ints:
        """Count the accounts of each chosen thing that came in its busiest window."""
        return busiest(chosen, self.offsets, came_us, known, int(window_days * DAY_US))

    def best_home(self, chosen: Ints, home_prob: Floats) -> Floats:
        """Give the highest probability of a home where all users of a thing live, or zero."""
        return best_home(chosen, *self._rows(), home_prob)

    def most_under_one_roof(self, chosen: Ints, is_roof: Flags) -> Ints:
        """Count, for each chosen thing, the most of its users that share one roof."""
        return most_under_one_roof(chosen, *self._rows(), is_roof)

    def _rows(self) -> tuple[Ints, Ints, Ints, Ints, Ints]:
        return self.offsets, self.uses.account, self.thing, self.held_offsets, self.held


def _sorted_by(account: Ints, n_accounts: int) -> Ints:
    """Sort uses by their accounts; those of one account stay in their order."""
    every = np.arange(len(account), dtype=np.int32)
    return in_order(account.astype(np.int32), n_accounts, every).astype(np.int64)


def _offsets(counts: NDArray[np.int64]) -> Ints:
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
