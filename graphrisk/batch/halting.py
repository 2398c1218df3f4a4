"""The halt: a file in the state folder, and a line of the ledger. Either one stops actions.

The file is there at once, also where the ledger is locked or can't be reached; a run that sends
looks for it before each batch. The line is what is counted and signed. Destinations are told too,
for whoever reads them; one that can't be told at that moment is told by the next run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from graphrisk.batch.config import Config
from graphrisk.batch.destination import Destination, write_whole
from graphrisk.errors import Frozen, Locked, StorageUnavailable
from graphrisk.model.times import from_microseconds, iso


def write_halt(config: Config, halt: Mapping[str, str]) -> None:
    """Halt by file: who did it (``by``), when (``at``) and why (``reason``)."""
    place = config.halt_file
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        write_whole(place, json.dumps(dict(halt), ensure_ascii=False))
    except OSError as error:
        raise StorageUnavailable(
            f"{place} can't be written ({error.strerror or error})",
            expected="a state folder with room, and permission to write",
            hint="stop the scheduler and whoever reads the destination by hand",
        ) from error


def remove_halt(config: Config) -> None:
    """Let actions go on, as far as the file is concerned."""
    config.halt_file.unlink(missing_ok=True)


def halt_of(config: Config, book: Row[Any]) -> dict[str, str]:
    """Return who halted actions, when and why; nothing where they are not halted."""
    if book.halted_at_us is not None:
        at = iso(from_microseconds(book.halted_at_us))
        return {"by": book.halted_by, "at": at, "reason": book.halt_reason}
    try:
        return dict(json.loads(config.halt_file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):  # whatever it says, somebody wanted a halt
        return {"by": "somebody", "at": "", "reason": f"{config.halt_file} can't be read"}


def tell(destinations: Sequence[Destination], halt: Mapping[str, str]) -> None:
    """Tell every destination that actions are halted, or with an empty ``halt`` that they go on.

    Raises
    ------
    StorageUnavailable
        If one could not be told; the others were. An embedded store that a run is using is told
        by that run.
    """
    text = f"halted by {halt['by']} at {halt['at']}: {halt['reason']}\n" if halt else ""
    failed = []
    for destination in destinations:
        try:
            destination.halt(text)
        except StorageUnavailable as error:
            failed.append(error)
        except Locked:
            continue
    if failed:
        raise StorageUnavailable(
            f"actions {'are halted' if halt else 'go on'}, and readers of a destination were not "
            f"told: {failed[0].found}",
            expected=failed[0].expected,
            hint="the next run tells them; until then tell them yourself",
        ) from failed[0]


def check_not_halted(config: Config, book: Row[Any]) -> None:
    """Raise ``Frozen`` if actions are halted."""
    halt = halt_of(config, book)
    if halt:
        raise Frozen(
            f"actions of book {book.book} are halted by {halt['by']}",
            expected="graphrisk batch resume-actions, with two names",
            hint="what was sent before stays sent; the rest waits",
        )
