"""The golden cases: one folder for each class of bad input, run through ``graphrisk analyze``.

``case.toml`` says what the class is and what becomes of it, by hand; ``input/`` is the dataset
(or ``made`` names the function that writes it); ``expected.json`` is what the program said and
wrote, recorded by ``python tests/golden/record.py`` and read by a human in every change.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from click.testing import CliRunner, Result

from golden.made import MAKERS
from graphrisk.cli.main import main

FOLDER = Path(__file__).parent / "bad_input"
#: Books up to this many accounts are recorded account by account.
_MOST_ACCOUNTS_NAMED = 12
_MOST_RECORDS = 30
_OF_A_RECORD = ("file", "line", "table", "column", "code", "value")


@dataclass(frozen=True)
class Case:
    """One class of bad input."""

    folder: Path
    number: int
    title: str
    fate: str
    exit_code: int
    options: tuple[str, ...] = ()
    made: str = ""
    note: str = ""

    @property
    def expected(self) -> dict[str, Any]:
        """What was recorded."""
        text = (self.folder / "expected.json").read_text(encoding="utf-8")
        return json.loads(text)

    def dataset(self, place: Path) -> Path:
        """Return the folder of the dataset; it is written first where it is not stored."""
        if not self.made:
            return self.folder / "input"
        made = place / "input"
        made.mkdir()
        MAKERS[self.made](made)
        return made

    def run(self, place: Path) -> Ran:
        """Analyse the dataset as a user does, into a folder under ``place``."""
        dataset, out = self.dataset(place), place / "out"
        options = [option.replace("@", str(self.folder)) for option in self.options]
        arguments = ["analyze", str(dataset), "--out", str(out), "--json", *options]
        ran = CliRunner().invoke(main, arguments, prog_name="graphrisk")
        wrote = out if out.is_dir() else out.with_name("out.refused")
        names = {str(dataset): "INPUT", str(self.folder): "CASE", str(place): "PLACE"}
        return Ran(self, ran, wrote, names)


@dataclass(frozen=True)
class Ran:
    """What became of a case: what was printed, and the folder that was written."""

    case: Case
    result: Result
    wrote: Path
    names: dict[str, str]

    def outcome(self) -> dict[str, Any]:
        """Lay out all that is compared."""
        record = self._record()
        outcome = {
            "exit_code": self.result.exit_code,
            "error": self._error(),
            "rows": record.get("rows"),
            "files": [
                {name: tally[name] for name in tally if name not in ("sha256",)}
                for tally in record.get("inputs", [])
            ],
            "quarantine": self._records("quarantine.jsonl"),
            "unlinked": self._records("unlinked.jsonl"),
            "normalised": record.get("normalised"),
            "n_spellings": record.get("n_spellings"),
            "unknown_columns": record.get("unknown_columns"),
            "unread_files": record.get("unread_files"),
            "unselected_rows": record.get("unselected_rows"),
            "tiers": self._tiers(),
        }
        return {name: value for name, value in outcome.items() if value not in (None, [], {})}

    def text(self) -> str:
        """The outcome as it is stored."""
        return json.dumps(self.outcome(), indent=2, ensure_ascii=False) + "\n"

    def _record(self) -> dict[str, Any]:
        path = self.wrote / "run.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}

    def _error(self) -> list[str] | None:
        if self.result.exit_code in (0, 3):
            return None
        said = json.loads(self.result.stdout)
        parts = (("", "found"), ("expected: ", "expected"), ("next: ", "hint"))
        whole = "; ".join(before + said[part] for before, part in parts if said[part])
        lines = said.get("faults") or [whole]
        return [self._plain(line) for line in lines]

    def _plain(self, text: str) -> str:
        for place, name in self.names.items():
            text = text.replace(place, name)
        return text

    def _records(self, name: str) -> list[dict[str, Any]]:
        """The first records of a file, without the text that the code stands for."""
        path = self.wrote / name
        if not path.is_file() or not path.stat().st_size:
            return []
        lines = path.read_text(encoding="utf-8").splitlines()
        records = [json.loads(line) for line in lines]
        shown = [{key: one[key] for key in _OF_A_RECORD} for one in records[:_MOST_RECORDS]]
        left = len(records) - len(shown)
        return [*shown, {"and_more": left}] if left else shown

    def _tiers(self) -> dict[str, Any]:
        path = self.wrote / "decisions.parquet"
        if not path.is_file():
            return {}
        decisions = pl.read_parquet(path)
        if decisions.height <= _MOST_ACCOUNTS_NAMED:
            return dict(decisions.select("account_id", "tier").rows())
        victims = decisions.filter(pl.col("account_id").str.contains("^(?:victim|plain|hid|dilu)"))
        counted = decisions.group_by("tier").len().sort("tier").rows()
        return {"counts": dict(counted), **dict(victims.select("account_id", "tier").rows())}


def load(folder: Path) -> Case:
    """Read one case."""
    told = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
    options = tuple(told.pop("options", ()))
    return Case(folder, options=options, **told)


CASES = tuple(load(folder) for folder in sorted(FOLDER.iterdir()))
