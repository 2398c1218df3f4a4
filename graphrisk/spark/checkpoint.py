"""What outlives a driver: what was asked, how far it came, and where it lies.

All that blocks keep and send lies in the run's folder already. There stand a mark for each stage
that is done (:mod:`graphrisk.spark.stages`) and a record of what was asked. A later run that asks
the same goes on with the first stage without a mark. It renames the folder first: tasks of the
dead driver that are still at work know the old name, and can't change or remove what it reads.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from graphrisk.intake.limits import Baseline
from graphrisk.report.layout import MADE_BY
from graphrisk.spark.files import PARTIAL, write_whole
from graphrisk.spark.place import KEPT, PARTS, POST
from graphrisk.spark.stages import next_stage
from graphrisk.spark.taking import DATASET

RECORD, MARKS = "checkpoint.json", "done"
#: Folders of runs are named after the moment at which their driver began.
NAMED = "%Y%m%dT%H%M%S%f"
#: Where every file has a head, and what can't be read later is not made again.
_NEVER_EMPTY = (DATASET, KEPT, MARKS, PARTS, POST)

#: What a run is asked, part by part; equal parts are the same question.
Asked = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A run that may outlive its driver.

    Attributes
    ----------
    root
        The folder that its blocks share.
    asked
        What was asked.
    started_at
        When its first driver began; rows of a later time are set aside.
    n_blocks
        Into how many blocks the book is cut.
    resumed_from
        The stages that earlier drivers did not come to the end of.
    """

    root: Path
    asked: Asked
    started_at: datetime
    n_blocks: int
    resumed_from: tuple[str, ...] = ()

    @property
    def marks(self) -> Path:
        """The folder of the marks of stages."""
        return self.root / MARKS

    def unlike(self, asked: Asked, n_blocks: int | None) -> list[str]:
        """Name what is asked otherwise; where no number of blocks is asked for, any will do."""
        parts = [part for part in asked if asked[part] != self.asked.get(part)]
        return parts + ["blocks"] * (n_blocks not in (None, self.n_blocks))

    def is_damaged(self) -> bool:
        """Whether files are empty that never are, as a machine leaves them that loses power."""
        return any(
            not n_bytes
            for path, n_bytes in sizes_in(self.root)
            if path.suffix != PARTIAL and path.relative_to(self.root).parts[0] in _NEVER_EMPTY
        )

    def taken_over(self, now: datetime) -> Checkpoint:
        """Go on in place of a driver that is dead, under a name of its own."""
        resumed = replace(self, resumed_from=(*self.resumed_from, next_stage(self.marks)))
        resumed.write()
        root = self.root.with_name(now.strftime(NAMED))
        self.root.rename(root)
        for path, _ in sizes_in(root):
            if path.suffix == PARTIAL:  # whoever wrote it is shut out
                path.unlink(missing_ok=True)
        return replace(resumed, root=root)

    def write(self) -> None:
        """Write the record."""
        record = {
            "made_by": MADE_BY,
            "asked": dict(self.asked),
            "started_at": self.started_at.isoformat(),
            "n_blocks": self.n_blocks,
            "resumed_from": self.resumed_from,
        }
        write_whole(self.root / RECORD, json.dumps(record, indent=2).encode())

    @classmethod
    def read(cls, root: Path) -> Checkpoint | None:
        """Read the record of a folder; None if it has none."""
        try:
            record = json.loads((root / RECORD).read_bytes())
            if record["made_by"] != MADE_BY:
                return None
            return cls(
                root,
                {str(part): str(told) for part, told in record["asked"].items()},
                datetime.fromisoformat(record["started_at"]),
                int(record["n_blocks"]),
                tuple(map(str, record["resumed_from"])),
            )
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (ValueError, KeyError, TypeError, AttributeError):  # of somebody else
            return None


def asked_of(
    dataset: str,
    files: Sequence[tuple[str, int, int]],
    *,
    mapping: str | None,
    policy_hash: str,
    as_of: datetime | None,
    baseline: Baseline | None,
    versions: Mapping[str, str],
) -> Asked:
    """Lay out what a run is asked, part by part.

    Parameters
    ----------
    dataset
        Where its files are.
    files
        Name, size in bytes and time of the last change of each, as :func:`files_in` has them.
    mapping
        Name of a shipped mapping, or the path of a file.
    policy_hash, as_of, baseline
        What the engine is told.
    versions
        Of all that can change what is found.
    """
    parts = {
        "dataset": dataset,
        "files": list(files),
        "mapping": [mapping, _content(mapping)],
        "policy": policy_hash,
        "moment": None if as_of is None else as_of.isoformat(),
        "baseline": None if baseline is None else asdict(baseline),
        "versions": dict(versions),
    }
    return {part: _hash(json.dumps(told, sort_keys=True).encode()) for part, told in parts.items()}


def files_in(folder: Path) -> list[tuple[str, int, int]]:
    """List what lies in a folder, without looking into others: name, bytes, last change in ns.

    What can't be read is told by whoever reads it.
    """
    found = []
    with suppress(OSError):
        for path in sorted(folder.iterdir()):
            if not path.name.startswith("."):  # as intake lists it
                seen = path.stat() if path.exists() else path.lstat()
                found.append((path.name, seen.st_size, seen.st_mtime_ns))
    return found


def _content(mapping: str | None) -> str:
    """Return a digest of a mapping's file; empty for one that is shipped."""
    with suppress(OSError):
        return _hash(Path(mapping or "").read_bytes())
    return ""


def sizes_in(folder: Path) -> Iterator[tuple[Path, int]]:
    """Yield the files in a folder and in all below it, and their bytes; tasks may be at work."""
    for place, _, names in os.walk(folder):
        for path in (Path(place, name) for name in names):
            with suppress(FileNotFoundError):
                yield path, path.lstat().st_size


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
