"""Run the examples of the handbook, so that what it shows is what the program prints.

A fenced block that follows ``<!-- run: COMMAND -->`` holds the output of that command. All
commands are run in one folder that holds the fixtures.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

#: Run before all others: the analysis that the examples explain. Quarantine (3) is not a failure.
ANALYZE = "graphrisk analyze fixtures/demo_small --out out/demo_small.analysis"

_SHOWN = re.compile(r"(<!-- run: (.+?) -->\n```text\n)(.*?)(```)", re.DOTALL)


def prepare(place: Path) -> None:
    """Link the fixtures into an empty folder, and analyse the sample there."""
    (place / "fixtures").symlink_to(ROOT / "fixtures", target_is_directory=True)
    (place / "out").mkdir()
    output_of(ANALYZE, place)


def output_of(command: str, place: Path) -> str:
    """Run ``graphrisk …`` or ``python …`` in ``place`` and return what it prints."""
    program, *arguments = shlex.split(command)
    programs = {
        "graphrisk": str(Path(sys.executable).with_name("graphrisk")),
        "python": sys.executable,
    }
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"}
    done = subprocess.run(
        [programs[program], *arguments],
        cwd=place, env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    if done.returncode not in (0, 3):
        raise RuntimeError(f"{command} ended with {done.returncode}: {done.stderr}")
    return "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())


def commands(text: str) -> list[str]:
    """List the commands whose output a page shows."""
    return [found[2] for found in _SHOWN.finditer(text)]


def refreshed(text: str, place: Path) -> str:
    """Return a page with the output of all its commands."""
    return _SHOWN.sub(lambda found: found[1] + output_of(found[2], place) + found[4], text)


def code_blocks(text: str, language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


def pages() -> list[Path]:
    """Return every page whose examples are run."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
