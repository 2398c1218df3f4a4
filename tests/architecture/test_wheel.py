"""The wheel holds what the program reads at run time, and nothing else."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, capture_output=True, check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def test_data_files_are_in_the_wheel(wheel):
    names = set(wheel.namelist())
    shipped = [
        *ROOT.glob("graphrisk/mappings/*.toml"),
        *ROOT.glob("graphrisk/policies/*.toml"),
        *ROOT.glob("graphrisk/explain/texts/*.toml"),
        ROOT / "graphrisk/py.typed",
    ]
    assert {path.relative_to(ROOT).as_posix() for path in shipped} <= names
    assert len(shipped) >= 6
    cypher = {f"graphrisk/{p.relative_to(ROOT).as_posix()}" for p in ROOT.glob("cypher/**/*.*")}
    assert cypher
    assert cypher <= names


def test_every_module_is_in_the_wheel(wheel):
    modules = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("graphrisk/**/*.py")}
    assert modules <= set(wheel.namelist())


def test_the_licence_is_in_the_wheel(wheel):
    (licence,) = [name for name in wheel.namelist() if name.endswith("licenses/LICENSE")]
    assert b"Apache License" in wheel.read(licence)


def test_nothing_else_is_in_the_wheel(wheel):
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["name"]
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert "graphrisk" in tops
    assert all(top == "graphrisk" or top.startswith(f"{version}-") for top in tops)
    stray = ("tests/", "fixtures/", "benchmarks/", "__pycache__", ".venv")
    assert not [name for name in wheel.namelist() if any(part in name for part in stray)]
