"""Names of what lies in the folders of an analysis and of a refusal."""

from __future__ import annotations

from pathlib import Path

RECORD = "run.json"
DECISIONS = "decisions.parquet"
DECISIONS_CSV = "decisions.csv"
ENTITIES = "entities.parquet"
EVIDENCE = "evidence.parquet"
GRAPH = "graph"
QUARANTINE = "quarantine.jsonl"
UNLINKED = "unlinked.jsonl"
SPELLINGS = "spellings.parquet"
REASONS = "reasons.json"
POLICY = "policy.json"
PAGE = "report.html"

ANALYSIS_NAMES = (
    DECISIONS,
    DECISIONS_CSV,
    ENTITIES,
    EVIDENCE,
    GRAPH,
    QUARANTINE,
    UNLINKED,
    SPELLINGS,
    REASONS,
    POLICY,
    RECORD,
    PAGE,
)
REFUSAL_NAMES = (QUARANTINE, RECORD)

#: What a record says of who wrote it; a folder without it is never replaced.
MADE_BY = "graphrisk analyze"
#: What the name of an analysis folder ends with, unless told otherwise.
SUFFIX = ".analysis"


def refusal_folder(folder: Path) -> Path:
    """Return where the refusal of an analysis into ``folder`` is written: beside it."""
    whole = folder.resolve()
    return whole.with_name(f"{whole.name}.refused")
