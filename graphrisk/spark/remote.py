"""A file system that Spark reaches, by Spark's own settings and credentials.

All of it goes through Hadoop's ``FileSystem`` in the driver's Java: bytes stream from one side to
the other there and never pass through Python. What goes wrong is told in words of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from graphrisk.errors import GraphRiskError, StorageUnavailable, UsageError
from graphrisk.spark.uri import Uri

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_Thing = TypeVar("_Thing")

#: The most of a small file that is read into memory.
MOST_READ_BYTES = 64 * 2**20

#: Files copied at the same time; one stream alone does not fill a network.
N_STREAMS = 4

#: What Java's exceptions say of a place, by their names.
_ABSENT = frozenset(("FileNotFoundException", "NoSuchFileException", "PathNotFoundException"))
_FORBIDDEN = frozenset(("AccessControlException", "AccessDeniedException"))
_UNKNOWN = frozenset(("UnsupportedFileSystemException", "ClassNotFoundException"))
_UNREADABLE = frozenset(("IllegalArgumentException", "URISyntaxException"))
#: Packages whose errors are those of the bridge to Java.
_BRIDGES = frozenset(("py4j", "pyspark"))
#: What is worth looking at of what an exception was caused by.
_MOST_CAUSES = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """What lies at one place: ``modified_ns`` is since 1970, 0 where a store does not say."""

    name: str
    is_folder: bool
    n_bytes: int
    modified_ns: int


class Remote:
    """The file system that a URI names."""

    def __init__(self, session: SparkSession, uri: Uri) -> None:
        context = session.sparkContext
        self._jvm: Any = context._jvm
        self._settings = context._jsc.hadoopConfiguration()
        with _in_words(uri):
            self._files = self._path(uri).getFileSystem(self._settings)

    def look(self, uri: Uri) -> Entry | None:
        """Return what lies at a place, None if nothing does."""
        with _in_words(uri, may_be_absent=True):
            return _entry(self._files.getFileStatus(self._path(uri)))
        return None

    def entries(self, uri: Uri) -> list[Entry]:
        """List what lies in a folder, by name; nothing if there is no such folder."""
        with _in_words(uri, may_be_absent=True):
            found = [_entry(status) for status in self._files.listStatus(self._path(uri))]
            return sorted(found, key=lambda entry: entry.name)
        return []

    def read(self, uri: Uri) -> bytes:
        """Return the content of a small file."""
        with _in_words(uri):
            stream = self._files.open(self._path(uri))
            try:
                return bytes(stream.readNBytes(MOST_READ_BYTES))
            finally:
                stream.close()

    def fetch(self, uri: Uri, file: Path) -> None:
        """Copy a file to this machine; memory does not depend on its size."""
        with _in_words(uri):
            self._jvm.org.apache.hadoop.fs.FileUtil.copy(
                self._files, self._path(uri), self._file(file), False, self._settings
            )

    def put(self, file: Path, uri: Uri) -> None:
        """Copy a file from this machine to a name that nothing has; its folder is made."""
        with _in_words(uri):
            self._jvm.org.apache.hadoop.fs.FileUtil.copy(
                self._file(file), self._files, self._path(uri), False, self._settings
            )
        arrived = self.look(uri)
        if arrived is None or arrived.n_bytes != file.stat().st_size:
            raise _cut_short(uri, file.stat().st_size, 0 if arrived is None else arrived.n_bytes)

    def make_folder(self, uri: Uri) -> None:
        """Make a folder, and those that it lies in."""
        with _in_words(uri):
            self._files.mkdirs(self._path(uri))

    def rename(self, source: Uri, target: Uri) -> None:
        """Give a file or a folder another name, which nothing has."""
        if self.look(target) is not None or not self._renamed(source, target):
            raise _taken(target)
        # Hadoop moves into a folder that came into being since.
        inside, there = target.inside(source.name), self.look(target)
        if there is not None and there.is_folder and self.look(inside) is not None:
            self.delete(inside)
            raise _taken(target)

    def delete(self, uri: Uri) -> None:
        """Remove a file or a folder with all that it holds; nothing happens if there is none."""
        with _in_words(uri, may_be_absent=True):
            self._files.delete(self._path(uri), True)

    def _renamed(self, source: Uri, target: Uri) -> bool:
        with _in_words(target):
            return bool(self._files.rename(self._path(source), self._path(target)))

    def _path(self, uri: Uri) -> Any:  # noqa: ANN401
        # From the whole text: a child's name may hold a colon, which would be read as a scheme.
        return self._jvm.org.apache.hadoop.fs.Path(uri.text)

    def _file(self, file: Path) -> Any:  # noqa: ANN401
        return self._jvm.java.io.File(str(file))


def side_by_side(work: Callable[[_Thing], None], things: Iterable[_Thing]) -> None:
    """Do the same with several things at a time; after a fault nothing more is begun."""
    with ThreadPoolExecutor(N_STREAMS) as pool:
        for _ in pool.map(work, things):
            pass


def _entry(status: Any) -> Entry:  # noqa: ANN401
    return Entry(
        name=str(status.getPath().getName()),
        is_folder=bool(status.isDirectory()),
        n_bytes=int(status.getLen()),
        modified_ns=int(status.getModificationTime()) * 1_000_000,  # told in milliseconds
    )


@contextmanager
def _in_words(uri: Uri, *, may_be_absent: bool = False) -> Iterator[None]:
    """Turn what Java says of a place into an error of ours, without its stack trace."""
    try:
        yield
    except Exception as error:
        # Spark's Python wraps some of Java's exceptions once more, under another name.
        java = getattr(error, "java_exception", None) or getattr(error, "_origin", None)
        if java is None and type(error).__module__.partition(".")[0] not in _BRIDGES:
            raise
        causes = _causes(java) or [(type(error).__name__, "")]
        if may_be_absent and _is_absent(causes):
            return
        raise _said(uri, causes) from None


def _causes(error: Any) -> list[tuple[str, str]]:  # noqa: ANN401
    """Name an exception of Java and all that caused it, each with the first line that it says."""
    causes: list[tuple[str, str]] = []
    while error is not None and len(causes) < _MOST_CAUSES:
        said = str(error.getMessage() or "").partition("\n")[0]
        causes.append((str(error.getClass().getSimpleName()), said))
        error = error.getCause()
    return causes


def _is_absent(causes: list[tuple[str, str]]) -> bool:
    """Whether nothing is at a place; HDFS says of what is below a file that it is forbidden."""
    return any(name in _ABSENT or said.endswith("(is not a directory)") for name, said in causes)


def _said(uri: Uri, causes: list[tuple[str, str]]) -> GraphRiskError:
    """Say what is wrong with a place, by what Java's exceptions are called."""
    names = {name for name, _ in causes}
    name, text = causes[-1]  # the first cause says most
    why = uri.masked(f"{name}: {text}" if text else name)[:300]
    if _is_absent(causes):
        return UsageError(
            f"{uri} does not exist",
            expected="a folder that is there",
            hint="look at the name, and at what Spark's own tools list there",
        )
    if _FORBIDDEN & names:
        return StorageUnavailable(
            f"{uri} is closed to this user ({why})",
            expected="permission to read a dataset, and to write beside an analysis",
            hint="ask for it, or give Spark the credentials of somebody who has it",
        )
    if _UNKNOWN & names:
        return UsageError(
            f"Spark knows no file system for {uri.scheme}: ({why})",
            expected="a scheme that Spark reads, such as hdfs, s3a, gs or abfss",
            hint="name its package in spark.jars.packages of spark-defaults.conf, or mount it",
        )
    if names <= _UNREADABLE:
        return UsageError(
            f"{uri} can't be read as a URI ({why})",
            expected="scheme://host:port/folder",
            hint="look at the name",
        )
    return StorageUnavailable(
        f"{uri} can't be used ({why})",
        expected="a file system that answers the driver, and room on both sides",
        hint="check host and port, the network, and what Spark's settings say of it",
    )


def _cut_short(uri: Uri, n_expected: int, n_found: int) -> StorageUnavailable:
    return StorageUnavailable(
        f"{uri} has {n_found:,} bytes after copying",
        expected=f"{n_expected:,} bytes",
        hint="the file was changed meanwhile, or there is no room; run the command again",
    )


def _taken(uri: Uri) -> StorageUnavailable:
    return StorageUnavailable(
        f"{uri} can't be given to what was written",
        expected="a name that nobody takes meanwhile, and permission to write beside it",
        hint="let one run at a time write there, and run the command again",
    )
