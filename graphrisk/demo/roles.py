"""The situations that accounts live in, honest and not, and how common each one is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """The principal situation of an account, as the truth folder names it."""

    PLAIN = "plain"
    HOUSEHOLD = "household"
    DORMITORY = "dormitory"
    CAMPUS_NAT = "campus_nat"
    CARRIER_NAT = "carrier_nat"
    KIOSK = "kiosk"
    SECOND_HAND_PHONE = "second_hand_phone"
    RECYCLED_NUMBER = "recycled_number"
    RATE_SHOPPER = "rate_shopper"
    VICTIM = "victim"
    DEVICE_FARM = "device_farm"
    IDENTITY_RING = "identity_ring"
    MULE_CHAIN = "mule_chain"
    GUARANTEE_CIRCLE = "guarantee_circle"
    LENDER_BURST_RUNAWAY = "lender_burst_runaway"


ROLES = tuple(Role)


@dataclass(frozen=True, slots=True)
class RolePlan:
    """How many accounts play a role, and in groups of what size."""

    role: Role
    #: Share of the honest accounts, or of the bad ones.
    share: float
    smallest: int = 1
    #: Largest group in a tiny book; a bigger book grows it by ``growth`` up to ``largest``.
    largest_in_tiny_book: int = 1
    largest: int = 1
    growth: float = 0.0


HONEST_PLANS = (
    RolePlan(Role.HOUSEHOLD, 0.22, 2, 5, 5),
    RolePlan(Role.DORMITORY, 0.05, 20, 25, 300, 0.008),
    RolePlan(Role.CAMPUS_NAT, 0.04, 15, 20, 8_000, 0.015),
    RolePlan(Role.CARRIER_NAT, 0.20, 20, 30, 30_000, 0.05),
    RolePlan(Role.KIOSK, 0.08, 20, 22, 300, 0.004),
    RolePlan(Role.SECOND_HAND_PHONE, 0.02),
    RolePlan(Role.RECYCLED_NUMBER, 0.03),
    RolePlan(Role.RATE_SHOPPER, 0.04),
    RolePlan(Role.VICTIM, 0.01),
)
FRAUD_PLANS = (
    RolePlan(Role.DEVICE_FARM, 0.22, 5, 12, 50, 0.006),
    RolePlan(Role.IDENTITY_RING, 0.15, 4, 6, 12, 0.002),
    RolePlan(Role.MULE_CHAIN, 0.15, 3, 4, 8, 0.001),
    RolePlan(Role.GUARANTEE_CIRCLE, 0.10, 3, 3, 6, 0.001),
    RolePlan(Role.LENDER_BURST_RUNAWAY, 0.18, 1, 2, 5, 0.001),
)
BAD_SHARE = 0.03
#: Share of the bad who simply default: alone, without any network.
LONE_DEFAULT_SHARE = 0.20
