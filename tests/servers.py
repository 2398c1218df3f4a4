"""A real Neo4j for tests: one a worker, in a folder of its own, stopped at the end."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "scripts" / "neo4j_server.py"
#: The line of releases to test against: ``NEO4J_RELEASE=newest make test ARGS=tests/stores``.
RELEASE = os.environ.get("NEO4J_RELEASE", "lts")


@dataclass(frozen=True)
class Neo4jServer:
    """Where a server listens. ``home`` is None for one that the tests did not start."""

    uri: str
    user: str
    password_file: Path
    home: Path | None = None
    jars: Path | None = None
    version: str = ""
    pid: int = 0

    @property
    def password(self) -> str:
        return self.password_file.read_text(encoding="utf-8").strip()

    @property
    def auth(self) -> tuple[str, str]:
        return self.user, self.password


def start(home: Path, *options: str) -> Neo4jServer:
    """Start a server, or find the one that runs there; fails, never skips, where it can't."""
    done = subprocess.run(
        [sys.executable, SCRIPT, "up", "--home", home, "--release", RELEASE, *options],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.fail(done.stderr, pytrace=False)
    told = json.loads(done.stdout)
    return Neo4jServer(
        told["uri"],
        told["user"],
        Path(told["password_file"]),
        Path(told["home"]),
        Path(told["jars"]),
        told["version"],
        told["pid"],
    )


def stop(server: Neo4jServer) -> None:
    """Stop a server that the tests started."""
    if server.home is not None:
        subprocess.run([sys.executable, SCRIPT, "down", "--home", server.home], check=True)


def is_running(server: Neo4jServer) -> bool:
    """Say whether a server that the tests started still runs."""
    state = subprocess.run(
        [sys.executable, SCRIPT, "status", "--home", str(server.home)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return json.loads(state) is not None


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4jServer]:
    """A Neo4j of this worker's own, or the one that ``GRAPHRISK_NEO4J_URL`` names.

    Mark what uses it ``pytest.mark.xdist_group("neo4j")``, so that one worker starts one server.
    A test empties the database before it begins; it may hold anything.
    """
    if url := os.environ.get("GRAPHRISK_NEO4J_URL"):
        user = os.environ.get("GRAPHRISK_NEO4J_USER", "neo4j")
        yield Neo4jServer(url, user, Path(os.environ["GRAPHRISK_NEO4J_PASSWORD_FILE"]))
        return
    server = start(tmp_path_factory.mktemp("neo4j"))
    yield server
    stop(server)
