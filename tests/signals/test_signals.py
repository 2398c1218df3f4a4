"""The catalog, and the signals that count one thing, on cases where the answer is plain."""

import numpy as np
import polars as pl
import pytest

from graphrisk.model.evidence import State
from graphrisk.model.policy import SignalRule
from graphrisk.signals.catalog import CATALOG, nats_of, signal_terms
from graphrisk.signals.measure import Book, Signal

from .tables import (
    POLICY,
    applications,
    assessments,
    book,
    guarantees,
    identifiers,
    repayments,
    transfers,
    values,
)

#: Kinds of identifiers that the busy little book does not have.
EMPTY = ("SHARED_ID_DOCUMENT", "SHARED_EMAIL")


class TestLenderBurst:
    def test_counts_distinct_lenders_in_the_busiest_window(self) -> None:
        seen = book(
            applications=applications(
                *[("A", f"L{i}", 100 + i) for i in range(6)],
                *[("B", f"L{i}", 30 * i) for i in range(6)],
            )
        )
        assert values("LENDER_BURST", seen) == [6, 1, None]

    def test_one_lender_asked_often_is_one_lender(self) -> None:
        rows = applications(*[("A", "L1", i) for i in range(9)])
        assert values("LENDER_BURST", book(applications=rows))[0] == 1

    def test_an_application_after_the_analysis_is_not_known(self) -> None:
        rows = applications(*[("A", f"L{i}", 1) for i in range(4)], ("A", "L9", -1))
        assert values("LENDER_BURST", book(applications=rows))[0] == 4

    def test_both_ends_of_the_window_count(self) -> None:
        rows = applications(*[("A", f"L{i}", d) for i, d in enumerate((0, 1, 2, 14, 14.1))])
        assert values("LENDER_BURST", book(applications=rows))[0] == 4


class TestLateInstalments:
    def test_unpaid_and_late_count_and_punctual_does_not(self) -> None:
        seen = book(
            repayments=repayments(("A", 60, 61), ("A", 50, 40), ("A", 30, None), ("B", 60, 59))
        )
        assert values("REPAYMENT_LATE", seen) == [2, 0, None]

    def test_within_grace_is_punctual(self) -> None:
        assert values("REPAYMENT_LATE", book(repayments=repayments(("A", 30, 26))))[0] == 0

    def test_an_instalment_whose_grace_still_runs_is_not_counted(self) -> None:
        assert values("REPAYMENT_LATE", book(repayments=repayments(("A", 2, None))))[0] is None

    def test_a_payment_made_after_the_analysis_was_not_known(self) -> None:
        assert values("REPAYMENT_LATE", book(repayments=repayments(("A", 30, -3))))[0] == 1


class TestSharing:
    @pytest.mark.parametrize("kind", ["device", "phone", "id_document", "bank_card", "email"])
    def test_counts_the_other_accounts(self, kind: str) -> None:
        seen = book(identifiers=identifiers(("A", kind, "V"), ("B", kind, "V"), ("C", kind, "W")))
        assert values(f"SHARED_{kind.upper()}", seen) == [1, 1, 0]

    def test_an_account_without_the_identifier_is_unknown(self) -> None:
        seen = book(identifiers=identifiers(("A", "phone", "V")))
        assert values("SHARED_PHONE", seen) == [0, None, None]

    def test_a_protected_hub_does_not_count(self) -> None:
        seen = book(
            devices=pl.DataFrame({"device_id": ["V"], "usage": ["kiosk"]}),
            identifiers=identifiers(("A", "device", "V"), ("B", "device", "V")),
        )
        assert values("SHARED_DEVICE", seen) == [0, 0, None]


class TestCatalog:
    def test_codes_texts_and_origins_are_there_and_codes_are_unique(self) -> None:
        assert len({signal.code for signal in CATALOG}) == len(CATALOG)
        assert len({signal.text for signal in CATALOG}) == len(CATALOG)
        assert all(signal.origin and signal.text and signal.unit for signal in CATALOG)

    def test_every_signal_has_settings_and_every_setting_a_signal(self) -> None:
        assert {signal.rule for signal in CATALOG} == set(POLICY.signals)

    def test_without_its_table_every_signal_is_unknown_never_zero(self) -> None:
        for term in signal_terms(book(), POLICY):
            assert (term.state == State.UNKNOWN).all(), term.reason.code
            assert np.isnan(term.value).all() and (term.nats == 0).all()

    def test_a_signal_that_fails_says_so_for_every_account(self) -> None:
        def broken(seen: Book, rule: SignalRule) -> np.ndarray:
            raise ValueError("no such column")

        signal = Signal("BROKEN", "own_facts", "lender_burst", broken, "", "breaks", "test", "")
        (term,) = signal_terms(book(), POLICY, (signal,))
        assert (term.state == State.ERROR).all() and (term.nats == 0).all()

    def test_the_order_of_rows_changes_no_byte(self) -> None:
        pairs = zip(
            signal_terms(everything(), POLICY),
            signal_terms(everything(shuffled=True), POLICY),
            strict=True,
        )
        for one, other in pairs:
            assert one.value.tobytes() == other.value.tobytes(), one.reason.code
            assert not np.isnan(one.value).all() or one.reason.code in ("STALE_SOURCES", *EMPTY)

    def test_signals_leave_their_input_as_it_was(self) -> None:
        seen = everything()
        before = {name: rows.clone() for name, rows in seen.dataset.tables.items()}
        signal_terms(seen, POLICY)
        assert all(rows.equals(before[name]) for name, rows in seen.dataset.tables.items())


def everything(*, shuffled: bool = False) -> Book:
    """A busy little book with every table."""
    rng = np.random.default_rng(7)
    names = list("ABCDEFGHIJ")

    def some(n: int, *columns: list) -> list[tuple]:
        drawn = [rng.choice(np.array(column, dtype=object), n) for column in columns]
        return list(zip(*drawn, strict=True))

    lenders, days = [f"L{i}" for i in range(6)], list(range(-5, 60))
    outcomes, kinds = ["approved", "declined", "withdrawn", None], ["device", "phone", "bank_card"]
    pairs = [a + b for a, b in some(25, names, names) if a != b]
    tables = {
        "applications": applications(*some(80, names, lenders, days, outcomes, [100, 110, 900])),
        "repayments": repayments(*some(80, names, days, [*days, None], lenders)),
        "identifiers": identifiers(*some(60, names, kinds, list("vwxyz"), [90, 60], [30, 50, -2])),
        "transfers": transfers(
            *(row for row in some(80, names, names, days, [50, 90, 100]) if row[0] != row[1])
        ),
        "guarantees": guarantees(*sorted(set(pairs))),
        "assessments": assessments(
            *some(40, names, list("xyz"), ["income_monthly", "credit_score"], [100, 220], days)
        ),
    }
    if shuffled:
        tables = {k: t.sample(fraction=1, shuffle=True, seed=3) for k, t in tables.items()}
    return book("".join(names), opened=700, **tables)


@pytest.mark.parametrize(
    "count, nats", [(0, 0.0), (3, 0.0), (4, 0.5), (5, 1.0), (100, 2.0), (np.nan, 0.0)]
)
def test_counts_become_nats_in_steps_up_to_the_cap(count: float, nats: float) -> None:
    rule = SignalRule(free_count=3, nats_per_step=0.5, cap_nats=2.0)
    assert nats_of(np.array([count]), rule).tolist() == [nats]
