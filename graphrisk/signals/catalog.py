"""The CATALOG: every signal in one table, and how a value becomes evidence."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.model.evidence import OWN_FACTS, Group, Reason, State, Strength, Term
from graphrisk.model.kinds import EntityKind
from graphrisk.model.policy import Policy, SignalRule
from graphrisk.signals.circles import circle_sizes, n_guaranteed
from graphrisk.signals.flows import pass_throughs
from graphrisk.signals.identifiers import new_before_application
from graphrisk.signals.lenders import most_lenders_in_window, repaid_with_new_loans
from graphrisk.signals.measure import Book, Signal
from graphrisk.signals.repayment import (
    first_payment_defaults,
    late_instalments,
    worsening_days,
)
from graphrisk.signals.rings import ring_sizes
from graphrisk.signals.sharing import others_sharing
from graphrisk.signals.sources import contradiction_percent, stale_sources

CATALOG: tuple[Signal, ...] = (
    Signal(
        "LENDER_BURST", OWN_FACTS, "lender_burst",
        most_lenders_in_window, "lenders",
        "applied to many lenders within a short window",
        "multiple-application rules of credit bureaus, less rate shopping", "applications",
    ),
    Signal(
        "LENDER_HOPPING", OWN_FACTS, "lender_hopping",
        repaid_with_new_loans, "approvals",
        "repaid one lender soon after another one lent",
        "loan stacking and evergreening", "repayments",
    ),
    Signal(
        "REPAYMENT_LATE", OWN_FACTS, "repayment_lateness",
        late_instalments, "instalments",
        "instalments unpaid or paid late",
        "days past due, Basel definition of default (CRE36.69)", "repayments",
    ),
    Signal(
        "REPAYMENT_WORSENING", OWN_FACTS, "repayment_worsening",
        worsening_days, "days",
        "pays later than it used to",
        "behavioural scoring (Thomas, Edelman and Crook 2002)", "repayments",
    ),
    Signal(
        "FIRST_PAYMENT_DEFAULT", OWN_FACTS, "first_payment_default",
        first_payment_defaults, "lenders",
        "never paid a lender's first instalment, or paid it far too late",
        "first payment default as a mark of application fraud", "repayments",
    ),
    Signal(
        "SOURCE_CONTRADICTION", OWN_FACTS, "source_contradiction",
        contradiction_percent, "percent",
        "sources disagree on income, capacity or score",
        "verification of stated income against a second source", "assessments",
    ),
    Signal(
        "STALE_SOURCES", OWN_FACTS, "stale_sources",
        stale_sources, "sources",
        "sources without a recent record of the account",
        "timeliness of risk data (BCBS 239, principle 5)", "identifiers",
    ),
    Signal(
        "NEW_IDENTIFIER_BEFORE_APPLICATION", OWN_FACTS, "new_identifier_before_application",
        new_before_application, "applications",
        "applied shortly after a new device or phone appeared on an old account",
        "account-takeover rules (SIM swap, new device)", "applications",
    ),
    Signal(
        "FAST_IN_FAST_OUT", OWN_FACTS, "fast_in_fast_out",
        pass_throughs, "receipts",
        "passed money on within hours of receiving it",
        "rapid movement of funds, FATF and Egmont indicators of mule accounts", "transfers",
    ),
    Signal(
        "GUARANTEE_CIRCLE", "social", "guarantee_circle",
        circle_sizes, "accounts",
        "lies on a circle in which each guarantees the next",
        "circles of mutual guarantee in guarantee networks", "guarantees",
    ),
    Signal(
        "GUARANTEE_EXPOSURE", "social", "guarantee_exposure",
        n_guaranteed, "borrowers",
        "stands guarantor for several borrowers",
        "contingent liabilities in guarantee networks", "guarantees",
    ),
    Signal(
        "RING", "identity", "ring",
        ring_sizes, "accounts",
        "in a ring of accounts that share two identifiers with one another",
        "synthetic-identity rings; components by Tarjan (1972)", "identifiers",
    ),
    Signal(
        "SHARED_DEVICE", "device", "shared_device",
        others_sharing(EntityKind.DEVICE), "accounts",
        "other accounts use the same device",
        "device-sharing rules of application fraud", "identifiers",
    ),
    Signal(
        "SHARED_PHONE", "identity", "shared_phone",
        others_sharing(EntityKind.PHONE), "accounts",
        "other accounts use the same phone number",
        "synthetic-identity rules of application fraud", "identifiers",
    ),
    Signal(
        "SHARED_ID_DOCUMENT", "identity", "shared_id_document",
        others_sharing(EntityKind.ID_DOCUMENT), "accounts",
        "other accounts were opened with the same identity document",
        "synthetic-identity rules of application fraud", "identifiers",
    ),
    Signal(
        "SHARED_BANK_CARD", "identity", "shared_bank_card",
        others_sharing(EntityKind.BANK_CARD), "accounts",
        "other accounts use the same bank card",
        "synthetic-identity rules of application fraud", "identifiers",
    ),
    Signal(
        "SHARED_EMAIL", "identity", "shared_email",
        others_sharing(EntityKind.EMAIL), "accounts",
        "other accounts use the same e-mail address",
        "synthetic-identity rules of application fraud", "identifiers",
    ),
)  # fmt: skip


def signal_terms(
    book: Book, policy: Policy, catalog: tuple[Signal, ...] = CATALOG
) -> tuple[Term, ...]:
    """Measure every signal of the catalog on a book."""
    return tuple(_term(signal, book, policy.signals[signal.rule]) for signal in catalog)


def _term(signal: Signal, book: Book, rule: SignalRule) -> Term:
    reason = Reason(
        signal.code, Group.OWN, signal.family, Strength.STRONG, signal.text, signal.unit
    )
    try:
        value = signal.measure(book, rule)
    except (ArithmeticError, ValueError, pl.exceptions.PolarsError):
        # A signal that fails says so for every account; decisions then ask for a review.
        n_accounts = len(book.graph.accounts)
        failed = np.full(n_accounts, State.ERROR, dtype=np.int8)
        return Term(reason, np.zeros(n_accounts), np.full(n_accounts, np.nan), failed)
    nats = nats_of(value, rule)
    state = np.full(len(value), State.MISS, dtype=np.int8)
    state[nats > 0] = State.HIT
    state[np.isnan(value)] = State.UNKNOWN
    return Term(reason, nats, value, state)


def nats_of(value: NDArray[np.float64], rule: SignalRule) -> NDArray[np.float64]:
    """Turn observed counts into nats: nothing up to ``free_count``, then steps, up to the cap.

    Unknown (NaN) brings nothing.
    """
    nats = np.fmax(value - rule.free_count, 0.0)  # the larger, or the one that is a number
    nats *= rule.nats_per_step
    return np.asarray(np.minimum(nats, rule.cap_nats, out=nats), dtype=np.float64)
