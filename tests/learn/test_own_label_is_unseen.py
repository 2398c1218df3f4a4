"""No account's own label enters the columns it is learned from, nor by way of its neighbours."""

from dataclasses import replace

import numpy as np

from graphrisk.learn.columns import matrix
from graphrisk.learn.evidence import columns_of
from graphrisk.learn.nearness import N_FOLDS, Known


def flipped(stand, known, number):
    """The same book, one account's label turned into its opposite; folds stay."""
    sign = known.sign.copy()
    sign[number] = 1 - sign[number]
    bad, good = stand.seeds.bad_strength.copy(), stand.seeds.good_strength.copy()
    bad[number], good[number] = good[number], bad[number]
    seeds = replace(stand.seeds, bad_strength=bad, good_strength=good)
    return replace(stand, seeds=seeds), Known(sign, known.fold)


def rows_of(stand, known, number):
    columns = columns_of(stand, known)
    table = matrix(columns, [column.name for column in columns])
    return table[number - int(stand.graph.accounts[0])]


def linked_and_labelled(stand, known):
    """An account with a label whose neighbours would hear of it."""
    degree = np.diff(stand.graph.offsets)[stand.graph.accounts]
    inside = known.fold[stand.graph.accounts] < N_FOLDS
    return int(stand.graph.accounts[np.argmax(np.where(inside, degree, -1))])


def check_own_label_changes_nothing(stand, known):
    number = linked_and_labelled(stand, known)
    other_stand, other_known = flipped(stand, known, number)
    before, after = rows_of(stand, known, number), rows_of(other_stand, other_known, number)
    assert np.array_equal(before, after, equal_nan=True)


def test_turning_a_label_changes_none_of_its_accounts_columns(stand):
    check_own_label_changes_nothing(stand, stand.known(0))


def test_a_planted_leak_is_caught(stand):
    """Planted: nobody is in a fold, so that nothing is hidden."""
    known = stand.known(0)
    account = linked_and_labelled(stand, known)
    leaking = Known(known.sign, np.full_like(known.fold, N_FOLDS))
    other_stand, other = flipped(stand, leaking, account)
    before, after = rows_of(stand, leaking, account), rows_of(other_stand, other, account)
    assert not np.array_equal(before, after, equal_nan=True)


def test_folds_hold_as_many_bad_and_good_each(stand):
    known = stand.known(7)
    for sign in (0, 1):
        sizes = np.bincount(known.fold[known.sign == sign], minlength=N_FOLDS)[:N_FOLDS]
        assert sizes.max() - sizes.min() <= 1


def test_the_labels_around_do_tell(stand):
    """A column blind to everything would pass the test above."""
    known = stand.known(0)
    columns = {column.name: column.values for column in columns_of(stand, known)}
    accounts = stand.graph.accounts
    is_bad = known.sign[accounts] == 1
    values = columns["near.uses_device.out.shared.ratio"]
    assert values[is_bad].mean() > values[known.sign[accounts] == 0].mean() + 0.05
