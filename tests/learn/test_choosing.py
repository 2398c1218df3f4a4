"""What is tried for a bag: a race that gives up only the surely worse, and a choice beside it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.learn.choose import (
    N_BAGGED,
    boosted_candidates,
    chosen_of,
    cross_validate,
    log_loss,
    still_in,
)
from graphrisk.learn.evidence import columns_of
from graphrisk.learn.fit import lesson_of


@pytest.fixture(scope="module")
def lesson(stand):
    known = stand.known(3)
    return lesson_of(columns_of(stand, known), known, stand)


@pytest.fixture(scope="module")
def tried(lesson):
    return cross_validate(lesson, boosted_candidates(lesson)[:3], 0, 1)


class TestRace:
    @given(st.integers(0, 1_000), st.integers(1, 6), st.integers(2, 50))
    def test_the_best_stays_and_order_does_not_matter(self, seed, n_candidates, n):
        surprise = list(np.random.default_rng(seed).exponential(size=(n_candidates, n)))
        kept = still_in(surprise)
        assert int(np.argmin([one.mean() for one in surprise])) in kept
        turned = still_in(surprise[::-1])
        assert sorted(n_candidates - 1 - i for i in turned) == kept

    def test_who_is_behind_everywhere_is_given_up_and_who_is_behind_by_chance_is_not(self):
        random = np.random.default_rng(0)
        best = random.exponential(size=1_000)
        by_chance = best + random.normal(0.01, 1.0, size=1_000)
        assert still_in([best + 0.1, best, by_chance, best]) == [1, 2, 3]


class TestChoice:
    def test_losses_are_those_of_the_log_odds_told(self, tried, lesson):
        assert tried
        for one in tried:
            assert one.log_loss == log_loss(one.log_odds, lesson.is_bad)

    def test_a_bag_is_no_worse_than_its_best_member_alone(self, tried, lesson):
        chosen = chosen_of(lesson, boosted_candidates(lesson)[:3], 0, 1)
        assert len(chosen.members) == N_BAGGED
        assert chosen.log_loss <= min(one.log_loss for one in tried)
