#!/usr/bin/env python3
"""Fetch the servers of HDFS with Maven, once, and print where they lie: one jar, 56 MB.

    python scripts/hdfs_jar.py

Tests start them on loopback, to read and write a file system as Spark does.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from neo4j_server import ROOT, ServerFault, locked

POM = ROOT / "scripts" / "hdfs" / "pom.xml"
CACHE = Path(os.environ.get("GRAPHRISK_HDFS_CACHE", ROOT / ".hdfs"))
#: The version of the client among the jars of the PySpark that is locked in requirements/dev.txt.
VERSION = "3.5.0"
JAR = CACHE / f"hadoop-client-minicluster-{VERSION}.jar"
SHA256 = "06772d24529e59939915979b3edba204d367750ef7dc5120411f35221dd4818c"


def main() -> int:
    """Fetch unless it is there; 0 on success, 1 with a message on the error stream."""
    try:
        print(fetch())
    except ServerFault as fault:
        print(f"hdfs: {fault}", file=sys.stderr)
        return 1
    return 0


def fetch() -> Path:
    """Return the jar. An interrupted fetch leaves nothing that looks whole."""
    with locked(CACHE):
        if JAR.is_file():
            return JAR
        if shutil.which("mvn") is None:
            raise ServerFault(
                "no Maven to fetch Hadoop's servers with; on Debian and Ubuntu: "
                "sudo apt-get update && sudo apt-get install maven"
            )
        partial = CACHE / "partial"
        shutil.rmtree(partial, ignore_errors=True)
        print(f"Fetching HDFS {VERSION} with Maven", file=sys.stderr)
        done = subprocess.run(
            [
                "mvn", "-q", "-B", "-ntp", "-f", str(POM), f"-Dhadoop.version={VERSION}",
                "dependency:copy-dependencies", f"-DoutputDirectory={partial}",
            ],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise ServerFault(f"Maven could not fetch it:\n{(done.stdout + done.stderr)[-2000:]}")
        fetched = partial / JAR.name
        found = hashlib.sha256(fetched.read_bytes()).hexdigest()
        if found != SHA256:
            raise ServerFault(f"{JAR.name} has SHA-256 {found}; expected: {SHA256}")
        fetched.rename(JAR)
        partial.rmdir()
        return JAR


if __name__ == "__main__":
    sys.exit(main())
