"""An analysis folder can be asked: its graph is made on the first question, and goes with it."""

import shutil

import pytest

from graphrisk.cli.analyze import now
from graphrisk.errors import IntegrityFailure, UsageError
from graphrisk.report.folder import write_analysis
from graphrisk.report.run_record import Run
from graphrisk.stores.cache import open_cache
from tests.stores.places import analysed, assert_equal, demo

pytestmark = pytest.mark.xdist_group("neo4j")


def write(folder):
    write_analysis(folder, analysed(), Run("book", now(), now(), {}), now)
    return folder


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return write(tmp_path_factory.mktemp("cache") / "book.analysis")


@pytest.fixture
def folder(written, tmp_path):
    return shutil.copytree(written, tmp_path / "book.analysis")


def test_it_holds_the_book_and_the_run(folder):
    with open_cache(folder) as store:
        assert_equal(store.view().tables(), demo().tables)
        found = store.view().ask("MATCH (c:CurrentRun) MATCH (d:Decision {run_id: c.run_id}) "
                                 "RETURN count(d) AS n", {})  # fmt: skip
        assert found.rows == ((demo().tables["accounts"].height,),)


def test_the_second_time_nothing_is_made(folder):
    open_cache(folder).close()
    told = []
    open_cache(folder, progress=lambda *one: told.append(one)).close()
    assert not told


def test_one_that_was_interrupted_is_finished(folder):
    class Stopped(Exception):
        pass

    def stop(word, n_done, n_rows):
        if word == "decisions":
            raise Stopped

    with pytest.raises(Stopped):
        open_cache(folder, progress=stop)
    with open_cache(folder) as store:
        assert store.view().current_run()


def test_a_new_analysis_takes_the_graph_of_the_old_one_away(folder):
    open_cache(folder).close()
    write(folder)
    assert not (folder / "store").exists()


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(UsageError, match="not an analysis folder"):
        open_cache(tmp_path)


def test_a_folder_with_a_file_missing_is_refused(folder):
    (folder / "evidence.parquet").unlink()
    with pytest.raises(IntegrityFailure, match="incomplete"):
        open_cache(folder)
