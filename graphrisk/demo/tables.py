"""The written tables: columns by name, rows in an order that says nothing.

Every table is sorted by what is written in it, so that row order does not give the truth away.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from graphrisk.demo.honest import Uses
from graphrisk.demo.loans import MEASURES, OUTCOMES
from graphrisk.demo.roles import ROLES
from graphrisk.demo.roster import AS_OF_S, Ints, Roster
from graphrisk.demo.texts import (
    Codes,
    account_text,
    digits,
    identifier_text,
    lender_text,
    pick,
    scatter,
    time_of,
)
from graphrisk.model.kinds import IDENTIFIER_KINDS, EntityKind

CURRENCY = "CNY"
STATUSES = ("active", "dormant", "closed")
LOAN_SOURCES = ("own", "bureau_a", "bureau_b")
ASSESSMENT_SOURCES = ("bureau_a", "bureau_b", "applicant")
IDENTIFIER_SOURCES = ("app", "form", "bureau_a")


def accounts_table(roster: Roster, codes: Codes, rng: np.random.Generator) -> pl.DataFrame:
    """One row per account. The status is drawn without looking at the truth."""
    frame = pl.DataFrame(
        {
            "account": codes.account,
            "opened_s": roster.opened_s,
            "status": rng.choice(len(STATUSES), roster.n_accounts, p=[0.86, 0.10, 0.04]),
            "region": roster.region,
        }
    )
    return frame.sort("account").select(
        account_id=account_text("account"),
        opened_at=time_of("opened_s"),
        status=pick(STATUSES, pl.col("status")),
        region=pl.format("R{}", digits(pl.col("region") + 1, 2)),
    )


def identifiers_table(
    roster: Roster,
    shared: dict[str, Uses],
    private: list[Uses],
    codes: Codes,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """One row per use of an identifier, by kind and account."""
    tables = []
    for kind in IDENTIFIER_KINDS:
        named = [(uses, codes.batch[name]) for name, uses in shared.items() if uses.kind == kind]
        alone = [uses for uses in private if uses.kind == kind]
        begin = sum(uses.n_values for uses, _ in named)
        named += [(uses, codes.value[kind][begin:]) for uses in alone]
        frame = pl.concat(
            pl.DataFrame(
                {
                    "account": codes.account[uses.account],
                    "code": code[uses.value],
                    "region": roster.region[uses.account],
                    "first_s": uses.first_s,
                    "last_s": uses.last_s,
                }
            )
            for uses, code in named
        )
        if kind == EntityKind.ADDRESS:
            # Visitors from elsewhere share the address as it is: one region for each.
            frame = frame.with_columns(pl.col("region").min().over("code"))
        source = rng.choice(len(IDENTIFIER_SOURCES), frame.height, p=[0.6, 0.3, 0.1])
        tables.append(
            frame.with_columns(source=source)
            .sort("account", "first_s", "code", "last_s")
            .select(
                account_id=account_text("account"),
                kind=pl.lit(str(kind)),
                value=identifier_text(kind, pl.col("region")),
                first_seen_at=time_of("first_s"),
                last_seen_at=time_of("last_s"),
                source=pick(IDENTIFIER_SOURCES, pl.col("source")),
            )
        )
    return pl.concat(tables)


def devices_table(
    identifiers: pl.DataFrame, registered: pl.Series, rng: np.random.Generator
) -> pl.DataFrame:
    """Every device in use; registered kiosks say so, and some devices say nothing."""
    used = identifiers.filter(pl.col("kind") == str(EntityKind.DEVICE))
    devices = used.select(device_id=pl.col("value")).unique().sort("device_id")
    says_nothing = pl.Series(rng.random(devices.height) < 0.25)
    usage = (
        pl.when(pl.col("device_id").is_in(registered.implode()))
        .then(pl.lit("kiosk"))
        .when(~says_nothing)
        .then(pl.lit("personal"))
    )
    return devices.with_columns(usage=usage)


def lenders_table(n_lenders: int) -> pl.DataFrame:
    """One row per lender."""
    return pl.DataFrame({"lender": np.arange(n_lenders)}).select(lender_id=lender_text("lender"))


def applications_table(
    applications: pl.DataFrame, codes: Codes, rng: np.random.Generator
) -> pl.DataFrame:
    """One row per application, in the order of its (meaningless) id."""
    frame = applications.with_columns(
        account=codes.account[applications["account"].to_numpy()],
        application=scatter(applications.height, 10**9, rng),
        source=rng.choice(len(LOAN_SOURCES), applications.height, p=[0.5, 0.3, 0.2]),
    )
    return frame.sort("application").select(
        application_id=pl.format("P{}", digits(pl.col("application"), 9)),
        account_id=account_text("account"),
        lender_id=lender_text("lender"),
        applied_at=time_of("at_s"),
        amount_minor="amount_minor",
        currency=pl.lit(CURRENCY),
        outcome=pick(OUTCOMES, pl.col("outcome")),
        source=pick(LOAN_SOURCES, pl.col("source")),
    )


def repayments_table(
    repayments: pl.DataFrame, codes: Codes, rng: np.random.Generator
) -> pl.DataFrame:
    """One row per instalment that is due; ``paid_at`` is empty while it is not paid."""
    frame = repayments.with_columns(
        account=codes.account[repayments["account"].to_numpy()],
        source=rng.choice(len(LOAN_SOURCES), repayments.height, p=[0.5, 0.3, 0.2]),
    )
    return frame.sort("account", "due_s", "lender", "amount_due_minor", "paid_s").select(
        account_id=account_text("account"),
        lender_id=lender_text("lender"),
        due_at=time_of("due_s"),
        paid_at=time_of("paid_s"),
        amount_due_minor="amount_due_minor",
        amount_paid_minor="amount_paid_minor",
        currency=pl.lit(CURRENCY),
        source=pick(LOAN_SOURCES, pl.col("source")),
    )


def transfers_table(transfers: pl.DataFrame, codes: Codes) -> pl.DataFrame:
    """One row per transfer, by time."""
    frame = transfers.with_columns(
        sender=codes.account[transfers["sender"].to_numpy()],
        receiver=codes.account[transfers["receiver"].to_numpy()],
    )
    return frame.sort("at_s", "sender", "receiver", "amount_minor").select(
        from_account_id=account_text("sender"),
        to_account_id=account_text("receiver"),
        at=time_of("at_s"),
        amount_minor="amount_minor",
        currency=pl.lit(CURRENCY),
    )


def guarantees_table(guarantees: pl.DataFrame, codes: Codes) -> pl.DataFrame:
    """One row per guarantee, by time."""
    frame = guarantees.with_columns(
        guarantor=codes.account[guarantees["guarantor"].to_numpy()],
        borrower=codes.account[guarantees["borrower"].to_numpy()],
    )
    return frame.sort("at_s", "guarantor", "borrower").select(
        guarantor_id=account_text("guarantor"),
        borrower_id=account_text("borrower"),
        at=time_of("at_s"),
        amount_minor="amount_minor",
        currency=pl.lit(CURRENCY),
    )


def assessments_table(assessments: pl.DataFrame, codes: Codes) -> pl.DataFrame:
    """One row per belief of a source about an account; money in minor units a month."""
    frame = assessments.with_columns(account=codes.account[assessments["account"].to_numpy()])
    return frame.sort("account", "source", "measure").select(
        account_id=account_text("account"),
        source=pick(ASSESSMENT_SOURCES, pl.col("source")),
        measure=pick(MEASURES, pl.col("measure")),
        value="value",
        as_of=time_of("at_s"),
    )


def truth_table(
    roster: Roster, labels: pl.DataFrame, codes: Codes, rng: np.random.Generator
) -> pl.DataFrame:
    """What is true of every account: never an input of an analysis."""
    in_force = labels.filter((pl.col("expires_s") < 0) | (pl.col("expires_s") > AS_OF_S))
    is_labelled = np.zeros(roster.n_accounts, dtype=np.bool_)
    is_labelled[in_force["account"].to_numpy()] = True
    # A group is learnt from, or held out, as a whole: else its members would tell on each other.
    alone: Ints = roster.n_accounts + np.arange(roster.n_accounts)
    unit = np.where(roster.group >= 0, roster.group, alone)
    is_held_out = rng.random(2 * roster.n_accounts)[unit] < 0.3
    frame = pl.DataFrame(
        {
            "account": codes.account,
            "is_bad": np.arange(roster.n_accounts) < roster.n_bad,
            "role": roster.role,
            "group": roster.group,
            "is_labelled": is_labelled,
            "is_camouflaged": roster.is_camouflaged,
            "split_hint": is_held_out.astype(np.int64),
        }
    )
    return frame.sort("account").select(
        account_id=account_text("account"),
        is_bad="is_bad",
        role=pick(ROLES, pl.col("role")),
        group_id=pl.when(pl.col("group") >= 0).then(pl.format("G{}", digits(pl.col("group"), 6))),
        is_labelled="is_labelled",
        is_camouflaged="is_camouflaged",
        split_hint=pick(("learn", "hold_out"), pl.col("split_hint")),
    )
