"""The reads of FinBench can be asked like the questions of the library."""

import pytest
from click.testing import CliRunner

from graphrisk.cli.main import main
from graphrisk.stores.library import FINBENCH_READS, names, statement


def test_every_read_of_the_workload_is_named_and_only_reads():
    assert len(FINBENCH_READS) == 12 + 6
    assert set(FINBENCH_READS) <= set(names("finbench"))
    assert {statement(name).access for name in FINBENCH_READS} == {"read"}


@pytest.mark.parametrize("name", FINBENCH_READS)
def test_it_tells_what_it_takes(name):
    told = CliRunner().invoke(main, ["query", name, "--about"])
    assert told.exit_code == 0
    assert all(one.name in told.output for one in statement(name).parameters)


def test_a_write_of_the_workload_is_no_question():
    told = CliRunner().invoke(main, ["query", "finbench/tw12", "--about"])
    assert told.exit_code == 2
