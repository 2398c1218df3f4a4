"""Every write and read-write leaves the graph as the oracle's: the whole graph is compared."""

import pytest
from neo4j.exceptions import ConstraintError

from benchmarks.finbench import read_write, writes
from benchmarks.finbench.draws import Draws
from benchmarks.finbench.graph import Edge, Graph
from tests.finbench.generated import crowd

pytestmark = pytest.mark.xdist_group("finbench")

N_DRAWS, N_READ_WRITES = 5, 25


@pytest.fixture(params=["neo4j", "embedded"])
def engine(request):
    return request.getfixturevalue(request.param)


def loaded(engine, seed, n_graphs=1):
    graph = crowd(n_graphs, seed)
    engine.load(graph)
    return graph, Draws(graph.copy(), seed)


@pytest.mark.parametrize("name", writes.WRITES)
def test_a_write_changes_what_it_should_and_nothing_else(engine, name):
    graph, draws = loaded(engine, seed=int(name[2:]))
    n_written = 0
    for _ in range(N_DRAWS):
        p = draws.write(name)
        expected = writes.write(name, graph, p)
        assert engine.write(name, **p) == expected
        assert engine.export() == graph.export()
        n_written += expected
    assert n_written >= 2


def test_an_edge_to_nobody_is_not_written_and_says_so(engine):
    graph, draws = loaded(engine, seed=31)
    for name, (_, begins, ends) in writes.EDGE_WRITES.items():
        for end in (begins, ends):
            assert engine.write(name, **(draws.write(name) | {end: -1})) == 0
    assert engine.export() == graph.export()


@pytest.mark.parametrize(
    ("name", "kind"), [("tw01", "person"), ("tw02", "company"), ("tw03", "medium")]
)
def test_an_id_is_given_once(neo4j, name, kind):
    graph, draws = loaded(neo4j, seed=32)
    with pytest.raises(ConstraintError):
        neo4j.write(name, **(draws.write(name) | {f"{kind}Id": draws.one(kind)}))
    assert neo4j.export() == graph.export()


@pytest.mark.parametrize("name", writes.READ_WRITES)
def test_a_read_write_ends_as_it_should(neo4j, name):
    graph, draws = loaded(neo4j, seed=41, n_graphs=2)
    ends = set()
    for turn in range(N_READ_WRITES):
        p = draws.read_write(name)
        expected = writes.READ_WRITES[name](graph, p)
        assert read_write.READ_WRITES[name](neo4j.driver, p) == expected, p
        ends.add(expected)
        if turn % 5 == 0 or expected == writes.BLOCKED:
            assert neo4j.export() == graph.export()
    assert neo4j.export() == graph.export()
    assert ends == {writes.COMMITTED, writes.ABORTED, writes.BLOCKED}


WINDOW = {"startTime": 0, "endTime": 100, "truncationLimit": 9,
          "truncationOrder": "TIMESTAMP_ASCENDING"}  # fmt: skip


def circle(*transfers):
    graph = Graph()
    for key in (1, 2, 3):
        graph.add_node("account", key, is_blocked=False, account_type="x")
    for source, target, at, amount in transfers:
        graph.add_edge("account_transfer_account", Edge(source, target, at, amount))
    return graph


#: By hand: what is there, the new transfer's time or the ratio, and how it ends.
BY_HAND = {
    "a new circle blocks": ("trw01", circle((2, 3, 10, 1.0), (3, 1, 20, 1.0)), {}, "blocked"),
    "an old circle does not": (
        "trw01", circle((1, 2, 5, 1.0), (2, 3, 10, 1.0), (3, 1, 20, 1.0)), {"time": 100},
        "committed",
    ),
    "too much in at one end alone does not block": (
        "trw02", circle((3, 1, 10, 9.0), (2, 3, 10, 9.0)), {"ratioThreshold": 1.0}, "committed",
    ),
    "too much in at both ends does": (
        "trw02", circle((3, 1, 10, 9.0), (2, 3, 10, 1.0)), {"ratioThreshold": 1.0}, "blocked",
    ),
    "nothing out is a ratio of -1": (
        "trw02", circle((3, 1, 10, 9.0)), {"ratioThreshold": 1.0}, "committed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BY_HAND)
def test_a_read_write_by_hand(case, neo4j):
    name, graph, given, expected = BY_HAND[case]
    p = {
        **WINDOW,
        "srcId": 1,
        "dstId": 2,
        "time": 50,
        "amount": 2.0,
        "amountThreshold": 0.0,
    } | given
    neo4j.load(graph)
    assert writes.READ_WRITES[name](graph, p) == expected
    assert read_write.READ_WRITES[name](neo4j.driver, p) == expected
    assert neo4j.export() == graph.export()
