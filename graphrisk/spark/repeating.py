"""The rounds of a kernel: each block works once in each, and hears what was said in the last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from graphrisk.spark.mail import Bag, Senders
from graphrisk.spark.place import POST, Site

Step = Callable[..., Any]


def rounds_of(
    step: Step, sites: Sequence[Site], attempt: int, most: int, *args: object
) -> Iterator[int]:
    """Yield, round by round, what the blocks of one task say of their changes, added up.

    What they send lies in one file. It is removed when the next round is over everywhere, which
    is when whoever asks for rounds asks for one more.
    """
    before: tuple[Path, ...] = ()
    for number in range(most):
        n_changed, sent = one_round(step, sites, attempt, number, *args)
        yield n_changed
        remove(before)
        before = sent


def one_round(
    step: Step, sites: Sequence[Site], attempt: int, number: int, *args: object
) -> tuple[int, tuple[Path, ...]]:
    """Let the blocks of a task, which are neighbours in number, work once; see ``rounds_of``."""
    first, last = sites[0], sites[-1]
    bag = Bag(Senders(attempt, first.block, last.block), first.n_blocks)
    n_changed = sum(step(replace(site, bag=bag), number, *args) for site in sites)
    return n_changed, bag.deliver(Path(first.root) / POST)


def remove(sent: Sequence[Path]) -> None:
    """Remove what everybody has read."""
    for path in sent:
        path.unlink(missing_ok=True)
