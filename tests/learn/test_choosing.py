"""What is tried for a bag: a race that gives up only the surely worse, and both its halves."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.learn.booster import grow
from graphrisk.learn.candidates import boosted_candidates
from graphrisk.learn.choose import (
    ALIKE,
    N_BAGGED,
    SURELY,
    chosen_of,
    cross_validate,
    log_loss,
    still_in,
)
from graphrisk.learn.columns import COLUMN_SETS, in_set
from graphrisk.learn.evidence import columns_of
from graphrisk.learn.fit import lesson_of


@pytest.fixture(scope="module")
def lesson(stand):
    known = stand.known(3)
    return lesson_of(columns_of(stand, known), known, stand)


@pytest.fixture(scope="module")
def tried(lesson):
    return cross_validate(lesson, boosted_candidates(lesson)[:3], 0, 1)


@pytest.fixture(scope="module")
def chosen(lesson):
    return chosen_of(lesson, boosted_candidates(lesson)[:3], 0, 1)


def named(lesson, *names):
    """Two columns that say the same, under these names."""
    columns = tuple(replace(lesson.columns[0], name=name) for name in names)
    told = np.where(lesson.is_bad, 1.0, 0.0) + 0.1 * np.arange(len(lesson.is_bad)) % 1.0
    return replace(lesson, columns=columns, values=np.column_stack([told, told]))


class TestSets:
    NAMES = ("own.income", "signal.LENDER_BURST", "transfer.out.n_records", "structure.degree",
             "near.mean_1.odds", "linked.RANK_OTHER", "neighbors.mean_1.income")  # fmt: skip

    def test_each_holds_the_one_before_and_the_next_circle_around_the_account(self):
        held = [[name for name in self.NAMES if in_set(name, columns)] for columns in COLUMN_SETS]
        assert [len(names) for names in held] == [2, 4, 6, 7]
        for narrow, wide in pairwise(held):
            assert wide[: len(narrow)] == narrow

    def test_all_that_differ_are_tried_from_the_narrowest(self, lesson):
        tried = [one.columns for one in boosted_candidates(lesson) if not one.own_first]
        assert list(dict.fromkeys(tried)) == list(COLUMN_SETS)


class TestOwnFactsFirst:
    NAMES = ("near.mean_1.odds", "own.income")

    @pytest.mark.parametrize(("own_first", "asked"), [(False, NAMES[0]), (True, NAMES[1])])
    def test_of_columns_that_say_the_same_the_own_one_is_asked(self, lesson, own_first, asked):
        pair = named(lesson, *self.NAMES)
        candidate = replace(boosted_candidates(lesson)[0], own_first=own_first)
        settings = {**candidate.settings_for(pair), "feature_fraction": 1.0}
        booster = grow(pair.values, pair.is_bad, settings, 5, 0)
        gains = booster.feature_importance("gain")
        assert [name for name, gain in zip(self.NAMES, gains, strict=True) if gain] == [asked]

    def test_a_book_without_own_facts_has_none_to_put_first(self, lesson):
        pair = named(lesson, "near.mean_1.odds", "structure.degree")
        assert boosted_candidates(pair)
        assert not any(one.own_first for one in boosted_candidates(pair))


class TestRace:
    @given(st.integers(0, 1_000), st.integers(1, 6), st.integers(2, 50))
    def test_the_best_stays_and_order_does_not_matter(self, seed, n_candidates, n):
        surprise = list(np.random.default_rng(seed).exponential(size=(n_candidates, n)))
        kept = still_in(surprise, SURELY)
        assert int(np.argmin([one.mean() for one in surprise])) in kept
        turned = still_in(surprise[::-1], SURELY)
        assert sorted(n_candidates - 1 - i for i in turned) == kept
        assert set(still_in(surprise, ALIKE)) <= set(kept)

    def test_who_is_behind_everywhere_is_given_up_and_who_is_behind_by_chance_is_not(self):
        random = np.random.default_rng(0)
        best = random.exponential(size=1_000)
        by_chance = best + random.normal(0.01, 1.0, size=1_000)
        assert still_in([best + 0.1, best, by_chance, best], SURELY) == [1, 2, 3]


class TestChoice:
    def test_losses_are_those_of_the_log_odds_told(self, tried, lesson):
        assert tried
        for one in tried:
            assert one.log_loss == log_loss(one.log_odds, lesson.is_bad)

    def test_one_half_is_no_worse_together_than_the_best_alone(self, chosen, tried, lesson):
        half = chosen.members[:N_BAGGED]
        together = np.mean([one.log_odds for one in half], axis=0)
        assert log_loss(together, lesson.is_bad) <= min(one.log_loss for one in tried)

    def test_the_other_is_of_all_that_are_as_good_as_the_best_in_turn(self, chosen, tried, lesson):
        sign = np.where(lesson.is_bad, -1.0, 1.0)
        alike = still_in([np.logaddexp(0.0, sign * one.log_odds) for one in tried], ALIKE)
        half = [one.candidate for one in chosen.members[N_BAGGED:]]
        of_each = [half.count(tried[i].candidate) for i in alike]
        assert sum(of_each) == len(half) == N_BAGGED
        assert max(of_each) - min(of_each) <= 1

    def test_what_is_told_of_a_bag_is_of_the_average_of_its_members(self, chosen, lesson):
        mean = np.mean([one.log_odds for one in chosen.members], axis=0)
        assert np.array_equal(chosen.log_odds, mean)
        assert chosen.log_loss == log_loss(mean, lesson.is_bad)
