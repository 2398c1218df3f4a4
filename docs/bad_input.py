"""The page of the golden cases: what becomes of each class of bad input, as it was recorded."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

CASES = Path(__file__).parents[1] / "tests" / "golden" / "bad_input"

_INTRODUCTION = """# Bad input, and what becomes of it

Generated from `tests/golden/bad_input/` by `make docs`; a test runs every case through
`graphrisk analyze` and compares exit code, counts, quarantine and messages, byte for byte.

For each file and table, rows read = accepted + identical duplicates + quarantined, on every run,
or the run stops with exit code 7. Of {n_cases} classes, {n_silent} drop a row in silence.

- **refused**: the dataset is not analysed; every fault of every file is named. Exit code 4.
- **quarantined**: the row is set aside with file, line, column, code and masked value. Exit code 3.
- **normalised**: the cell is brought into one form and counted. Exit code 0.
- **accepted**: read as it is. A value that stands for nobody makes no link, and is listed in
  `unlinked.jsonl`.
- **usage error**: the policy or the mapping is wrong; nothing is read. Exit code 2.

A file of which more than 5% of the rows (and at least 100) can't be read is refused as a whole;
so is, with `--baseline DIR`, a dataset in which a file or a column of that earlier analysis is
gone, or a file has less than half of its rows. Both shares can be set under `[limits]` in a
mapping. A file `SHA256SUMS` in the folder is held against the files.

What is not used is said: columns that are not known, files that no table reads, rows that no table
of the mapping selects. A file or a folder that is named as a table, but for capitals or its ending,
is refused: it is more likely a table in the wrong form than a stray one.

Each class is a folder: `case.toml` says by hand what the class is, `expected.json`
is what the program did. To add a class: write the folder, run `python tests/golden/record.py`,
read the result.
"""

_PARTS = (
    (1, "Files and encodings"),
    (33, "Identifiers"),
    (49, "Relations and values"),
    (63, "Times"),
    (73, "Hostile input"),
    (87, "Found since"),
    (110, "Found by a hostile reader"),
    (149, "Found by fuzzing"),
)
_MOST_CODES = 6


def render() -> str:
    """Return the page."""
    told = [_load(folder) for folder in sorted(CASES.iterdir())]
    n_silent = sum(
        file["n_rows_read"] != file["n_accepted"] + file["n_duplicates"] + file["n_quarantined"]
        for _, expected in told
        for file in expected.get("files", [])
    )
    parts = [_INTRODUCTION.format(n_cases=len(told), n_silent=n_silent)]
    starts = [*(start for start, _ in _PARTS), len(told) + 1]
    for (start, title), end in zip(_PARTS, starts[1:], strict=True):
        here = [one for one in told if start <= one[0]["number"] < end]
        parts.append(f"## {title}\n")
        parts.append(_grid(("no", "class", "fate", "exit", "what is said or counted"),
                           (_row(case, expected) for case, expected in here)))  # fmt: skip
    return "\n".join(parts)


def _load(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    case = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
    return case, json.loads((folder / "expected.json").read_text(encoding="utf-8"))


def _row(case: Mapping[str, Any], expected: Mapping[str, Any]) -> Sequence[str]:
    note = f". {case['note']}" if "note" in case else ""
    return (
        str(case["number"]),
        case["title"] + note,
        case["fate"],
        str(case["exit_code"]),
        "; ".join(_said(expected)) or "nothing to say",
    )


def _said(expected: Mapping[str, Any]) -> list[str]:
    """Say what a run reported: its errors in full, and the codes of the rest."""
    said = [_escaped(line) for line in expected.get("error", [])[:2]]
    if not said:
        said += [f"quarantine: {codes}" for codes in _codes(expected.get("quarantine", []))]
        said += [f"no link: {codes}" for codes in _codes(expected.get("unlinked", []))]
        changed = {key.partition(":")[2]: None for key in expected.get("normalised", {})}
        said += [f"counted: {', '.join(f'`{code}`' for code in changed)}"] if changed else []
        n_twice = expected.get("rows", {}).get("n_duplicates", 0)
        said += [f"duplicates: {n_twice}"] if n_twice else []
        for file, names in expected.get("unknown_columns", {}).items():
            said.append(f"not stored: {_escaped(', '.join(names))} of {file}")
    tiers = expected.get("tiers", {})
    named = {who: tier for who, tier in tiers.items() if who != "counts" and tier != "clear"}
    said += [f"{_escaped(who)}: {tier}" for who, tier in list(named.items())[:_MOST_CODES]]
    return said


def _codes(records: Iterable[Mapping[str, Any]]) -> list[str]:
    codes = sorted({one["code"] for one in records if "code" in one})
    return [", ".join(f"`{code}`" for code in codes)] if codes else []


def _escaped(text: str) -> str:
    """Keep a text from being a table's edge, markup, or code."""
    for mark, plain in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("|", "\\|"), ("`", "'")):
        text = text.replace(mark, plain)
    return text


def _grid(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
