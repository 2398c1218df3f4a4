"""The model file: data, versioned, with a hash over all that it says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from graphrisk.errors import IntegrityFailure, StorageUnavailable, UsageError
from graphrisk.learn.booster import Shape, Trees
from graphrisk.learn.calibrate import Platt

FORMAT, VERSION = "graphrisk-model", 1
ADDITIVE, BOOSTED = "additive", "boosted"


@dataclass(frozen=True, slots=True)
class Additive:
    """A sum of step functions of columns, each rising or falling all the way."""

    base: float
    shapes: tuple[Shape, ...]
    calibration: Platt


@dataclass(frozen=True, slots=True)
class Boosted:
    """A bag of boosted trees."""

    trees: Trees
    calibration: Platt


@dataclass(frozen=True, slots=True)
class FittedModel:
    """What fitting found.

    Attributes
    ----------
    chosen
        ``additive`` or ``boosted``: what decides.
    additive, boosted
        Both models.
    seed
        Of the folds and of the trees.
    about
        What it was learned from and how well it did, as JSON holds it: data, versions,
        settings, figures of cross-validation.
    """

    chosen: str
    additive: Additive
    boosted: Boosted
    seed: int
    about: Mapping[str, Any]

    @property
    def hash(self) -> str:
        """The first 16 hexadecimal digits of the SHA-256 of the content."""
        return _hash(self._content())

    @property
    def version(self) -> str:
        """What decisions name it by."""
        return f"fitted-{self.chosen}-{VERSION}:{self.hash}"

    def to_json(self) -> str:
        """Write the model file; the same model makes the same bytes."""
        content = self._content()
        return json.dumps({**content, "hash": _hash(content)}, indent=1, sort_keys=True) + "\n"

    def _content(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "version": VERSION,
            "chosen": self.chosen,
            "additive": asdict(self.additive),
            "boosted": asdict(self.boosted),
            "seed": self.seed,
            "about": dict(self.about),
        }


def load_model(file: Path) -> FittedModel:
    """Read a model file.

    Raises
    ------
    UsageError
        If it is not there, no model, or of a version that this program does not know.
    IntegrityFailure
        If it is not as ``graphrisk fit`` wrote it.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"model {file} can't be read ({type(error).__name__})",
            expected="a file that graphrisk fit wrote",
            hint="check the path, or run graphrisk fit",
        ) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise UsageError(
            f"{file} is not a model",
            expected=f'a JSON object whose "format" is "{FORMAT}"',
            hint="name the file that graphrisk fit wrote",
        )
    if content.get("version") != VERSION:
        raise UsageError(
            f"model {file} is of version {content.get('version')!r}",
            expected=f"version {VERSION}",
            hint="run graphrisk fit again with this version of graphrisk",
        )
    told = content.pop("hash", None)
    if told != _hash(content):
        raise IntegrityFailure(
            f"model {file} was changed after it was written",
            expected=f"content of hash {told}; found {_hash(content)}",
            hint="take the file from where it was kept, or run graphrisk fit again",
        )
    return _built(content)


def save_model(file: Path, text: str) -> None:
    """Write a text beside its place, then put it there.

    Raises
    ------
    StorageUnavailable
        If it can't be written.
    """
    partial = file.with_name(f".{file.name}.partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(file)
    except OSError as error:
        raise StorageUnavailable(
            f"{file} can't be written ({error.strerror})",
            expected="a place with room, and permission to write",
            hint="name another file with --out",
        ) from error


def _built(content: Mapping[str, Any]) -> FittedModel:
    additive, boosted = content["additive"], content["boosted"]
    shapes = tuple(
        Shape(s["name"], tuple(s["edges"]), tuple(s["nats"]), s["unknown_nats"])
        for s in additive["shapes"]
    )
    trees = Trees(tuple(boosted["trees"]["names"]), tuple(boosted["trees"]["texts"]))
    return FittedModel(
        chosen=content["chosen"],
        additive=Additive(additive["base"], shapes, Platt(**additive["calibration"])),
        boosted=Boosted(trees, Platt(**boosted["calibration"])),
        seed=content["seed"],
        about=content["about"],
    )


def _hash(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
