"""The server that tests run against is Neo4j, and not something that answers like it."""

import subprocess

import neo4j
import pytest

pytestmark = pytest.mark.xdist_group("neo4j")


def test_it_is_neo4j_by_its_agent_and_by_the_jars_of_its_process(neo4j_server):
    with neo4j.GraphDatabase.driver(neo4j_server.uri, auth=neo4j_server.auth) as driver:
        agent = driver.get_server_info().agent
    assert agent.startswith("Neo4j/")
    assert "compatible" not in agent
    if neo4j_server.home is None:
        return
    assert agent == f"Neo4j/{neo4j_server.version}"
    kernel = neo4j_server.jars / f"neo4j-kernel-{neo4j_server.version}.jar"
    assert kernel.stat().st_size > 1_000_000
    arguments = subprocess.run(
        ["ps", "-ww", "-o", "args=", "-p", str(neo4j_server.pid)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert str(neo4j_server.jars) in arguments
    assert "org.neo4j.server." in arguments
    assert neo4j_server.password not in arguments


def test_it_refuses_a_wrong_password(neo4j_server):
    with (
        neo4j.GraphDatabase.driver(neo4j_server.uri, auth=("neo4j", "wrong")) as driver,
        pytest.raises(neo4j.exceptions.AuthError),
    ):
        driver.verify_connectivity()


def test_its_password_is_its_owners_alone(neo4j_server):
    if neo4j_server.home is not None:
        assert neo4j_server.password_file.stat().st_mode & 0o077 == 0
