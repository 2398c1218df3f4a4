"""Names of places: what is a path of this machine, what is not, and what of it is shown."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.spark.uri import Uri, place_of
from tests.cli.conftest import FIXTURE, call

SECRET = "s3cr3t"


@pytest.mark.parametrize(
    ("text", "whole", "name"),
    [
        ("hdfs://host:8020/books/june/", "hdfs://host:8020/books/june", "june"),
        ("hdfs:///books//may/../june", "hdfs:///books/june", "june"),
        ("hdfs:/june", "hdfs:///june", "june"),
        ("HDFS://host/june", "hdfs://host/june", "june"),
        ("s3a://bucket", "s3a://bucket/", "bucket"),
        ("gs://bucket/a b%20#1?", "gs://bucket/a b%20#1?", "a b%20#1?"),
        ("abfss://box@account.net/june", "abfss://box@account.net/june", "june"),
    ],
)
def test_a_uri_is_kept_as_hadoop_reads_it(text, whole, name):
    uri = place_of(text)
    assert (uri.text, str(uri), uri.name) == (whole, whole, name)


@pytest.mark.parametrize("text", ["book", "/book", "C:/book", "c:book", "./hdfs:/book", "-", "a:b"])
def test_all_else_is_a_path(text):
    assert place_of(text) == Path(text)


@pytest.mark.parametrize("text", ["file:/a/b", "file:///a/b", "file://localhost/a/b"])
def test_a_file_of_this_machine_is_a_path(text):
    assert place_of(text) == Path("/a/b")


def test_what_stands_before_the_host_is_never_shown():
    uri = Uri.of(f"s3a://key:{SECRET}@bucket/june")
    assert str(uri) == "s3a://***@bucket/june"
    assert SECRET not in f"{uri!r} {uri.beside('x')} {uri.inside('x')}"
    assert uri.text == f"s3a://key:{SECRET}@bucket/june"
    assert uri.masked(f"no bucket key:{SECRET}@bucket, {SECRET} is wrong") == (
        "no bucket ***@bucket, *** is wrong"
    )


@given(st.text(st.characters(exclude_characters="/", exclude_categories=["Cs"]), min_size=1))
def test_a_name_inside_is_the_name_of_what_is_there(name):
    if name not in (".", ".."):
        assert Uri.of("hdfs://host/books").inside(name).name == name


class TestTheCommand:
    """What it says before Spark is started."""

    def test_a_uri_is_for_spark_alone(self, tmp_path):
        reads = call("analyze", f"hdfs://u:{SECRET}@host/june", "--out", tmp_path / "out")
        writes = call("analyze", FIXTURE, "--out", f"hdfs://u:{SECRET}@host/june")
        for done in (reads, writes):
            assert done.exit_code == 2
            assert "hdfs://***@host/june: a URI, without --engine spark" in done.stderr
            assert "add --engine spark" in done.stderr
            assert SECRET not in done.output
        assert not list(tmp_path.iterdir())

    def test_writing_to_a_uri_needs_a_folder_for_exchanges(self):
        done = call("analyze", FIXTURE, "--engine", "spark", "--out", "hdfs://host/june")
        assert done.exit_code == 2
        assert "--out hdfs://host/june without --spark-dir" in done.stderr
        assert "a mounted folder" in done.stderr

    def test_which_is_no_uri(self):
        done = call("analyze", FIXTURE, "--engine", "spark", "--spark-dir", "hdfs://host/shared")
        assert done.exit_code == 2
        assert "--spark-dir hdfs://host/shared: a URI" in done.stderr

    def test_a_file_uri_is_read_by_one_machine_too(self, tmp_path):
        done = call("analyze", f"file://{tmp_path}/none", "--out", tmp_path / "out")
        assert done.exit_code == 2
        assert f"{tmp_path}/none does not exist" in done.stderr
