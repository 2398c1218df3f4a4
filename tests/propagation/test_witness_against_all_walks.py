"""The witness of a risk is the strongest walk there is, and a walk one can show."""

from dataclasses import fields

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from oracles.nets import Link, Net, nets, rows_of
from oracles.walks import best_walks

from graphrisk.propagation.witness import NONE, search, strongest_by_family, trace

N_FAMILIES = 3
SMALL = nets(max_entities=7, max_links=9)


def searched(rows, n_hops):
    """Search a net and take the strongest arrival of every entity and family."""
    ends = (rows.offsets, rows.neighbor, rows.reverse, rows.out_prob)
    witness = search(*ends, rows.seeds, n_hops=n_hops)
    everyone = np.arange(len(rows.offsets) - 1, dtype=np.int32)
    slot, prob = strongest_by_family(
        everyone, *ends, rows.family_in, N_FAMILIES, witness, rows.seeds
    )
    return witness, everyone, slot, prob


@given(SMALL, st.integers(1, 4))
def test_no_walk_that_does_not_turn_back_is_stronger(net, n_hops):
    rows = rows_of(net)
    _, everyone, _, prob = searched(rows, n_hops)
    best = np.zeros((len(everyone), N_FAMILIES))
    for (entity, slot), walked in best_walks(rows, n_hops).items():
        family = rows.family_in[slot]
        best[entity, family] = max(best[entity, family], walked)
    assert (prob == best).all()


@given(nets(), st.integers(1, 6))
def test_a_trace_is_a_walk_of_that_strength_from_a_seed(net, n_hops):
    rows = rows_of(net)
    witness, everyone, slot, prob = searched(rows, n_hops)
    for family in range(N_FAMILIES):
        paths = trace(everyone, slot[:, family], rows.neighbor, witness)
        for entity in everyone:
            steps = [int(j) for j in paths.slots[entity] if j != NONE]
            assert len(steps) == paths.n_links[entity] <= n_hops
            seed = int(paths.seed[entity])
            if seed < 0:
                assert steps == []
                continue
            assert rows.family_in[steps[0]] == family
            assert [rows.row[j] for j in steps] == [entity, *rows.neighbor[steps[:-1]]]
            assert rows.neighbor[steps[-1]] == seed
            product = net.seeds[seed]
            for j in reversed(steps):
                product *= float(rows.out_prob[rows.reverse[j]])
            assert product == prob[entity, family]


@given(nets(), st.integers(1, 6))
def test_a_trace_never_turns_straight_back(net, n_hops):
    rows = rows_of(net)
    witness, everyone, slot, _ = searched(rows, n_hops)
    for family in range(N_FAMILIES):
        paths = trace(everyone, slot[:, family], rows.neighbor, witness)
        for entity, steps in zip(everyone, paths.slots, strict=True):
            visited = [int(entity), *rows.neighbor[steps[steps != NONE]].tolist()]
            assert all(a != c for a, c in zip(visited, visited[2:], strict=False))


@given(nets(), st.integers(1, 6))
def test_an_entity_is_no_witness_against_itself(net, n_hops):
    rows = rows_of(net)
    witness, everyone, slot, _ = searched(rows, n_hops)
    for family in range(N_FAMILIES):
        paths = trace(everyone, slot[:, family], rows.neighbor, witness)
        assert (paths.seed != everyone).all()


@given(nets(), st.integers(1, 6))
def test_whatever_arrives_has_a_trace_or_is_the_entitys_own(net, n_hops):
    """Only a strongest walk that ends where it began is left without a trace."""
    rows = rows_of(net)
    witness, everyone, slot, prob = searched(rows, n_hops)
    for family in range(N_FAMILIES):
        paths = trace(everyone, slot[:, family], rows.neighbor, witness)
        lost = (prob[:, family] > 0) & (paths.seed < 0)
        assert (rows.seeds[lost] > 0).all()


def test_a_lone_seed_hears_nothing_of_itself_from_the_entity_it_told():
    net = Net(2, (Link(0, 1, 0.9, 0.9),), (0.9, 0.0))
    _, _, slot, prob = searched(rows_of(net), 6)
    assert prob[0].max() == 0.0
    assert (slot[0] == NONE).all()
    assert prob[1, 0] == 0.9 * 0.9


def test_a_parallel_link_is_no_way_to_turn_back():
    net = Net(2, (Link(0, 1, 0.9, 0.9), Link(0, 1, 0.8, 0.8)), (0.9, 0.0))
    _, _, _, prob = searched(rows_of(net), 4)
    assert prob[0].max() == 0.0


def test_of_equal_walks_the_one_over_the_smallest_number_is_shown():
    net = Net(4, (Link(0, 2, 0.5, 0.5), Link(1, 2, 0.5, 0.5)), (0.9, 0.9, 0.0, 0.0))
    rows = rows_of(net)
    witness, everyone, slot, _ = searched(rows, 2)
    assert trace(everyone, slot[:, 0], rows.neighbor, witness).seed[2] == 0


@given(nets(), st.integers(1, 6), st.integers(0, 2**32))
def test_threads_change_no_byte_of_a_search(net, n_hops, seed):
    rows = rows_of(net)
    ends = (rows.offsets, rows.neighbor, rows.reverse, rows.out_prob)
    own_only = np.random.default_rng(seed).random(len(rows.neighbor)) < 0.3
    everyone = np.arange(net.n_entities, dtype=np.int32)

    def found(n_threads):
        witness = search(*ends, rows.seeds, n_hops=n_hops, own_only=own_only, n_threads=n_threads)
        strongest = strongest_by_family(
            everyone, *ends, rows.family_in, N_FAMILIES, witness, rows.seeds, n_threads=n_threads
        )
        kept = (getattr(witness, one.name) for one in fields(witness))
        return [numbers.tobytes() for numbers in (*kept, *strongest)]

    assert found(1) == found(2) == found(3)
    own_only_in = search(*ends, rows.seeds, n_hops=n_hops, own_only=own_only).own_only_in
    assert own_only_in.tolist() == [bool(own_only[j]) for j in rows.reverse]
