"""Every store, empty: what it promises is tested on each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from graphrisk.stores.base import Store
from graphrisk.stores.opening import open_store
from tests.stores.places import at, empty


@pytest.fixture(params=["neo4j", "embedded"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each kind. Mark what uses it ``xdist_group("neo4j")``."""
    if request.param == "neo4j":
        server = request.getfixturevalue("neo4j_server")
        empty(server)
        opened = at(server)
    else:
        opened = open_store(f"embedded:{tmp_path / 'store'}")
    with opened:
        yield opened
