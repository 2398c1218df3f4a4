"""Datasets and analyses in a real HDFS: the same as on this machine, and replaced by its rules."""

import json
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from graphrisk.errors import StorageUnavailable, UsageError
from graphrisk.intake.read import read_dataset
from graphrisk.report.layout import MADE_BY, RECORD
from graphrisk.spark import delivering
from graphrisk.spark.delivering import check_target, deliver
from graphrisk.spark.fetching import fetch
from graphrisk.spark.remote import Remote
from graphrisk.spark.session import connect
from graphrisk.spark.shipping import Ends
from graphrisk.spark.uri import Uri
from tests.cli.conftest import FIXTURE, call
from tests.spark.hdfs import OWNER, Hdfs
from tests.spark.test_cluster import COMMAND, ON_LOOPBACK, names_in

pytestmark = [
    pytest.mark.xdist_group("spark"),
    # Spark's Python leaves the sockets to Java open.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
NAMES = (RECORD, "data.txt", "graph")
#: Signs that mean something to URIs, to Hadoop's patterns or to shells.
HOSTILE = "bücher 100%20 #1? [a]*{b}"
SECRET = "s3cr3t"
#: Enough tries to meet a host that refuses.
TRIES = {"spark.hadoop.ipc.client.connect.max.retries": "0"}


@dataclass
class There:
    """An HDFS seen through Spark, and a folder of it that anybody may write to."""

    session: object
    folder: Uri

    @property
    def remote(self) -> Remote:
        return Remote(self.session, self.folder)

    def put(self, folder: Path, uri: Uri) -> Uri:
        """Copy a folder of this machine there, as it is."""
        for path in folder.rglob("*"):
            if path.is_file():
                self.remote.put(path, uri.inside(path.relative_to(folder).as_posix()))
        return uri

    def get(self, uri: Uri, folder: Path) -> Path:
        """Copy a folder to this machine, as it is."""
        folder.mkdir()
        for entry in self.remote.entries(uri):
            if entry.is_folder:
                self.get(uri.inside(entry.name), folder / entry.name)
            else:
                self.remote.fetch(uri.inside(entry.name), folder / entry.name)
        return folder

    def names(self, uri: Uri) -> list[str]:
        return [entry.name for entry in self.remote.entries(uri)]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Hdfs(tmp_path_factory.mktemp("hdfs"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def session(server):
    session = connect("local[1]", TRIES)
    allow(session, server, "/books", "777")
    allow(session, server, "/closed", "700")
    yield session
    session.stop()


def allow(session, server: Hdfs, folder: str, mode: str) -> None:
    """Let the owner of the file system make a folder, and say who may use it."""
    java, settings = session.sparkContext._jvm, session.sparkContext._jsc.hadoopConfiguration()
    files = java.org.apache.hadoop.fs.FileSystem.get(java.java.net.URI(server.url), settings, OWNER)
    path = java.org.apache.hadoop.fs.Path(folder)
    files.mkdirs(path)
    files.setPermission(path, java.org.apache.hadoop.fs.permission.FsPermission(mode))


@pytest.fixture
def there(server, session, request):
    """A folder of this test's own."""
    name = f"/books/{request.node.name.partition('[')[0]}"
    there = There(session, Uri.of(server.url + name))
    there.remote.delete(there.folder)
    there.remote.make_folder(there.folder)
    return there


def test_the_command_reads_and_writes_there_what_it_does_here(there, tmp_path):
    """Decisions, evidence, entities and graph, to the last bit; and the name of the dataset."""
    source = there.put(FIXTURE, there.folder.inside(HOSTILE))
    target = there.folder.inside(f"{HOSTILE}.analysis")
    shared = tmp_path / "shared"
    done = subprocess.run(
        [COMMAND, "analyze", source.text, "--engine", "spark", "--spark-master", "local[1]",
         "--spark-blocks", "1", "--spark-dir", shared, "--out", target.text, "--json"],
        capture_output=True, text=True, check=False, env=ON_LOOPBACK, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode in (0, 3), done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["shared"], "nothing was written here"
    assert not list(shared.iterdir()), "nothing is left of what was exchanged"
    assert there.names(there.folder) == [source.name, target.name], "nor beside the analysis"
    local, found = tmp_path / "local.analysis", there.get(target, tmp_path / "found")
    alone = json.loads(call("analyze", FIXTURE, "--out", local, "--json").stdout)
    said = json.loads(done.stdout)
    assert said["out"] == str(target)
    for name in ("tiers", "counts", "quarantine", "as_of"):
        assert said[name] == alone[name], name
    assert names_in(found) == names_in(local)
    for path in local.rglob("*.parquet"):
        name = path.relative_to(local)
        assert pl.read_parquet(found / name).equals(pl.read_parquet(path)), name
    for name in ("decisions.csv", "quarantine.jsonl", "unlinked.jsonl", "policy.json"):
        assert (found / name).read_bytes() == (local / name).read_bytes(), name
    record, whole = (json.loads((folder / RECORD).read_text()) for folder in (found, local))
    assert record["dataset"] == str(source)
    for name in ("inputs", "rows", "unread_files", "columns"):
        assert record[name] == whole[name], name
    assert HOSTILE in (found / "report.html").read_text()


def test_a_dataset_that_is_refused_is_told_of_beside_the_analysis(there, tmp_path):
    book = shutil.copytree(FIXTURE, tmp_path / "book")
    (book / "accounts.csv").write_text('account_id\n"unclosed\n')
    source, target = there.put(book, there.folder.inside("june")), there.folder.inside("out")
    done = subprocess.run(
        [COMMAND, "analyze", source.text, "--engine", "spark", "--spark-master", "local[1]",
         "--spark-blocks", "1", "--spark-dir", tmp_path / "shared", "--out", target.text],
        capture_output=True, text=True, check=False, env=ON_LOOPBACK,
    )  # fmt: skip
    assert done.returncode == 4, done.stderr
    assert f"folder {source} can't be used" in done.stderr
    assert f"the faults are in {target}.refused" in done.stderr
    assert there.names(there.folder) == ["june", "out.refused"]
    record = json.loads(there.remote.read(there.folder.inside("out.refused/run.json")))
    assert record["refused"]
    assert record["dataset"] == str(source)


class TestFetching:
    @pytest.fixture
    def book(self, tmp_path):
        """What is read, and names of what is not: packed, hidden, of others, in folders."""
        book = shutil.copytree(FIXTURE, tmp_path / "book", ignore=shutil.ignore_patterns("truth"))
        for name in (HOSTILE, "transfers.csv.gz", "Lenders.CSV", ".hidden", "parts/a.csv",
                     "parts/deep/b.csv", "notes/c.txt"):  # fmt: skip
            (book / name).parent.mkdir(exist_ok=True)
            (book / name).write_text("not read\n")
        return book

    def test_intake_tells_the_same_of_the_copy(self, there, book, tmp_path):
        (book / "Lenders.CSV").unlink()
        copy = fetch(there.session, there.put(book, there.folder), None, tmp_path / "copy")
        whole, copied = read_dataset(book), read_dataset(copy)
        assert copied.tallies == whole.tallies
        assert copied.unread_files == whole.unread_files
        assert HOSTILE in whole.unread_files
        assert copied.quarantine.equals(whole.quarantine)
        for name in whole.unread_files:
            assert name.endswith("/") or not (copy / name).stat().st_size, "its bytes stayed there"

    def test_and_of_what_is_at_fault(self, there, book, tmp_path):
        (book / "SHA256SUMS").write_text(f"{'0' * 64}  parts/deep/b.csv\n{'0' * 64}  gone.csv\n")
        copy = fetch(there.session, there.put(book, there.folder), None, tmp_path / "copy")
        faults = []
        for folder in (book, copy):
            with pytest.raises(Exception, match="faults") as error:
                read_dataset(folder)
            faults.append([fault.replace(str(folder), "") for fault in error.value.faults])
        assert faults[0] == faults[1]

    def test_another_scheme_brings_the_same_bytes(self, there, tmp_path):
        """Hadoop's own view of this machine's files stands for all that are not HDFS."""
        there.put(FIXTURE, there.folder)
        local = Uri("file", "", str(FIXTURE))
        copies = [fetch(there.session, uri, None, tmp_path / uri.scheme)
                  for uri in (there.folder, local)]  # fmt: skip
        for path in FIXTURE.glob("*.csv"):
            for copy in copies:
                assert (copy / path.name).read_bytes() == path.read_bytes(), path.name

    def test_what_is_there_already_stays_and_the_rest_follows(self, there, tmp_path):
        """As a run that goes on finds it: one file whole, one half, one that is gone there."""
        there.put(FIXTURE, there.folder)
        copy = fetch(there.session, there.folder, None, tmp_path / "copy")
        kept = (copy / "accounts.csv").stat()
        (copy / "labels.csv").write_text("half")
        (copy / ".labels.csv.partial").write_text("half")
        (copy / "gone.csv").write_text("x")
        fetch(there.session, there.folder, None, copy)
        assert (copy / "accounts.csv").stat().st_ino == kept.st_ino
        assert (copy / "labels.csv").read_bytes() == (FIXTURE / "labels.csv").read_bytes()
        assert sorted(p.name for p in copy.iterdir()) == sorted(p.name for p in FIXTURE.iterdir())


def made(folder: Path, text: str) -> Path:
    """Write a folder as a finished analysis is."""
    (folder / "graph").mkdir(parents=True)
    (folder / "data.txt").write_text(text)
    (folder / "graph" / "links").write_text(text)
    (folder / RECORD).write_text(json.dumps({"made_by": MADE_BY}))
    return folder


@pytest.fixture(params=["at once", "file by file"])
def renames(request, monkeypatch):
    """How the file system renames; HDFS does it at once, and object stores do not."""
    if request.param == "file by file":
        monkeypatch.setattr(delivering, "RENAME_AT_ONCE", frozenset())
    return request.param


@pytest.mark.usefixtures("renames")
class TestDelivering:
    def test_a_new_folder_an_empty_one_and_an_earlier_one(self, there, tmp_path):
        target = there.folder.inside(f"deep/{HOSTILE}")
        for text in ("first", "second"):
            deliver(there.session, made(tmp_path / text, text), target, NAMES)
            found = there.get(target, tmp_path / f"{text} found")
            assert names_in(found) == names_in(tmp_path / text)
            assert (found / "graph" / "links").read_text() == text
            assert there.names(target.folder) == [target.name], "nothing hidden is left"
        there.remote.delete(target)
        there.remote.make_folder(target)
        deliver(there.session, tmp_path / "first", target, NAMES)
        assert there.names(target) == sorted(NAMES)

    @pytest.mark.parametrize("name", ["notes.txt", ".hidden", RECORD])
    def test_never_a_folder_with_anything_else(self, there, tmp_path, name):
        target, mine = there.folder.inside("out"), tmp_path / "mine"
        mine.write_text("{}")
        there.remote.put(mine, target.inside(name))
        with pytest.raises(UsageError, match="holds an earlier analysis"):
            deliver(there.session, made(tmp_path / "new", "new"), target, NAMES)
        assert there.remote.read(target.inside(name)) == b"{}"
        assert there.names(there.folder) == ["out"]

    def test_never_a_file(self, there, tmp_path):
        (tmp_path / "mine").write_text("mine")
        there.remote.put(tmp_path / "mine", there.folder.inside("out"))
        with pytest.raises(UsageError, match="is a file"):
            deliver(there.session, made(tmp_path / "new", "new"), there.folder.inside("out"), NAMES)

    @pytest.mark.parametrize("step", ["put", "rename"])
    def test_whatever_fails_the_earlier_one_is_there(
        self, there, tmp_path, monkeypatch, renames, step
    ):
        """Each copy and each rename on the way fails once."""
        target = there.folder.inside("out")
        deliver(there.session, made(tmp_path / "earlier", "earlier"), target, NAMES)
        made(tmp_path / "later", "later")
        for n_done in range(9):
            done, work = [], getattr(Remote, step)

            def fail(self, *args, work=work, done=done, n_done=n_done):
                done.append(args)
                if len(done) == n_done + 1:
                    raise StorageUnavailable("no more room")
                work(self, *args)

            with monkeypatch.context() as patch:
                patch.setattr(Remote, step, fail)
                try:
                    deliver(there.session, tmp_path / "later", target, NAMES)
                except StorageUnavailable:
                    assert there.remote.read(target.inside("data.txt")) == b"earlier"
                    assert there.names(target) == sorted(NAMES)
                    assert there.names(there.folder) == ["out"]
                else:
                    break
        n_renames = 2 if renames == "at once" else 6  # of folders; and of records, twice for each
        assert n_done == {"put": 3, "rename": n_renames}[step]
        assert there.remote.read(target.inside("data.txt")) == b"later"

    def test_what_a_killed_run_left_is_put_right(self, there, tmp_path):
        """An earlier analysis comes back, half-written ones of dead processes here go."""
        target, machine = there.folder.inside("out"), delivering._machine()
        made(tmp_path / "some", "some")
        there.put(tmp_path / "some", there.folder.inside(f".out.{machine}.99999999.partial"))
        there.put(tmp_path / "some", there.folder.inside(".out.elsewhere.1.partial"))
        there.put(tmp_path / "some", there.folder.inside(".out.elsewhere.2.earlier"))
        delivering._recover(there.remote, target)
        assert there.names(there.folder) == [".out.elsewhere.1.partial", "out"]
        assert there.names(target) == sorted(NAMES)

    def test_a_name_taken_meanwhile_is_left_as_it_is(self, there, tmp_path):
        there.put(made(tmp_path / "one", "one"), there.folder.inside("one"))
        there.put(made(tmp_path / "two", "two"), there.folder.inside("two"))
        with pytest.raises(StorageUnavailable, match="can't be given"):
            there.remote.rename(there.folder.inside("one"), there.folder.inside("two"))
        assert there.names(there.folder) == ["one", "two"]
        assert there.names(there.folder.inside("two")) == sorted(NAMES)


class TestFaults:
    """Each in words: found, expected, next. Nothing of Java's, and no credentials."""

    def fault(self, there, tmp_path, dataset: str = "", out: str = ""):
        ends = Ends(there.session, Uri.of(dataset) or FIXTURE, Uri.of(out) or tmp_path)
        with pytest.raises((UsageError, StorageUnavailable)) as error:
            ends.check()
        for text in (str(error.value), error.value.expected, error.value.hint):
            assert text
            assert "\tat " not in text
            assert SECRET not in text
        return error.value

    def test_a_folder_that_is_not_there_or_is_a_file(self, there, tmp_path):
        gone = self.fault(there, tmp_path, f"{there.folder}/gone")
        assert gone.found == f"{there.folder}/gone does not exist"
        there.remote.put(FIXTURE / "labels.csv", there.folder.inside("labels.csv"))
        file = self.fault(there, tmp_path, f"{there.folder}/labels.csv")
        assert file.found == f"{there.folder}/labels.csv is a file"
        below = self.fault(there, tmp_path, f"{there.folder}/labels.csv/june")
        assert below.found == f"{there.folder}/labels.csv/june does not exist"
        assert (gone.exit_code, file.exit_code) == (2, 2)

    def test_a_folder_of_others(self, there, tmp_path):
        (tmp_path / "notes.txt").write_text("mine")
        there.remote.put(tmp_path / "notes.txt", there.folder.inside("notes.txt"))
        out = self.fault(there, tmp_path, out=str(there.folder))
        assert "holds something else (notes.txt)" in out.found
        assert out.exit_code == 2

    @pytest.mark.parametrize("which", ["dataset", "out"])
    def test_a_host_that_does_not_answer(self, there, tmp_path, which):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        uri = f"hdfs://user:{SECRET}@127.0.0.1:{port}/june"
        error = self.fault(there, tmp_path, **{which: uri})
        assert f"hdfs://***@127.0.0.1:{port}/june can't be used" in error.found
        assert "Connection refused" in error.found
        assert error.exit_code == 6

    def test_a_host_that_nobody_knows(self, there, tmp_path):
        error = self.fault(there, tmp_path, "hdfs://nobody.invalid:8020/june")
        assert "can't be used" in error.found
        assert error.exit_code == 6

    @pytest.mark.parametrize("scheme", ["s3a", "nosuch"])
    def test_a_scheme_without_a_jar(self, there, tmp_path, scheme):
        error = self.fault(there, tmp_path, f"{scheme}://key:{SECRET}@bucket/june")
        assert f"no file system for {scheme}" in error.found
        assert "spark.jars.packages" in error.hint
        assert error.exit_code == 2

    def test_a_folder_that_may_not_be_read_or_written(self, there, tmp_path, server):
        read = self.fault(there, tmp_path, f"{server.url}/closed/june")
        assert "is closed to this user" in read.found
        assert read.exit_code == 6
        made(tmp_path / "new", "new")
        with pytest.raises(StorageUnavailable, match="closed to this user"):
            deliver(there.session, tmp_path / "new", Uri.of(f"{server.url}/june"), NAMES)

    def test_the_root_of_a_file_system(self, there, tmp_path, server):
        error = self.fault(there, tmp_path, out=f"{server.url}/")
        assert "the root of its file system" in error.found

    def test_a_note_of_a_refusal_that_is_not_ours(self, there, tmp_path):
        (tmp_path / "mine").write_text("mine")
        there.remote.put(tmp_path / "mine", there.folder.inside("out.refused/mine"))
        with pytest.raises(UsageError, match=r"out\.refused is a folder that holds something"):
            check_target(there.session, there.folder.inside("out"))
