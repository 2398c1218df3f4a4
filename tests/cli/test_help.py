"""Help is an interface: quick, with examples that work, and the same as the handbook's."""

import re
import resource
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from graphrisk.cli.reference import helps, render
from graphrisk.errors import ExitCode

#: A scheduled book for the examples of graphrisk batch.
BATCH = """
book = "book"
[source]
path = "book"
[destination]
folder = "published"
"""
ROOT = Path(__file__).parents[2]
SCRIPT = Path(sys.executable).with_name("graphrisk")
HELPS = dict(helps())
MOST_CPU_S = 0.5


def examples(text: str) -> list[str]:
    """The command lines below ``Examples:``."""
    return re.findall(r"^ +(graphrisk .*)$", text.partition("Examples:")[2], re.MULTILINE)


@pytest.mark.parametrize("path", HELPS)
def test_every_command_has_help_with_examples_of_itself(path):
    assert examples(HELPS[path])
    assert all(line.startswith(path) for line in examples(HELPS[path]))


def test_examples_work_one_after_the_other(run, tmp_path):
    (tmp_path / "stricter.toml").write_text("[tiers]\nlimit_prob = 0.4\n")
    (tmp_path / "batch.toml").write_text(BATCH)
    first = ["graphrisk demo", "graphrisk fit", "graphrisk analyze", "graphrisk explain"]
    for path in [*first, *(path for path in HELPS if path not in first)]:
        for line in examples(HELPS[path]):
            arguments = shlex.split(line.partition(">")[0])[1:]
            done = run(*arguments)
            assert done.exit_code == 0, f"{line}\n{done.output}"


@pytest.mark.parametrize("path", HELPS)
def test_help_is_quick(path, tmp_path):
    spent = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [SCRIPT, *path.split()[1:], "--help"], cwd=tmp_path, check=True, capture_output=True
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    assert min(spent) < MOST_CPU_S


def test_the_handbook_is_in_step():
    written = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert written == render(), "run: python -m graphrisk.cli.reference > docs/cli.md"


def test_the_handbook_lists_every_exit_code():
    assert all(f"| {code.value} |" in render() for code in ExitCode)
