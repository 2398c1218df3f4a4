"""What kernels do not walk: links that carry nothing, and things that only one account uses."""

import numpy as np
from hypothesis import given
from oracles.nets import Link, Net, Rows, nets, rows_of

from graphrisk.propagation.carrying import Carrying, carrying


def part_of(rows: Rows) -> Carrying:
    """The part of a net that carries, its seeds being what has something to tell."""
    return carrying(
        rows.offsets, rows.neighbor, rows.reverse, rows.out_prob, rows.seeds > 0, n_threads=2
    )


def pairs_that_carry(net: Net) -> set[tuple[int, int]]:
    """Pairs of entities with a link that carries, either way; each pair both ways round."""
    ends = [(k.source, k.target) for k in net.links if k.there > 0 or k.back > 0]
    return {pair for a, b in ends for pair in ((a, b), (b, a))}


@given(nets())
def test_a_slot_stays_exactly_if_both_its_ends_may_tell_each_other_something(net):
    rows = rows_of(net)
    part, pairs = part_of(rows), pairs_that_carry(net)
    near = {v: {b for a, b in pairs if a == v} for v in range(net.n_entities)}
    listens = {v for v in near if len(near[v]) == 1 and not rows.seeds[v] > 0}
    stays = [
        (v, u) in pairs and not {v, u} & listens
        for v, u in zip(rows.row.tolist(), rows.neighbor.tolist(), strict=True)
    ]
    assert part.slot.tolist() == np.flatnonzero(stays).tolist()
    assert set(part.listener.tolist()) == listens


@given(nets())
def test_rows_and_slots_of_the_part_are_those_of_the_graph(net):
    rows = rows_of(net)
    part = part_of(rows)
    row = np.repeat(part.row, np.diff(part.offsets))
    assert row.tolist() == rows.row[part.slot].tolist()
    assert part.row[part.neighbor].tolist() == rows.neighbor[part.slot].tolist()
    assert part.slot[part.reverse].tolist() == rows.reverse[part.slot].tolist()
    assert part.place[part.row].tolist() == list(range(len(part.row)))
    assert np.count_nonzero(part.place >= 0) == len(part.row)


def test_parallel_links_stay_together_if_one_carries():
    net = Net(3, (Link(0, 1, 0.0, 0.0), Link(0, 1, 0.5, 0.0), Link(1, 2, 0.5, 0.5)), (0.9, 0, 0.5))
    assert len(part_of(rows_of(net)).slot) == 6
