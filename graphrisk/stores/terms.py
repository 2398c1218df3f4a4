"""What all parts of a store share: words for a book, progress, what was written or answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

#: One database holds one book; this is what it is called.
BOOK = "default"
#: The database of a server, unless told otherwise.
DATABASE = "neo4j"

#: Called with what is being done, how many rows of it are done, and how many there are.
Progress = Callable[[str, int, int], None]


def silent(what: str, n_done: int, n_rows: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a load, or the writing of a run, changed in a store; counted by the server."""

    n_nodes_created: int = 0
    n_nodes_deleted: int = 0
    n_links_created: int = 0
    n_links_deleted: int = 0
    n_properties_set: int = 0

    def __add__(self, other: Written) -> Written:
        return Written(
            self.n_nodes_created + other.n_nodes_created,
            self.n_nodes_deleted + other.n_nodes_deleted,
            self.n_links_created + other.n_links_created,
            self.n_links_deleted + other.n_links_deleted,
            self.n_properties_set + other.n_properties_set,
        )

    @property
    def is_nothing(self) -> bool:
        """Whether the store was left as it was."""
        return self == Written()


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of a statement, in the order of its columns.

    ``is_cut`` says that there are more rows than were asked for.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    is_cut: bool = False
