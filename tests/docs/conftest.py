"""The handbook's own scripts, and one folder in which its examples are run."""

import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="session")
def generate():
    sys.path.insert(0, str(DOCS))
    try:
        import generate
    finally:
        sys.path.remove(str(DOCS))
    return generate


@pytest.fixture(scope="session")
def examples(generate):
    return generate.examples


@pytest.fixture(scope="session")
def place(examples, tmp_path_factory):
    """A folder with the fixtures and their analysis, as ``make run`` leaves the repository."""
    folder = tmp_path_factory.mktemp("place")
    examples.prepare(folder)
    return folder
