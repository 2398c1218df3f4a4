"""A real PostgreSQL, from Debian's packages, on a socket in a folder of its own."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Who runs it where the tests run as root, which PostgreSQL refuses.
SERVANT = "postgres"


def programs() -> Path:
    """Find the folder of the newest installed server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    on_path = shutil.which("initdb")
    assert found or on_path, "no PostgreSQL here: apt-get install postgresql (make postgresql)"
    return found[-1].parent if found else Path(str(on_path)).resolve().parent


@contextmanager
def postgresql() -> Iterator[str]:
    """Start a server and lend the URL of its database; it and its data are gone at the end."""
    is_root = os.geteuid() == 0
    servant = {"user": SERVANT, "group": pwd.getpwnam(SERVANT).pw_gid} if is_root else {}
    home = Path(tempfile.mkdtemp(prefix="pg"))  # a short path: sockets have no long names
    try:
        if is_root:
            os.chown(home, pwd.getpwnam(SERVANT).pw_uid, -1)
        data = home / "data"
        tool = programs()

        def call(*command: object) -> None:
            text = [str(part) for part in command]
            subprocess.run(text, check=True, capture_output=True, cwd=home, **servant)

        call(tool / "initdb", "-D", data, "-U", SERVANT, "--auth=trust", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories='{home}'"
        control = [tool / "pg_ctl", "-D", data, "-w", "-l", home / "log"]
        call(*control, "-o", options, "start")
        try:
            yield f"postgresql+psycopg://{SERVANT}@/postgres?host={home}"
        finally:
            call(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)
