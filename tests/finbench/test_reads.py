"""Every read of FinBench answers as the oracle does, row by row and in the same order."""

import pytest

from benchmarks.finbench.draws import READS, Draws, is_empty, oracle
from benchmarks.finbench.graph import Edge, Graph
from graphrisk.stores.library import statement

pytestmark = pytest.mark.xdist_group("finbench")

N_DRAWS = 60
PORTABLE = [name for name in READS if "embedded" in statement(f"finbench/{name}").engines]


def as_lists(rows):
    return [list(row) for row in rows]


def compare(engine, graph, name, n_draws, seed):
    """Draw, ask, compare; most answers must hold something, or nothing was compared."""
    n_found = 0
    for p, expected in Draws(graph, seed).reads(name, n_draws):
        rows, _ = engine.ask(name, p)
        assert as_lists(rows) == as_lists(expected), p
        n_found += not is_empty(name, expected)
    assert n_found >= 0.8 * n_draws


@pytest.fixture(scope="module")
def on_neo4j(neo4j, generated):
    neo4j.load(generated)
    assert neo4j.export() == generated.export()
    return neo4j


@pytest.fixture(scope="module")
def on_embedded(embedded, generated):
    embedded.load(generated)
    assert embedded.export() == generated.export()
    return embedded


@pytest.mark.parametrize("name", READS)
def test_a_read_on_neo4j_answers_as_the_oracle(on_neo4j, generated, name):
    compare(on_neo4j, generated, name, N_DRAWS, seed=2)


@pytest.mark.parametrize("name", PORTABLE)
def test_a_read_on_the_embedded_engine_answers_as_the_oracle(on_embedded, generated, name):
    compare(on_embedded, generated, name, N_DRAWS // 2, seed=3)


@pytest.mark.parametrize("name", [n for n in READS if n != "tsr01"])
def test_what_happens_as_the_window_opens_or_closes_is_outside_it(on_neo4j, generated, name):
    draws = Draws(generated, 6)
    for p, _ in draws.reads(name, N_DRAWS // 2):
        first, last = sorted(draws.random.choices(draws.times, k=2))
        p |= {"startTime": first, "endTime": last, "truncationLimit": 1000}
        assert as_lists(on_neo4j.ask(name, p)[0]) == as_lists(oracle(name, generated, p)), p


def test_only_the_shortest_path_is_for_neo4j_alone():
    assert set(READS) - set(PORTABLE) == {"tcr03"}


@pytest.mark.parametrize("name", READS)
def test_who_is_not_there_has_no_answer(on_neo4j, generated, name):
    """An id that nobody has gives no row, not a row of zeros."""
    p = Draws(generated, 4).read(name) | {"id": -1, "id1": -1, "pid1": -1}
    assert on_neo4j.ask(name, p)[0] == oracle(name, generated, p) == []


@pytest.mark.parametrize("name", [n for n in READS if "Order" in statement(f"finbench/{n}").text])
def test_an_order_of_truncation_that_is_none_has_no_answer(on_neo4j, generated, name):
    for p, _ in Draws(generated, 5).reads(name, 5):
        assert on_neo4j.ask(name, p | {"truncationOrder": "ASC"})[0] == []


def world(*transfers, persons=()):
    """A graph by hand: transfers as (from, to, second, amount) or without amount."""
    graph = Graph()
    for key in sorted({end for one in transfers for end in one[:2]}):
        graph.add_node("account", key, is_blocked=key >= 90, account_type="x", created_at_us=0)
    for key, account in persons:
        graph.add_node("person", key, is_blocked=False)
        graph.add_edge("person_own_account", Edge(key, account, 0))
    for source, target, at, *amount in transfers:
        edge = Edge(source, target, at, amount[0] if amount else 1.0)
        graph.add_edge("account_transfer_account", edge)
    return graph


def book(nodes, edges):
    """A graph by hand with every kind of node: (kind, id), and edges as (kind, *fields)."""
    graph = Graph()
    for kind, key in nodes:
        held = {"loan_amount": 100.0, "balance": 50.0} if kind == "loan" else {"is_blocked": True}
        graph.add_node(kind, key, **held)
    for kind, *fields in edges:
        assert graph.add_edge(kind, Edge(*fields))
    return graph


LENT = book(
    [("loan", 5), *(("account", key) for key in (1, 2, 3, 4))],
    [
        ("loan_deposit_account", 5, 1, 5, 100.0),
        ("account_transfer_account", 1, 2, 10, 60.0),
        ("account_transfer_account", 1, 2, 10, 40.0),
        ("account_transfer_account", 2, 3, 20, 50.0),
        ("account_withdraw_account", 2, 4, 20, 30.0),
    ],
)


def guaranteed(*pairs):
    """Persons 1 to 3, each with a loan of its own of the same id, and guarantees."""
    people = [(kind, key) for kind in ("person", "loan") for key in (1, 2, 3)]
    loans = [("person_apply_loan", key, key, 900) for key in (1, 2, 3)]
    return book(people, loans + [("person_guarantee_person", *pair, 10) for pair in pairs])


def gathered(n_transfers):
    """Transfers from one account to another, which withdraws to a card."""
    transfers = [("account_transfer_account", 1, 2, 10 + n, 3.0) for n in range(n_transfers)]
    accounts = [("account", key) for key in (1, 2, 3)]
    to_itself = ("account_transfer_account", 2, 2, 10, 3.0)
    return book(accounts, [*transfers, to_itself, ("account_withdraw_account", 2, 3, 50, 9.0)])


ALL = {
    "startTime": 0, "endTime": 100, "truncationLimit": 100, "threshold": 0.0,
    "truncationOrder": "TIMESTAMP_ASCENDING",
}  # fmt: skip

#: Cases by hand, each for a reading in docs/finbench.md: statement, graph, parameters, rows.
BY_HAND = {
    "the ends of the window are outside it": (
        "tsr04", world((1, 2, 10), (1, 3, 20), (1, 4, 30)),
        {"id": 1, "startTime": 10, "endTime": 30}, [[3, 1, 1.0]],
    ),
    "an amount that equals the threshold does not exceed it": (
        "tsr05", world((1, 3, 10, 5.0), (2, 3, 10, 5.25)), {"id": 3, "threshold": 5.0},
        [[2, 1, 5.25]],
    ),
    "equal times do not rise": (
        "tcr05", world((1, 2, 10), (2, 3, 10), (2, 4, 11), persons=[(7, 1)]), {"id": 7},
        [[[1, 2, 4]], [[1, 2]]],
    ),
    "parallel transfers are one trace, and no account comes twice": (
        "tcr05", world((1, 2, 10), (1, 2, 30), (2, 1, 20), (2, 3, 20), persons=[(7, 1)]),
        {"id": 7}, [[[1, 2, 3]], [[1, 2]]],
    ),
    "the window is asked before a step is cut": (
        "tcr05", world((1, 2, 10), (1, 3, 20), (1, 4, 30), persons=[(7, 1)]),
        {"id": 7, "startTime": 15, "truncationLimit": 1}, [[[1, 3]]],
    ),
    "rising time is asked after a step is cut": (
        "tcr05", world((1, 2, 20), (2, 3, 10), (2, 4, 30), persons=[(7, 1)]),
        {"id": 7, "truncationLimit": 1}, [[[1, 2]]],
    ),
    "equal times are cut by the far end": (
        "tcr05", world((1, 4, 20), (1, 3, 20), persons=[(7, 1)]),
        {"id": 7, "truncationLimit": 1}, [[[1, 3]]],
    ),
    "no path is -1": ("tcr03", world((1, 2, 10)), {"id1": 2, "id2": 1}, [[-1]]),
    "a transfer is a path of 1": ("tcr03", world((1, 2, 10)), {"id1": 1, "id2": 2}, [[1]]),
    "to itself is a path of 0": ("tcr03", world((1, 2, 10)), {"id1": 1, "id2": 1}, [[0]]),
    "a shorter path outside the window is none": (
        "tcr03", world((1, 2, 200), (1, 3, 10), (3, 2, 5)), {"id1": 1, "id2": 2}, [[2]],
    ),
    "edge 2 comes from the other, edge 3 goes to it": (
        "tcr04", world((1, 2, 10, 9.0), (2, 3, 10, 2.0), (3, 1, 10, 4.0), (3, 1, 10, 1.0)),
        {"id1": 1, "id2": 2}, [[3, 2, 5.0, 4.0, 1, 2.0, 2.0]],
    ),
    "without a transfer from src there is no circle": (
        "tcr04", world((2, 3, 10), (3, 1, 10), (1, 2, 200)), {"id1": 1, "id2": 2}, [],
    ),
    "without a transfer out the ratio is -1": (
        "tcr07", world((1, 2, 10), (1, 2, 20), (3, 2, 20)), {"id": 2}, [[2, 0, -1.0]],
    ),
    "halves are rounded up": (
        "tcr07", world((1, 2, 10, 1.0), (2, 3, 20, 16.0)), {"id": 2}, [[1, 1, 0.063]],
    ),
    "edge 1 goes out, edge 2 comes in": (
        "tsr02", world((1, 2, 10, 3.0), (2, 3, 20, 16.0), (2, 3, 30, 2.0)), {"id": 2},
        [[18.0, 16.0, 2, 3.0, 3.0, 1]],
    ),
    "without a transfer the largest is -1": (
        "tsr02", world((1, 2, 10, 3.0)), {"id": 1, "endTime": 10}, [[0.0, -1.0, 0, 0.0, -1.0, 0]],
    ),
    "each hop must exceed its share of all transfers in, and the deposit is none": (
        "tcr08", LENT, {"id": 5, "threshold": 0.4}, [[3, 0.5, 3], [2, 1.0, 2]],
    ),
    "what equals its share does not exceed it": (
        "tcr08", LENT, {"id": 5, "threshold": 0.5}, [[2, 1.0, 2]],
    ),
    "transfers and withdrawals are cut together": (
        "tcr08", LENT, {"id": 5, "truncationLimit": 1}, [[3, 0.5, 3], [2, 0.4, 2]],
    ),
    "the first of a chain of guarantees is not in it": (
        "tcr11", guaranteed((1, 2), (2, 3)), {"id": 1}, [[200.0, 2]],
    ),
    "unless a circle leads back": (
        "tcr11", guaranteed((1, 2), (2, 1)), {"id": 1}, [[200.0, 2]],
    ),
    "three transfers in are not more than three, and one from itself is none": (
        "tcr06", gathered(3), {"id": 3, "threshold1": 0.0, "threshold2": 0.0}, [],
    ),
    "four are, from one account or more": (
        "tcr06", gathered(4), {"id": 3, "threshold1": 0.0, "threshold2": 0.0}, [[2, 12.0, 9.0]],
    ),
    "blocked sources are counted, not summed": (
        "tsr03", world((90, 2, 10, 500.0), (1, 2, 10, 1.0), (1, 2, 10, 1.0)), {"id": 2},
        [[0.333]],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BY_HAND)
def test_a_reading_of_the_specification(case, neo4j, generated):
    name, graph, given, expected = BY_HAND[case]
    p = ALL | given
    assert as_lists(oracle(name, graph, p)) == expected
    neo4j.load(graph)
    assert as_lists(neo4j.ask(name, p)[0]) == expected
