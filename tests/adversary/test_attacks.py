"""What k accounts of an attacker can't do, for any k up to 1,000."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adversary.attacks import (
    DAY,
    FOR_ACCOMPLICES,
    ON_VICTIMS,
    WITH_THE_VICTIMS_OWN,
    Book,
    all_for_one,
    attacked,
    diluted,
    on_target,
)
from graphrisk.model.kinds import Tier

SIZES = (1, 10, 100, 1_000)
#: Attacks that leave the accomplice's device to two or three.
NO_FAKES = [attack for attack in FOR_ACCOMPLICES if attack not in (diluted, all_for_one)]


def tier(analysis) -> Tier:
    return Tier[on_target(analysis)[0].upper()]


@pytest.mark.parametrize("k", SIZES)
@pytest.mark.parametrize("attack", ON_VICTIMS, ids=lambda attack: attack.__name__)
def test_no_attack_lifts_an_honest_victim_above_review(attack, k):
    assert tier(attacked(attack, k)) <= Tier.REVIEW


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.sampled_from(ON_VICTIMS), st.integers(1, 1_000))
def test_nor_does_any_number_of_accounts_in_between(attack, k):
    assert tier(attacked(attack, k)) <= Tier.REVIEW


@pytest.mark.parametrize("attack", ON_VICTIMS[:3], ids=lambda attack: attack.__name__)
def test_one_sided_links_alone_never_pass_monitor(attack):
    assert tier(attacked(attack, 100)) <= Tier.MONITOR


@pytest.mark.parametrize("k", SIZES)
@pytest.mark.parametrize("attack", FOR_ACCOMPLICES, ids=lambda attack: attack.__name__)
def test_an_accomplice_is_not_cleared(attack, k):
    assert tier(attacked(attack, 0)) == Tier.REVIEW
    assert tier(attacked(attack, k)) >= Tier.MONITOR


@pytest.mark.parametrize("k", SIZES)
@pytest.mark.parametrize("attack", NO_FAKES, ids=lambda attack: attack.__name__)
def test_nor_falls_below_review_while_few_use_what_he_shares(attack, k):
    assert tier(attacked(attack, k)) >= Tier.REVIEW


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.sampled_from(FOR_ACCOMPLICES), st.integers(1, 1_000))
def test_nor_is_he_by_any_number_of_accounts_in_between(attack, k):
    assert tier(attacked(attack, k)) >= Tier.MONITOR


@pytest.mark.parametrize("k", SIZES)
@pytest.mark.parametrize("attack", WITH_THE_VICTIMS_OWN, ids=lambda attack: attack.__name__)
def test_claiming_what_is_the_victims_does_not_limit_the_victim(attack, k):
    assert tier(attacked(attack, k)) <= Tier.REVIEW


@pytest.mark.parametrize("n_things", [1, 2])
def test_one_thing_that_he_shares_limits_nobody_and_two_that_he_came_to_do(n_things):
    book = Book()
    owner = book.account("owner", opened_at="2022-01-01T00:00:00Z")
    book.label(owner, "fraud_confirmed")
    for kind, value in (("device", "D62240008"), ("phone", "+8613992743369"))[:n_things]:
        book.uses(owner, kind, value, since="2022-01-01T00:00:00Z")
    assert (tier(book.analyse()) > Tier.REVIEW) == (n_things == 2)


# ── One address with a crowd ──────────────────────────────────────────────────────────────────


def test_a_public_address_with_thousands_of_accounts_lifts_nobody():
    book = Book()
    for name in book.accounts(3_000, "c"):
        book.uses(name, "ip", "8.8.4.4")
    book.uses("c00000", "ip", "8.8.4.4")
    book.label("c00000", "fraud_confirmed", at=DAY)
    decisions = book.analyse().decisions.filter(pl.col("account_id") != "c00000")
    assert set(decisions["tier"]) == {"clear"}


@pytest.mark.parametrize("n_users", [30, 300])
def test_a_device_of_a_crowd_lifts_nobody_above_monitor(n_users):
    book = Book()
    for name in book.accounts(n_users, "c"):
        book.uses(name, "device", "D62240009")
    for bad in ("c00000", "c00001"):
        book.label(bad, "fraud_confirmed")
    honest = book.analyse().decisions.filter(~pl.col("account_id").is_in(["c00000", "c00001"]))
    assert set(honest["tier"]) <= {"clear", "monitor"}
