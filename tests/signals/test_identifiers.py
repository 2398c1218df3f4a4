"""A new device before an application; who shares what, and when; rings."""

import pytest

from .tables import applications, book, identifiers, values


def new_ones(*rows, opened=800):
    seen = book(
        opened=opened, identifiers=identifiers(*rows), applications=applications(("A", "L1", 10))
    )
    return values("NEW_IDENTIFIER_BEFORE_APPLICATION", seen, window_days=7, account_age_days=180)


@pytest.mark.parametrize(
    "first_seen, count", [(10, 1), (12, 1), (17, 1), (18, 0), (9, 0), (700, 0)]
)
def test_first_seen_shortly_before_the_application(first_seen, count):
    assert new_ones(("A", "device", "D", first_seen, 1)) == [count, None, None]


def test_only_devices_and_phones_of_an_old_account_surprise():
    assert new_ones(("A", "phone", "P", 12, 1), opened=100)[0] == 0
    assert new_ones(("A", "email", "E", 12, 1))[0] is None


def test_without_times_it_is_unknown():
    assert new_ones(("A", "device", "D"))[0] is None
    assert new_ones(("A", "device", "D", 12, 1), opened=None)[0] is None


def sharing(*uses, kind="phone"):
    rows = [(a, kind, "V", *times) for a, *times in uses]
    return values(f"SHARED_{kind.upper()}", book(identifiers=identifiers(*rows)), grace_days=7)


def test_a_number_taken_over_is_not_shared():
    assert sharing(("A", 900, 500), ("B", 400, 10)) == [0, 0, None]


def test_a_gap_within_grace_is_no_gap():
    assert sharing(("A", 900, 500), ("B", 493, 10)) == [1, 1, None]
    assert sharing(("A", 900, 500), ("B", 492, 10)) == [0, 0, None]


def test_undated_uses_overlap_with_everything():
    assert sharing(("A", None, None), ("B", 400, 10), ("C", 900, 500)) == [2, 1, 1]


def test_a_use_seen_once_may_have_lasted():
    assert sharing(("A", 900, 900), ("B", 400, 10), ("C", 950, 920)) == [1, 1, 0]


def ring(*rows):
    return values("RING", book("ABCD", identifiers=identifiers(*rows)), most_accounts=50)


def both(kinds, names, *times):
    return [(a, kind, f"{kind}-{names}", *times) for kind in kinds for a in names]


def test_three_accounts_tied_by_two_identifiers_each_are_a_ring():
    kinds = ("device", "phone")
    assert ring(*both(kinds, "AB"), *both(kinds, "BC")) == [3, 3, 3, None]


def test_one_shared_identifier_or_two_accounts_make_no_ring():
    assert ring(*both(("device",), "ABC"), ("D", "email", "x"))[:3] == [0, 0, 0]
    assert ring(*both(("device", "phone"), "AB")) == [0, 0, None, None]


def test_places_and_networks_tie_nobody():
    assert ring(*both(("address", "ip", "device"), "ABC"))[0] == 0


def test_uses_one_after_the_other_tie_nobody():
    rows = [(a, k, k, 900 - 200 * i, 800 - 200 * i) for i, a in enumerate("ABC") for k in
            ("device", "phone")]  # fmt: skip
    assert ring(*rows)[:3] == [0, 0, 0]


def test_an_identifier_of_too_many_accounts_ties_nobody():
    rows = both(("device", "phone"), "ABC")
    seen = book(identifiers=identifiers(*rows))
    assert values("RING", seen, most_accounts=2) == [0, 0, 0]
    assert values("RING", seen, most_accounts=3) == [3, 3, 3]
