"""The Spark session: how tasks reach the workers, and the settings that matter."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphrisk.errors import GraphRiskError, StorageUnavailable, UsageError
from graphrisk.spark.mail import Gone
from graphrisk.spark.meeting import Lost, Meeting
from graphrisk.spark.place import MET, Site
from graphrisk.spark.repeating import Step, one_round, remove, rounds_of
from graphrisk.stores.address import PASSWORD_FILE, USER

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: What Spark is told; docs/spark.md says why.
SETTINGS: dict[str, str] = {
    "spark.app.name": "graphrisk",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.python.worker.reuse": "true",
    # A worker that dies takes its tasks with it; they are run again on another one.
    "spark.task.maxFailures": "8",
    "spark.executorEnv.POLARS_MAX_THREADS": "1",
    "spark.executorEnv.NUMBA_NUM_THREADS": "1",
}


#: How often all rounds of a kernel are tried as one job: once more for each worker that is lost.
MOST_ATTEMPTS = 3


@dataclass(slots=True)
class Cluster:
    """A Spark cluster, and the shared folder and number of blocks of one run.

    ``resumed_from`` names the stages that earlier drivers of the run did not come to the end of.
    """

    session: SparkSession
    root: Path
    n_blocks: int
    resumed_from: tuple[str, ...] = ()

    def run(self, step: Step, *args: object) -> list[Any]:
        """Run a step in every block, and return what each said, in the order of blocks."""
        return self.map(step, [args] * self.n_blocks)

    def map(self, step: Step, arguments: Sequence[tuple[object, ...]]) -> list[Any]:
        """Run a step once for each tuple of arguments; the first is told site 0, and so on."""
        root, n_blocks = str(self.root), self.n_blocks

        def task(number: int) -> Any:  # noqa: ANN401
            try:
                return step(Site(root, number, n_blocks), *arguments[number])
            except GraphRiskError as error:  # trying again would not help
                return error

        numbers = range(len(arguments))
        if not numbers:
            return []
        said = self.session.sparkContext.parallelize(numbers, len(numbers)).map(task).collect()
        for error in said:
            if isinstance(error, GraphRiskError):
                raise error
        return said

    def repeat(self, step: Step, most: int, *args: object) -> int | None:
        """Repeat a step, told the number of the round, until no block says that it changed.

        All rounds are one job in which tasks wait for each other, so that a round costs no
        scheduling. Where one of them is lost, all begin again from the first round on, among the
        workers that are left, and at last with every round as a job of its own. Returns the
        number of the last round, or None if blocks still changed after ``most`` rounds.
        """
        # What a driver that is dead left of its own attempts is not taken for that of these.
        first = len(self.resumed_from) * (MOST_ATTEMPTS + 1)
        for attempt in range(first, first + MOST_ATTEMPTS):
            try:
                return self._together(step, most, attempt, *args)
            except Lost:
                continue
        return self._apart(step, most, first + MOST_ATTEMPTS, *args)

    def n_slots(self) -> int:
        """Count the tasks that the cluster can run at the same time, now."""
        scheduler = self.session.sparkContext._jsc.sc()
        profile = scheduler.resourceProfileManager().defaultResourceProfile()
        return max(1, int(scheduler.maxNumConcurrentTasks(profile)))

    def _apart(self, step: Step, most: int, attempt: int, *args: object) -> int | None:
        def alone(site: Site, number: int) -> tuple[int, tuple[Path, ...]]:
            return one_round(step, [site], attempt, number, *args)

        before: list[Path] = []
        for number in range(most):
            said = self.run(alone, number)
            remove(before)
            before = [path for _, sent in said for path in sent]
            if not sum(n_changed for n_changed, _ in said):
                return number
        return None

    def _together(self, step: Step, most: int, attempt: int, *args: object) -> int | None:
        context, root, n_blocks = self.session.sparkContext, str(self.root), self.n_blocks
        n_tasks = min(n_blocks, self.n_slots())
        folder = self.root / MET / step.__name__ / str(attempt)

        def task(index: int, blocks: Iterable[int]) -> Iterator[int | GraphRiskError | Lost | None]:
            meeting = Meeting(folder, index, n_tasks)
            sites = [Site(root, one, n_blocks) for one in blocks]
            with meeting.attended():
                try:
                    rounds = rounds_of(step, sites, attempt, most, *args)
                    for number, n_changed in enumerate(rounds):
                        if not meeting.add_up(number, n_changed):
                            yield number
                            return
                    yield None
                except (GraphRiskError, Lost) as error:
                    meeting.leave()
                    yield error
                except Gone:
                    meeting.leave()
                    yield Lost()

        said = context.parallelize(range(n_blocks), n_tasks).mapPartitionsWithIndex(task).collect()
        for error in sorted((one for one in said if isinstance(one, Exception)), key=_is_lost):
            raise error
        return said[0] if isinstance(said[0], int) else None


def _of_stores() -> dict[str, str]:
    """Tell workers the user of a store and where its password is; the password stays out of it."""
    told = {}
    if user := os.environ.get(USER):
        told[USER] = user
    if file := os.environ.get(PASSWORD_FILE):
        told[PASSWORD_FILE] = str(Path(file).resolve())
    return {f"spark.executorEnv.{name}": value for name, value in told.items()}


def _is_lost(error: Exception) -> bool:
    return isinstance(error, Lost)


def connect(master: str, settings: dict[str, str] | None = None) -> SparkSession:
    """Connect to a Spark master.

    Parameters
    ----------
    master
        Such as ``spark://host:7077``, ``yarn``, or ``local[2]`` for this machine alone.
    settings
        Further settings of Spark, which win over :data:`SETTINGS`.

    Raises
    ------
    UsageError
        If the extra ``spark`` is not installed.
    StorageUnavailable
        If Spark can't be started or reached.
    """
    # No pandas frame passes between the two.
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise UsageError(
            "--engine spark needs the package pyspark, which is not installed",
            expected="graphrisk with its extra spark, and Java 17 or newer",
            hint="pip install 'graphrisk[spark]', or leave --engine out",
        ) from error
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)
    builder = SparkSession.builder.master(master)
    for name, value in {**SETTINGS, **_of_stores(), **(settings or {})}.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
    except Exception as error:
        raise StorageUnavailable(
            f"Spark at {master} can't be used ({type(error).__name__}: {str(error)[:200]})",
            expected="a Spark 4 master that can be reached, and Java 17 or newer",
            hint="check the address and that its workers run; --spark-master 'local[2]' needs none",
        ) from error
    return session
