"""What is hidden, what is tested, and what was known at the time."""

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from graphrisk.errors import IntegrityFailure, UsageError
from graphrisk.evaluate import split
from graphrisk.evaluate.cuts import cuts_of
from graphrisk.evaluate.sight import seen_by

from .conftest import START


def random(dataset, **changes):
    given = {"as_of": dataset.newest_at, "share": 0.5, "n_splits": 2, "seed": 7, **changes}
    return split.random_splits(dataset, **given)


def test_half_of_the_bad_and_half_of_the_good_are_hidden(dataset):
    for one in random(dataset):
        assert one.tested["is_bad"].sum() == 30
        assert len(one.tested) == 120
        assert len(split.account_labels(one.visible)) == 120
        one.check()


def test_a_seed_draws_the_same_again_and_splits_differ(dataset):
    first, again, other = random(dataset), random(dataset), random(dataset, seed=8)
    assert first[0].tested.equals(again[0].tested)
    assert not first[0].tested.equals(first[1].tested)
    assert not first[0].tested.equals(other[0].tested)


def test_a_planted_leak_is_caught(dataset):
    one = random(dataset)[0]
    leaky = replace(one, visible=dataset)
    with pytest.raises(IntegrityFailure, match="120 of 120"):
        leaky.check()


def test_a_file_says_who_is_hidden_and_whoever_it_leaves_out_is_not_seen(dataset):
    ids = split.outcomes(dataset)["account_id"]
    parts = pl.DataFrame(
        {"account_id": ids, "s": ["hidden"] * 100 + ["visible"] * 100 + [None] * 40}
    )
    (one,) = split.file_splits(dataset, parts, as_of=None)
    assert one.tested["account_id"].to_list() == ids[:100].to_list()
    assert split.account_labels(one.visible)["account_id"].to_list() == ids[100:200].to_list()


def test_a_file_without_parts_is_refused(dataset):
    with pytest.raises(UsageError, match="account_id, other"):
        split.file_splits(dataset, pl.DataFrame({"account_id": ["A"], "other": [1]}), as_of=None)


def test_in_time_only_what_was_known_by_then_is_seen_and_later_bad_ones_are_asked_for(dataset):
    cuts = cuts_of(dataset, 2)
    seen = {cut: seen_by(dataset, cut) for cut in cuts[:-1]}
    splits = split.time_splits(dataset, seen, cuts, share=0.5, seed=0)
    known = split.outcomes(dataset)
    for one, until in zip(splits, cuts[1:], strict=True):
        later = known.filter(pl.col("known_at") > one.as_of)
        due = later.filter(pl.col("known_at") <= until)["account_id"]
        assert set(one.tested.filter("is_bad")["account_id"]) == set(due)
        visible = split.account_labels(one.visible)
        assert not set(visible["account_id"]) & set(later["account_id"])
        one.check()


def test_an_account_that_comes_up_later_is_not_tested(dataset):
    moment = START + timedelta(days=20)
    opened = dataset.tables["accounts"].filter(pl.col("opened_at") <= moment)["account_id"]
    assert seen_by(dataset, moment).to_list() == sorted(opened)


def test_too_few_bad_labels_are_refused(dataset):
    with pytest.raises(UsageError, match="at least 5 bad"):
        random(dataset, share=0.05)


def test_of_two_labels_the_newer_says_what_became_of_an_account(dataset):
    labels = dataset.tables["labels"]
    newer = labels.head(1).with_columns(
        label=pl.lit("good"), known_at=pl.col("known_at") + timedelta(days=1)
    )
    both = replace(dataset, tables={**dataset.tables, "labels": pl.concat([labels, newer])})
    assert split.outcomes(both)["is_bad"][0] is False
    assert split.outcomes(dataset)["is_bad"][0] is True
