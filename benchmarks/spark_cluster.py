"""The Spark that benchmarks run on: one that is given, or a master and two workers of our own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def cluster_of(master: str | None) -> Iterator[str]:
    """Lend a master: the one given, or one of our own with two workers."""
    if master is not None:
        yield master
        return
    from tests.spark.servers import Standalone

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    with tempfile.TemporaryDirectory() as folder:
        servers = Standalone(Path(folder))
        try:
            servers.start()
            yield servers.url
        finally:
            servers.stop()
