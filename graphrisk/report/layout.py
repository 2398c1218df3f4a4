"""Names of what lies in the folders of an analysis and of a refusal."""

from __future__ import annotations

from pathlib import Path

RECORD = "run.json"
DECISIONS = "decisions.parquet"
DECISIONS_CSV = "decisions.csv"
ENTITIES = "entities.parquet"
EVIDENCE = "evidence.parquet"
GRAPH = "graph"
DATASET = "dataset"
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
    DATASET,
    QUARANTINE,
    UNLINKED,
    SPELLINGS,
    REASONS,
    POLICY,
    RECORD,
    PAGE,
)
#: A graph that can be asked, made of the rest on the first question; goes with the folder.
STORE = "store"
#: What may lie in an analysis folder that is replaced.
MAY_HOLD = (*ANALYSIS_NAMES, STORE)
REFUSAL_NAMES = (QUARANTINE, RECORD)

#: What a record says of who wrote it; a folder without it is never replaced.
MADE_BY = "graphrisk analyze"
#: What the name of an analysis folder ends with, unless told otherwise.
SUFFIX = ".analysis"
#: What is added to it for the note of a refusal.
REFUSED = ".refused"


def refusal_folder(folder: Path) -> Path:
    """Return where the refusal of an analysis into ``folder`` is written: beside it."""
    whole = folder.resolve()
    return whole.with_name(f"{whole.name}{REFUSED}")
