"""What becomes known of accounts and things: labels, mostly true, never complete."""

from __future__ import annotations

import numpy as np
import polars as pl

from graphrisk.demo.roles import ROLES, Role
from graphrisk.demo.roster import DAY_S, START_S, Ints, Roster, after
from graphrisk.demo.texts import Codes, account_text, identifier_texts, lender_text, time_of
from graphrisk.model.kinds import EntityKind, LabelKind

#: Part of honest accounts that carry a wrong bad label, and of bad ones praised by mistake.
WRONG_LABEL_SHARE = 0.0005
WRONG_PRAISE_SHARE = 0.005
#: Part of honest accounts with an old default that is settled and whose label has expired.
EXPIRED_LABEL_SHARE = 0.001

BAD_LABELS = (
    LabelKind.FRAUD_CONFIRMED,
    LabelKind.BLACKLISTED,
    LabelKind.DEFAULT,
    LabelKind.WRITTEN_OFF,
    LabelKind.COURT_ENFORCED,
)
#: Who says so, and how severe it is, for each of ``BAD_LABELS``.
LABEL_SOURCE = ("fraud_team", "consortium", "lender_report", "collections", "court")
LABEL_SEVERITY = (0.90, 0.80, 0.50, 0.70, 0.80)
SCHEME_LABEL_SHARES = (0.60, 0.20, 0.12, 0.05, 0.03)
DEFAULTER_LABEL_SHARES = (0.05, 0.05, 0.55, 0.25, 0.10)


def draw_labels(roster: Roster, rng: np.random.Generator) -> pl.DataFrame:
    """Labels of accounts: ``account, label, severity, event_s, known_s, expires_s, source``.

    A missing severity is null; a missing expiry is -1. Good standing is given to
    bad accounts by mistake only; a few honest accounts are labelled bad by mistake.
    """
    n, n_bad = roster.n_accounts, roster.n_bad
    known_bad = np.flatnonzero(roster.is_labelled_bad)
    wrongly = rng.choice(n - n_bad, max(1, round(n * WRONG_LABEL_SHARE)), replace=False) + n_bad
    told_twice = known_bad[rng.random(len(known_bad)) < 0.12]

    is_good = roster.is_good_standing.copy()
    is_good[rng.permutation(n_bad)[: max(1, round(n_bad * WRONG_PRAISE_SHARE))]] = True
    is_good[wrongly] = False
    return pl.concat(
        [
            _bad_labels(roster, known_bad, roster.turned_bad_s[known_bad], rng),
            _bad_labels(roster, told_twice, roster.turned_bad_s[told_twice], rng),
            _bad_labels(roster, wrongly, after(rng, roster.opened_s[wrongly], 400), rng),
            _expired_labels(roster, rng),
            _good_labels(roster, np.flatnonzero(is_good), rng),
        ]
    )


def _bad_labels(
    roster: Roster, account: Ints, since_s: Ints, rng: np.random.Generator
) -> pl.DataFrame:
    n_rows = len(account)
    defaulters = [ROLES.index(Role.LENDER_BURST_RUNAWAY), ROLES.index(Role.PLAIN)]
    label = np.where(
        np.isin(roster.role[account], defaulters),
        rng.choice(len(BAD_LABELS), n_rows, p=DEFAULTER_LABEL_SHARES),
        rng.choice(len(BAD_LABELS), n_rows, p=SCHEME_LABEL_SHARES),
    )
    severity = pl.Series(np.array(LABEL_SEVERITY)[label] + rng.integers(-8, 9, n_rows) / 100)
    is_silent = pl.Series(rng.random(n_rows) < 0.15)
    event_s = after(rng, since_s, 30)
    known_s = after(rng, event_s, 60)
    # The window is two years long, so a label of two years or more is always still in force.
    expires_s = known_s + rng.integers(2, 6, n_rows) * 365 * DAY_S + DAY_S
    return pl.DataFrame(
        {
            "account": account,
            "label": pl.Series([str(kind) for kind in BAD_LABELS]).gather(label),
            "severity": severity.round(2).set(is_silent, None),
            "event_s": event_s,
            "known_s": known_s,
            "expires_s": np.where(rng.random(n_rows) < 0.3, expires_s, -1),
            "source": pl.Series(LABEL_SOURCE).gather(label),
        }
    )


def _expired_labels(roster: Roster, rng: np.random.Generator) -> pl.DataFrame:
    """Old defaults of honest people, settled: the label ran out before the as-of date."""
    old = np.arange(roster.n_bad, roster.n_accounts)
    old = old[roster.opened_s[old] < START_S + 150 * DAY_S]
    account = rng.permutation(old)[: max(1, round(roster.n_accounts * EXPIRED_LABEL_SHARE))]
    event_s = after(rng, roster.opened_s[account], 60)
    known_s = after(rng, event_s, 30)
    n_rows = len(account)
    return pl.DataFrame(
        {
            "account": account,
            "label": pl.Series([str(LabelKind.DEFAULT)] * n_rows),
            "severity": pl.Series(rng.integers(20, 50, n_rows) / 100).round(2),
            "event_s": event_s,
            "known_s": known_s,
            "expires_s": known_s + rng.integers(180, 365, n_rows) * DAY_S,
            "source": pl.Series(["lender_report"] * n_rows),
        }
    )


def _good_labels(roster: Roster, account: Ints, rng: np.random.Generator) -> pl.DataFrame:
    n_rows = len(account)
    event_s = after(rng, roster.opened_s[account], 500)
    return pl.DataFrame(
        {
            "account": account,
            "label": pl.repeat(str(LabelKind.GOOD_STANDING), n_rows, eager=True),
            "severity": pl.repeat(None, n_rows, dtype=pl.Float64, eager=True),
            "event_s": event_s,
            "known_s": after(rng, event_s, 30),
            "expires_s": np.full(n_rows, -1),
            "source": pl.repeat("own", n_rows, eager=True),
        }
    )


def labels_table(
    labels: pl.DataFrame, codes: Codes, n_lenders: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Labels of accounts, and a few of devices, phones and lenders."""
    of_accounts = labels.with_columns(account=codes.account[labels["account"].to_numpy()]).select(
        pl.lit(str(EntityKind.ACCOUNT)).alias("entity_kind"),
        account_text("account").alias("entity_id"),
        *("label", "severity", "event_s", "known_s", "expires_s", "source"),
    )
    n_of = {name: len(codes.batch[name]) for name in ("farm_device", "ring_phone")}
    devices = codes.batch["farm_device"][: max(1, n_of["farm_device"] // 10)]
    phones = codes.batch["ring_phone"][: max(1, n_of["ring_phone"] // 20)]
    lender = pl.DataFrame({"lender": [int(rng.integers(n_lenders))]})
    of_others = [
        _thing_labels(kind, ids, rng)
        for kind, ids in (
            (EntityKind.DEVICE, identifier_texts(EntityKind.DEVICE, devices)),
            (EntityKind.PHONE, identifier_texts(EntityKind.PHONE, phones)),
            (EntityKind.LENDER, lender.select(lender_text("lender")).to_series()),
        )
    ]
    rows = pl.concat([of_accounts, *of_others])
    return rows.sort("entity_kind", "entity_id", "known_s", "label").select(
        *("entity_kind", "entity_id", "label", "severity"),
        event_at=time_of("event_s"),
        known_at=time_of("known_s"),
        expires_at=time_of("expires_s"),
        source="source",
    )


def _thing_labels(kind: EntityKind, ids: pl.Series, rng: np.random.Generator) -> pl.DataFrame:
    event_s = after(rng, np.full(len(ids), START_S + 365 * DAY_S), 300)
    return pl.DataFrame({"entity_id": ids}).select(
        entity_kind=pl.lit(str(kind)),
        entity_id="entity_id",
        label=pl.lit(str(LabelKind.BLACKLISTED)),
        severity=pl.lit(0.7),
        event_s=event_s,
        known_s=after(rng, event_s, 30),
        expires_s=pl.lit(-1, pl.Int64),
        source=pl.lit("consortium"),
    )
