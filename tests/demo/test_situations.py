"""Each honest situation and each scheme looks the way the README says."""

import polars as pl

from graphrisk.demo.book import AS_OF


def users(book, kind, *roles):
    """How many accounts use each identifier that an account of these roles uses."""
    uses = book.uses(kind)
    shared = uses.group_by("value").agg(n_users=pl.col("account_id").n_unique())
    of_roles = uses.filter(pl.col("account_id").is_in(book.ids(*roles).implode()))
    return of_roles.join(shared, on="value").join(book.truth, on="account_id")


def test_farm_members_share_few_devices_at_the_same_time(any_book):
    uses = users(any_book, "device", "device_farm").filter(pl.col("n_users") > 1)
    assert set(uses["account_id"]) == set(any_book.ids("device_farm"))
    farms = uses.group_by("group_id").agg(
        n_accounts=pl.col("account_id").n_unique(),
        begun_at=pl.col("first_seen_at").max(),
        n_labelled=pl.col("is_labelled").sum(),
    )
    assert farms["n_accounts"].is_between(5, 50).all()
    # A device of the farm is in use by several members while others still use it.
    farm_devices = uses.join(uses, on=["value", "group_id"], suffix="_other").filter(
        pl.col("account_id") < pl.col("account_id_other")
    )
    overlap = (pl.col("first_seen_at") <= pl.col("last_seen_at_other")) & (
        pl.col("first_seen_at_other") <= pl.col("last_seen_at")
    )
    assert farm_devices.select(overlap.mean()).item() > 0.7


def test_ring_members_share_different_things(any_book):
    kinds = ("phone", "bank_card", "id_document")
    shared = pl.concat(
        [
            users(any_book, kind, "identity_ring")
            .filter(pl.col("n_users") > 1)
            .select("account_id", "group_id", "value", "n_users")
            for kind in kinds
        ]
    )
    assert set(shared["account_id"]) == set(any_book.ids("identity_ring"))
    assert (shared["n_users"] == 2).mean() > 0.9, "pairwise, not all the same one"


def test_second_hand_devices_and_numbers_change_hands_once(any_book):
    for kind, role in (("device", "second_hand_phone"), ("phone", "recycled_number")):
        takers = set(any_book.ids(role))
        pairs = any_book.uses(kind).filter(pl.len().over("value") == 2).sort("first_seen_at")
        handed = pairs.group_by("value", maintain_order=True).agg(
            pl.col("account_id"), pl.col("first_seen_at"), pl.col("last_seen_at")
        )
        handed = handed.select(
            before=pl.col("account_id").list.first(),
            taker=pl.col("account_id").list.last(),
            gap=pl.col("first_seen_at").list.last() - pl.col("last_seen_at").list.first(),
        ).filter(pl.col("gap") > pl.duration(seconds=0))
        assert takers <= set(handed["taker"]), "spans are disjoint"
        known = any_book.truth.filter(pl.col("is_bad") & pl.col("is_labelled"))["account_id"]
        tainted = handed.filter(pl.col("before").is_in(known.implode()))
        assert takers & set(tainted["taker"]), "some take over from a known bad account"


def test_dormitories_are_crowds_and_hold_a_known_bad_account(any_book):
    uses = users(any_book, "address", "dormitory").filter(pl.col("n_users") >= 20)
    assert set(uses["account_id"]) == set(any_book.ids("dormitory"))
    known = any_book.truth.filter(pl.col("is_bad") & pl.col("is_labelled"))["account_id"]
    lodgers = any_book.uses("address").filter(pl.col("value").is_in(uses["value"].implode()))
    assert set(lodgers["account_id"]) & set(known)


def test_kiosks_are_used_shortly_and_not_all_are_registered(book):
    crowded = users(book, "device", "kiosk").filter(pl.col("n_users") >= 20)
    assert set(crowded["account_id"]) == set(book.ids("kiosk"))
    minutes = (crowded["last_seen_at"] - crowded["first_seen_at"]).dt.total_minutes()
    assert minutes.max() <= 40
    usage = crowded.select(device_id="value").unique().join(book["devices"], on="device_id")
    assert "kiosk" in set(usage["usage"])
    assert usage["usage"].ne_missing("kiosk").any()
    registered = book["devices"].filter(pl.col("usage") == "kiosk")["device_id"]
    assert set(registered) <= set(crowded["value"])


def test_carrier_and_campus_addresses_hold_crowds(book):
    for role, least in (("campus_nat", 15), ("carrier_nat", 20)):
        uses = users(book, "ip", role)
        assert set(uses.filter(pl.col("n_users") >= least)["account_id"]) == set(book.ids(role))
    assert users(book, "ip", "carrier_nat")["n_users"].max() > 500


def test_rate_shoppers_take_one_offer_and_withdraw_the_rest(book):
    shopping = book["applications"].filter(
        pl.col("account_id").is_in(book.ids("rate_shopper").implode())
    )
    busiest = _busiest_days(shopping, "10d")
    assert (busiest["n_lenders"] >= 4).all()


def test_runaways_borrow_from_many_lenders_and_then_stop_paying(book):
    runaways = book.ids("lender_burst_runaway").implode()
    busiest = _busiest_days(
        book["applications"].filter(pl.col("account_id").is_in(runaways)), "14d"
    )
    assert (busiest["n_lenders"] >= 5).all()
    due = book["repayments"].filter(pl.col("due_at") < AS_OF)
    missed = due.group_by(pl.col("account_id").is_in(runaways)).agg(
        share=pl.col("paid_at").is_null().mean()
    )
    share = dict(missed.iter_rows())
    assert share[True] > 0.4
    assert share[False] < 0.1


def _busiest_days(applications, period):
    return (
        applications.sort("applied_at")
        .rolling("applied_at", period=period, group_by="account_id")
        .agg(n_lenders=pl.col("lender_id").n_unique())
        .group_by("account_id")
        .agg(pl.col("n_lenders").max())
    )


def test_money_runs_down_mule_chains_in_rising_time(any_book):
    groups = any_book.truth.select("account_id", "group_id", "role")
    inside = (
        any_book["transfers"]
        .join(groups, left_on="from_account_id", right_on="account_id")
        .join(groups, left_on="to_account_id", right_on="account_id", suffix="_to")
        .filter((pl.col("role") == "mule_chain") & (pl.col("group_id") == pl.col("group_id_to")))
    )
    chains = groups.filter(pl.col("role") == "mule_chain")
    assert set(chains["account_id"]) == set(inside["from_account_id"]) | set(
        inside["to_account_id"]
    )
    passed_on = inside.join(
        inside, left_on="to_account_id", right_on="from_account_id", suffix="_on"
    )
    gap_hours = (passed_on["at_on"] - passed_on["at"]).dt.total_hours()
    assert gap_hours.is_between(0, 12).sum() >= passed_on.height / 3, "in fast, out fast"


def test_guarantee_circles_close(any_book):
    truth = any_book.truth.filter(pl.col("role") == "guarantee_circle")
    inside = any_book["guarantees"].filter(
        pl.col("guarantor_id").is_in(truth["account_id"].implode())
        & pl.col("borrower_id").is_in(truth["account_id"].implode())
    )
    assert set(inside["guarantor_id"]) == set(inside["borrower_id"]) == set(truth["account_id"])
    assert truth["group_id"].value_counts()["count"].is_between(3, 6).all()


def test_victims_are_named_or_paid_by_the_bad(any_book):
    bad = any_book.truth.filter(pl.col("is_bad"))["account_id"].implode()
    named = any_book["guarantees"].filter(pl.col("borrower_id").is_in(bad))["guarantor_id"]
    paid = any_book["transfers"].filter(pl.col("from_account_id").is_in(bad))["to_account_id"]
    victims = set(any_book.ids("victim"))
    assert victims <= set(named) | set(paid)
    assert victims & set(named)
    assert victims & set(paid)


def test_disguised_fraudsters_pay_accounts_in_good_standing(book):
    disguised = book.truth.filter(pl.col("is_camouflaged"))
    assert disguised["is_bad"].all()
    assert disguised.height > 50
    good = book["labels"].filter(pl.col("label") == "good_standing")["entity_id"].implode()
    paid = book["transfers"].filter(pl.col("to_account_id").is_in(good))["from_account_id"]
    assert set(disguised["account_id"]) <= set(paid)


def test_lone_defaulters_have_no_group(book):
    lone = book.truth.filter(pl.col("is_bad") & (pl.col("role") == "plain"))
    assert lone.height > 100
    assert lone["group_id"].is_null().all()
    users = book["identifiers"].group_by("kind", "value").agg(n=pl.col("account_id").n_unique())
    shared = book["identifiers"].join(users.filter(pl.col("n") > 1), on=["kind", "value"])
    unlinked = set(lone["account_id"]) - set(shared["account_id"])
    assert len(unlinked) > 20, "some have no link that could give them away"


def test_a_group_is_learnt_from_or_held_out_as_a_whole(book):
    hints = (
        book.truth.drop_nulls("group_id").group_by("group_id").agg(pl.col("split_hint").n_unique())
    )
    assert (hints["split_hint"] == 1).all()
    assert 0.2 < (book.truth["split_hint"] == "hold_out").mean() < 0.5
