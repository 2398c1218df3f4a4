"""Write what an analysis found, and let nobody see it before all of it is there.

Decisions, evidence, flags and weights are written in batches under the run's id. The last
transaction counts them, writes the node of the run and flips the pointer. A run that was
interrupted has a note of its own (``PendingRun``): the next one completes it if it is the same,
and takes its remains away if it is another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from graphrisk.errors import IntegrityFailure, Locked
from graphrisk.stores.bolt import Bolt, Overtaken, Step
from graphrisk.stores.findings import Counts
from graphrisk.stores.loading import batches
from graphrisk.stores.terms import BOOK, Progress, Written

if TYPE_CHECKING:
    import polars as pl

    from graphrisk.stores.findings import RunRecords


def write(
    bolt: Bolt, run: RunRecords, n_batch: int, progress: Progress, *, flip: bool = True
) -> Written:
    """Write a run and make it the current one; see the module's text.

    Without ``flip`` it is written whole, and the pointer stays.

    Raises
    ------
    Locked
        If another run began to be written meanwhile.
    IntegrityFailure
        If the book in the store is another one: decisions do not find their accounts.
    """
    if is_whole(bolt, run.run_id, run.counts):
        return show(bolt, run.run_id) if flip else Written()
    written = begin(bolt, run.run_id, n_batch)
    written += send(bolt, run, n_batch, progress)
    written += finish(bolt, run.run_id, run.properties, run.counts, flip=flip)
    bolt.replan(written)
    return written


def is_whole(bolt: Bolt, run_id: str, counts: Counts) -> bool:
    """Say whether a run is there, to its end."""
    is_written, _, is_pending = bolt.row("runs/state", **_names(run_id)) or (False, False, False)
    return bool(is_written) and not is_pending and _counted(bolt, run_id) == counts


def show(bolt: Bolt, run_id: str) -> Written:
    """Make a run that is whole the current one, unless it is."""
    _, is_current, _ = bolt.row("runs/state", **_names(run_id)) or (False, False, False)
    return Written() if is_current else bolt.write(Step("runs/flip", _names(run_id)))


def begin(bolt: Bolt, run_id: str, n_batch: int) -> Written:
    """Begin to write a run, and take away what others have left that were never finished."""
    written = bolt.write(Step("runs/begin", _names(run_id)))
    with _alone():
        return written + _clear_away(bolt, _names(run_id), n_batch)


def send(bolt: Bolt, run: RunRecords, n_batch: int, progress: Progress) -> Written:
    """Send a run, or a share of it, a batch to a transaction.

    Raises
    ------
    Locked
        If another run began to be written meanwhile.
    """
    written, ours = Written(), _ours(run.run_id)
    with _alone():
        for word in ("decisions", "evidence", "flags", "relation_weights"):
            rows: pl.DataFrame = getattr(run, word)
            for n_done, batch in batches(rows, n_batch):
                progress(word, n_done, len(rows))
                written += bolt.write(ours, Step(f"runs/{word}", {"rows": batch}))
            progress(word, len(rows), len(rows))
    return written


def _names(run_id: str) -> dict[str, str]:
    return {"book": BOOK, "run_id": run_id}


def _ours(run_id: str) -> Step:
    return Step("runs/still_ours", _names(run_id), must_answer="run")


@contextmanager
def _alone() -> Iterator[None]:
    try:
        yield
    except Overtaken as overtaken:
        raise Locked(
            "another run began to be written to this store",
            expected="one at a time",
            hint="wait until it is done, and run the same again",
        ) from overtaken


def _counted(bolt: Bolt, run_id: str) -> Counts:
    """Count what is in the store of a run."""
    return Counts(*(bolt.row("runs/count", run_id=run_id) or (0, 0, 0, 0)))


def _clear_away(bolt: Bolt, names: Mapping[str, str], n_batch: int) -> Written:
    """Take away what runs have left that were begun and never finished."""
    written = Written()
    while left := bolt.row("runs/interrupted", run_id=names["run_id"]):
        (run_id,) = left
        written += remove(bolt, run_id, n_batch)
        written += bolt.write(Step("runs/forget", {"run_id": run_id}))
    return written


def remove(bolt: Bolt, run_id: str, n_batch: int) -> Written:
    """Take away all that there is of a run."""
    written = Written()
    for word in ("evidence", "flags", "decisions", "relation_weights"):
        written += bolt.remove_all(f"runs/remove_{word}", n_batch, run_id=run_id)
    return written + bolt.write(Step("runs/remove_run", {"run_id": run_id}))


def finish(
    bolt: Bolt, run_id: str, properties: Mapping[str, Any], counts: Counts, *, flip: bool = True
) -> Written:
    """Count what was written, and flip the pointer in one transaction.

    Raises
    ------
    Locked
        If another run began to be written meanwhile.
    IntegrityFailure
        If not all that was to be written is there.
    """
    found = _counted(bolt, run_id)
    if found != counts:
        raise IntegrityFailure(
            f"the store holds {asdict(found)} of the run",
            expected=f"{asdict(counts)}, each tied to its account or entity",
            hint="load the dataset of this analysis into the store, then write the run again",
        )
    only_run = {"run_id": run_id}
    steps = [
        _ours(run_id),
        Step("runs/finish", {**only_run, "properties": dict(properties)}),
        Step("runs/forget", only_run),
    ]
    with _alone():
        return bolt.write(*steps, *((Step("runs/flip", _names(run_id)),) if flip else ()))
