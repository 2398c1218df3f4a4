"""What was found stays fixed; a short, seeded search for more on every run."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from fuzz.targets import TARGETS

HERE = Path(__file__).parent
SEEDS = sorted(path for path in (HERE / "corpus").glob("*/*") if path.is_file())
#: A number of runs, not a time: a slow machine searches no less.
N_RUNS = 200


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_seed(seed):
    TARGETS[seed.parent.name](seed.read_bytes())


def test_every_target_has_seeds():
    assert {path.parent.name for path in SEEDS} == set(TARGETS)


@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="atheris has no build for this platform"
)
@pytest.mark.parametrize("target", sorted(TARGETS))
def test_a_short_search_finds_nothing(target, tmp_path):
    command = [sys.executable, str(HERE / "run.py"), target, "--runs", str(len(SEEDS) + N_RUNS)]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-3_000:]
    assert not list(tmp_path.glob("crash-*"))
