"""A real HDFS on loopback: one server for names, one for data, each a process of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pyspark
import pytest

from tests.spark.servers import wait_for

#: Hadoop's client, on which its servers stand, is among Spark's jars.
JARS = Path(pyspark.__file__).parent / "jars"
SCRIPT = Path(__file__).parents[2] / "scripts" / "hdfs_jar.py"
#: Who runs the servers, and so may do anything there. Nobody else may write to the root.
OWNER = "hdfs"
SETTINGS = {
    "dfs.replication": "1",
    "dfs.namenode.safemode.extension": "0",
    "dfs.namenode.http-address": "127.0.0.1:0",
    "dfs.datanode.address": "127.0.0.1:0",
    "dfs.datanode.http.address": "127.0.0.1:0",
    "dfs.datanode.ipc.address": "127.0.0.1:0",
}
LOGGING = """rootLogger.level = info
rootLogger.appenderRef.stdout.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %p %c{1}: %m%n
"""


@dataclass
class Hdfs:
    """Where it listens, as clients name it, and its processes."""

    folder: Path
    url: str = ""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        jar = _jar()
        self._configure("127.0.0.1:0")
        names = "hdfs.server.namenode.NameNode"
        assert self._launch(jar, "format", names, "-format", "-nonInteractive").wait() == 0
        self._launch(jar, "names", names)
        address = wait_for(self.folder / "names.log", r"NameNode RPC up at: \S*?([\d.]+:\d+)")
        self._configure(address)
        self._launch(jar, "data", "hdfs.server.datanode.DataNode")
        wait_for(self.folder / "data.log", r"(successfully registered with NN)")
        self.url = f"hdfs://{address}"

    def stop(self) -> None:
        while self.processes:
            process = self.processes.pop()
            process.kill()
            process.wait()

    def _configure(self, address: str) -> None:
        """Write the settings that servers find on their class path."""
        there = {
            **SETTINGS,
            "fs.defaultFS": f"hdfs://{address}",
            "dfs.namenode.rpc-address": address,
            "dfs.namenode.name.dir": f"file://{self.folder}/name",
            "dfs.datanode.data.dir": f"file://{self.folder}/data",
        }
        properties = "".join(
            f"<property><name>{name}</name><value>{value}</value></property>"
            for name, value in there.items()
        )
        for name in ("core-site.xml", "hdfs-site.xml"):
            (self.folder / name).write_text(f"<configuration>{properties}</configuration>")
        (self.folder / "log4j2.properties").write_text(LOGGING)

    def _launch(self, jar: Path, name: str, what: str, *options: str) -> subprocess.Popen[bytes]:
        command = [
            "java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
            "-cp", os.pathsep.join(map(str, (self.folder, jar, JARS / "*"))),
            f"org.apache.hadoop.{what}", *options,
        ]  # fmt: skip
        with (self.folder / f"{name}.log").open("w") as log:
            process = subprocess.Popen(
                command, stdout=log, stderr=log, env={**os.environ, "HADOOP_USER_NAME": OWNER}
            )
        self.processes.append(process)
        return process


def _jar() -> Path:
    """Return the jar of Hadoop's servers; fails, never skips, where it can't be had."""
    done = subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(done.stderr, pytrace=False)
    jar = Path(done.stdout.strip())
    client = JARS / jar.name.replace("minicluster", "api")
    assert client.is_file(), f"{SCRIPT.name} fetches another version than PySpark's: {jar.name}"
    return jar
