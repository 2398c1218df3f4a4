"""A run outlives its driver: wherever it dies, the same question is gone on with, to the last bit.

Here without Spark; ``test_cluster`` kills a driver on a real one.
"""

import shutil
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from graphrisk.errors import NotConverged, StorageUnavailable, UsageError
from graphrisk.model.policy import Policy
from graphrisk.spark import engine, stages, taking
from graphrisk.spark.claim import claimed
from graphrisk.spark.engine import analyze
from graphrisk.spark.meeting import Lost
from graphrisk.spark.place import Site
from graphrisk.spark.session import MOST_ATTEMPTS, Cluster
from graphrisk.spark.stages import STAGES, next_stage
from tests.spark.blocks import InTurn, rows_of

TABLES = ("decisions", "evidence", "entities", "graph-entities", "graph-links", "graph-labels")
ASKED = {"dataset": "a book", "policy": "a policy"}
NOW = datetime(2026, 11, 27, 10, tzinfo=UTC)


class Dead(BaseException):
    """The driver is no more; nothing catches it."""


class Fate:
    """Writes down what a run does, one thing after the other, and ends it before one of them."""

    def __init__(self, monkeypatch):
        self.marks, self.last, self.done = None, None, []
        for module, name in ((engine, "forget"), (taking, "forget"), (stages, "write_whole")):
            monkeypatch.setattr(module, name, self.told(name, getattr(module, name)))

    def begin(self, marks, last):
        """Watch one run, and let it die before ``last``."""
        self.marks, self.last, self.done = marks, last, []

    def meets(self, *what):
        at = (*what, self.done.count(what))
        self.done.append(what)
        if (*what, at[-1]) == self.last:
            raise Dead(at)

    def told(self, name, call):
        def meet(*args, **kwargs):
            what = kwargs.get("post") or kwargs.get("kept") or args[0].name
            self.meets(next_stage(self.marks), name, what)
            call(*args, **kwargs)
            if name == "write_whole":
                self.meets(next_stage(self.marks), "marked", what)

        return meet


class Mortal(InTurn):
    """Blocks in turn; before each task the fate of the run is asked."""

    def __init__(self, root, n_blocks, fate):
        super().__init__(root, n_blocks)
        self.fate = fate

    def map(self, step, arguments):
        return super().map(self._asking(step), arguments)

    def repeat(self, step, most, *args):
        return super().repeat(self._asking(step), most, *args)

    def _asking(self, step):
        def task(site, *args):
            self.fate.meets(next_stage(self.fate.marks), step.__name__, site.block)
            return step(site, *args)

        return task


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """Some accounts that share things, pay each other and guarantee for each other."""
    folder = tmp_path_factory.mktemp("book")
    rng = np.random.default_rng(8)
    accounts, things = [f"A{i}" for i in range(12)], [f"T{i}" for i in range(6)]
    ends = [(a, things[rng.integers(6)]) for a in accounts for _ in range(2)]
    paid = [(a, accounts[rng.integers(12)]) for a in accounts]
    pl.DataFrame({"entity_id": accounts + things,
                  "kind": ["account"] * 12 + ["device", "phone", "address"] * 2},
                 ).write_csv(folder / "entities.csv")  # fmt: skip
    links = [(a, b, "uses") for a, b in ends] + [(a, b, "transfer") for a, b in paid if a != b]
    pl.DataFrame(
        [(*link, "2026-01-05") for link in links],
        schema=["source_id", "target_id", "relation", "observed_at"],
        orient="row",
    ).write_csv(folder / "links.csv")
    pl.DataFrame({"entity_id": ["A0", "A5", "A7"], "label": ["bad", "good", "bad"]}).write_csv(
        folder / "labels.csv"
    )
    return folder


def decide(book, checkpoint, fate, last=None):
    fate.begin(checkpoint.marks, last)
    cluster = Mortal(checkpoint.root, checkpoint.n_blocks, fate)
    found = analyze(
        cluster, book, Policy.default(), received_at=checkpoint.started_at, marks=checkpoint.marks
    )
    return found, {name: rows_of(checkpoint.root, name) for name in TABLES}


def taken_up(claim, n_before=0, **asked):
    later = NOW + timedelta(seconds=n_before)
    return claim.checkpoint({**ASKED, **asked}, later, None, usual_blocks=3)


def where_to_die(done):
    """Choose, of all that a run did: of the tasks of a step one in its midst; all else.

    Of many rounds the first ones, one in the middle and the last.
    """
    numbered = [(*what, done[:i].count(what)) for i, what in enumerate(done)]
    last = {what[:3]: what[3] for what in numbered}
    return [
        what for what in numbered
        if (what[2] == 1 or isinstance(what[2], str))
        and what[3] in (0, 1, 2, 3, last[what[:3]] // 2, last[what[:3]])
    ]  # fmt: skip


def test_it_may_die_anywhere(book, tmp_path, monkeypatch):
    """In every step, round, removal and mark, one death after the other in one run."""
    fate = Fate(monkeypatch)
    with claimed(tmp_path / "undisturbed", print) as claim:
        found, tables = decide(book, taken_up(claim), fate)
    stage_of = {what: what[0] for what in fate.done}
    assert list(dict.fromkeys(stage_of.values()))[: len(STAGES)] == list(STAGES)
    deaths = where_to_die(fate.done)
    for n_before, last in enumerate(deaths):
        with pytest.raises(Dead), claimed(tmp_path / "mortal", print) as claim:
            checkpoint = taken_up(claim, n_before)
            first = next_stage(checkpoint.marks)
            decide(book, checkpoint, fate, last)
        assert fate.done[0][0] == first, "what is marked is not done again"
        assert len(checkpoint.resumed_from) == n_before
    with claimed(tmp_path / "mortal", print) as claim:
        again, resumed = decide(book, taken_up(claim, len(deaths)), fate)
    for name in TABLES:
        assert_frame_equal(resumed[name], tables[name], check_exact=True)
    assert again.n_exchanges == found.n_exchanges
    assert again.as_of == found.as_of
    assert [block.tiers for block in again.blocks] == [block.tiers for block in found.blocks]
    assert list(again.seconds) == list(STAGES)
    assert not list(tmp_path.iterdir()), "nothing is left"


def test_what_no_later_stage_asks_for_is_removed(book, tmp_path, monkeypatch):
    """Else a disk holds every round of every kernel to the end."""
    fate = Fate(monkeypatch)

    def kept(checkpoint):
        return {path.name for path in (checkpoint.root / "kept").iterdir()}

    n_rounds = engine.rounds.n_rounds(Policy.default())
    with pytest.raises(Dead), claimed(tmp_path / "run", print) as claim:
        reached = taken_up(claim)
        decide(book, reached, fate, ("rank", "spread", 1, 0))
    with claimed(tmp_path / "run", print) as claim:
        checkpoint = taken_up(claim, 1)
        of_rounds = {one for one in kept(checkpoint) if one.startswith(("reach", "found", "tell"))}
        assert of_rounds == {f"reach-{n_rounds}", f"found-{n_rounds}"}
        assert kept(checkpoint) >= {"ranks", "mass-0", "walk", "weights"}
        assert not kept(checkpoint) & {"cores", "turns", "search"}
        decide(book, checkpoint, fate)
        assert kept(checkpoint) == {"run", "divided", "hubs", "block"}


@pytest.fixture
def cut_short(tmp_path):
    """What a driver left that came to its end with reading."""
    folder = tmp_path / "left"
    with pytest.raises(Dead), claimed(folder, print) as claim:
        checkpoint = taken_up(claim)
        (checkpoint.marks).mkdir()
        (checkpoint.marks / "read").write_bytes(b"told")
        raise Dead
    return folder


def test_the_same_question_keeps_its_moment_and_its_blocks(cut_short):
    """On a cluster of another size as well: rows are from the future by the first run's clock."""
    told = []
    with claimed(cut_short, told.append) as claim:
        checkpoint = claim.checkpoint(ASKED, NOW + timedelta(days=1), None, usual_blocks=64)
        assert checkpoint.started_at == NOW
        assert checkpoint.n_blocks == 3
        assert checkpoint.resumed_from == ("graph",)
        assert next_stage(checkpoint.marks) == "graph"
    assert told == [
        "An earlier run was cut short at stage graph; this one goes on from there, in 3 blocks."
    ]


@pytest.mark.parametrize(
    ("asked", "n_blocks", "why"),
    [
        ({"policy": "another"}, None, "it was asked with other policy"),
        ({"files": "one was touched"}, 3, "it was asked with other files"),
        ({}, 4, "it was asked with other blocks"),
    ],
)
def test_another_question_begins_anew(cut_short, asked, n_blocks, why):
    told, later = [], NOW + timedelta(seconds=1)
    with claimed(cut_short, told.append) as claim:
        checkpoint = claim.checkpoint({**ASKED, **asked}, later, n_blocks, usual_blocks=2)
        assert checkpoint.resumed_from == ()
        assert checkpoint.started_at == later
        assert checkpoint.n_blocks == (n_blocks or 2)
        assert [path.name for path in checkpoint.root.iterdir()] == ["checkpoint.json"]
        assert sorted(path.name for path in cut_short.iterdir()) == [checkpoint.root.name, "lock"]
    assert told == [f"What an earlier run left is not used: {why}."]


def test_whoever_wants_to_begins_anew(cut_short):
    with claimed(cut_short, print) as claim:
        checkpoint = claim.checkpoint(ASKED, NOW, None, usual_blocks=3, is_fresh=True)
        assert next_stage(checkpoint.marks) == "read"


def test_a_folder_with_empty_files_is_not_gone_on_with(cut_short):
    """As a machine that loses power leaves them; what tasks say to each other may be empty."""
    (root,) = (path for path in cut_short.iterdir() if path.is_dir())
    for name in ("met/left", "kept/block/.0.123.host.partial", "kept/block/0"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")
    told = []
    with claimed(cut_short, told.append) as claim:
        assert taken_up(claim, 1).resumed_from == ()
    assert told == ["What an earlier run left is not used: files of it are empty."]


@pytest.mark.parametrize("asked", [{}, {"policy": "another"}])
def test_a_run_that_is_being_removed_is_not_gone_on_with(cut_short, monkeypatch, asked):
    """Its driver dies while it removes what is done, or what another one left."""

    def dies(*_, **__):
        raise Dead

    with monkeypatch.context() as world, pytest.raises(Dead), claimed(cut_short, print) as claim:
        taken_up(claim, 1)
        world.setattr(shutil, "rmtree", dies)
        if asked:
            taken_up(claim, 2, **asked)
    assert len(list(cut_short.iterdir())) > 1, "it had not come far"
    with claimed(cut_short, print) as claim:
        assert claim.earlier() is None


def test_tasks_of_a_dead_driver_are_shut_out(cut_short):
    """They still send, keep and drop, under the name that they know."""
    with pytest.raises(Dead), claimed(cut_short, print) as claim:
        first = taken_up(claim, 1)
        late = Site(str(first.root), 0, 1)
        late.keep("found-1", "what is needed")
        raise Dead
    with claimed(cut_short, print) as claim:
        second = taken_up(claim, 2)
        late.drop("found-1")
        late.send("news", {0: "late"})
        assert Site(str(second.root), 0, 1).recall("found-1") == "what is needed"
        assert not (second.root / "post").exists()
    assert not cut_short.exists()


def test_a_later_driver_does_not_use_the_attempts_of_a_dead_one(tmp_path):
    """Files that tasks of the two send, or wait for, have other names."""
    tried = []

    class Losing(Cluster):
        def _together(self, step, most, attempt, *args):
            tried.append(attempt)
            raise Lost

        def _apart(self, step, most, attempt, *args):
            tried.append(attempt)

    for resumed_from in ((), ("rank",), ("rank", "rank")):
        Losing(None, tmp_path, 1, resumed_from).repeat(print, 1)
    assert tried == list(range(3 * (MOST_ATTEMPTS + 1)))


@pytest.mark.parametrize("error", [StorageUnavailable("no room"), KeyboardInterrupt(), OSError()])
def test_what_is_done_is_kept_where_the_same_command_may_come_further(tmp_path, error):
    told = []
    with pytest.raises(type(error)), claimed(tmp_path / "left", told.append) as claim:
        (taken_up(claim).root / "kept").write_bytes(b"x" * 20_000_000)
        raise error
    assert told == [
        f"What is done lies in {tmp_path / 'left'} (0.02 GB). The same command goes on at stage "
        "read; with --spark-fresh it begins anew."
    ]


@pytest.mark.parametrize("error", [UsageError("no account"), NotConverged("it still moves")])
def test_nothing_is_kept_where_it_would_end_as_it_did(tmp_path, error):
    told = []
    with pytest.raises(type(error)), claimed(tmp_path / "left", told.append) as claim:
        taken_up(claim)
        raise error
    assert not told
    assert not list(tmp_path.iterdir())


def test_an_error_before_anything_is_begun_leaves_what_is_there(cut_short):
    """Such as a package that is missing, or a cluster that can't be reached."""
    told = []
    for error in (UsageError("no pyspark"), StorageUnavailable("no cluster"), Dead()):
        with pytest.raises(type(error)), claimed(cut_short, told.append):
            raise error
    assert not told
    with claimed(cut_short, told.append) as claim:
        assert taken_up(claim, 1).resumed_from == ("graph",)


def test_what_is_decided_is_kept_whatever_is_wrong_with_where_it_goes(tmp_path):
    """Somebody put something else there meanwhile, or the store has another password."""
    told = []
    with pytest.raises(UsageError), claimed(tmp_path / "left", told.append) as claim:
        marks = taken_up(claim).marks
        marks.mkdir()
        for stage in STAGES:
            (marks / stage).write_bytes(b"told")
        raise UsageError("out holds something else")
    assert "goes on at stage published" in told[0]


def test_nothing_is_left_of_a_driver_that_found_no_cluster(tmp_path):
    with pytest.raises(StorageUnavailable), claimed(tmp_path / "left", print):
        raise StorageUnavailable("Spark can't be used")
    assert not list(tmp_path.iterdir())
