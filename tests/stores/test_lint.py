"""The portable subset, rule by rule."""

import pytest

from graphrisk.stores.library import names, statement
from graphrisk.stores.lint import lint

END = " RETURN a.account_id AS a ORDER BY a"
#: Files that leave the subset on purpose, and why nothing comes of it.
ALLOWED = {
    ("finbench/read/edges", "engine-order"): "a node has one label there; maps have no order",
    ("finbench/read/nodes", "engine-order"): "a node has one label there; maps have no order",
}


@pytest.mark.parametrize("name", names())
def test_every_file_for_both_engines_keeps_to_the_subset(name):
    one = statement(name)
    if "embedded" not in one.engines:
        return
    is_ordered = name.startswith("queries/")
    found = [f for f in lint(one.text, is_ordered=is_ordered) if (name, f.rule) not in ALLOWED]
    assert not found


def test_nothing_is_allowed_that_is_not_there():
    for name, rule in ALLOWED:
        assert rule in {found.rule for found in lint(statement(name).text)}


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("made-up-property", "MATCH (a) WHERE a.name = 'x'" + END),
        ("made-up-property", "MATCH (a {id: 5})" + END),
        ("made-up-property", "MATCH (a:A {k: 1, title: 2})" + END),
        (
            "path-predicate",
            "MATCH p = (a)--(a) WHERE all(n IN nodes(p) WHERE n.k >= a.k)" + END,
        ),
        ("path-predicate", "MATCH p = (a)-[*2]->(a) WHERE size([r IN relationships(p)]) > 1" + END),
        ("engine-order", "MATCH (a) WITH labels(a)[0] AS a RETURN a AS a ORDER BY a"),
        ("engine-order", "MATCH (a) WHERE elementId(a) > '5'" + END),
        ("clock-or-chance", "MATCH (a) WHERE a.at_us > datetime().epochMillis" + END),
        ("clock-or-chance", "MATCH (a) WHERE rand() < 0.5" + END),
        ("procedure", "CALL db.labels() YIELD label AS a RETURN a AS a ORDER BY a"),
        ("procedure", "LOAD CSV FROM $file AS a RETURN a AS a ORDER BY a"),
        ("shortest", "MATCH p = SHORTEST 1 (a)-[:R]-+(b)" + END),
        ("merged-labels", "MERGE (a:Entity:Account {k: 1})" + END),
        ("inline-where", "MATCH (a:A WHERE a.k > 1)" + END),
        ("inline-where", "MATCH (a)-[r:R WHERE r.k > 1]->(b)" + END),
        ("label-expression", "MATCH (a:!Device)" + END),
        ("label-expression", "MATCH (a:Entity&Account)" + END),
        ("subquery-return", "MATCH (a) WHERE COUNT { MATCH (a)--(b) RETURN DISTINCT b } > 1" + END),
        ("quantifier", "MATCH (a) ((x)-[:R]->(y)){1,3} (b)" + END),
        ("quantifier", "MATCH (a)-[:R]->{1,3}(b)" + END),
        ("regular-expression", "MATCH (a) WHERE a.k =~ '(?i)x'" + END),
        ("star", "MATCH (a) WITH *" + END),
        ("star", "MATCH (a) RETURN * ORDER BY a.k"),
        ("kept-word", "MATCH (a) WITH a, 1 AS over" + END),
        ("alias", "MATCH (a) RETURN a.account_id ORDER BY a.account_id"),
        ("alias", "MATCH (a) WITH a.k AS k RETURN k ORDER BY k"),
        ("order", "MATCH (a) RETURN a.account_id AS a"),
        ("order", "MATCH (a) WITH a ORDER BY a.k RETURN a.account_id AS a"),
    ],
)
def test_what_leaves_the_subset_is_found(rule, text):
    assert rule in {found.rule for found in lint(text)}


@pytest.mark.parametrize(
    "text",
    [
        "MATCH p = (a)-[:R*2..3]->(a) WITH a, p WHERE all(n IN nodes(p) WHERE n.k >= a.k)" + END,
        "MATCH (a)-[r:R|S*1..2]->(b) WHERE COUNT { (a)-[:R]->(:B) } > 1" + END,
        "MATCH (a) WHERE EXISTS { MATCH (a)<-[:R]-(b) WHERE b.k STARTS WITH 'name' }" + END,
        "MATCH (a) WHERE $label IN labels(a) AND a.k = 'datetime() .name'" + END,
        "CALL () { MATCH (a:A) RETURN a UNION ALL MATCH (a:B) RETURN a }" + END,
        "MATCH (a) WITH a, {kind: 1} AS made WHERE a.name_of > 1" + END,
    ],
)
def test_the_subset_is_left_alone(text):
    assert lint(text) == ()


def test_writers_return_nothing_and_need_no_order():
    assert lint("UNWIND $rows AS row MERGE (n:A {k: row.k}) SET n += row.values") == ()
