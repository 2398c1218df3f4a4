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
    attacked,
    diluted,
    on_target,
    paying_the_good,
)
from graphrisk.model.kinds import Tier

SIZES = (1, 10, 100, 1_000)
NAMES = {attack.__name__: attack for attack in (*ON_VICTIMS, *FOR_ACCOMPLICES)}


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


HELD = [attack for attack in FOR_ACCOMPLICES if attack not in (diluted, paying_the_good)]


@pytest.mark.parametrize("k", SIZES)
@pytest.mark.parametrize("attack", HELD, ids=lambda attack: attack.__name__)
def test_an_accomplice_is_not_cleared(attack, k):
    assert tier(attacked(attack, 0)) == Tier.LIMIT
    assert tier(attacked(attack, k)) >= Tier.MONITOR


# ── What is not held yet; docs/adversaries.md says why ────────────────────────────────────────


@pytest.mark.xfail(strict=True, reason="good evidence arrives over links that its receiver made")
def test_paying_the_good_clears_nobody():
    assert tier(attacked(paying_the_good, 10)) >= Tier.MONITOR


@pytest.mark.xfail(strict=True, reason="fake users damp a device, and make it a protected crowd")
def test_fake_users_of_a_device_clear_nobody():
    assert tier(attacked(diluted, 1_000)) >= Tier.MONITOR


@pytest.mark.xfail(strict=True, reason="a device or phone is believed on an account's word alone")
@pytest.mark.parametrize("attack", WITH_THE_VICTIMS_OWN, ids=lambda attack: attack.__name__)
def test_claiming_what_is_the_victims_does_not_limit_the_victim(attack):
    assert tier(attacked(attack, 10)) <= Tier.REVIEW


# ── One address with a crowd ──────────────────────────────────────────────────────────────────


def test_a_public_address_with_thousands_of_accounts_lifts_nobody():
    book = Book()
    for name in book.accounts(3_000, "c"):
        book.uses(name, "ip", "8.8.4.4")
    book.uses("c00000", "ip", "8.8.4.4")
    book.label("c00000", "fraud_confirmed", at=DAY)
    decisions = book.analyse().decisions.filter(pl.col("account_id") != "c00000")
    assert set(decisions["tier"]) == {"clear"}
