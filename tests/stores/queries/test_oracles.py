"""Each question of the library answers as a slow, obvious program does, on every engine."""

import itertools
from collections import Counter
from collections.abc import Iterator

import pytest

from graphrisk.stores.library import queries
from tests.servers import Neo4jServer
from tests.stores.queries.asking import ORACLES, differences, parameters
from tests.stores.queries.books import HOSTILE, draw, picture
from tests.stores.queries.engines import OverBolt, embedded, neo4j
from tests.stores.queries.ordering import Row

pytestmark = pytest.mark.xdist_group("neo4j")

N_BOOKS, N_ASKED = 5, 2


@pytest.fixture(scope="module", params=["neo4j", "embedded"])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OverBolt]:
    if request.param == "neo4j":
        server: Neo4jServer = request.getfixturevalue("neo4j_server")
        opened = neo4j(server.uri, server.auth)
    else:
        opened = embedded(tmp_path_factory.mktemp("embedded"))
    yield opened
    opened.close()


def test_every_question_has_an_oracle():
    assert set(ORACLES) == {one.name for one in queries()}


def test_every_question_answers_as_its_oracle_does(engine):
    """Five books, two draws of parameters each; ids hold quotes, Cypher and newlines."""
    wrong, n_answered = [], Counter()
    for seed in range(N_BOOKS):
        book = draw(seed)
        engine.load(picture(book))
        for one in queries():
            for number in range(N_ASKED):
                values = parameters(one, book, number)
                expected = ORACLES[one.name](book, values)
                n_answered[one.name] += bool(expected)
                found = engine.run(one.text, values)
                wrong += [
                    f"{one.name}, book {seed}, draw {number}: {difference}"
                    for difference in differences(one, found, expected)
                ]
    assert not wrong, "\n".join(wrong)
    assert all(n_answered[one.name] for one in queries()), n_answered


def test_a_hostile_value_is_a_value(engine):
    """No text that is given for a parameter changes the question, or the graph."""
    book = draw(1)
    engine.load(picture(book))
    before = contents(engine)
    for one, value in itertools.product(queries(), HOSTILE):
        texts = {p.name: value for p in one.parameters if p.type == "text"}
        lists = {p.name: [value] for p in one.parameters if p.type == "list of text"}
        if not texts and not lists:
            continue
        values = {**parameters(one, book, 0), **texts, **lists}
        found = engine.run(one.text, values)
        assert not list(differences(one, found, ORACLES[one.name](book, values))), one.name
    assert contents(engine) == before


def contents(engine: OverBolt) -> list[Row]:
    return engine.run("MATCH (n) RETURN labels(n) AS labels, count(*) AS n ORDER BY labels", {})


def test_a_store_without_a_run_answers_too(engine):
    """What rests on a run answers nothing; nothing fails."""
    book = draw(2)
    without = picture(book)
    without.nodes = {
        key: node for key, node in without.nodes.items()
        if node[0][0] not in ("Run", "CurrentRun", "Decision", "Evidence", "Flag", "RelationWeight")
    }  # fmt: skip
    without.links = [link for link in without.links if {link[0], link[2]} <= set(without.nodes)]
    engine.load(without)
    rest_on_a_run = {"blast_radius", "closure_candidates", "devices_by_bad_share", "paths_to_seed",
                     "runs", "tier_changes"}  # fmt: skip
    for one in queries():
        found = engine.run(one.text, parameters(one, book, 0))
        assert not found or one.name.removeprefix("queries/") not in rest_on_a_run


def test_an_empty_store_answers_nothing(engine):
    book = draw(3)
    engine.load(type(picture(book))())
    for one in queries():
        assert engine.run(one.text, parameters(one, book, 0)) == [], one.name


def test_the_books_hold_what_is_hostile():
    texts = " ".join(key for seed in range(N_BOOKS) for key in draw(seed).entities)
    assert all(one in texts for one in HOSTILE)
