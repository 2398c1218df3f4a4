"""On a real master and two workers: the same decisions, and a worker's death changes nothing."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import graphrisk
from graphrisk.stores.address import PASSWORD_FILE, USER
from tests.spark.blocks import rows_of
from tests.spark.servers import MOST_S, Standalone
from tests.stores.places import empty

pytestmark = pytest.mark.xdist_group("spark")
FIXTURE = "fixtures/demo_small"
#: The command of this environment.
COMMAND = Path(sys.executable).with_name("graphrisk")
ON_LOOPBACK = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    servers = Standalone(tmp_path_factory.mktemp("spark"))
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()


@pytest.fixture(scope="module")
def whole():
    return graphrisk.analyze(FIXTURE, n_threads=1)


def test_a_command_gone_on_with_writes_the_folder_and_the_store_that_one_machine_writes(
    cluster, whole, neo4j_server, tmp_path
):
    """Its driver is killed in the rounds of PageRank, and the same command is run again.

    The workers know nothing of the store but what the driver tells them.
    """
    empty(neo4j_server)
    out = tmp_path / "spark.analysis"
    allowed = {**ON_LOOPBACK, USER: neo4j_server.user,
               PASSWORD_FILE: str(neo4j_server.password_file)}  # fmt: skip
    command = [COMMAND, "analyze", FIXTURE, "--engine", "spark", "--store", neo4j_server.uri,
               "--spark-master", cluster.url, "--out", out, "--json"]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=allowed) as first:
        wait_until_there(tmp_path, ".spark.analysis.spark/*/met/spread/0/3-0", first)
        first.kill()
    assert not out.exists()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=allowed)
    assert done.returncode in (0, 3), done.stderr
    said = json.loads(done.stdout)
    assert said["engine"]["resumed_from"] == ["rank"]
    assert said["tiers"] == whole.tier_counts()
    for name in ("decisions", "evidence", "entities"):
        found = pl.read_parquet(out / f"{name}.parquet")
        assert_frame_equal(found, getattr(whole, name), check_exact=True)
    local = tmp_path / "local.analysis"
    alone = subprocess.run(
        [COMMAND, "analyze", FIXTURE, "--store", neo4j_server.uri, "--out", local, "--json"],
        capture_output=True, text=True, check=False, env=allowed,
    )  # fmt: skip
    stored, again = said["store"], json.loads(alone.stdout)["store"]
    assert stored["loaded"]["n_links_created"] > 0
    assert again["run_id"] == stored["run_id"]
    assert not any({**again["loaded"], **again["run_written"]}.values()), "all of it was there"
    assert names_in(out) == names_in(local)
    for name in ("graph/links.parquet", "graph/entities.parquet", "graph/labels.parquet"):
        assert pl.read_parquet(out / name).equals(pl.read_parquet(local / name)), name
    assert (out / "decisions.csv").read_text() == (local / "decisions.csv").read_text()
    assert not list(tmp_path.glob(".*")), "nothing is left of what workers exchanged"


def names_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_worker_killed_in_mid_run_changes_nothing(cluster, whole, tmp_path):
    """It dies while blocks wait for one another; what it had is begun again by the other one.

    This test is the last one: of the two workers one is left.
    """
    met, said = tmp_path / "met" / "spread" / "0", tmp_path / "said.log"
    with said.open("w") as log, subprocess.Popen(
        [sys.executable, "-m", "tests.spark.driver", cluster.url, FIXTURE, tmp_path, "3"],
        stdout=log, stderr=log, env=ON_LOOPBACK,
    ) as run:  # fmt: skip
        wait_until_there(met, "3-0", run)
        cluster.kill_last()
    assert run.returncode == 0, said.read_text()
    assert (met / "left").is_file(), "the rounds had ended before the worker was missed"
    assert rows_of(tmp_path, "decisions", "account_id").equals(whole.decisions)


def wait_until_there(folder: Path, pattern: str, run: subprocess.Popen) -> None:
    """Wait for a file that a run writes on its way."""
    until = time.monotonic() + MOST_S
    while not any(folder.glob(pattern)):
        assert run.poll() is None, "the run has ended"
        assert time.monotonic() < until, f"{pattern} was never written"
        time.sleep(0.01)
