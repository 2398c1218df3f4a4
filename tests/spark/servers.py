"""A real Spark on loopback: a master and two workers, each a process of its own."""

import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import pyspark
import pytest

HOME = Path(pyspark.__file__).parent
#: How long a server may take to say where it listens; a loaded machine is slow.
MOST_S = 300


@dataclass
class Standalone:
    """A standalone cluster: where its master listens, and the processes of its workers."""

    folder: Path
    url: str = ""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, n_workers: int = 2) -> None:
        master = self._launch("master", "master.Master", "--port", "0")
        self.url = wait_for(master, r"Starting Spark master at (spark://\S+)")
        for number in range(n_workers):
            log = self._launch(
                f"worker-{number}", "worker.Worker", "--cores", "1", "--memory", "2g", self.url
            )
            wait_for(log, r"Successfully registered with master (\S+)")

    def stop(self) -> None:
        while self.processes:
            self.kill_last()

    def kill_last(self) -> None:
        """Kill the process that was started last, and all that it runs, as a power cut would."""
        process = self.processes.pop()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def _launch(self, name: str, what: str, *options: str) -> Path:
        log = self.folder / f"{name}.log"
        command = [
            HOME / "bin" / "spark-class",
            f"org.apache.spark.deploy.{what}",
            "--host", "127.0.0.1", "--webui-port", "0", *options,
        ]  # fmt: skip
        environment = {**os.environ, "SPARK_HOME": str(HOME),
                       "SPARK_WORKER_DIR": str(self.folder / name)}  # fmt: skip
        with log.open("w") as out:
            self.processes.append(
                subprocess.Popen(
                    command,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    env=environment,
                    start_new_session=True,
                )
            )
        return log


def wait_for(log: Path, pattern: str) -> str:
    """Wait until a server says something, and return the part in brackets."""
    for _ in range(MOST_S * 10):
        if found := re.search(pattern, log.read_text()):
            return found[1]
        time.sleep(0.1)
    pytest.fail(f"{log.name} never said {pattern!r}:\n{log.read_text()}", pytrace=False)
