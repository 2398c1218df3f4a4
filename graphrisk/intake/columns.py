"""Every table and column that graphrisk reads, in one place: the data standard.

Reading, validating, de-duplicating, masking and the data dictionary all work from the specs
below. To add a column is to add one line here.
"""

from __future__ import annotations

from graphrisk.intake.spec import ColumnSpec, ColumnType, PersonalData, TableSpec
from graphrisk.model.kinds import IDENTIFIER_KINDS, EntityKind, LabelKind

#: Kinds whose entities are values seen in passing: they need no row of their own to be named.
VALUE_KINDS: frozenset[str] = frozenset(IDENTIFIER_KINDS) - {EntityKind.DEVICE}


_LABELS = tuple(label.value for label in LabelKind)


def _entity(name: str, kind: str, description: str, *, required: bool = True) -> ColumnSpec:
    return ColumnSpec(
        name, ColumnType.ID, description, required, PersonalData.PSEUDONYM, refers_to=kind
    )


def _time(name: str, description: str, *, required: bool = False, event: bool = True,
          not_before: str = "") -> ColumnSpec:  # fmt: skip
    return ColumnSpec(
        name, ColumnType.TIME, description, required, PersonalData.BEHAVIOUR, "UTC",
        is_event_time=event, not_before=not_before,
    )  # fmt: skip


def _amount(name: str, description: str) -> ColumnSpec:
    return ColumnSpec(
        name, ColumnType.AMOUNT, description, personal=PersonalData.FINANCIAL, unit="minor units"
    )


def _kind(name: str, description: str, *, required: bool = False,
          vocabulary: tuple[str, ...] = ()) -> ColumnSpec:  # fmt: skip
    return ColumnSpec(name, ColumnType.WORD, description, required, vocabulary=vocabulary)


_CURRENCY = ColumnSpec(
    "currency",
    ColumnType.CURRENCY,
    "ISO 4217 code of the amounts in the row; needed wherever there is an amount. "
    "`XXX` says that there is no currency.",
    unit="ISO 4217",
)
_SOURCE = ColumnSpec("source", ColumnType.TEXT, "Who says so: the system or bureau of the record.")
_USAGE = ColumnSpec(
    "usage", ColumnType.TEXT, "Declared shared use, such as `campus` or `public_wifi`."
)

_TABLES = (
    TableSpec(
        "accounts",
        "The accounts to decide on.",
        (
            ColumnSpec("account_id", ColumnType.ID, "The account.", True, PersonalData.PSEUDONYM),
            _time("opened_at", "When the account was opened."),
            ColumnSpec("status", ColumnType.TEXT, "The account's state in the source system."),
        ),
        key=("account_id",),
    ),
    TableSpec(
        "devices",
        "The known devices. When supplied, rows may only name devices listed here.",
        (
            ColumnSpec("device_id", ColumnType.ID, "The device.", True, PersonalData.IDENTIFIER),
            _USAGE,
        ),
        key=("device_id",),
    ),
    TableSpec(
        "lenders",
        "The known lenders. When supplied, rows may only name lenders listed here.",
        (ColumnSpec("lender_id", ColumnType.ID, "The lender.", True),),
        key=("lender_id",),
    ),
    TableSpec(
        "entities",
        "Long layout: any entity of any kind. Other numeric columns are kept as attributes.",
        (
            ColumnSpec("entity_id", ColumnType.ID, "The entity.", True, PersonalData.IDENTIFIER),
            _kind("kind", "What the entity is: `account`, `device`, or a kind of your own.",
                  required=True),
            _USAGE,
        ),
        key=("kind", "entity_id"),
        has_attributes=True,
    ),
    TableSpec(
        "identifiers",
        "What an account was seen with: its devices, phones, documents, cards and addresses.",
        (
            _entity("account_id", EntityKind.ACCOUNT, "The account."),
            _kind("kind", "What the value is.", required=True,
                  vocabulary=tuple(kind.value for kind in IDENTIFIER_KINDS)),
            ColumnSpec("value", ColumnType.ID, "The device, number, document or address itself.",
                       True, PersonalData.IDENTIFIER, kind_column="kind"),
            _time("first_seen_at", "When the account was first seen with it."),
            _time("last_seen_at", "When the account was last seen with it.",
                  not_before="first_seen_at"),
            _SOURCE,
        ),
        key=("account_id", "kind", "value", "source", "first_seen_at"),
    ),
    TableSpec(
        "applications",
        "Applications for credit.",
        (
            ColumnSpec("application_id", ColumnType.ID, "The application.", True,
                       PersonalData.PSEUDONYM),
            _entity("account_id", EntityKind.ACCOUNT, "The account that applied."),
            ColumnSpec("lender_id", ColumnType.ID, "The lender applied to.", True,
                       refers_to=EntityKind.LENDER),
            _time("applied_at", "When.", required=True),
            _amount("amount_minor", "The amount applied for."),
            _CURRENCY,
            ColumnSpec("outcome", ColumnType.TEXT, "What came of it.",
                       personal=PersonalData.BEHAVIOUR),
            _SOURCE,
        ),
        key=("application_id",),
    ),
    TableSpec(
        "repayments",
        "Instalments due, and when and how far they were paid.",
        (
            _entity("account_id", EntityKind.ACCOUNT, "The account that owes."),
            ColumnSpec("lender_id", ColumnType.ID, "The lender owed.", True,
                       refers_to=EntityKind.LENDER),
            _time("due_at", "When the instalment is due; may lie ahead.", required=True,
                  event=False),
            _time("paid_at", "When it was paid; empty while unpaid."),
            _amount("amount_due_minor", "The amount due."),
            _amount("amount_paid_minor", "The amount paid so far."),
            _CURRENCY,
            _SOURCE,
        ),
        key=("account_id", "lender_id", "due_at", "amount_due_minor", "currency", "source"),
    ),
    TableSpec(
        "transfers",
        "Money moved between accounts.",
        (
            _entity("from_account_id", EntityKind.ACCOUNT, "The account that paid."),
            _entity("to_account_id", EntityKind.ACCOUNT, "The account that received."),
            _time("at", "When.", required=True),
            _amount("amount_minor", "The amount moved."),
            _CURRENCY,
        ),
        endpoints=("from_account_id", "to_account_id"),
    ),
    TableSpec(
        "guarantees",
        "Promises to pay for another account.",
        (
            _entity("guarantor_id", EntityKind.ACCOUNT, "The account that guarantees."),
            _entity("borrower_id", EntityKind.ACCOUNT, "The account guaranteed."),
            _time("at", "When the guarantee was given."),
            _amount("amount_minor", "The amount guaranteed."),
            _CURRENCY,
        ),
        endpoints=("guarantor_id", "borrower_id"),
    ),
    TableSpec(
        "assessments",
        "What each source believes of an account: income, repayment capacity, credit score.",
        (
            _entity("account_id", EntityKind.ACCOUNT, "The account assessed."),
            ColumnSpec("source", ColumnType.TEXT, "Who assessed it.", True),
            ColumnSpec("measure", ColumnType.WORD, "What was assessed, such as `income_minor`.",
                       True),
            ColumnSpec("value", ColumnType.NUMBER, "The value believed.", True,
                       PersonalData.FINANCIAL, "of the measure"),
            _time("as_of", "The moment the belief is about."),
        ),
        key=("account_id", "source", "measure", "as_of"),
    ),
    TableSpec(
        "links",
        "Long layout: any relation between two entities.",
        (
            ColumnSpec("source_id", ColumnType.ID, "The entity the link starts from.", True,
                       PersonalData.IDENTIFIER, kind_column="source_kind"),
            ColumnSpec("target_id", ColumnType.ID, "The entity the link ends at.", True,
                       PersonalData.IDENTIFIER, kind_column="target_kind"),
            _kind("relation", "What the link means, such as `uses_device`.", required=True),
            _kind("source_kind", "Kind of the first entity; looked up when not supplied."),
            _kind("target_kind", "Kind of the second entity; looked up when not supplied."),
            _time("observed_at", "When the link was observed."),
            _time("first_seen_at", "When the link was first seen."),
            _time("last_seen_at", "When the link was last seen.", not_before="first_seen_at"),
            ColumnSpec("weight", ColumnType.SHARE, "How strong the link is.", unit="0 to 1"),
            ColumnSpec("amount", ColumnType.NUMBER, "How much moved over the link, for models "
                       "that learn.", personal=PersonalData.FINANCIAL,
                       unit="of the relation's own"),
            _SOURCE,
        ),
        endpoints=("source_id", "target_id"),
    ),
    TableSpec(
        "labels",
        "Negative and good-standing facts about entities, in either layout.",
        (
            _kind("entity_kind", "Kind of the entity; looked up when not supplied."),
            ColumnSpec("entity_id", ColumnType.ID, "The entity labelled.", True,
                       PersonalData.IDENTIFIER, kind_column="entity_kind"),
            ColumnSpec("label", ColumnType.WORD, "The fact.", True, PersonalData.ADVERSE,
                       vocabulary=_LABELS),
            ColumnSpec("severity", ColumnType.SHARE, "How grave the fact is.",
                       personal=PersonalData.ADVERSE, unit="0 to 1"),
            _time("event_at", "When the fact came about."),
            _time("known_at", "When it became known; what is used as of an earlier time is blind "
                  "to it."),
            _time("expires_at", "When it stops to count; may lie ahead.", event=False,
                  not_before="known_at"),
            _SOURCE,
        ),
        key=("entity_kind", "entity_id", "label", "event_at", "known_at", "source"),
    ),
)  # fmt: skip

#: Every canonical table by name. Tables that list entities come first: the others refer to them.
TABLES: dict[str, TableSpec] = {table.name: table for table in _TABLES}

#: The column that lists entities, and their kind; ``entities`` carries the kind in each row.
REGISTERS: dict[str, tuple[str, str]] = {
    "accounts": ("account_id", EntityKind.ACCOUNT),
    "devices": ("device_id", EntityKind.DEVICE),
    "lenders": ("lender_id", EntityKind.LENDER),
    "entities": ("entity_id", ""),
}
