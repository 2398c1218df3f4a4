"""Fuzz one target: ``python tests/fuzz/run.py TARGET [--runs N] [--keep]``.

Coverage-guided, by atheris, over the Python code of graphrisk. Without ``--keep`` the corpus is
read and not added to. A finding is written to ``crash-*`` in the current directory: put it into
``tests/fuzz/corpus/TARGET``, where a test tries it on every run.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[1]))

import graphrisk.intake.idtable  # noqa: F401  before the rest: what numba compiles stays as it is

with atheris.instrument_imports(include=["graphrisk"]):
    from fuzz.targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--runs", type=int, default=-1, help="stop after so many; -1 for never")
    parser.add_argument("--seconds", type=int, default=0, help="stop after so long; 0 for never")
    parser.add_argument("--keep", action="store_true", help="add what reaches new code")
    chosen = parser.parse_args()
    seeds = CORPUS / chosen.target
    with contextlib.ExitStack() as stack:
        found = seeds if chosen.keep else stack.enter_context(tempfile.TemporaryDirectory())
        options = [
            f"-runs={chosen.runs}",
            f"-max_total_time={chosen.seconds}",
            "-seed=7",
            "-max_len=4096",
            "-rss_limit_mb=4096",
        ]
        atheris.Setup([sys.argv[0], *options, str(found), str(seeds)], TARGETS[chosen.target])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
