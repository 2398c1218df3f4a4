"""The embedded engine is a process of its own: it harms nobody, and outlives nobody."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from graphrisk.errors import StorageUnavailable
from graphrisk.stores import embedded
from graphrisk.stores.opening import open_store

HOLDER = """
import sys
from graphrisk.stores.opening import open_store
store = open_store("embedded:" + sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""


def engines_of(parent: int) -> list[int]:
    """Return the engines that a process started."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [
        int(child)
        for child in children
        if b"stores/engine.py" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


def is_alive(process: int) -> bool:
    """Say whether a process runs; one that is dead and not yet buried does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False


@pytest.fixture
def store(tmp_path):
    with open_store(f"embedded:{tmp_path / 'store'}") as store:
        yield store


def test_java_is_not_loaded_into_this_process(store):
    assert store.view().ask("RETURN 1 AS one", {}).rows == ((1,),)
    assert "libjvm" not in Path("/proc/self/maps").read_text()
    # What crashed when it was.
    n = 4000
    solved = np.linalg.solve(np.eye(n) * 2.0, np.ones(n))
    assert (solved == 0.5).all()


def test_an_engine_that_is_gone_is_an_error_that_says_so(tmp_path):
    others = set(engines_of(os.getpid()))
    with open_store(f"embedded:{tmp_path / 'store'}") as store:
        (engine,) = set(engines_of(os.getpid())) - others
        os.kill(engine, signal.SIGKILL)
        with pytest.raises(StorageUnavailable):
            store.view().ask("RETURN 1 AS one", {}, timeout_s=5)


def test_a_port_that_another_took_meanwhile_is_not_the_end(tmp_path, monkeypatch):
    told = embedded._Engine._started
    n_starts = []

    def taken_once(engine, settings):
        n_starts.append(settings)
        return {"error": "Unable to listen"} if len(n_starts) == 1 else told(engine, settings)

    monkeypatch.setattr(embedded._Engine, "_started", taken_once)
    with open_store(f"embedded:{tmp_path / 'store'}") as store:
        assert store.view().ask("RETURN 1 AS one", {}).rows == ((1,),)
    assert len(n_starts) == 2


def test_it_ends_with_a_process_that_is_killed_and_the_folder_is_free(tmp_path):
    folder = tmp_path / "store"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout.readline() == b"open\n"
    (engine,) = engines_of(holder.pid)
    holder.kill()
    holder.wait()
    holder.stdin.close()
    holder.stdout.close()
    with open_store(f"embedded:{folder}") as store:
        assert store.view().ask("RETURN 1 AS one", {}).rows == ((1,),)
        assert not is_alive(engine)


def test_it_ends_in_mid_start_too(tmp_path):
    folder = tmp_path / "store"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        while not (engines := engines_of(holder.pid)):
            assert holder.poll() is None
        time.sleep(0.5)  # Java begins
        holder.kill()
    with open_store(f"embedded:{folder}") as store:
        assert store.view().ask("RETURN 1 AS one", {}).rows == ((1,),)
        assert not is_alive(engines[0])


def test_commands_end_as_they_should_time_after_time(tmp_path):
    """Java inside the command ended one in sixteen of them with a crash."""
    program = HOLDER.replace("sys.stdin.read()", "store.close()")
    for _ in range(5):
        done = subprocess.run(
            [sys.executable, "-c", program, tmp_path / "store"], capture_output=True, check=False
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"open\n", b"")


def test_a_command_that_leaves_the_store_open_ends_too(tmp_path):
    program = HOLDER.replace("sys.stdin.read()", "pass")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, tmp_path / "store"],
        stdout=subprocess.PIPE,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0
