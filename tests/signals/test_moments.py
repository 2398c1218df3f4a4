"""Counting moments in spans, against counting one by one."""

import numpy as np
import pytest

from graphrisk.signals.moments import n_between


@pytest.mark.parametrize("seed", range(20))
def test_against_counting_one_by_one(seed):
    rng = np.random.default_rng(seed)
    group, at = rng.integers(0, 5, 60), rng.integers(-40, 40, 60)
    asked = rng.integers(0, 7, 30)
    since, until = rng.integers(-50, 50, (2, 30))
    plain = [
        int(((group == g) & (at >= a) & (at <= b)).sum())
        for g, a, b in zip(asked, since, until, strict=True)
    ]
    assert n_between(group, at, asked, since, until).tolist() == plain


def test_nothing_to_count_and_nothing_asked():
    none = np.zeros(0, dtype=np.int64)
    some = np.arange(3)
    assert n_between(none, none, some, some, some).tolist() == [0, 0, 0]
    assert len(n_between(some, some, none, none, none)) == 0
