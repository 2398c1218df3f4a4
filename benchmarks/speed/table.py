"""Write what ``run.py`` measured into docs/performance.md, between two marks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"

NAMES = {
    "rank-graphrisk": "graphrisk `rank_accounts`",
    "rank-scipy": "polars + scipy, float32",
    "rank-graphblas": "polars + graphblas-algorithms",
    "rank-igraph": "polars + igraph",
    "rank-igraph-pandas": "pandas + igraph",
    "rank-sknetwork": "polars + scikit-network",
    "rank-networkit": "polars + networkit (global PageRank: it has no other)",
    "rank-networkx": "polars + networkx",
    "encode-graphrisk": "graphrisk, exact",
    "encode-duckdb": "duckdb hash, believed",
    "encode-polars": "polars categories, exact",
    "encode-pandas": "pandas factorize, exact",
    "analyze-graphrisk": "graphrisk `analyze`, all of it",
}

Result = dict[str, Any]


def total(told: dict[str, Any]) -> float:
    """Seconds of all steps of a run."""
    return float(sum(told["seconds"].values()))


def of_rounds(result: Result, name: str, value: Callable[[dict[str, Any]], float]) -> list[float]:
    """Take a value from every round that a contender ran in."""
    return [value(r[name]) for r in result["rounds"] if name in r]


def ratio(
    result: Result,
    one: tuple[str, Callable[[dict[str, Any]], float]],
    other: tuple[str, Callable[[dict[str, Any]], float]],
) -> str:
    """Median over rounds of one contender's time against another's, each round by itself."""
    pairs = [
        one[1](r[one[0]]) / other[1](r[other[0]])
        for r in result["rounds"]
        if one[0] in r and other[0] in r
    ]
    return f"{median(pairs):.1f}" if pairs else "–"


def step(name: str) -> Callable[[dict[str, Any]], float]:
    """Take the seconds of one step."""
    return lambda told: float(told["seconds"][name])


def contender_rows(result: Result) -> list[str]:
    """Lay out every contender that does a whole job: time, processor, memory, ratio."""
    rows = []
    for name, words in NAMES.items():
        seconds = of_rounds(result, name, total)
        if not seconds:
            continue
        ours = "encode-graphrisk" if name.startswith("encode") else "rank-graphrisk"
        cpu = median(of_rounds(result, name, lambda told: float(told["cpu_s"])))
        peak = max(of_rounds(result, name, lambda told: float(told["peak_mb"])))
        times = ratio(result, (name, total), (ours, total))
        if name.startswith("analyze"):
            times = "–"
        rows.append(
            f"| {words} | {median(seconds):.2f} | {cpu:.2f} | {times} | {peak:,.0f} | "
            f"{len(seconds)} |"
        )
    return rows


def floor_rows(result: Result) -> list[str]:
    """Lay out single kernels against peers and against what memory allows."""
    n_threads = max(result["machine"], key=int)
    floor_s = 2 * result["n_links"] * result["machine"][n_threads]["gather_ns"] / 1e9
    rows = []

    def row(what: str, value: str) -> None:
        rows.append(f"| {what} | {value} |")

    parts = "parts-graphrisk"
    if of_rounds(result, parts, total):
        passes = of_rounds(
            result, parts, lambda told: told["seconds"]["solve"] / told["details"]["n_passes"]
        )
        n_passes = of_rounds(result, parts, lambda told: float(told["details"]["n_passes"]))
        row("one linear pass", f"{median(passes) * 1e3:.1f} ms")
        row("passes to a proven error of 1e-6", f"{median(n_passes):.0f}")
        row("the gather floor of a pass that folds nothing", f"{floor_s * 1e3:.1f} ms")
        row("one linear pass against that floor", f"{median(passes) / floor_s:.2f}")
        reach = ratio(result, ("rank-scipy", step("solve")), (parts, step("reach")))
        row("reach, all rounds, both sides: times faster than scipy's PageRank alone", reach)
        joined = ratio(result, ("parts-networkit", step("components")), (parts, step("components")))
        row("connected components: times faster than networkit", joined)
        hops = median(of_rounds(result, parts, lambda told: float(told["details"]["two_hops_us"])))
        row("two-hop neighbourhood of a random account, median", f"{hops:.0f} µs")
    whole = ratio(result, ("rank-igraph", total), ("analyze-graphrisk", total))
    row("`analyze`: times faster than polars + igraph's one PageRank", whole)
    for name, words in (("rank-graphrisk", "ranking"), ("analyze-graphrisk", "`analyze`")):
        peaks = of_rounds(result, name, lambda told: float(told["peak_mb"]))
        if peaks:
            row(
                f"peak memory of {words}",
                f"{max(peaks) * 1e6 / result['n_links']:.0f} bytes a link",
            )
    return rows


def stage_rows(result: Result) -> list[str]:
    """Lay out the stages of the whole analysis."""
    rounds = [
        r["analyze-graphrisk"]["details"] for r in result["rounds"] if "analyze-graphrisk" in r
    ]
    if not rounds:
        return []
    stages = {stage: median(r[stage] for r in rounds) for stage in rounds[0]}
    named = " · ".join(f"{stage} {seconds:.1f}" for stage, seconds in stages.items())
    return [f"Seconds of `analyze` by stage: {named}.", ""]


def section(result: Result) -> list[str]:
    """Write one size."""
    machine = result["machine"]
    speeds = "; ".join(
        f"{n} thread{'s' if n != '1' else ''}: {told['stream_gb_per_s']:.1f} GB/s streamed, "
        f"{told['gather_ns']:.2f} ns for a random read ({told['gather_in_cache_ns']:.2f} in cache)"
        for n, told in machine.items()
    )
    off = max(result["off"].values(), default=0.0)
    return [
        f"### {result['n_accounts']:,} accounts, {result['n_links']:,} links, "
        f"{result['n_nodes']:,} ids",
        "",
        "| from files to | seconds | of processor | times ours | peak MB | rounds |",
        "|---|---|---|---|---|---|",
        *contender_rows(result),
        "",
        "| | |",
        "|---|---|",
        *floor_rows(result),
        "",
        *stage_rows(result),
        f"The rankings agree: the {1000:,} highest masses differ by at most {off:.1e} in all.",
        f"Measured on {result['on']['machine']}, Python {result['on']['python']}, load average "
        f"{result['on']['load']} at the end. {speeds}.",
        f"Libraries: {result['on']['libraries']}.",
        "",
    ]


def write_table(results: list[Result]) -> None:
    """Replace what stands between the marks."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    results = sorted(results, key=lambda result: int(result["n_accounts"]))
    lines = [line for result in results for line in section(result)]
    PAGE.write_text("\n".join([before + BEGIN, "", *lines, END]) + after, encoding="utf-8")
