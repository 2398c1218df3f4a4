"""``graphrisk analyze --store``: the same bytes from files and from stores, and no secrets told."""

import json

import polars as pl
import pytest

from tests.cli.conftest import FIXTURE

pytestmark = pytest.mark.xdist_group("neo4j")

SECRET = "correct-horse-battery-staple"
SAME = ("decisions.parquet", "evidence.parquet", "entities.parquet")


@pytest.fixture(params=["neo4j", "embedded"])
def url(request, tmp_path, monkeypatch):
    if request.param == "embedded":
        return f"embedded:{tmp_path / 'book.store'}"
    server = request.getfixturevalue("neo4j_server")
    from tests.stores.places import empty

    empty(server)
    monkeypatch.setenv("GRAPHRISK_NEO4J_USER", server.user)
    monkeypatch.setenv("GRAPHRISK_NEO4J_PASSWORD_FILE", str(server.password_file))
    return server.uri


def test_into_the_store_and_out_of_it(run, url, analysed, tmp_path):
    first = run("analyze", FIXTURE, "--out", "first", "--store", url)
    assert first.exit_code == 0, first.stderr
    assert "is the current one" in first.stdout
    second = run("analyze", "-", "--out", "second", "--store", url, "--json")
    assert second.exit_code == 0, second.stderr
    told = json.loads(second.stdout)["store"]
    assert not any(told["loaded"].values())
    assert not any(told["run_written"].values())
    for name in SAME:
        wanted = (analysed[0] / name).read_bytes()
        assert (tmp_path / "first" / name).read_bytes() == wanted, name
        assert (tmp_path / "second" / name).read_bytes() == wanted, name


def test_the_rows_that_are_kept_in_the_folder_make_the_same_analysis(run, analysed, tmp_path):
    assert run("analyze", analysed[0] / "dataset", "--out", "again").exit_code == 0
    for name in SAME:
        assert (tmp_path / "again" / name).read_bytes() == (analysed[0] / name).read_bytes(), name


def test_an_empty_store_has_nothing_to_analyse(run, url, tmp_path):
    found = run("analyze", "-", "--store", url)
    assert found.exit_code == 2
    assert "holds no book" in found.stderr
    assert not (tmp_path / "store.analysis").exists()


def test_a_dataset_that_is_refused_leaves_the_store_as_it_was(run, url, book):
    assert run("analyze", book, "--out", "one", "--store", url).exit_code == 0
    (book / "labels.csv").write_text("", encoding="utf-8")
    assert run("analyze", book, "--out", "two", "--store", url).exit_code == 4
    assert run("analyze", "-", "--out", "three", "--store", url).exit_code == 0


def test_a_dash_needs_a_store(run):
    found = run("analyze", "-")
    assert found.exit_code == 2
    assert "--store" in found.stderr


def test_a_database_needs_a_store(run):
    assert run("analyze", FIXTURE, "--database", "book").exit_code == 2


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_server_that_is_not_there(run, monkeypatch, tmp_path, form):
    monkeypatch.setenv("GRAPHRISK_NEO4J_PASSWORD", SECRET)
    found = run("analyze", FIXTURE, "--store", "bolt://127.0.0.1:1", *form)
    assert found.exit_code == 6
    assert "can't be reached" in found.output
    assert SECRET not in found.output
    assert not list(tmp_path.iterdir())


def test_a_password_that_is_wrong(run, neo4j_server, monkeypatch):
    monkeypatch.delenv("GRAPHRISK_NEO4J_PASSWORD_FILE", raising=False)
    monkeypatch.setenv("GRAPHRISK_NEO4J_PASSWORD", SECRET)
    found = run("analyze", FIXTURE, "--store", neo4j_server.uri)
    assert found.exit_code == 6
    assert "refused the name or the password" in found.stderr
    assert SECRET not in found.output


def test_a_password_in_the_url_is_refused_and_not_repeated(run):
    found = run("analyze", FIXTURE, "--store", f"bolt://neo4j:{SECRET}@127.0.0.1:7687")
    assert found.exit_code == 2
    assert SECRET not in found.output


def test_the_embedded_store_is_for_one_process_at_a_time(run, tmp_path):
    from graphrisk import open_store

    with open_store(f"embedded:{tmp_path / 's'}"):
        found = run("analyze", FIXTURE, "--store", f"embedded:{tmp_path / 's'}")
    assert found.exit_code == 5
    assert "another process" in found.stderr


def test_the_accepted_rows_are_kept_in_the_folder(analysed):
    kept = pl.read_parquet(analysed[0] / "dataset" / "applications.parquet")
    assert {"amount_minor", "currency", "outcome"} <= set(kept.columns)


class TestDoctor:
    def test_it_asks_the_store(self, run, tmp_path):
        url = f"embedded:{tmp_path / 's'}"
        assert "holds no book" in run("doctor", "--store", url, "--json").stdout
        assert run("analyze", FIXTURE, "--store", url).exit_code == 0
        found = run("doctor", "--store", url, "--json")
        assert found.exit_code == 0
        assert "its book is whole" in found.stdout

    def test_a_store_that_is_not_there_exits_6(self, run):
        found = run("doctor", "--store", "bolt://127.0.0.1:1", "--json")
        assert found.exit_code == 6
        assert "can't be reached" in found.stdout
