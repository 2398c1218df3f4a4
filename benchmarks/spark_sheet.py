"""Lay out what ``spark_equal.py`` measured: what differs, what a run costs, and at other sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

#: The tables that are held against one another.
TABLES = ("decisions", "evidence", "entities")
GB, TB = 1e9, 1e12
#: What a process with all that it imports needs before there is a book: the sample, in 3 blocks.
EMPTY_GB = 0.4
#: Books of the scaling sheet, in links, and the memory that one block may take.
SIZES, BLOCK_GB = (1e8, 1e9, 1e10), 8

Runs = list[dict[str, Any]]


def equal_of(runs: Runs) -> Iterator[str]:
    """Lay out what differs from one machine."""
    yield (
        "| book | links | blocks | largest difference of risk | tiers | decisions | evidence "
        "| entities |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for run in _sorted(runs):
        off = run["differ"]
        yield (
            f"| {run['book']} | {run['n_links']:,} | {run['n_blocks']} | {off['risk']:.0g} | "
            + " | ".join(f"{off[name]:,}" for name in ("tiers", *TABLES))
            + " |"
        )


def costs_of(runs: Runs) -> Iterator[str]:
    """Lay out what each run cost, and how loaded the machine was."""
    yield (
        "| book | blocks | read | graph | weights | reach | PageRank, exchanges "
        "| groups | paths | decisions | sorting | all, processor | one machine, processor "
        "| exchanged | of it PageRank | on disk at most | largest process | load |"
    )
    yield "|" + "---|" * 18
    for run in _sorted(runs):
        took, sent = run["seconds"], run["exchanged_bytes"]
        steps = ("read", "graph", "weights", "reach")
        yield (
            f"| {run['book']} | {run['n_blocks']} | "
            + " | ".join(f"{took[name]:.1f}" for name in steps)
            + f" | {took['rank']:.1f}, {run['n_exchanges']['rank']}"
            + "".join(f" | {took[name]:.1f}" for name in ("groups", "trails", "decided", "sorted"))
            + f" | {sum(took.values()):.0f}, {run['cpu_s']:.0f}"
            + f" | {run['local_s']:.1f}, {run['local_cpu_s']:.1f}"
            + f" | {sum(sent.values()) / GB:.2f} GB | {sent['mass'] / GB:.2f} GB"
            + f" | {run['most_on_disk_bytes'] / GB:.2f} GB | {run['peak_gb']:.2f} GB"
            + f" | {run['load']:.1f} |"
        )
    yield ""
    yield f"On {runs[-1]['machine'].rsplit(', ', 1)[0]}."


def _sorted(runs: Runs) -> Runs:
    return sorted(runs, key=lambda one: (one["n_links"], one["book"], one["n_blocks"]))


def scaled(run: dict[str, Any]) -> list[str]:
    """Carry what one run took over to larger books, link by link."""
    n_links, n_blocks = run["n_links"], run["n_blocks"]
    sent, on_disk = sum(run["exchanged_bytes"].values()), run["most_on_disk_bytes"]
    rank = run["exchanged_bytes"]["mass"]
    # A link is in the blocks of both its ends; the memory of an empty process is not its own.
    end_bytes = (run["peak_gb"] - EMPTY_GB) * GB * n_blocks / (2 * n_links)
    cpu_us, local_us = (1e6 * run[name] / n_links for name in ("cpu_s", "local_cpu_s"))

    def n_for(links: float) -> float:
        return float(2 * links * end_bytes / ((BLOCK_GB - EMPTY_GB) * GB))

    def row(what: str, each: str, told: Callable[[float], str]) -> str:
        return " | ".join(["| " + what, each, *(told(links) for links in SIZES)]) + " |"

    return [
        "| | measured, a link | at 1e8 links | at 1e9 | at 1e10 |",
        "|---|---|---|---|---|",
        row("exchanged in all", f"{sent / n_links:,.0f} bytes",
            lambda n: f"{sent / n_links * n / TB:,.2g} TB"),
        row(f"of it PageRank, {run['n_exchanges']['rank']} times", f"{rank / n_links:,.0f} bytes",
            lambda n: f"{rank / n_links * n / TB:,.2g} TB"),
        row("on the shared disk at most", f"{on_disk / n_links:,.0f} bytes",
            lambda n: f"{on_disk / n_links * n / TB:,.2g} TB"),
        row("memory of the block that is worked on", f"{2 * end_bytes:,.0f} bytes",
            lambda _: "8 GB"),
        row("blocks of that size", "", lambda n: f"{n_for(n):,.0f}"),
        row("reads of a file at each exchange, 64 processors", "blocks × processors",
            lambda n: f"{64 * n_for(n):,.0f}"),
        row("processor time of Python", f"{cpu_us:,.0f} µs",
            lambda n: f"{cpu_us * n / 3600e6:,.0f} hours"),
        row("one machine: processor time", f"{local_us:,.0f} µs",
            lambda n: f"{local_us * n / 3600e6:,.0f} hours"),
        row("one machine: memory", "about 900 bytes",
            lambda n: f"{900 * n / GB:,.0f} GB"),
    ]  # fmt: skip
