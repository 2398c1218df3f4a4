"""The configuration of a scheduled book: one TOML file, paths taken from where it lies.

::

    book = "retail"
    state = "state"                    # ledger and archive of runs

    [source]
    path = "feeds/*"                   # a folder of tables, or a pattern of dated folders

    [destination]
    folder = "published"

Further keys are the fields of the classes below.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from graphrisk.errors import UsageError
from graphrisk.intake.columns import TABLES
from graphrisk.learn.model import FittedModel, load_model
from graphrisk.model.policy import Policy
from graphrisk.model.schema import build, positive
from graphrisk.model.settings import read_settings
from graphrisk.pipeline import MODEL_VERSION
from graphrisk.stores.address import EMBEDDED, address_of

#: What the name of a fitted model's file ends with.
MODEL_SUFFIX = ".json"
#: The mapping of the data standard itself.
STANDARD = "standard"
_BOOK = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class SourceRule:
    """Where the tables lie: in a folder, in the newest of folders named by date, or in a store.

    ``path`` is a folder or a pattern of folders; ``store`` and ``database`` name a graph store.
    """

    path: str = ""
    store: str = ""
    database: str = ""
    mapping: str = STANDARD
    max_age_hours: Mapping[str, float] = field(default_factory=dict, metadata=positive())


@dataclass(frozen=True, slots=True)
class RulesRule:
    """What decides: a policy file (empty for the default), and a model.

    ``model`` is the policy's own model by its name, or a file that ``graphrisk fit`` wrote.
    """

    policy: str = ""
    model: str = MODEL_VERSION


@dataclass(frozen=True, slots=True)
class DestinationRule:
    """Where runs are published, a folder or a store or both, and how many stay there."""

    folder: str = ""
    store: str = ""
    database: str = ""
    keep_runs: int = field(default=60, metadata=positive())


@dataclass(frozen=True, slots=True)
class ScheduleRule:
    """Time zone of cron expressions, and how long a run may stand still and keep its lock."""

    timezone: str = "UTC"
    lease_s: float = field(default=120.0, metadata=positive())


@dataclass(frozen=True, slots=True)
class MonitoringRule:
    """Where to write after each run; nothing where it is empty."""

    metrics_file: str = ""
    log_file: str = ""


@dataclass(frozen=True, slots=True)
class Config:
    """One scheduled book. Relative paths start at ``home``, the folder of the file."""

    book: str
    source: SourceRule
    destination: DestinationRule
    state: str = "state"
    ledger: str = ""
    rules: RulesRule = field(default_factory=RulesRule)
    schedule: ScheduleRule = field(default_factory=ScheduleRule)
    monitoring: MonitoringRule = field(default_factory=MonitoringRule)
    home: str = ""

    @property
    def state_folder(self) -> Path:
        """Where the ledger and the archive of runs lie."""
        return self.path_of(self.state)

    @property
    def ledger_url(self) -> str:
        """The ledger as a database URL; SQLite in the state folder unless told otherwise."""
        return self.ledger or f"sqlite:///{self.state_folder / 'ledger.sqlite'}"

    @property
    def halt_file(self) -> Path:
        """The file that halts actions while it is there."""
        return self.state_folder / f"{self.book}.halted"

    @property
    def mapping(self) -> str:
        """A shipped mapping's name, or the path of a mapping file."""
        name = self.source.mapping
        return str(self.path_of(name)) if name.endswith(".toml") else name

    def store_url(self, url: str) -> str:
        """Return the URL of a store; an embedded one lies where the file says."""
        scheme, colon, folder = url.partition(":")
        return f"{EMBEDDED}:{self.path_of(folder)}" if colon and scheme == EMBEDDED else url

    def path_of(self, text: str) -> Path:
        """Return a path that the file names."""
        return Path(self.home) / Path(text).expanduser()

    def policy(self) -> Policy:
        """Read the policy.

        Raises
        ------
        PolicyError
            If it is not valid.
        """
        return (
            Policy.load(self.path_of(self.rules.policy)) if self.rules.policy else Policy.default()
        )

    def model(self) -> FittedModel | None:
        """Read the fitted model, None for the policy's own.

        Raises
        ------
        UsageError, IntegrityFailure
            If it can't be read, or is not as it was written.
        """
        named = self.rules.model
        return load_model(self.path_of(named)) if named.endswith(MODEL_SUFFIX) else None

    def mapping_hash(self) -> str:
        """SHA-256 of a mapping file's bytes; the name itself for a shipped mapping."""
        file = Path(self.mapping)
        return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else self.mapping


def load_config(path: Path) -> Config:
    """Read and check a configuration.

    Raises
    ------
    UsageError
        With every fault found, if there is one.
    """
    table = read_settings(
        path,
        str(path),
        UsageError,
        option="--config",
        expected="a scheduled book as in docs/operations.md",
    )
    faults: list[str] = ["home is not a key"] if "home" in table else []
    config = build(Config, table, "", faults)
    if config is not None:
        faults += _contradictions(config)
    if faults or config is None:
        raise UsageError(
            f"{len(faults)} fault(s) in {path}: " + " | ".join(faults),
            expected="the keys of docs/operations.md",
            hint="correct each one; nothing was run",
        )
    return replace(config, home=str(path.resolve().parent))


def _contradictions(config: Config) -> list[str]:
    """Find what is well formed and yet can't be."""
    faults = []
    if not _BOOK.fullmatch(config.book):
        faults.append(f"book = {config.book!r}: letters, digits, dots and dashes, at most 64")
    if config.rules.model != MODEL_VERSION and not config.rules.model.endswith(MODEL_SUFFIX):
        faults.append(
            f"rules.model = {config.rules.model!r}, and this program holds {MODEL_VERSION!r}; "
            f"a fitted model is a file that ends in {MODEL_SUFFIX}"
        )
    if bool(config.source.path) == bool(config.source.store):
        faults.append("source needs one of path and store")
    if not config.destination.folder and not config.destination.store:
        faults.append("destination needs folder or store, or both")
    for name, url in (("source", config.source.store), ("destination", config.destination.store)):
        try:
            address_of(config.store_url(url or f"{EMBEDDED}:none"))
        except UsageError as error:
            faults.append(f"{name}.store: {error.found}, expected {error.expected}")
    faults += [
        f"source.max_age_hours.{feed}: no table {feed.partition(':')[0]!r}"
        for feed in config.source.max_age_hours
        if feed.partition(":")[0] not in TABLES
    ]
    try:
        ZoneInfo(config.schedule.timezone)
    except (KeyError, ValueError, OSError):
        faults.append(f"schedule.timezone = {config.schedule.timezone!r} is not an IANA zone")
    return faults
