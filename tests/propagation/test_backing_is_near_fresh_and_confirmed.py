"""What closing may rest on: near seeds, fresh links, confirmed labels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles.books import POLICY, Book, analyse, graph_of, one_bad_label_more, seeds_in
from oracles.nets import Rows, nets, rows_of

from graphrisk.graph.rows import build_rows
from graphrisk.propagation.backing import each_once, find_backing
from graphrisk.propagation.messages import add_up, tell
from graphrisk.propagation.reach import STEP, own_units, reach_in_steps, total_nats, turns_of_slots
from graphrisk.propagation.weights import weigh

ME, SEED = ("account", "me"), ("account", "seed")
THING = ("id_document", "i")


def backing_in(book: Book):
    graph = graph_of(book)
    seeds = seeds_in(book, graph, POLICY)
    return find_backing(graph, weigh(graph, POLICY), seeds, POLICY, n_threads=1), graph


def pair(age_days: float, label: str) -> Book:
    """Two accounts on one identity document, both seen so many days ago."""
    ties = {(account, THING, "has_id_document"): age_days for account in (ME, SEED)}
    return Book((ME, SEED, THING), ties, {SEED: label})


@pytest.mark.parametrize(
    ("age_days", "label", "expected"),
    [
        (10.0, "default", (True, True, True)),
        (400.0, "default", (True, False, False)),
        (10.0, "blacklisted", (True, True, False)),
    ],
)
def test_what_stands_behind_a_shared_document(age_days, label, expected):
    backing, graph = backing_in(pair(age_days, label))
    at = graph.accounts.tolist().index(graph.number_of(*ME))
    masks = (backing.near, backing.fresh, backing.confirmed)
    assert tuple(bool(mask["identity"][at]) for mask in masks) == expected


def test_a_seed_does_not_back_itself():
    backing, graph = backing_in(pair(10.0, "default"))
    at = graph.accounts.tolist().index(graph.number_of(*SEED))
    assert not backing.near["identity"][at]


@given(one_bad_label_more())
def test_a_label_more_takes_no_backing_away(case):
    before, after = (backing_in(book)[0] for book in case)
    for was, now in zip(
        (before.near, before.fresh, before.confirmed),
        (after.near, after.fresh, after.confirmed),
        strict=True,
    ):
        assert all((now[family] >= mask).all() for family, mask in was.items())


def test_confirmed_backing_is_fresh_and_fresh_backing_is_near():
    backing, _ = backing_in(pair(10.0, "default"))
    for family in backing.near:
        assert (backing.confirmed[family] <= backing.fresh[family]).all()
        assert (backing.fresh[family] <= backing.near[family]).all()
    assert analyse(pair(10.0, "default")).tier_of()


def chain(n_accounts: int, over: str):
    """Accounts in a row, linked directly or over a device between each two; the first is a seed."""
    links = []
    for i in range(n_accounts - 1):
        between = n_accounts + i
        links += [(i, i + 1)] if over == "links" else [(i, between), (between, i + 1)]
    n_entities = n_accounts if over == "links" else 2 * n_accounts - 1
    source, target = (np.array(ends, dtype=np.int32) for ends in zip(*links, strict=True))
    offsets, neighbor, _, reverse = build_rows(source, target, n_entities)
    strength = np.zeros(n_entities)
    strength[0] = 0.9
    is_account = np.arange(n_entities) < n_accounts
    return (offsets, neighbor, reverse, np.full(len(neighbor), 0.5), strength, is_account)


@pytest.mark.parametrize("over", ["links", "devices"])
@pytest.mark.parametrize("n_steps", [1, 2, 3])
def test_risk_goes_as_many_accounts_far_as_there_are_steps(over, n_steps):
    offsets, neighbor, reverse, out_prob, strength, is_account = chain(6, over)
    reached = reach_in_steps(
        offsets, neighbor, reverse, out_prob, strength, is_account, n_steps=n_steps
    )
    nats = total_nats(offsets, reached)[:6]
    assert (nats[: n_steps + 1] > 0).all()
    assert (nats[n_steps + 1 :] == 0).all()
    per_step = 0.5 if over == "links" else 0.25
    expected = -np.log1p(-0.9 * per_step ** np.arange(n_steps + 1))
    assert np.abs(nats[: n_steps + 1] - expected).max() < 1e-12


@given(nets(), st.data())
def test_what_only_accounts_were_told_is_what_they_are_told_anyway(net, data):
    """And what they were told is what a round of all messages at once says, turn by turn."""
    rows = rows_of(net)
    flags = st.lists(st.booleans(), min_size=net.n_entities, max_size=net.n_entities)
    is_account = np.array(data.draw(flags))
    work = (rows.offsets, rows.neighbor, rows.reverse, rows.out_prob, rows.seeds, is_account)
    every = reach_in_steps(*work, n_steps=2, n_threads=2).message_units
    told = reach_in_steps(*work, n_steps=2, accounts_only=True).message_units
    assert (told == np.where(is_account[rows.row], every, 0)).all()
    assert (every == told_in_turns(rows, is_account, n_steps=2)).all()


@given(nets(), st.integers(0, 2**32), st.integers(1, 3))
def test_whose_turn_it_is_follows_from_who_tells_and_who_is_told(net, seed, n_threads):
    rows = rows_of(net)
    is_account = np.random.default_rng(seed).random(net.n_entities) < 0.5
    turn = turns_of_slots(rows.offsets, rows.neighbor, is_account, n_threads=n_threads)
    to_identifiers, to_accounts = STEP
    for teller, told, now in zip(rows.row, rows.neighbor, turn, strict=True):
        if is_account[told]:
            assert now == to_accounts
        elif is_account[teller]:
            assert now == to_identifiers
        else:
            assert now not in STEP


def told_in_turns(rows: Rows, is_account: np.ndarray, n_steps: int) -> np.ndarray:
    """Messages by the kernel over the whole graph, into a new array in each turn."""
    offsets, neighbor = rows.offsets, rows.neighbor
    own, n_slots = own_units(rows.seeds), len(neighbor)
    turn, told = turns_of_slots(offsets, neighbor, is_account), np.zeros(n_slots, dtype=np.int64)
    total, none = own.copy(), np.zeros(n_slots, dtype=bool)
    for now in STEP * n_steps:
        telling = told.copy()
        tell(
            0, len(own), offsets, neighbor, rows.reverse, rows.out_prob, total, told, telling,
            0.0, turn, now, own, none, np.ones(len(own), dtype=bool),
        )  # fmt: skip
        told = telling
        add_up(0, len(own), offsets, own, told, total)
    return told


def test_runs_from_the_same_seeds_over_the_same_links_are_one():
    fresh, seeds = np.ones(3, dtype=bool), np.array([0.5, 0.0])
    runs = [
        (None, seeds),
        (fresh, seeds),
        (fresh, seeds.copy()),
        (fresh, seeds / 2),
        (~fresh, seeds),
    ]
    walked = []

    def told(carries, strength):
        walked.append((carries, strength))
        return np.array([len(walked)])

    assert [int(units[0]) for units in each_once(told, runs)] == [1, 2, 2, 3, 4]
