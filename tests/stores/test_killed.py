"""Kill -9 in mid-load and in mid-write-back; what the next run makes is what a clean one makes."""

import os
import signal
import subprocess
import sys

import pytest

from graphrisk import analyze
from graphrisk.errors import StorageUnavailable
from graphrisk.stores import bolt
from graphrisk.stores.findings import run_records
from graphrisk.stores.opening import open_store
from tests.servers import is_running, start, stop
from tests.stores.places import FIXTURE, at, demo, empty, everything

pytestmark = pytest.mark.xdist_group("neo4j")

#: Where it is killed: while what is written, after how many rows.
LOADING = [("account", 200), ("uses_device", 200)]
WRITING = [("decisions", 200), ("relation_weights", 0)]
#: A small heap is enough for a small book.
SMALL = ("--heap", "512m")


def run_of(analysis):
    return run_records(analysis.decisions, analysis.evidence, analysis.entities, analysis.policy)


def bring_up_to_date(store, dataset, run, **how):
    store.writer().load(dataset, **how)
    store.writer().write_run(run, **how)


@pytest.fixture(scope="module")
def book():
    dataset = demo()
    return dataset, run_of(analyze(dataset))


@pytest.fixture(scope="module")
def clean(book, tmp_path_factory):
    """All that a run without a kill makes, as both engines must have it."""
    with open_store(f"embedded:{tmp_path_factory.mktemp('clean') / 'store'}") as store:
        bring_up_to_date(store, *book)
        return everything(store)


def killing(pid, place):
    """Kill a process when so much of something is written."""
    left = [place]

    def progress(word, n_done, n_rows):
        if left and (word, n_done) == left[0]:
            left.clear()
            os.kill(pid, signal.SIGKILL)

    return progress


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Where a server of this file's own lives: it is killed in the middle of the work."""
    home = tmp_path_factory.mktemp("killed") / "neo4j"
    yield home
    server = start(home)
    stop(server)
    assert not is_running(server)


@pytest.mark.parametrize("place", LOADING + WRITING, ids=lambda place: f"{place[0]} {place[1]}")
def test_the_server_is_killed_and_started_again(place, book, clean, home, monkeypatch):
    monkeypatch.setattr(bolt, "RETRY_S", 0.5)
    server = start(home, *SMALL)
    empty(server)
    with at(server) as store, pytest.raises(StorageUnavailable):
        bring_up_to_date(store, *book, n_batch=200, progress=killing(server.pid, place))
    with at(start(home, *SMALL)) as store:
        assert store.view().current_run() is None, "half a run can be seen"
        bring_up_to_date(store, *book)
        assert everything(store) == clean
        assert store.writer().load(book[0]).is_nothing
        assert store.writer().write_run(book[1]).is_nothing


LOADER = """
import os, signal, sys
from pathlib import Path
from tests.stores.places import demo
from tests.stores.test_killed import bring_up_to_date, killing, run_of
from graphrisk import analyze
from graphrisk.stores.opening import open_store

dataset = demo()
run = run_of(analyze(dataset))
store = open_store("embedded:" + sys.argv[1])
place = (sys.argv[2], int(sys.argv[3]))
bring_up_to_date(store, dataset, run, n_batch=200, progress=killing(os.getpid(), place))
"""


@pytest.mark.parametrize(
    "place", [LOADING[1], WRITING[0]], ids=lambda place: f"{place[0]} {place[1]}"
)
def test_the_process_with_the_embedded_engine_is_killed(place, book, clean, tmp_path):
    folder = tmp_path / "store"
    done = subprocess.run(
        [sys.executable, "-c", LOADER, folder, place[0], str(place[1])],
        cwd=FIXTURE.parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    with open_store(f"embedded:{folder}") as store:
        assert store.view().current_run() is None
        bring_up_to_date(store, *book)
        assert everything(store) == clean
        assert store.writer().load(book[0]).is_nothing
        assert store.writer().write_run(book[1]).is_nothing


def test_a_server_that_comes_back_in_time_is_waited_for(book, clean, home):
    """Within the time that transactions are tried again, nobody has to run anything again."""
    server = start(home, *SMALL)
    empty(server)
    killed = []

    def kill_and_start(word, n_done, n_rows):
        if word == "uses_ip" and n_done and not killed:
            killed.append(word)
            os.kill(server.pid, signal.SIGKILL)
            start(home, *SMALL)

    with at(server) as store:
        bring_up_to_date(store, *book, n_batch=200, progress=kill_and_start)
        assert killed
        assert everything(store) == clean
