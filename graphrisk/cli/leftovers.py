"""What was in a dataset and is not used: said, so that nobody looks for it in the decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphrisk.errors import harmless

if TYPE_CHECKING:
    from graphrisk.intake.dataset import Dataset

#: How many names of columns or files the summary has room for, and how much of each.
_MOST_NAMED, _MOST_CHARS = 5, 80


def left_out(dataset: Dataset) -> list[str]:
    """Return a line for each sort of thing that was left out, or links nobody."""
    columns = [f"{name or 'no name'} of {file}"
               for file, names in dataset.unknown_columns.items() for name in names]  # fmt: skip
    rows = [f"{n:,} rows of {file}" for file, n in dataset.unselected.items()]
    n_unlinked = sum(tally.n_unlinked for tally in dataset.tallies)
    return [
        *_told("Columns that are not known, and not stored", columns),
        *_told("Files that no table of the mapping reads", list(dataset.unread_files)),
        *_told("Selected by no table of the mapping", rows),
        *(
            [f"{n_unlinked:,} accepted rows make no link: see unlinked.jsonl."]
            if n_unlinked
            else []
        ),
    ]


def _told(what: str, names: list[str]) -> list[str]:
    """Name a few, and count the rest."""
    more = len(names) - _MOST_NAMED
    named = ", ".join(harmless(name[:_MOST_CHARS], one_line=True) for name in names[:_MOST_NAMED])
    return [f"{what}: {named}{f' and {more:,} more' if more > 0 else ''}."] if names else []
