"""The population stability index, against the sum written out, and its symmetries."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.risk.stability import population_stability

values = st.lists(st.one_of(st.floats(-5, 5), st.just(math.nan)), min_size=1, max_size=60).map(
    np.array
)


def written_out(earlier, later, n_bins):
    """Bin by bin, as the definition says it."""
    known = sorted(v for v in earlier if not math.isnan(v))
    places = np.linspace(0, 1, n_bins + 1)[1:-1]
    edges = sorted({*np.quantile(known, places, method="inverted_cdf")}) if known else []

    def shares(population):
        counted = [0.5] * (len(edges) + 2)
        for value in population:
            place = len(edges) + 1 if math.isnan(value) else sum(edge < value for edge in edges)
            counted[place] += 1
        return [n / sum(counted) for n in counted]

    pairs = zip(shares(earlier), shares(later), strict=True)
    return math.fsum((now - then) * math.log(now / then) for then, now in pairs)


@given(values, values, st.integers(2, 12))
def test_it_is_the_sum_over_bins(earlier, later, n_bins):
    found = population_stability(earlier, later, n_bins=n_bins)
    assert found == pytest.approx(written_out(earlier, later, n_bins), abs=1e-9)
    assert found >= -1e-12


@given(values)
def test_nothing_has_moved_where_nothing_has_changed(population):
    assert population_stability(population, population) == 0.0
    assert population_stability(population, population[::-1]) == 0.0


def test_it_grows_with_the_shift():
    seeded = np.random.default_rng(1)
    base = seeded.normal(size=5_000)
    moved = [population_stability(base, seeded.normal(shift, size=5_000)) for shift in (0, 0.5, 1)]
    assert moved[0] < 0.02
    assert 0.1 < moved[1] < moved[2]


def test_a_signal_that_appears_is_seen():
    silent, spoken = np.full(100, np.nan), np.full(100, np.nan)
    spoken[:60] = 1.2
    assert population_stability(silent, spoken) > 0.25
    assert population_stability(silent, silent) == 0.0


@pytest.mark.parametrize(("earlier", "later"), [([], [1.0]), ([1.0], [])])
def test_no_population_no_index(earlier, later):
    assert population_stability(np.array(earlier), np.array(later)) == 0.0
