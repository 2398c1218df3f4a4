"""Lay out what ``spark_equal.py`` measured: what differs, what a run costs, and at other sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from operator import itemgetter
from typing import Any

#: The tables that are held against one another.
TABLES = ("decisions", "evidence", "entities")
GB, TB = 1e9, 1e12
#: What a process needs before there is a book, with all that it imports and compiles.
EMPTY_GB = 1.0
#: The number of blocks that growth is read from, if there are several.
USUAL_BLOCKS = 7
#: What ``analyze`` takes a link on one machine: 2.5 GB for ten million.
LOCAL_BYTES = 250
#: Books of the scaling sheet, in links, and the memory that one block may take.
SIZES, BLOCK_GB = (1e8, 1e9, 1e10), 8
#: What a book without links takes, where only one size was measured.
NOTHING: dict[str, Any] = {
    "book": "nothing", "n_links": 0, "exchanged_bytes": {"mass": 0}, "most_on_disk_bytes": 0,
    "peak_gb": EMPTY_GB, "cpu_s": 0.0, "local_cpu_s": 0.0,
}  # fmt: skip

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
        "| an exchange of PageRank, a round of GraphX "
        "| exchanged | of it PageRank | on disk at most | largest process | load |"
    )
    yield "|" + "---|" * 19
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
            + f" | {took['rank'] / run['n_exchanges']['rank']:.2f} s, {_graphx(run)}"
            + f" | {sum(sent.values()) / GB:.2f} GB | {sent['mass'] / GB:.2f} GB"
            + f" | {run['most_on_disk_bytes'] / GB:.2f} GB | {run['peak_gb']:.2f} GB"
            + f" | {run['load']:.1f} |"
        )
    yield ""
    yield f"On {runs[-1]['machine'].rsplit(', ', 1)[0]}."


def _graphx(run: dict[str, Any]) -> str:
    return f"{run['graphx_s']:.2f} s" if "graphx_s" in run else "not timed"


def _sorted(runs: Runs) -> Runs:
    return sorted(runs, key=lambda one: (one["n_links"], one["book"], one["n_blocks"]))


def of_two_sizes(runs: Runs) -> tuple[dict[str, Any], dict[str, Any]]:
    """Choose a small and a large demo book in as many blocks: those of the largest book first."""
    demo = sorted(
        (run for run in runs if run["book"].startswith("demo-")),
        key=lambda one: (one["n_links"], one["n_blocks"] == USUAL_BLOCKS),
    )
    for large in reversed(demo):
        for small in demo:
            if small["n_blocks"] == large["n_blocks"] and small["n_links"] < large["n_links"]:
                return small, large
    return NOTHING, demo[-1]


def scaled(small: dict[str, Any], large: dict[str, Any]) -> Iterator[str]:
    """Carry what a link more took, between two books in as many blocks, over to larger books."""
    n_more = large["n_links"] - small["n_links"]

    def grew(of: Callable[[dict[str, Any]], float]) -> float:
        return float(of(large) - of(small)) / float(n_more)

    sent = grew(lambda run: sum(run["exchanged_bytes"].values()))
    rank = grew(lambda run: run["exchanged_bytes"]["mass"])
    on_disk = grew(lambda run: run["most_on_disk_bytes"])
    # A task works on one of the blocks, and each link is in the blocks of both its ends. Of the
    # larger book alone: a process that works on small blocks remembers others besides.
    held = (large["peak_gb"] - EMPTY_GB) * GB * large["n_blocks"] / large["n_links"]
    cpu_us, local_us = (1e6 * grew(itemgetter(name)) for name in ("cpu_s", "local_cpu_s"))

    def row(what: str, each: str, told: Callable[[float], str]) -> str:
        return " | ".join(["| " + what, each, *(told(links) for links in SIZES)]) + " |"

    def n_for(links: float) -> float:
        return float(links * held / ((BLOCK_GB - EMPTY_GB) * GB))

    grown = f"measured, a link more from {small['book']} to {large['book']}"
    yield f"| | {grown}, {large['n_blocks']} blocks | at 1e8 links | at 1e9 | at 1e10 |"
    yield "|---|---|---|---|---|"
    for what, each in (
        ("exchanged in all", sent),
        (f"of it PageRank, {large['n_exchanges']['rank']} times", rank),
        ("on the shared disk at most", on_disk),
    ):
        yield row(what, f"{each:,.0f} bytes", partial(_tb, each))
    yield row("memory of the block that is worked on", f"{held:,.0f} bytes", lambda _: "8 GB")
    yield row("blocks of that size", "", lambda n: f"{n_for(n):,.0f}")
    yield row(
        "reads of a file at each exchange, 64 processors", "blocks × processors",
        lambda n: f"{64 * n_for(n):,.0f}",
    )  # fmt: skip
    for what, us in (
        ("processor time of Python", cpu_us), ("one machine: processor time", local_us),
    ):  # fmt: skip
        yield row(what, f"{us:,.0f} µs", partial(_hours, us))
    yield row("one machine: memory", f"about {LOCAL_BYTES} bytes", partial(_gb, LOCAL_BYTES))
    if small is not NOTHING:
        yield ""
        yield _growth(small, large)


def _growth(small: dict[str, Any], large: dict[str, Any]) -> str:
    """Say how many times as much the larger of two books took."""
    costs: dict[str, Callable[[dict[str, Any]], float]] = {
        "links": itemgetter("n_links"),
        "processor time": itemgetter("cpu_s"),
        "time": lambda run: sum(run["seconds"].values()),
        "exchanged bytes": lambda run: sum(run["exchanged_bytes"].values()),
        "disk": itemgetter("most_on_disk_bytes"),
    }
    times = {what: f"{of(large) / of(small):.1f} times" for what, of in costs.items()}
    return (
        f"{times.pop('links')} the links took "
        + ", ".join(f"{often} the {what}" for what, often in times.items())
        + "."
    )


def _tb(each_bytes: float, n_links: float) -> str:
    return f"{each_bytes * n_links / TB:,.2g} TB"


def _gb(each_bytes: float, n_links: float) -> str:
    return f"{each_bytes * n_links / GB:,.0f} GB"


def _hours(each_us: float, n_links: float) -> str:
    return f"{each_us * n_links / 3600e6:,.0f} hours"
