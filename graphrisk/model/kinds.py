"""Kinds of entities and labels, and the tiers: stable string values, one place."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class EntityKind(StrEnum):
    """What an entity is. A dataset of long tables may bring further kinds of its own."""

    ACCOUNT = "account"
    DEVICE = "device"
    LENDER = "lender"
    PHONE = "phone"
    ID_DOCUMENT = "id_document"
    BANK_CARD = "bank_card"
    ADDRESS = "address"
    IP = "ip"
    EMAIL = "email"
    PERSON = "person"
    COMPANY = "company"
    LOAN = "loan"


#: Kinds an ``identifiers`` row may name.
IDENTIFIER_KINDS: tuple[EntityKind, ...] = (
    EntityKind.DEVICE,
    EntityKind.PHONE,
    EntityKind.ID_DOCUMENT,
    EntityKind.BANK_CARD,
    EntityKind.ADDRESS,
    EntityKind.IP,
    EntityKind.EMAIL,
)

#: The relation that an ``identifiers`` row of each kind becomes (account to identifier).
IDENTIFIER_RELATION: dict[EntityKind, str] = {
    EntityKind.DEVICE: "uses_device",
    EntityKind.PHONE: "uses_phone",
    EntityKind.ID_DOCUMENT: "has_id_document",
    EntityKind.BANK_CARD: "uses_bank_card",
    EntityKind.ADDRESS: "lives_at",
    EntityKind.IP: "uses_ip",
    EntityKind.EMAIL: "uses_email",
}


class LabelKind(StrEnum):
    """A negative or good-standing fact about an entity."""

    BAD = "bad"
    DEFAULT = "default"
    WRITTEN_OFF = "written_off"
    FRAUD_CONFIRMED = "fraud_confirmed"
    FRAUD_SUSPECTED = "fraud_suspected"
    BLACKLISTED = "blacklisted"
    COURT_ENFORCED = "court_enforced"
    GOOD = "good"
    GOOD_STANDING = "good_standing"


#: Labels that speak for an entity. Every other label speaks against it.
GOOD_LABELS: frozenset[LabelKind] = frozenset({LabelKind.GOOD, LabelKind.GOOD_STANDING})


class HubClass(StrEnum):
    """Why an entity that many accounts share is protected and carries no risk."""

    CARRIER_NAT = "carrier_nat"
    CAMPUS = "campus"
    EMPLOYER = "employer"
    KIOSK = "kiosk"
    PUBLIC_WIFI = "public_wifi"
    PAYMENT_GATEWAY = "payment_gateway"
    CROWD = "crowd"


class SharingKind(StrEnum):
    """As what innocent sharing is recognised, from structure and time alone.

    Nothing in a graph tells a campus from a workplace or a carrier: all are shared networks.
    """

    HOUSEHOLD = "household"
    DORMITORY = "dormitory"
    SHARED_NETWORK = "shared_network"
    KIOSK = "kiosk"


class Tier(IntEnum):
    """What to do with an account. ``LIMIT`` and ``CLOSE`` are adverse and need a human."""

    CLEAR = 0
    MONITOR = 1
    REVIEW = 2
    LIMIT = 3
    CLOSE = 4

    @property
    def word(self) -> str:
        """The tier as it is written in files and on screen."""
        return self.name.lower()
