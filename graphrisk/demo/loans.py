"""Loans: who applies to whom, who repays, and what each source believes of an applicant.

Every function returns a frame of whole numbers (account and lender numbers, seconds, minor
units); ``tables`` turns them into the written columns. Missing times are -1.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from graphrisk.demo.roles import Role
from graphrisk.demo.roster import AS_OF_S, DAY_S, Floats, Ints, Roster, after

OUTCOMES = ("approved", "declined", "withdrawn")
OUTCOME_SHARES = (0.55, 0.30, 0.15)
MEASURES = ("income_monthly", "repayment_capacity", "credit_score")
N_ASSESSMENT_SOURCES = 3
#: A Zipf-like law: the k-th most popular lender gets a share of about 1 / k.
ZIPF_EXPONENT = 0.9


def lender_popularity(n_lenders: int, rng: np.random.Generator) -> Floats:
    """Share of applications that each lender gets; lender numbers are in no order."""
    weight = 1.0 / np.arange(1, n_lenders + 1) ** ZIPF_EXPONENT
    return rng.permutation(weight / weight.sum())


def draw_applications(roster: Roster, popularity: Floats, rng: np.random.Generator) -> pl.DataFrame:
    """``account, lender, at_s, amount_minor, outcome`` of every loan application."""
    account = np.repeat(np.arange(roster.n_accounts), rng.poisson(1.65 * roster.activity))
    n_rows = len(account)
    everyday = pl.DataFrame(
        {
            "account": account,
            "lender": rng.choice(len(popularity), n_rows, p=popularity),
            "at_s": after(rng, roster.opened_s[account], 730),
            "amount_minor": loan_amounts(n_rows, rng),
            "outcome": rng.choice(len(OUTCOMES), n_rows, p=OUTCOME_SHARES),
        }
    )
    shopper = roster.honest[Role.RATE_SHOPPER].account
    runaway = roster.bad[Role.LENDER_BURST_RUNAWAY].account
    return pl.concat(
        [
            everyday,
            _shopping(shopper, after(rng, roster.opened_s[shopper], 700), popularity, rng),
            _running_away(runaway, roster.turned_bad_s[runaway], popularity, rng),
        ]
    )


def loan_amounts(n_rows: int, rng: np.random.Generator) -> Ints:
    """About 3,000 to 30,000 in whole hundreds, in minor units."""
    return np.maximum(np.exp(rng.normal(4.5, 0.9, n_rows)), 5.0).astype(np.int64) * 10_000


def _lender_tour(
    account: Ints, n_visits: Ints, popularity: Floats, rng: np.random.Generator
) -> tuple[Ints, Ints, Ints]:
    """Visit ``n_visits`` different lenders: row (position in ``account``), lender, visit."""
    # Adding Gumbel noise to log weights and sorting draws without replacement.
    appeal = np.log(popularity) + rng.gumbel(size=(len(account), len(popularity)))
    order = np.argsort(-appeal, axis=1)
    row = np.repeat(np.arange(len(account)), n_visits)
    visit = np.arange(len(row)) - np.repeat(np.cumsum(n_visits) - n_visits, n_visits)
    return row, order[row, visit], visit


def _shopping(
    account: Ints, begun_s: Ints, popularity: Floats, rng: np.random.Generator
) -> pl.DataFrame:
    """Compare offers: 4 to 8 lenders within ten days, one is taken, similar amounts."""
    n_visits = rng.integers(4, 9, len(account))
    row, lender, visit = _lender_tour(account, n_visits, popularity, rng)
    taken = rng.integers(0, n_visits)
    wanted_minor = loan_amounts(len(account), rng)
    haggled = rng.integers(95, 106, len(row))
    other = rng.choice([1, 2], len(row), p=[0.1, 0.9])
    return pl.DataFrame(
        {
            "account": account[row],
            "lender": lender,
            "at_s": after(rng, begun_s[row], 10),
            "amount_minor": wanted_minor[row] * haggled // 100,
            "outcome": np.where(visit == taken[row], 0, other),
        }
    )


def _running_away(
    account: Ints, begun_s: Ints, popularity: Floats, rng: np.random.Generator
) -> pl.DataFrame:
    """Borrow everywhere before anyone notices: 5 to 12 lenders in 3 to 14 days."""
    n_visits = rng.integers(5, 13, len(account))
    row, lender, _ = _lender_tour(account, n_visits, popularity, rng)
    span_days = rng.integers(3, 15, len(account))
    return pl.DataFrame(
        {
            "account": account[row],
            "lender": lender,
            "at_s": after(rng, begun_s[row], span_days[row]),
            "amount_minor": loan_amounts(len(row), rng),
            "outcome": rng.choice(len(OUTCOMES), len(row), p=[0.70, 0.25, 0.05]),
        }
    )


def draw_repayments(
    roster: Roster, applications: pl.DataFrame, rng: np.random.Generator
) -> pl.DataFrame:
    """``account, lender, due_s, paid_s, amount_due_minor, amount_paid_minor`` of instalments."""
    loans = applications.filter(pl.col("outcome") == 0)
    n_instalments = 2 + rng.poisson(1.0, loans.height)
    loan = np.repeat(np.arange(loans.height), n_instalments)
    month = np.arange(len(loan)) - np.repeat(
        np.cumsum(n_instalments) - n_instalments, n_instalments
    )
    due_s = loans["at_s"].to_numpy()[loan] + 30 * DAY_S * (month + 1)
    is_billed = due_s <= AS_OF_S + 30 * DAY_S
    loan, due_s = loan[is_billed], due_s[is_billed]
    account = loans["account"].to_numpy()[loan]
    due_minor = (loans["amount_minor"].to_numpy() // n_instalments)[loan]

    # Honest people miss payments too: most hardly ever, a few often.
    careless = np.minimum(0.02 * np.exp(rng.normal(0.0, 1.2, roster.n_accounts)), 0.5)
    in_trouble = roster.is_delinquent[account] & (due_s >= roster.turned_bad_s[account])
    is_missed = rng.random(len(loan)) < np.where(in_trouble, 0.8, careless[account])
    is_late = rng.random(len(loan)) < 0.05 + 2 * careless[account]
    delay_s = np.where(
        is_late, rng.exponential(6 * DAY_S, len(loan)), -rng.uniform(0, 5 * DAY_S, len(loan))
    ).astype(np.int64)
    is_paid = ~is_missed & (due_s + delay_s <= AS_OF_S)
    is_partial = rng.random(len(loan)) < 0.03
    paid_minor = np.where(is_partial, due_minor // 2, due_minor)
    return pl.DataFrame(
        {
            "account": account,
            "lender": loans["lender"].to_numpy()[loan],
            "due_s": due_s,
            "paid_s": np.where(is_paid, due_s + delay_s, -1),
            "amount_due_minor": due_minor,
            "amount_paid_minor": np.where(is_paid, paid_minor, 0),
        }
    )


def draw_assessments(roster: Roster, rng: np.random.Generator) -> pl.DataFrame:
    """``account, source, measure, value, at_s``: what each source believes of an account."""
    n = roster.n_accounts
    n_sources = np.minimum(rng.geometric(0.6, n), N_ASSESSMENT_SOURCES)
    n_sources[rng.random(n) > 0.38] = 0
    income_minor = np.exp(rng.normal(13.4, 0.5, n))
    is_bad = np.arange(n) < roster.n_bad
    # The last source is the applicant's own word: some boast, the bad more often.
    boasts = rng.random(n) < np.where(is_bad, 0.20, 0.05)
    score = rng.normal(640, 60, n) - 12 * is_bad

    account = np.repeat(np.arange(n), n_sources)
    place = np.arange(len(account)) - np.repeat(np.cumsum(n_sources) - n_sources, n_sources)
    source = (rng.integers(0, N_ASSESSMENT_SOURCES, n)[account] + place) % N_ASSESSMENT_SOURCES
    is_boast = boasts[account] & (source == N_ASSESSMENT_SOURCES - 1)
    factor = np.where(is_boast, rng.uniform(1.8, 3.5, len(account)), 1.0)
    seen_minor = income_minor[account] * factor * np.exp(rng.normal(0, 0.06, len(account)))
    capacity_minor = 0.35 * seen_minor * np.exp(rng.normal(0, 0.1, len(account)))
    seen_score = np.clip(score[account] + rng.normal(0, 15, len(account)), 300, 850)
    at_s = after(rng, roster.opened_s[account], 730)
    rows = pl.concat(
        pl.DataFrame(
            {
                "account": account,
                "source": source,
                "measure": np.full(len(account), measure),
                "value": np.rint(value).astype(np.int64),
                "at_s": at_s,
            }
        )
        for measure, value in enumerate((seen_minor, capacity_minor, seen_score))
    )
    return rows.filter(pl.Series(rng.random(rows.height) < 0.85))
