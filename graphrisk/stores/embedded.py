"""The embedded store: ArcadeDB inside this process, with a Bolt listener on loopback.

It needs no server and no Java of its own. The listener takes a free port and a password that is
drawn anew at each start and never written down, so nobody else on the machine gets in. One
process at a time uses a folder. Why this engine: docs/adr/0027.
"""

from __future__ import annotations

import fcntl
import json
import math
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from graphrisk.errors import GraphRiskError, Locked, StorageUnavailable, UsageError
from graphrisk.stores.address import Address, Credentials
from graphrisk.stores.base import Answer
from graphrisk.stores.bolt import Bolt, BoltStore, connect

#: The database within the folder, who writes to it, and who may only read.
DATABASE, WRITER, READER = "graphrisk", "root", "reader"
#: Marks a folder as ours, so that none of the user's is taken for a store; also the lock.
MARK = ".graphrisk-store"
#: Most memory of the engine, and the variable that may say otherwise.
HEAP, HEAP_VARIABLE = "2g", "GRAPHRISK_EMBEDDED_HEAP"
INSTALL = "pip install 'graphrisk[embedded]'"

_BOLT = "Bolt:com.arcadedb.bolt.BoltProtocolPlugin"
#: What the engine opens of Java itself.
_OPENED = ("java.util.concurrent.atomic", "java.nio.channels.spi", "java.lang")
#: Engine's log: warnings and worse, to the error stream.
_LOGGING = """\
handlers = java.util.logging.ConsoleHandler
.level = SEVERE
com.arcadedb.level = SEVERE
java.util.logging.ConsoleHandler.level = SEVERE
"""

_UNLIMITED = {"resultSetLimit": -1, "readTimeout": -1}
#: What each group of users may do.
_GROUPS = {
    "version": 1,
    "databases": {
        "*": {
            "groups": {
                "admin": {
                    **_UNLIMITED,
                    "access": ["updateSecurity", "updateSchema", "updateDatabaseSettings"],
                    "types": {
                        "*": {
                            "access": [
                                "createRecord", "readRecord", "updateRecord", "deleteRecord",
                            ]
                        }
                    },
                },
                READER: {**_UNLIMITED, "access": [], "types": {"*": {"access": ["readRecord"]}}},
            }
        }
    },
}  # fmt: skip


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
    let_go = _take(folder)
    try:
        engine = _Engine(folder)
        try:
            place = Address(f"bolt://127.0.0.1:{engine.port}", None, DATABASE)
            writer = connect(place, Credentials(WRITER, engine.password))
            reader = connect(place, Credentials(READER, engine.password), _Reader)
        except BaseException:
            engine.stop()
            raise
    except BaseException:
        let_go()
        raise

    def stop() -> None:
        engine.stop()
        let_go()

    return BoltStore(writer, address, "embedded", reader, stop)


class _Reader(Bolt):
    """The connection of who may only read.

    The engine does not heed the time limit of a transaction. It has one of its own, for every
    statement that starts while it is set.
    """

    def ask(
        self,
        text: str,
        parameters: Mapping[str, Any],
        n_most: int | None,
        timeout_s: float | None,
    ) -> Answer:
        """Run a statement in a read transaction, with a limit of rows and of time."""
        import jpype

        limit = jpype.JClass("com.arcadedb.GlobalConfiguration").COMMAND_TIMEOUT
        limit.setValue(0 if timeout_s is None else math.ceil(timeout_s * 1000))
        try:
            return super().ask(text, parameters, n_most, timeout_s)
        finally:
            limit.setValue(0)


class _Engine:
    """A running ArcadeDB. Its settings lie in a folder that goes when it stops."""

    def __init__(self, folder: Path) -> None:
        # No result depends on it: it keeps other users of this machine out.
        self.password = os.urandom(24).hex()
        self.port = _free_port()
        self._home = Path(tempfile.mkdtemp(prefix="graphrisk-engine-"))
        try:
            self._server = self._start(folder)
        except GraphRiskError:
            shutil.rmtree(self._home, ignore_errors=True)
            raise
        except Exception as error:  # whatever the engine raises, over the border to Java
            shutil.rmtree(self._home, ignore_errors=True)
            raise StorageUnavailable(
                f"the embedded store does not start ({type(error).__name__}: {error})",
                expected=f"a folder that the engine can use: {folder}",
                hint="remove the folder if it is a cache, and run the same again; "
                "or use a Neo4j server",
            ) from error

    def _start(self, folder: Path) -> Any:  # noqa: ANN401 - the engine has no types
        arcade = _engine_package()
        log, settings = self._home / "logging.properties", self._home / "config"
        log.write_text(_LOGGING, encoding="utf-8")
        settings.mkdir()
        (settings / "server-groups.json").write_text(json.dumps(_GROUPS), encoding="utf-8")
        start_jvm(log)
        server = arcade.ArcadeDBServer(
            str(self._home),
            self.password,
            {
                "host": "127.0.0.1",
                "http_port": str(_free_port()),
                "server_databaseDirectory": str(folder),
                "server_plugins": _BOLT,
                "bolt_port": self.port,
                # Says what is wrong with a statement, where production hides it.
                "mode": "development",
                "txWalFlush": 1,
                "opencypher_loadCsv_allowFileUrls": "false",
            },
        )
        server.start()
        try:
            server.create_database(DATABASE)
            _add_reader(server, self.password)
        except BaseException:
            server.stop()
            raise
        return server

    def stop(self) -> None:
        """Stop the engine: what was committed is on the disk."""
        self._server.stop()
        shutil.rmtree(self._home, ignore_errors=True)


def _add_reader(server: Any, password: str) -> None:  # noqa: ANN401
    """Make the user who may only read: the engine does not heed the driver's read access."""
    import jpype

    security = server._java_server.getSecurity()
    user = {
        "name": READER,
        "password": str(security.encodePassword(password)),
        "databases": {DATABASE: [READER]},
    }
    security.createUser(jpype.JClass("com.arcadedb.serializer.json.JSONObject")(json.dumps(user)))


def start_jvm(log: Path) -> None:
    """Start Java in this process, once; a second store finds it running.

    The package has a way of its own to start it, which loads modules under trial and says so
    on the error stream, and puts crash logs into the current directory.
    """
    import jpype
    import jpype.config
    from arcadedb_embedded.jvm import get_bundled_jre_lib_path, get_jar_path

    if jpype.isJVMStarted():
        return
    # A store is stopped when it is closed. To take Java down as well while Python ends can crash
    # the process after all is done, and wait for ever where a store was left open.
    jpype.config.onexit = False
    jpype.startJVM(
        get_bundled_jre_lib_path(),
        f"-Xmx{os.environ.get(HEAP_VARIABLE, HEAP)}",
        f"-Djava.util.logging.config.file={log}",
        f"-XX:ErrorFile={tempfile.gettempdir()}/graphrisk-engine-%p.log",
        "-XX:+UseCompactObjectHeaders",
        "-Xrs",  # signals are Python's, and a kill is survived by the log of transactions
        "-Djava.awt.headless=true",
        "-Dfile.encoding=UTF8",
        "-Dpolyglot.engine.WarnInterpreterOnly=false",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",  # the engine uses it, and Java would say so
        *(f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in _OPENED),
        classpath=[str(jar) for jar in sorted(Path(get_jar_path()).glob("*.jar"))],
        interrupt=False,  # Ctrl-C is Python's
    )


def _engine_package() -> Any:  # noqa: ANN401
    try:
        import arcadedb_embedded
    except ImportError as error:
        raise StorageUnavailable(
            "the embedded store needs ArcadeDB, which is not installed",
            expected="the extra called embedded",
            hint=f"{INSTALL}; or use a Neo4j server with --store neo4j://HOST:PORT",
        ) from error
    return arcadedb_embedded


def _take(folder: Path) -> Callable[[], None]:
    """Make the folder if need be, and lock it; return what lets go."""
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
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise Locked(
            f"another process uses the store in {folder}",
            expected="one process at a time",
            hint="wait until it is done, or name another folder",
        ) from error
    return lambda: _close(file)


def _close(file: Any) -> None:  # noqa: ANN401
    with suppress(OSError):
        fcntl.flock(file, fcntl.LOCK_UN)
    file.close()


def _free_port() -> int:
    """Return a port of loopback that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port
