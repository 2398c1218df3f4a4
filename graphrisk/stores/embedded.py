"""The embedded store: ArcadeDB in a process beside this one, with a Bolt listener on loopback.

It needs no server and no Java of its own. The listener takes a free port and a password that is
drawn anew at each start and never written down, so nobody else on the machine gets in. One
process at a time uses a folder. Why this engine: docs/adr/0027.
"""

from __future__ import annotations

import fcntl
import importlib.util
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO, Any

from graphrisk.errors import Locked, StorageUnavailable, UsageError
from graphrisk.stores.address import Address, Credentials
from graphrisk.stores.bolt import Bolt, connect
from graphrisk.stores.bolt_store import BoltStore
from graphrisk.stores.terms import Answer

#: The database within the folder, who writes to it, and who may only read.
DATABASE, WRITER, READER = "graphrisk", "root", "reader"
#: Marks a folder as ours, so that none of the user's is taken for a store; also the lock.
MARK = ".graphrisk-store"
#: Most memory of the engine, and the variable that may say otherwise.
HEAP, HEAP_VARIABLE = "2g", "GRAPHRISK_EMBEDDED_HEAP"
INSTALL = "pip install 'graphrisk[embedded]'"
#: The program that is the engine.
ENGINE = Path(__file__).with_name("engine.py")
#: The engine of a process that was killed lets go of the folder a moment after it: so many
#: looks, so many seconds apart.
LOOKS, LOOK_S = 20, 0.1
#: A port that was free may be taken when the engine comes to it: so often it is started.
STARTS, PORT_TAKEN = 5, "Unable to listen"


def open_embedded(address: Address) -> BoltStore:
    """Start the engine on a folder, and connect to it.

    Raises
    ------
    Locked
        If another process uses the folder.
    UsageError
        If the folder holds something else.
    StorageUnavailable
        If the engine is not installed, or does not start.
    """
    folder = address.folder
    assert folder is not None
    lock = _take(folder)
    try:
        engine = _Engine(folder, lock)
        try:
            place = Address(f"bolt://127.0.0.1:{engine.port}", None, DATABASE)
            writer = connect(place, Credentials(WRITER, engine.password))
            reader = connect(
                place, Credentials(READER, engine.password), partial(_Reader, engine=engine)
            )
        except BaseException:
            engine.stop()
            raise
    except BaseException:
        lock.close()
        raise

    def stop() -> None:
        engine.stop()
        lock.close()

    return BoltStore(writer, address, "embedded", reader, stop)


class _Reader(Bolt):
    """The connection of who may only read.

    The engine does not heed the time limit of a transaction. It has one of its own, for every
    statement that starts while it is set.
    """

    def __init__(self, driver: Any, address: Address, *, engine: _Engine) -> None:  # noqa: ANN401
        super().__init__(driver, address)
        self._engine = engine

    def ask(
        self,
        text: str,
        parameters: Mapping[str, Any],
        n_most: int | None,
        timeout_s: float | None,
    ) -> Answer:
        """Run a statement in a read transaction, with a limit of rows and of time."""
        if timeout_s is None:
            return super().ask(text, parameters, n_most, timeout_s)
        self._engine.limit(math.ceil(timeout_s * 1000))
        try:
            return super().ask(text, parameters, n_most, timeout_s)
        finally:
            self._engine.limit(0)


class _Engine:
    """A running ArcadeDB. Its settings lie in a folder that goes when it stops."""

    def __init__(self, folder: Path, lock: IO[str]) -> None:
        if importlib.util.find_spec("arcadedb_embedded") is None:
            raise StorageUnavailable(
                "the embedded store needs ArcadeDB, which is not installed",
                expected="the extra called embedded",
                hint=f"{INSTALL}; or use a Neo4j server with --store neo4j://HOST:PORT",
            )
        # No result depends on it: it keeps other users of this machine out.
        self.password = os.urandom(24).hex()
        self._talking = threading.Lock()
        for _ in range(STARTS):
            self._home = Path(tempfile.mkdtemp(prefix="graphrisk-engine-"))
            self._process = _launched(lock)
            started = self._started(
                {
                    "folder": str(folder),
                    "home": str(self._home),
                    "heap": os.environ.get(HEAP_VARIABLE, HEAP),
                    "password": self.password,
                    "database": DATABASE,
                    "reader": READER,
                }
            )
            if "error" not in started:
                break
            self._end()
            if PORT_TAKEN not in started["error"]:
                break
        if "error" in started:
            raise StorageUnavailable(
                f"the embedded store does not start ({started['error']})",
                expected=f"a folder that the engine can use: {folder}",
                hint="remove the folder if it is a cache, and run the same again; "
                "or use a Neo4j server",
            )
        self.port: int = started["port"]

    def _started(self, settings: dict[str, str]) -> dict[str, Any]:
        """Give the engine its settings; return its port, or an error."""
        answer = self._told(json.dumps(settings)) or '{"error": "it ended at once"}'
        started: dict[str, Any] = json.loads(answer)
        return started

    def _told(self, command: str) -> str:
        """Tell the engine something; return its answer, nothing if it is gone."""
        assert self._process.stdin is not None and self._process.stdout is not None
        with self._talking, suppress(BrokenPipeError):
            self._process.stdin.write(command.encode() + b"\n")
            self._process.stdin.flush()
            return self._process.stdout.readline().decode()
        return ""

    def limit(self, milliseconds: int) -> None:
        """Set the most that a statement may take which starts from now on; 0 for no limit."""
        if not self._told(f"limit {milliseconds}"):
            raise StorageUnavailable(
                "the engine of the embedded store is gone",
                expected="its process, which runs as long as the store is open",
                hint=f"run the same again; {HEAP_VARIABLE} gives it more memory than {HEAP}",
            )

    def stop(self) -> None:
        """Stop the engine: what was committed is on the disk."""
        self._told("stop")
        self._end()

    def _end(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        shutil.rmtree(self._home, ignore_errors=True)


def _launched(lock: IO[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", str(ENGINE)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # The folder stays locked as long as the engine lives, whoever ends first.
        pass_fds=(lock.fileno(),),
        start_new_session=True,  # Ctrl-C is for who started it
    )


def _take(folder: Path) -> IO[str]:
    """Make the folder if need be, and lock it; return the lock, which is let go when closed."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", expected="a folder for the embedded store")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise UsageError(
            f"{folder} holds something else",
            expected="an empty folder, or one that the embedded store made",
            hint="name another folder",
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / MARK).open("a", encoding="utf-8")
    except OSError as error:
        raise StorageUnavailable(
            f"{folder} can't be written ({error.strerror or error})",
            expected="a place with room, and permission to write",
            hint="name another folder",
        ) from error
    for look in range(LOOKS):
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        if look + 1 < LOOKS:
            time.sleep(LOOK_S)
    file.close()
    raise Locked(
        f"another process uses the store in {folder}",
        expected="one process at a time",
        hint="wait until it is done, or name another folder",
    )
