"""Importing the package and asking for help are quick, and need nothing but what is declared."""

import os
import resource
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

MOST_CPU_S = 0.5
#: Loaded when there are tables to read, not before.
HEAVY = ("networkx", "numba", "pandas", "polars", "pyarrow", "rich", "sqlalchemy", "svg")
#: Only in the dev extra.
DEV_ONLY = ("_pytest", "hypothesis", "mypy", "playwright", "pytest", "ruff", "xdist")

HELP = """
import sys
sys.argv = ["graphrisk", "--help"]
from graphrisk.cli.main import main
try:
    main()
except SystemExit as done:
    assert not done.code, done.code
"""


def python(program):
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def cpu_s(command):
    """Processor time of a command, user and system, the best of five."""
    spent = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, cwd=ROOT, capture_output=True, check=True, stdin=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    return min(spent)


def script():
    return str(Path(sys.executable).with_name("graphrisk"))


def test_import_is_quick():
    assert cpu_s([sys.executable, "-c", "import graphrisk"]) < MOST_CPU_S


def test_help_is_quick():
    assert cpu_s([script(), "--help"]) < MOST_CPU_S


def test_import_and_help_load_nothing_heavy():
    loaded = f"import sys; print([m for m in {HEAVY!r} if m in sys.modules])"
    assert python(f"import graphrisk\n{loaded}").splitlines()[-1] == "[]"
    assert python(f"{HELP}\n{loaded}").splitlines()[-1] == "[]"


def test_no_module_needs_the_dev_extra():
    program = f"""
import importlib, pkgutil, sys
from importlib.machinery import PathFinder

class Hiding(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        hidden = name.split(".")[0] in {DEV_ONLY!r}
        return None if hidden else PathFinder.find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = Hiding
try:
    import hypothesis
except ModuleNotFoundError:
    pass
else:
    raise AssertionError("not hidden")
import graphrisk
for found in pkgutil.walk_packages(graphrisk.__path__, "graphrisk."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)
{HELP}
print("reached the end")
"""
    assert python(program).splitlines()[-1] == "reached the end"


def test_an_installed_copy_answers_outside_the_repository(tmp_path):
    environment = {**os.environ, "PYTHONPATH": ""}
    done = subprocess.run(
        [script(), "--help"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert "analyze" in done.stdout
