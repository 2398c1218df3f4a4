"""The engine's own process: ArcadeDB on one folder, told what to do on its standard input.

``embedded.py`` starts this file as a program, and nothing imports it; so it imports nothing of
graphrisk. A process of its own, because Java inside the user's can end that one after all is
done (docs/adr/0027). It ends when it is told to, and at once when whoever started it is gone.

The first line in is the settings, the first line out is ``{"port": …}`` or ``{"error": …}``.
Then ``limit MILLISECONDS`` and ``stop``, each answered by ``done`` when it is.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import socket
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO

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


def _groups(reader: str) -> dict[str, Any]:
    """Return what each group of users may do."""
    write = ["createRecord", "readRecord", "updateRecord", "deleteRecord"]
    admin = {
        **_UNLIMITED,
        "access": ["updateSecurity", "updateSchema", "updateDatabaseSettings"],
        "types": {"*": {"access": write}},
    }
    only_read = {**_UNLIMITED, "access": [], "types": {"*": {"access": ["readRecord"]}}}
    return {"version": 1, "databases": {"*": {"groups": {"admin": admin, reader: only_read}}}}


def _start_java(settings: dict[str, Any], home: Path) -> None:
    """Start Java.

    The package has a way of its own to start it, which loads modules under trial and says so
    on the error stream, and puts crash logs into the current directory.
    """
    import jpype
    from arcadedb_embedded.jvm import get_bundled_jre_lib_path, get_jar_path

    log = home / "logging.properties"
    log.write_text(_LOGGING, encoding="utf-8")
    jpype.startJVM(
        get_bundled_jre_lib_path(),
        f"-Xmx{settings['heap']}",
        f"-Djava.util.logging.config.file={log}",
        f"-XX:ErrorFile={home.parent}/graphrisk-engine-%p.log",
        "-XX:+UseCompactObjectHeaders",
        "-Xrs",  # signals are Python's, and a kill is survived by the log of transactions
        "-Djava.awt.headless=true",
        "-Dfile.encoding=UTF8",
        "-Dpolyglot.engine.WarnInterpreterOnly=false",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",  # the engine uses it, and Java would say so
        *(f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in _OPENED),
        classpath=[str(jar) for jar in sorted(Path(get_jar_path()).glob("*.jar"))],
        interrupt=False,
    )


def _start(settings: dict[str, Any], home: Path) -> tuple[Any, int]:
    """Start the engine; return it, and the port of its Bolt listener on loopback."""
    import arcadedb_embedded as arcade

    (home / "config").mkdir()
    groups = json.dumps(_groups(settings["reader"]))
    (home / "config" / "server-groups.json").write_text(groups, encoding="utf-8")
    _start_java(settings, home)
    port = _free_port()
    server = arcade.ArcadeDBServer(
        str(home),
        settings["password"],
        {
            "host": "127.0.0.1",
            "http_port": str(_free_port()),
            "server_databaseDirectory": settings["folder"],
            "server_plugins": _BOLT,
            "bolt_port": port,
            # Says what is wrong with a statement, where production hides it.
            "mode": "development",
            "txWalFlush": 1,
            "opencypher_loadCsv_allowFileUrls": "false",
        },
    )
    server.start()
    server.create_database(settings["database"])
    _add_reader(server, settings)
    return server, port


def _add_reader(server: Any, settings: dict[str, Any]) -> None:  # noqa: ANN401
    """Make the user who may only read: the engine does not heed the driver's read access."""
    import jpype

    security = server._java_server.getSecurity()
    user = {
        "name": settings["reader"],
        "password": str(security.encodePassword(settings["password"])),
        "databases": {settings["database"]: [settings["reader"]]},
    }
    security.createUser(jpype.JClass("com.arcadedb.serializer.json.JSONObject")(json.dumps(user)))


def _limit(milliseconds: int) -> None:
    """Set the most that a statement may take which starts from now on; 0 for no limit."""
    import jpype

    jpype.JClass("com.arcadedb.GlobalConfiguration").COMMAND_TIMEOUT.setValue(milliseconds)


def _free_port() -> int:
    """Return a port of loopback that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def _serve(commands: BinaryIO, answers: BinaryIO, home: Path, settings: dict[str, Any]) -> None:
    def answer(text: str) -> None:
        answers.write(text.encode() + b"\n")
        answers.flush()

    try:
        server, port = _start(settings, home)
    except Exception as error:  # whatever the engine raises, over the border to Java
        answer(json.dumps({"error": f"{type(error).__name__}: {error}"}))
        return
    answer(json.dumps({"port": port}))
    for line in commands:
        command, *arguments = line.split()
        if command == b"limit":
            _limit(int(arguments[0]))
        elif command == b"stop":
            server.stop()
        answer("done")


def _end_with_the_starter(pipe: int, home: Path) -> None:
    """Wait until nobody holds the other end of a pipe, and end: at once, also in mid-start."""
    poll = select.poll()
    poll.register(pipe, 0)  # that the other end was closed is told without being asked for
    poll.poll()
    shutil.rmtree(home, ignore_errors=True)
    os._exit(0)


def main() -> None:
    """Serve until told to stop, or until whoever started this is gone."""
    # What Java prints goes to the error stream: the output is for answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    settings = json.loads(sys.stdin.buffer.readline())
    home = Path(settings["home"])
    threading.Thread(target=_end_with_the_starter, args=(0, home), daemon=True).start()
    try:
        _serve(sys.stdin.buffer, answers, home, settings)
    finally:
        shutil.rmtree(home, ignore_errors=True)
        # Java's threads are not waited for. What was committed is on the disk, and to take Java
        # down while Python ends can crash.
        os._exit(0)


if __name__ == "__main__":
    main()
