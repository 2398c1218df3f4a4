#!/usr/bin/env python3
"""Fetch Neo4j Community with Maven, start it on loopback, stop it. Needs no package but Python's.

    python scripts/neo4j_server.py up      prints where it listens, as JSON, once it answers
    python scripts/neo4j_server.py down
    python scripts/neo4j_server.py fetch   only fetches the jars (about 120 MB, kept)

The server listens on 127.0.0.1 on a free port, with authentication on; its password is made on
the first start and lies in the home folder, readable by its owner alone.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
POM = ROOT / "scripts" / "neo4j" / "pom.xml"
CACHE = Path(os.environ.get("GRAPHRISK_NEO4J_CACHE", ROOT / ".neo4j"))

#: Where systems put more than one Java.
JVMS = Path("/usr/lib/jvm")
#: "lts" is what tests run against; "newest" shows that the next line of releases works too.
RELEASES = {"lts": "5.26.30", "newest": "2026.09.0"}

#: Bolt's magic number, and the versions 5.8 to 5.0 and 4.4, as a client proposes them.
HELLO = bytes.fromhex("6060b017 00080805 00000404 00000000 00000000".replace(" ", ""))
STATE = "server.json"
#: A start takes about ten seconds, on a machine with much else to do minutes.
PATIENCE_S = 300


class ServerFault(Exception):
    """What went wrong, and what to do about it."""


@dataclass(frozen=True)
class Release:
    """A version of Neo4j and what starting it takes."""

    version: str

    @property
    def is_calendar(self) -> bool:
        """Whether it belongs to the releases numbered by year."""
        return int(self.version.split(".")[0]) > 2000

    @property
    def lowest_java(self) -> int:
        """The oldest Java it runs on."""
        return 21 if self.is_calendar else 17

    @property
    def main(self) -> str:
        """The class to start."""
        return f"org.neo4j.server.{'Neo4jCommunity' if self.is_calendar else 'CommunityEntryPoint'}"

    @property
    def flags(self) -> list[str]:
        """What the launcher of the distribution hands to Java."""
        opened = ["java.nio", "java.io", "sun.nio.ch"]
        opened += ["java.util.concurrent"] if self.is_calendar else []
        return [
            *(f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in opened),
            *(["--enable-native-access=ALL-UNNAMED"] if self.is_calendar else []),
            "-Dio.netty.tryReflectionSetAccessible=true",
            "-Dlog4j2.disable.jmx=true",
        ]

    @property
    def jars(self) -> Path:
        """Where its jars lie."""
        return CACHE / "jars" / self.version


def main() -> int:
    """Run one command; 0 on success, 1 with a message on the error stream."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=("up", "down", "status", "fetch"))
    parser.add_argument("--home", type=Path, help="data, logs, password  [default: .neo4j/RELEASE]")
    parser.add_argument("--release", choices=tuple(RELEASES), default="lts")
    parser.add_argument("--port", type=int, default=0, help="default: any free one")
    parser.add_argument("--heap", default="1g", metavar="SIZE")
    parser.add_argument("--page-cache", default="256m", metavar="SIZE")
    chosen = parser.parse_args()
    release = Release(RELEASES[chosen.release])
    home = (chosen.home or CACHE / chosen.release).resolve()
    try:
        if chosen.command == "fetch":
            fetch(release)
        elif chosen.command == "up":
            print(json.dumps(up(release, home, chosen.port, chosen.heap, chosen.page_cache)))
        elif chosen.command == "down":
            down(home)
        else:
            print(json.dumps(running(home)))
    except ServerFault as fault:
        print(f"neo4j: {fault}", file=sys.stderr)
        return 1
    return 0


def up(release: Release, home: Path, port: int, heap: str, page_cache: str) -> dict[str, object]:
    """Start the server unless it runs, and return where it is once it answers."""
    with locked(home):
        if found := running(home):
            return found
        fetch(release)
        java = find_java(release.lowest_java)
        assert java is not None  # or fetching had said so
        port = port or earlier_port(home) or free_port()
        password = prepare(release, home, java, port, page_cache)
        command = [
            java, f"-Xmx{heap}", *release.flags, "-cp", class_path(release, home), release.main,
            f"--home-dir={home}", f"--config-dir={home / 'conf'}", "--console-mode",
        ]  # fmt: skip
        with (home / "logs" / "console.log").open("ab") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        wait_until_it_answers(process, port, home)
        state = {
            "uri": f"bolt://127.0.0.1:{port}",
            "user": "neo4j",
            "password_file": str(password),
            "version": release.version,
            "jars": str(release.jars),
            "home": str(home),
            "pid": process.pid,
        }
        (home / STATE).write_text(json.dumps(state), encoding="utf-8")
        return state


def down(home: Path, patience_s: float = 60) -> None:
    """Stop the server cleanly, which takes it about ten seconds; nothing happens if none runs."""
    state = running(home)
    if state is None:
        return
    pid = int(str(state["pid"]))
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + patience_s
    while is_alive(pid):
        if time.monotonic() > deadline:
            raise ServerFault(f"process {pid} did not stop within {patience_s:.0f} s; kill it")
        time.sleep(0.1)


def running(home: Path) -> dict[str, object] | None:
    """Return what ``up`` printed if that server still runs."""
    try:
        state: dict[str, object] = json.loads((home / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return state if is_alive(int(str(state["pid"]))) else None


def is_alive(pid: int) -> bool:
    """Say whether a process is a Java of ours that still runs (a zombie does not)."""
    try:
        if os.waitpid(pid, os.WNOHANG) != (0, 0):
            return False
    except ChildProcessError:
        pass  # started by an earlier command, not a child of this one
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    told = subprocess.run(
        ["ps", "-ww", "-o", "stat=,args=", "-p", str(pid)],  # -ww: or the line is cut at 80
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return "org.neo4j.server" in told and not told.startswith("Z")


# ── Fetching ─────────────────────────────────────────────────────────────────────────────────


def fetch(release: Release) -> None:
    """Fetch the jars once. An interrupted fetch leaves nothing that looks whole."""
    with locked(release.jars.parent):
        check_tools(release)
        if release.jars.is_dir():
            return
        partial = release.jars.with_name(f"{release.version}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        print(f"Fetching Neo4j {release.version} with Maven", file=sys.stderr)
        done = subprocess.run(
            [
                "mvn", "-q", "-B", "-ntp", "-f", str(POM), f"-Dneo4j.version={release.version}",
                "dependency:copy-dependencies", "-DincludeScope=runtime",
                f"-DoutputDirectory={partial}",
            ],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise ServerFault(f"Maven could not fetch it:\n{(done.stdout + done.stderr)[-2000:]}")
        partial.rename(release.jars)


def check_tools(release: Release) -> None:
    """Say everything at once that has to be installed before the server can be had."""
    lowest, lacking = release.lowest_java, {}
    if find_java(lowest) is None:
        lacking[f"Java {lowest} or newer"] = f"openjdk-{lowest}-jre-headless"
    if not release.jars.is_dir() and shutil.which("mvn") is None:
        lacking["Maven"] = "maven"
    if lacking:
        raise ServerFault(
            f"not installed: {' and '.join(lacking)}. On Debian and Ubuntu: "
            f"sudo apt-get update && sudo apt-get install {' '.join(lacking.values())}. "
            "Or set GRAPHRISK_NEO4J_URL, _USER and _PASSWORD_FILE to a Neo4j server of your own."
        )


def find_java(lowest: int) -> str | None:
    """Return the first Java that is new enough: JAVA_HOME, the path, then where systems put it."""
    places = [
        *([Path(os.environ["JAVA_HOME"]) / "bin" / "java"] if "JAVA_HOME" in os.environ else []),
        *([Path(found)] if (found := shutil.which("java")) else []),
        *sorted(JVMS.glob("*/bin/java")),
    ]
    fitting = (java for java in places if java.is_file() and java_version(java) >= lowest)
    return next((str(java) for java in fitting), None)


def java_version(java: Path) -> int:
    """Return the major version of a Java, 0 if it tells none."""
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', told)
    return int(found.group(1)) if found else 0


# ── Starting ─────────────────────────────────────────────────────────────────────────────────


def prepare(release: Release, home: Path, java: str, port: int, page_cache: str) -> Path:
    """Write the configuration, and on the first start the password; return the password's file."""
    for name in ("conf", "data", "logs", "run", "import", "plugins"):
        (home / name).mkdir(parents=True, exist_ok=True)
    (home / "conf" / "neo4j.conf").write_text(
        "server.default_listen_address=127.0.0.1\n"
        f"server.bolt.listen_address=127.0.0.1:{port}\n"
        f"server.bolt.advertised_address=127.0.0.1:{port}\n"
        "server.http.enabled=false\n"
        "server.https.enabled=false\n"
        "dbms.usage_report.enabled=false\n"
        f"server.memory.pagecache.size={page_cache}\n",
        encoding="utf-8",
    )
    file = home / "password"
    if not file.exists():
        password = secrets.token_urlsafe(24)
        arguments = home / "password.arguments"
        # The tool reads its arguments from a file: whoever lists processes sees no password.
        # After the two dashes, for a password may begin with one.
        write_for_the_owner(arguments, f"--\n{password}\n")
        try:
            done = subprocess.run(
                [
                    java, "-cp", str(release.jars / "*"), "org.neo4j.cli.AdminTool", "dbms",
                    "set-initial-password", f"@{arguments}",
                ],
                env={**os.environ, "NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")},
                stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            )  # fmt: skip
        finally:
            arguments.unlink()
        if done.returncode:
            raise ServerFault(
                f"the password could not be set:\n{(done.stdout + done.stderr)[-1000:]}"
            )
        write_for_the_owner(file, password)
    return file


def write_for_the_owner(file: Path, text: str) -> None:
    """Write a file that only its owner may read, from its first byte on."""
    file.unlink(missing_ok=True)
    file.touch(mode=0o600, exist_ok=False)
    file.write_text(text, encoding="utf-8")


def class_path(release: Release, home: Path) -> str:
    """Return the class path: plugins, then configuration, then the server."""
    return os.pathsep.join(
        (str(home / "plugins" / "*"), str(home / "conf"), str(release.jars / "*"))
    )


def wait_until_it_answers(process: subprocess.Popen[bytes], port: int, home: Path) -> None:
    """Return when the server takes a Bolt handshake."""
    deadline = time.monotonic() + PATIENCE_S
    while not answers(port):
        if process.poll() is not None:
            tail = (home / "logs" / "console.log").read_text(encoding="utf-8", errors="replace")
            raise ServerFault(f"the server stopped with {process.returncode}:\n{tail[-2000:]}")
        if time.monotonic() > deadline:
            process.kill()
            raise ServerFault(f"the server did not answer within {PATIENCE_S} s")
        time.sleep(0.1)


def answers(port: int) -> bool:
    """Say whether a server on loopback agrees on a version of Bolt."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(HELLO)
            agreed = connection.recv(4)
    except OSError:
        return False
    return len(agreed) == 4 and agreed != bytes(4)


def earlier_port(home: Path) -> int:
    """Return the port of the last start, so that clients find the server again; 0 if none."""
    try:
        state = json.loads((home / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0
    return int(str(state["uri"]).rsplit(":", 1)[1])


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one process at a time work in a folder; a killed one frees it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main())
