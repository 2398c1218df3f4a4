"""Statements live in cypher/, one a file. None is written, or put together, in Python."""

import ast
import re

import pytest

#: A clause with what follows it; a keyword alone is a word like any other.
CYPHER = re.compile(
    r"\bMATCH\s*(?:\w+\s*=\s*)?\(|\bMERGE\s*\(|\bCREATE\s*(?:\(|CONSTRAINT|(?:\w+\s+)?INDEX)|"
    r"\bUNWIND\s+[$\[\w]|\bRETURN\s+[\w$]|\bDETACH\s+DELETE\b|\bDROP\s+(?:CONSTRAINT|INDEX)|"
    r"\bSHOW\s+[A-Z]+|\bCALL\s+\w+\.\w+|\bSET\s+\w+(?:\.\w+|\s*:\w+|\s*\+=)|"
    r"\)-\[|\]->?\(|<-\["
)


def docstrings(tree):
    """The nodes of all docstrings."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            yield body[0].value


def cypher_in(tree):
    told = {id(one) for one in docstrings(tree)}
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in told and CYPHER.search(node.value):
            yield node.lineno


def test_no_module_holds_cypher(sources):
    found = [f"{s.name}:{line}" for s in sources for line in cypher_in(s.tree)]
    assert not found, "put it into cypher/, one statement a file:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "program",
    [
        'run("MATCH (n) RETURN n")',
        'run("MATCH path = (n)-->(m)")',
        'run(f"UNWIND $rows AS row MERGE (n:{label} {{k: row.k}})")',
        'run("RETURN 1")',
        'run("CREATE CONSTRAINT x IF NOT EXISTS FOR (n:X) REQUIRE n.k IS UNIQUE")',
        'run("CALL db.labels()")',
        'run("SHOW INDEXES")',
        'run("MATCH " + "(a)-[:" + kind + "]->(b)")',
    ],
)
def test_cypher_in_a_string_is_seen(program):
    assert list(cypher_in(ast.parse(program)))


@pytest.mark.parametrize(
    "program",
    ['say("match accounts")', 'WRITES = ("CREATE", "MERGE", "SET")', 'def f():\n    "MATCH (n)"'],
)
def test_words_are_not_taken_for_cypher(program):
    assert not list(cypher_in(ast.parse(program)))
